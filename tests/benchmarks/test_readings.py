"""Real tables: which are tried, how they are compared with pandas, and the page about them."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.readings.comparison import differences, disagreements
from benchmarks.readings.reading import Attempt, attempt_frame, written
from benchmarks.readings.summary import kinds_of_notes, summary
from benchmarks.readings.tables import Source, content, drawn, target_of

import pellucid

N = 60
RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": RANDOM.normal(size=N).round(3),
        "owned": RANDOM.integers(0, 2, N) == 1,
        "colour": RANDOM.choice(["red", "blue"], N),
        "name": [f"name {row}" for row in range(N)],
        "price": RANDOM.normal(size=N).round(3),
    },
    index=[3 * row + 2 for row in range(N)],
)
FRAME.loc[FRAME.index[::7], "size"] = np.nan


def test_tables_are_drawn_from_each_package_in_turn():
    sources = [Source(package, str(item)) for package in "abc" for item in range(3)]
    order = drawn(sources, seed=1)
    assert sorted(order, key=lambda source: source.name) == sources
    assert [{source.package for source in order[start : start + 3]} for start in (0, 3, 6)] == [
        set("abc")
    ] * 3
    assert drawn(sources, seed=1) == order
    assert drawn(sources, seed=2) != order


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["size", "price"], "price"),
        (["size", "colour"], "colour"),
        (["size", "owned"], "owned"),
        (["size", "colour", "name"], "colour"),  # names cannot be learned
        (["name", "colour"], None),  # nothing can be learned from names
        (["price"], None),
    ],
)
def test_the_target_is_the_last_column_that_can_be_learned(columns, expected):
    assert target_of(FRAME[columns]) == expected
    assert target_of(FRAME[columns].head(29)) is None


def test_dates_are_something_to_learn_from():
    dates = pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d")
    assert target_of(FRAME[["price"]].assign(date=dates)[["date", "price"]]) == "price"


def test_equal_cells_have_the_same_content():
    assert content(FRAME) == content(FRAME.rename(columns={"size": "length"}))
    assert content(FRAME) != content(FRAME.assign(price=0))


def test_a_table_is_written_as_r_and_pandas_write_it(tmp_path):
    paths = written(FRAME.head(1), tmp_path)
    first = FRAME.iloc[0]
    r, pandas = paths["R"].read_text().splitlines(), paths["pandas"].read_text().splitlines()
    assert r[0] == '"","size","owned","colour","name","price"'
    assert r[1] == f'"2",NA,"{str(first.owned).upper()}","{first.colour}","name 0",{first.price}'
    assert pandas == [",".join(FRAME), f",{first.owned},{first.colour},name 0,{first.price}"]
    pd.testing.assert_frame_equal(pd.read_parquet(paths["Parquet"]), FRAME.head(1).reset_index(drop=True))


def test_a_table_is_tried(tmp_path):
    found = attempt_frame("own/table", FRAME, tmp_path)
    assert (found.outcome, found.task, found.target, found.is_last) == (
        "trained",
        "regression",
        "price",
        True,
    )
    assert (found.differences, found.rows, found.columns) == ([], N, 5)
    assert found.score < 1
    assert found.trees < 1
    assert found.constant <= 0


def test_a_refusal_is_kept_with_its_cause(tmp_path):
    prices = FRAME.price.where(FRAME.price > FRAME.price.min(), np.inf)
    found = attempt_frame("own/table", FRAME.assign(price=prices), tmp_path)
    assert (found.outcome, found.target, found.is_last) == ("refused", "colour", False)
    found = attempt_frame("own/table", FRAME[["price"]], tmp_path)
    assert (found.outcome, found.target) == ("refused", None)
    assert "no feature column is left" in found.problem


class TestDifferences:
    def test_none(self, tmp_path):
        data = pellucid.load_data(written(FRAME, tmp_path)["R"])
        assert differences(data, FRAME.reset_index(drop=True)) == []

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"size": FRAME["size"] + 0.01}, "'size' has other numbers"),
            ({"size": FRAME["size"].fillna(0)}, "'size' has other missing cells"),
            ({"size": FRAME["size"].astype(str)}, "'size' is numeric, in pandas it is"),
            ({"colour": FRAME["colour"].where(FRAME["size"] > 0, "green")}, "'colour' has other words"),
            ({"colour": FRAME["price"]}, "'colour' is words, in pandas it is float64"),
            ({"price": FRAME["price"] * 2}, "the values of the target differ"),
            ({"price": FRAME["price"].where(FRAME["size"] > 0)}, "60 rows, not"),
        ],
    )
    def test_each_kind_is_found(self, tmp_path, change, expected):
        data = pellucid.load_data(written(FRAME, tmp_path)["R"])
        found = differences(data, FRAME.assign(**change).reset_index(drop=True))
        assert found[0].startswith(expected)
        assert len(found) == 1

    def test_between_files(self, tmp_path):
        one, other = (tmp_path / name for name in ("one", "other"))
        one.mkdir()
        other.mkdir()
        data = pellucid.load_data(written(FRAME, one)["R"])
        same = pellucid.load_data(written(FRAME, other)["Parquet"])
        assert disagreements(data, same) == []
        moved = pellucid.load_data(written(FRAME.assign(size=FRAME["size"] ** 3), other)["pandas"])
        assert disagreements(data, moved) == ["the inputs of 'size' differ"]
        fewer = pellucid.load_data(written(FRAME.drop(columns="colour"), other)["pandas"])
        assert disagreements(data, fewer) == ["no colour = blue, colour = red (2 inputs)"]


def test_notes_that_say_the_same_are_counted_together():
    notes = [
        "column 'a' (3): left out, because of 'x'; more",
        "columns 'b', 'c': left out, because of 'y'",
        "7 rows",
    ]
    assert kinds_of_notes(notes) == {"left out, because of ...": 2, "... rows": 1}


def test_the_page():
    trained = {"outcome": "trained", "task": "regression", "notes": ["column 'a': left out"]}
    found = [
        Attempt(
            "a/1", 50, 3, "", "y", True, **trained, score=0.5, trees=0.9, constant=0.0, trees_on_inputs=0.1
        ),
        Attempt(
            "a/2", 50, 3, "", "y", True, **trained, score=0.5, trees=0.9, constant=0.0, trees_on_inputs=0.9
        ),
        Attempt("b/3", 50, 3, "", "y", False, "refused", "too odd\n  expected: x\n  received: a | b"),
        Attempt("b/4", 5, 1, "", None, True, "refused", "too small\n  received: 5"),
    ]
    page = summary(found, seed=0, most_rows=1000)
    assert "4 different tables of 2 packages" in page
    assert "the last in 2 of 3 tables" in page
    assert "| trained | 2 | 66.7 % |" in page
    assert "| b/3 | too odd | a \\| b |" in page
    assert "- too small: 1" in page
    assert "| regression | 2 | 0.500 | 0.900 | 0 % |" in page
    by_reading, largest = page.split("**The largest distances**")
    assert "| a/1 | 50 | regression | 0.50 | 0.90 | 0.10 | 0.00 |" in by_reading
    assert "a/2" not in by_reading.split("**Because of")[1]
    assert "a/2" in largest
