import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pellucid.data import load_data, read_data
from pellucid.data.cells.frames import match_columns, tidy_frame
from pellucid.errors import DataError

PARTS = {
    "whole": [1, 2, 3],
    "gaps": [1.5, None, 3.0],
    "words": ["a", None, " b "],
    "truth": [True, False, True],
    "mixed": ["1", "x", "?"],
}
TIDY = [(1.0, 1.5, "a", True, "1"), (2.0, None, None, False, "x"), (3.0, 3.0, "b", True, "?")]


def test_intervals_are_words():
    low, high = "(0.0, 1.0]", "(1.0, 2.0]"
    cut = pd.cut(pd.Series([0.5, 1.5, None, 0.7] * 5), [0.0, 1.0, 2.0])
    for column in (cut, pd.Series(pd.arrays.IntervalArray(cut)), cut.astype(object)):
        assert tidy_frame(pd.DataFrame({"a": column}))["a"][:3].to_list() == [low, high, None]
    data = load_data(pd.DataFrame({"a": cut, "y": ["p", "q"] * 10}))
    assert data.inputs.features == (f"a = {low}", f"a = {high}", "a is missing")
    assert load_data((np.arange(20.0)[:, None], cut.fillna(cut[0]))).target.names == (low, high)


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
def test_any_frame_becomes_numbers_and_text(kind):
    tidy = tidy_frame(kind(PARTS))
    assert tidy.rows() == TIDY
    assert tidy.dtypes == [pl.Float64, pl.Float64, pl.String, pl.Boolean, pl.String]


def test_types_of_pandas():
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical(["u", None]),
            "whole": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "object": pd.Series([1, "a"], dtype=object),
            7: [1, 2],
        }
    )
    tidy = tidy_frame(frame)
    assert tidy.rows() == [("u", 1.0, True, "1", 1.0), (None, None, None, "a", 2.0)]
    assert tidy.columns[-1] == "7"


def test_types_of_polars():
    frame = pl.DataFrame(
        {
            "kind": pl.Series(["u", "v"], dtype=pl.Categorical),
            "nan": [float("nan"), 1.0],
            "byte": pl.Series([1, 2], dtype=pl.UInt8),
            "nothing": pl.Series([None, None]),
        }
    )
    assert tidy_frame(frame).rows() == [("u", None, 1.0, None), ("v", 1.0, 2.0, None)]


MOMENT = datetime.datetime(2024, 5, 1, 13, 45, 10, 250000)
LATER = MOMENT.replace(year=2025, tzinfo=datetime.UTC)
TEXT = "2024-05-01 13:45:10.250000"


@pytest.mark.parametrize(
    ("column", "first"),
    [
        (pl.Series([MOMENT, None]), TEXT),
        (pl.Series([MOMENT, None], dtype=pl.Datetime("ns")), TEXT + "000"),
        (pl.Series([LATER, None], dtype=pl.Datetime("us", "UTC")), "2025-05-01 13:45:10.250000+00:00"),
        (pl.Series([MOMENT.date(), None]), "2024-05-01"),
        (pl.Series([MOMENT.time(), None]), "13:45:10.250"),
        (pl.Series([datetime.timedelta(days=1, seconds=1.5), None]), 86401.5),
        (pd.Series([MOMENT, None]), TEXT),
        (pd.Series([LATER, None]).dt.tz_convert("Asia/Tokyo"), "2025-05-01 13:45:10.250000+00:00"),
        (pd.Series([datetime.timedelta(days=1, seconds=1.5), None]), 86401.5),
        (pd.Series([pd.Timestamp(MOMENT), None], dtype=object), "2024-05-01T13:45:10.250000"),
        (pd.Series([LATER, None], dtype=object), "2025-05-01T13:45:10.250000+00:00"),
        (pd.Series([MOMENT.date(), None]), "2024-05-01"),
        (pd.Series([MOMENT.time(), None]), "13:45:10.250000"),
        (pd.Series([datetime.timedelta(seconds=90), None], dtype=object), 90.0),
        (pd.Series(pd.PeriodIndex(["2024-05", None], freq="M")), "2024-05-01T00:00:00"),
        (pd.Series([np.datetime64("2024-05-01T13:45"), None], dtype=object), "2024-05-01T13:45:00"),
        (pd.Series([Decimal("1.5"), None], dtype=object), 1.5),
        (pd.Series([np.float32(1.5), None], dtype=object), 1.5),
    ],
    ids=str,
)  # fmt: skip
def test_dates_become_text_and_durations_seconds(column, first):
    frame = (pl if isinstance(column, pl.Series) else pd).DataFrame({"when": column})
    assert tidy_frame(frame)["when"].to_list() == [first, None]


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
@pytest.mark.parametrize(
    ("cell", "what"), [([1, 2], "lists"), ({"a": 1}, None), (b"x", None), (object(), "objects")]
)
def test_a_column_of_something_else_is_refused_only_if_it_is_used(kind, cell, what):
    rows = {"a": [1.0, 2.0, 1.0, 2.0] * 5, "y": [1, 2, 1, 2] * 5}
    table = kind(rows | {"odd": pl.Series([cell] * 20) if kind is pl.DataFrame else [cell] * 20})
    data = load_data(table, target="y", test_size=4)
    assert data.inputs.features == ("a",)
    assert any(note.startswith("column 'odd': left out, because the cells are ") for note in data.notes)
    assert load_data(table, target="y", drop="odd").inputs.features == ("a",)
    # A model does not mind a column that it does not use.
    notes = []
    match_columns(tidy_frame(table), ["a"], ["y"], notes)
    assert notes == ["the model does not use column odd"]
    with pytest.raises(DataError, match="neither numbers nor text") as caught:
        match_columns(tidy_frame(table), ["a", "odd"], ["y"], [])
    assert caught.value.where == "column 'odd'"
    assert what in (None, caught.value.received)
    for use in ("target", "split_column", "sample_weight"):
        with pytest.raises(DataError, match="neither numbers nor text"):
            load_data(table, **({"target": "y"} | {use: "odd"}))
    with pytest.raises(DataError, match="neither numbers nor text"):
        read_data(table, require_target=False).columns("odd")


