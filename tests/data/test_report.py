import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse

from pellucid.data import load_data
from pellucid.data.encoding.column_report import frame_reports
from pellucid.storage import load_model, save_model
from pellucid.training import build_network, train

N = 60
RANDOM = np.random.default_rng(3)
FRAME = pl.DataFrame(
    {
        "Id": range(N),
        "size": RANDOM.standard_normal(N),
        "twice": [None] * N,
        "sea": ["north", "south", None] * 20,
        "open": ["yes", "no"] * 30,
        "empty": [None] * N,
        "same": ["x"] * N,
        "who": [f"person {row}" for row in range(N)],
        "price": [f"${row},5" for row in RANDOM.permutation(N)],
        "far": [*RANDOM.standard_normal(N - 1), 9e5],
        "unused": [1, 2] * 30,
        "weight": [1.0, 2.0] * 30,
        "y": ["a"] * 40 + ["b"] * 20,
    }
).with_columns(twice=2 * pl.col("size") + 1)


@pytest.fixture(scope="module")
def report():
    return load_data(FRAME, drop="unused", sample_weight="weight").report


@pytest.fixture(scope="module")
def columns(report):
    return {column.name: column for column in report.columns}


@pytest.mark.parametrize(
    ("name", "use", "read_as", "becomes"),
    [
        (
            "Id",
            "left out",
            "numbers",
            "left out, because it numbers the rows; give it another name to use it",
        ),
        ("size", "feature", "numbers", "1 number, standardised"),
        ("sea", "feature", "words", "2 categories, one-hot + missing flag"),
        ("open", "feature", "yes or no", "yes or no, one-hot"),
        ("empty", "left out", "empty", "left out, because the cell is empty in every row"),
        ("same", "left out", "constant", "left out, because there is the same value in every row"),
        ("far", "feature", "numbers", "1 number, standardised around the median"),
        ("y", "target", "words", "the target"),
        ("unused", "dropped", "", "dropped"),
        ("weight", "weight", "", "sample weights"),
    ],
)
def test_what_becomes_of_it(columns, name, use, read_as, becomes):
    column = columns[name]
    assert (column.use, column.read_as, column.becomes) == (use, read_as, becomes)


def test_all_columns_are_there(report):
    assert {column.name for column in report.columns} == set(FRAME.columns)
    assert report.n_columns == FRAME.width


@pytest.mark.parametrize("name", ["size", "sea", "open", "empty", "who", "far", "y"])
def test_counts_as_pandas_has_them(columns, name):
    column = FRAME.to_pandas()[name]
    assert (columns[name].missing, columns[name].distinct) == (column.isna().sum(), column.nunique())
    if column.dtype == float and column.notna().any():
        assert columns[name].range == pytest.approx((column.min(), column.median(), column.max()))


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("twice", "the same as another column, perhaps in other units or words ('size')"),
        ("price", "read as numbers: '$"),
        ("far", "1 number lies far out, clipped: 900000 at row 59 (counted from 0)"),
    ],
)
def test_remarks(columns, name, remark):
    assert any(said.startswith(remark) for said in columns[name].remarks)


def test_examples_are_the_most_frequent():
    words = ["rare", *["often"] * 30, *["some"] * 9]
    report = load_data(pl.DataFrame({"w": words, "y": np.arange(40.0)})).report
    assert report.columns[0].examples == ("often", "some", "rare")


def test_the_balance_of_classes_and_the_sets(report):
    assert (report.task, report.classes, report.quantiles) == ("classification", {"a": 40, "b": 20}, {})
    assert (report.n_rows, report.sets) == (60, {"train": 48, "test": 12})


def test_the_quantiles_of_values():
    y = RANDOM.exponential(size=100)
    report = load_data((RANDOM.standard_normal((100, 2)), y)).report
    expected = pd.Series(y).quantile([0, 0.05, 0.5, 0.95, 1]).tolist()
    assert list(report.quantiles["y"].values()) == pytest.approx(expected)


