import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data.cells.frames import match_columns, tidy_frame
from pellucid.errors import DataError

PARTS = {
    "whole": [1, 2, 3],
    "gaps": [1.5, None, 3.0],
    "words": ["a", None, " b "],
    "truth": [True, False, True],
    "mixed": ["1", "x", "?"],
}
TIDY = [(1.0, 1.5, "a", True, "1"), (2.0, None, None, False, "x"), (3.0, 3.0, "b", True, None)]


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


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
@pytest.mark.parametrize("cell", [datetime.datetime(2020, 1, 1), [1, 2]])
def test_columns_of_something_else(kind, cell):
    with pytest.raises(DataError, match="neither numbers nor text") as caught:
        tidy_frame(kind({"when": [cell, cell]}))
    assert caught.value.where == "column 'when'"


def test_infinity_is_no_number():
    with pytest.raises(DataError, match="infinite") as caught:
        tidy_frame(pl.DataFrame({"a": [1.0, float("-inf")]}))
    assert caught.value.where == "row 1 (counted from 0), column 'a'"


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