def test_infinity_is_refused_only_if_it_is_used():
    frame = pl.DataFrame({"a": [1.0, float("-inf"), 3.0, 4.0], "b": [1.0, 2.0, 3.0, 4.0], "y": [1, 2, 1, 2]})
    with pytest.raises(DataError, match="infinite") as caught:
        load_data(frame, test_size=2)
    assert caught.value.where == "row 1 (counted from 0), column 'a'"
    assert "--missing -inf (missing='-inf' in Python)" in caught.value.remedy
    assert "--drop" in caught.value.remedy
    assert read_data(frame, missing="-inf").rows["a"].to_list() == [1, None, 3, 4]
    data = load_data(frame, drop="a", test_size=2)
    assert data.inputs.encode(frame)[0].shape == (4, 1)
    with pytest.raises(DataError, match="infinite"):
        load_data(frame.drop("a"), test_size=2).inputs.encode(frame.drop("a").with_columns(b=float("inf")))
    with pytest.raises(DataError, match="not a finite number"):
        load_data(frame, target="a", task="regression")


def test_two_columns_of_one_name():
    with pytest.raises(DataError, match="same name"):
        tidy_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_columns_are_matched_by_name():
    frame = match_columns(pl.DataFrame({"y": ["?"], "b": [2], "a": [1]}), ["a", "b"], ["y"], [])
    assert (frame["a"][0], frame["b"][0]) == (1.0, 2.0)


def test_missing_and_strange_columns_are_named():
    with pytest.raises(DataError) as caught:
        match_columns(pl.DataFrame({"agee": [1], "b": [2]}), ["age", "b"], [], [])
    assert caught.value.received == "missing: 'age'; unknown: 'agee'"
    assert caught.value.remedy == "did you mean 'age'?"
    with pytest.raises(DataError) as caught:
        match_columns(pl.DataFrame({"a": [1]}), ["a", "b"], [], [])
    assert caught.value.received == "missing: 'b'"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["5.1", "3.5"], True),
        (["2019", "?"], True),
        (["column_1", "column_2"], True),
        (["5.1", "b"], False),
        (["5", "x"], True),
        (["x", "y"], False),
        (["5.1"], True),
    ],
)
def test_a_table_that_seems_to_have_no_header(names, said):
    with pytest.raises(DataError) as caught:
        match_columns(pl.DataFrame({name: [1] for name in names}), ["a", "b"], [], [])
    assert ("seems to have no header" in caught.value.remedy) == said


def test_unknown_columns_are_noted():
    notes = []
    match_columns(pl.DataFrame({"column_1": [1], "column_2": [2]}), ["column_1"], [], notes)
    assert notes == ["the model does not use column column_2"]
    match_columns(pl.DataFrame({"a": [1], "b": [2], "c": [3], "y": [4]}), ["b"], ["y"], notes)
    assert notes[1] == "the model does not use columns a, c"


def test_an_array_is_taken_in_the_columns_order():
    assert match_columns(np.array([[1, 2]]), ["a", "b"], [], []).to_dict(as_series=False) == {
        "a": [1.0],
        "b": [2.0],
    }
    assert match_columns([[1, "x"]], ["a", "b"], [], [])["b"].to_list() == ["x"]
    with pytest.raises(DataError) as caught:
        match_columns(np.zeros((2, 3)), ["a", "b"], [], [])
    assert caught.value.received == "3 columns"


class TestPyarrow:
    TABLE = pa.table(
        {"size": [1.5, 2.5, None, 4.5] * 3, "": ["a", "b", "a", None] * 3, "kind": ["p", "q"] * 6}
    )

    def test_a_table_is_read_like_a_frame_of_polars(self):
        data, expected = (
            load_data(source, target="kind", test_size=2)
            for source in (self.TABLE, pl.DataFrame(self.TABLE.to_pydict()))
        )
        assert data.inputs == expected.inputs
        assert "size is missing" in data.inputs.features
        assert data.train.inputs.tolist() == expected.train.inputs.tolist()
        assert data.inputs.encode(self.TABLE)[0].tolist() == expected.inputs.encode(self.TABLE)[0].tolist()

    def test_names_that_occur_twice(self):
        with pytest.raises(DataError, match="two columns have the same name"):
            load_data(pa.table([[1, 2], [3, 4], [5, 6]], names=["a", "a", "y"]))

    def test_as_y(self):
        y = pa.table({"width": [float(row) for row in range(12)], "height": [row / 2 for row in range(12)]})
        data = load_data((self.TABLE.select(["size"]), y), test_size=2)
        assert data.target.names == ("width", "height")


def test_a_column_of_pandas_without_a_name_stays_so():
    assert tidy_frame(pd.DataFrame({"a": [1], "": [2]})).columns == ["a", ""]


def test_the_offset_of_dates_of_arrow_in_pandas():
    days = pd.Series(pd.to_datetime(["2024-05-01 01:00", "2024-05-02 13:00"])).dt.tz_localize("Europe/Paris")
    frames = [pd.DataFrame({"day": each}) for each in (days, days.convert_dtypes(dtype_backend="pyarrow"))]
    found = [tidy_frame(frame)["day"].to_list() for frame in frames]
    assert found[0] == found[1]
    assert found[0][0].startswith("2024-04-30 23:00")