def test_labels():
    answers = np.array([[1, 0], [1, 1], [0, 0], [1, 0]] * 5)
    report = load_data((RANDOM.standard_normal((20, 2)), answers), task="multilabel").report
    assert report.classes == {"label 0": 15, "label 1": 5}
    assert [column.name for column in report.columns[1:]] == ["target 0", "target 1"]


def test_arrays_are_described_together():
    x = np.column_stack([RANDOM.uniform(-1, 1, (50, 3)), np.full(50, 7.0)])
    used, constant, target = load_data((x, [0, 1] * 25)).report.columns
    assert (used.name, used.count, used.becomes) == ("column 0 to column 2", 3, "3 numbers, standardised")
    assert used.range == (x[:, :3].min(), x[:, :3].max())
    assert (constant.name, constant.read_as, constant.values) == ("column 3", "constant", "7")
    assert (target.use, target.distinct) == ("target", 2)


def test_images_and_sparse_rows():
    images = load_data("digits").report.columns[0]
    assert (images.count, images.becomes, images.values) == (64, "64 pixels, 8 x 8, times 1/16", "0 .. 16")
    sparse = load_data((scipy.sparse.eye_array(40, format="csr"), [0, 1] * 20)).report.columns[0]
    assert (sparse.count, sparse.becomes) == (40, "40 numbers, divided by their largest")


def test_it_is_ready_for_json_and_readable(report):
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["columns"][1]["name"] == "size"
    lines = str(report).splitlines()
    assert lines[0] == "60 rows, 13 columns"
    assert "sea: words, 20 missing, 2 distinct, north, south; 2 categories, one-hot + missing flag" in lines


@pytest.mark.parametrize("of_table", [True, False])
def test_with_the_encoding_of_other_data(of_table):
    x = RANDOM.standard_normal((30, 2))
    frame = pl.DataFrame({"column 0": x[:, 0], "column 1": x[:, 1], "y": ["a", "b"] * 15})
    source = frame if of_table else (x, frame["y"].to_numpy())
    other = (x, frame["y"].to_numpy()) if of_table else frame
    report = load_data(other, encoding=load_data(source)).report
    assert report.n_columns == 3
    assert not any(column.use == "left out" for column in report.columns)


class TestNumbersFarOut:
    """Predictions note them only where they are more than the training set had."""

    def rows(self, n, far, seed):
        random = np.random.default_rng(seed)
        size = random.standard_normal(n)
        size[:far] = 1e4
        return size

    @pytest.mark.parametrize("of_table", [True, False])
    @pytest.mark.parametrize(("far", "said"), [(0, False), (20, False), (45, False), (300, True)])
    def test_so_many_are_usual(self, of_table, far, said, tmp_path):
        def source(size):
            kind = np.array(["a", "b"] * (len(size) // 2))
            return pl.DataFrame({"size": size, "kind": kind}) if of_table else (size[:, None], kind)

        data = load_data(source(self.rows(1000, 20, 0)))
        assert any("20 numbers in" in note and "far out" in note for note in data.notes)
        save_model(train(build_network(data, [2]), data, epochs=1), tmp_path / "m.pellucid")
        model = load_model(tmp_path / "m.pellucid")
        raw = model.read(source(self.rows(1000, far, 1)))
        model.examples(raw)
        assert any("far out" in note for note in raw.notes) == said

    def test_none_in_training_one_now(self):
        data = load_data(pl.DataFrame({"size": np.tile([1.0, 2.0, 4.0], 20), "kind": ["a", "b"] * 30}))
        notes = []
        data.inputs.encode(pl.DataFrame({"size": [1e4, *[1.0] * 999]}), notes=notes)
        assert len(notes) == 1


def test_distinct_values_of_many_rows_are_estimated_closely():
    rows = 200_000
    frame = pl.DataFrame(
        {
            "all": pl.int_range(rows, eager=True).cast(pl.Float64),
            "some": [float(row % 997) for row in range(rows)],
            "few": [str(row % 7) for row in range(rows)],
        }
    )
    every, some, few = (report.distinct for report in frame_reports(frame))
    assert rows * 0.95 < every <= rows
    # HyperLogLog's standard error is far below this.
    assert abs(some - 997) < 50
    assert few == 7
