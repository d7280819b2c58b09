import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse

from pellucid.data import load_data
from pellucid.data.splits import duplicates
from pellucid.data.splits.duplicates import n_repeated, n_seen, seen_notes

RANDOM = np.random.default_rng(5)
# Rows of which many recur, with missing cells.
FRAME = pl.DataFrame(
    {
        "size": RANDOM.choice([0.5, 1.5, 2.25, None], 200).tolist(),
        "sea": RANDOM.choice(["north", "south", None], 200).tolist(),
        "open": RANDOM.choice([True, False], 200).tolist(),
        "kind": RANDOM.choice(["a", "b"], 200).tolist(),
    }
)
MATRIX = RANDOM.integers(0, 3, (200, 3)).astype(float)
Y = RANDOM.integers(0, 2, 200)


def in_both(frame, data, part="test"):
    """Count the rows of a set that are in the training set, with pandas."""
    train, other = (frame.iloc[data.sets[name].origin] for name in ("train", part))
    known = set(map(tuple, train.astype(str).to_numpy().tolist()))
    return sum(tuple(row) in known for row in other.astype(str).to_numpy().tolist())


@pytest.mark.parametrize(
    ("source", "frame"),
    [
        (FRAME, FRAME.to_pandas()),
        ((MATRIX, Y), pd.DataFrame(np.column_stack([MATRIX, Y]))),
        ((scipy.sparse.csr_array(MATRIX), Y), pd.DataFrame(np.column_stack([MATRIX, Y]))),
    ],
    ids=["frame", "array", "sparse"],
)
@pytest.mark.parametrize("block", [7, 1 << 16])
def test_as_pandas_counts_them(monkeypatch, source, frame, block):
    monkeypatch.setattr(duplicates, "_BLOCK", block)  # rows that are hashed at a time
    data = load_data(source, validation_size=0.2)
    assert data.report.repeated == frame.duplicated().sum() > 100
    assert data.report.seen == {part: in_both(frame, data, part) for part in ("validation", "test")}


def test_an_index_does_not_tell_rows_apart_but_names_do():
    rows = pl.concat([pl.concat([FRAME.head(2), FRAME.filter(pl.col("kind") == "a").head(1)])] * 10)
    numbered = rows.with_columns(Id=pl.int_range(30)).select("Id", *rows.columns)
    assert load_data(numbered).report.repeated == load_data(rows).report.repeated > 20
    names = rows.with_columns(name=pl.format("person {}", pl.int_range(30))).select("name", *rows.columns)
    assert load_data(names).report.repeated == 0


def test_rows_of_another_file_are_compared_as_they_are_read(tmp_path):
    rows = "".join(f"{row}.5,{row % 7},{'xy'[row % 2]}\n" for row in range(40))
    (tmp_path / "train.csv").write_text("a,b,y\n" + rows)
    (tmp_path / "test.csv").write_text("y,b,a\nx,0,0.50\ny,1,1.5\nx,1,1.5\ny,5,99\n")
    data = load_data(tmp_path / "train.csv", test_data=tmp_path / "test.csv")
    assert data.report.seen == {"test": 2}
    assert data.notes[-1].startswith("2 of 4 test rows are also among the training rows, inputs and target")


def test_counts():
    assert n_repeated(np.array([1, 2, 1, 1])) == 2
    assert n_seen(np.array([9, 1, 1]), np.array([1, 2])) == 2
    assert n_seen(np.array([0, 9]), np.array([5])) == 0


@pytest.mark.parametrize(
    ("count", "given", "possible", "said"),
    [
        (1, ["test"], 1e9, True),
        (1, [], 1e9, False),
        (4, [], 1e9, False),
        (5, [], 1e9, True),
        (40, ["test"], 50, False),  # 40 x 60 pairs of rows, a fiftieth of them equal
        (40, ["test"], 70, True),
        (0, ["test"], 1e9, False),
    ],
)
def test_a_few_are_in_any_data(count, given, possible, said):
    notes = seen_notes({"test": count}, {"train": 60, "test": 40}, given, possible)
    assert len(notes) == said


def test_a_few_of_many_rows_are_no_news():
    assert seen_notes({"test": 8}, {"train": 4000, "test": 1000}, ["test"], 1e9) == []
    assert seen_notes({"test": 49}, {"train": 4000, "test": 1000}, [], 1e9) == []
    assert len(seen_notes({"test": 50}, {"train": 4000, "test": 1000}, [], 1e9)) == 1
