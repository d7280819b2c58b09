import json

import numpy as np
import polars as pl
import pytest

from pellucid.data.encoding.boolean_column import BooleanColumn
from pellucid.data.encoding.columns import column_from_dict, fit_column
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.number_column import NumberColumn
from pellucid.data.encoding.word_column import WordColumn
from pellucid.data.raw import row_place


def test_what_a_column_holds_is_told_by_all_rows_but_learned_from_some():
    column, _ = fit_column(pl.Series("x", ["2", "6", "100"]), np.array([0, 1]), row_place)
    assert (column.mean, column.scale) == (4, 2)
    column, _ = fit_column(pl.Series("x", ["2", "6", "a"]), np.array([0, 1]), row_place)
    assert column.categories == ("2", "6")


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (["a"] * 3, "there is the same value"),
        ([1.0] * 3, "there is the same value"),
        ([None] * 3, "the cell is empty"),
    ],
)
def test_one_and_the_same_value_in_all_rows(values, what):
    dtype = pl.String if values[0] is None else None
    column, (finding,) = fit_column(pl.Series("x", values, dtype=dtype), np.arange(3), row_place)
    assert column is None
    assert finding == Finding("x", f"left out, because {what} in every row")


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([5.0, 5.0, 7.0], "the same value in every row of the training set"),
        ([None, None, 7.0], "the cell is empty in every row of the training set"),
        (["5", "5.0", "7"], "the same value"),
        (["", "", "a"], "the same value"),
        ([None, None, "a"], "the cell is empty"),
        ([True, True, False], "the same value"),
    ],
)
def test_a_column_that_does_not_vary_in_the_training_part_is_left_out(values, what):
    column, (finding,) = fit_column(pl.Series("x", values), np.array([0, 1]), row_place)
    assert column is None
    assert finding.what.startswith("left out")
    assert what in finding.what


@pytest.mark.parametrize("values", [[5.0, None, 7.0], ["a", None, "b"]])
def test_gaps_vary_too(values):
    column, notes = fit_column(pl.Series("x", values), np.array([0, 1]), row_place)
    assert column.features[-1] == "x is missing"
    assert notes == []


@pytest.mark.parametrize(
    "column",
    [
        NumberColumn("a", 1 / 3, 0.1, True),
        WordColumn("b", ("x", "y"), False),
        BooleanColumn("c", "N", "Y", True),
    ],
    ids=lambda column: column.kind,
)
def test_through_json(column):
    assert column_from_dict(json.loads(json.dumps(column.to_dict()))) == column


class TestLabelsAmongNumbers:
    def test_make_a_column_categorical_with_a_note(self):
        cells = [str(row % 9) for row in range(40)] + ["1OT", "1OT"]
        column, (finding,) = fit_column(pl.Series("quarter", cells), np.arange(42), row_place)
        assert column.categories == ("0", "1", "1OT", *"2345678")
        assert str(finding).startswith(
            "'quarter' (such as '1OT'): categorical, because there are labels among"
        )
        assert "--missing (missing in Python)" in finding.what

    def test_are_named_where_the_column_is_left_out(self):
        cells = [*map(str, range(40)), "136A", "136A"]
        column, (finding,) = fit_column(pl.Series("id", cells), np.arange(42), row_place)
        assert column is None
        assert finding.detail == "41 distinct values in 42 training rows, such as '136A'"
