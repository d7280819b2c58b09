import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_data
from pellucid.data.cells.frames import match_columns
from pellucid.data.column_names import columns_named
from pellucid.errors import DataError

THERE = ["id", "x_1", "x_2", "a,b", "a", "p*q", "pq", "price [EUR]", "why?"]


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (["id"], ("id",)),
        (["x_2,id"], ("x_2", "id")),
        ([" id , x_1 ,"], ("id", "x_1")),
        (["x_*"], ("x_1", "x_2")),
        (["x_*", "x_1"], ("x_1", "x_2")),
        (["a,b"], ("a,b",)),
        (["p*q"], ("p*q",)),
        (["p*"], ("p*q", "pq", "price [EUR]")),
        (["*[EUR]"], ("price [EUR]",)),
        (["wh*?"], ("why?",)),
        (["x?1"], ("x?1",)),
        (["z_*", "id"], ("z_*", "id")),
        ([""], ("",)),
        ([","], (",",)),
        ([], ()),
    ],
)
def test_names_lists_and_wildcards(named, meant):
    assert columns_named(named, THERE) == meant


def test_a_wildcard_leaves_columns_with_another_use():
    assert columns_named(["x_*"], THERE, ["x_1"]) == ("x_2",)
    assert columns_named(["x_*", "x_1"], THERE, ["x_1"]) == ("x_2", "x_1")


ROWS = {
    " size ": [float(row % 7) for row in range(30)],
    "sea ": ["north", "south", "east"] * 10,
    " set": ["train"] * 20 + ["test"] * 10,
    "weight ": [1.0, 2.0] * 15,
    "id ": [f"n{row}" for row in range(30)],
    " kind": ["p", "q"] * 15,
}
USES = {"split_column": "set", "sample_weight": "weight", "drop": "id", "target": "kind"}


class TestBlanksAroundNames:
    """CSV files are read without blanks around the names, data frames and Parquet files with them."""

    @pytest.fixture
    def files(self, tmp_path):
        frame = pl.DataFrame(ROWS)
        csv, parquet = tmp_path / "rows.csv", tmp_path / "rows.parquet"
        frame.write_csv(csv)
        frame.write_parquet(parquet)
        return {"csv": csv, "parquet": parquet, "frame": frame, "pandas": frame.to_pandas()}

    @pytest.mark.parametrize("first", ["csv", "parquet", "frame", "pandas"])
    @pytest.mark.parametrize("second", ["csv", "parquet", "frame", "pandas"])
    def test_data_like_others(self, files, first, second):
        data = load_data(files[first], **USES)
        again = load_data(files[second], encoding=data)
        assert np.array_equal(again.train.inputs, data.train.inputs)
        assert np.array_equal(again.train.known_targets, data.train.known_targets)
        assert np.array_equal(again.train.weights, data.train.weights)
        assert len(again.test) == 10
        assert not any("the model does not use" in note for note in again.notes)

    def test_names_are_as_a_user_sees_them(self, files):
        assert load_data(files["frame"], **USES).inputs.features[0] == " size "
        assert load_data(files["csv"], **USES).inputs.features[0] == "size"
        exact = load_data(files["frame"], target=" kind", drop=["id ", "weight ", " set"], test_size=6)
        assert exact.inputs.features == (" size ", "sea  = east", "sea  = north", "sea  = south")

    def test_the_report_says_what_the_columns_are(self, files):
        used = {column.name: column.use for column in load_data(files["parquet"], **USES).report.columns}
        assert (used[" set"], used["weight "], used["id "], used[" kind"]) == (
            "split",
            "weight",
            "dropped",
            "target",
        )

    def test_names_that_may_mean_two_columns_are_not_guessed(self):
        frame = pl.DataFrame({"a ": [1.0, 2], " a": [3.0, 4], "y": [1, 2]})
        with pytest.raises(DataError, match="there is no column 'a'"):
            read_data(frame, target="a")
        assert read_data(frame, target="a ").rows.columns == [" a", "y"]
        with pytest.raises(DataError, match="not those the network was trained on"):
            match_columns(frame, ["a"], [], [])
        matched = match_columns(frame, [" a", "a "], [], [])
        assert matched.rows() == [(3, 1), (4, 2)]
