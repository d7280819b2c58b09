import json

import numpy as np
import polars as pl
import pytest

from pellucid.data.encoding.columns import (
    BooleanColumn,
    NumberColumn,
    WordColumn,
    column_from_dict,
    fit_column,
)
from pellucid.data.encoding.findings import Finding
from pellucid.data.raw import row_place


def encoded(column, values):
    notes = []
    return column.encode(pl.Series(column.name, values), row_place, notes).tolist(), notes


class TestNumbers:
    # Mean 4, population standard deviation 2.
    COLUMN = NumberColumn.fit("size", np.array([2.0, 6.0]))

    def test_standardised(self):
        assert encoded(self.COLUMN, [2.0, 4.0, 8.0]) == ([[-1], [0], [2]], [])
        assert encoded(self.COLUMN, ["2", "8"]) == ([[-1], [2]], [])

    def test_missing_where_training_had_none_is_filled_and_noted(self):
        inputs, (note,) = encoded(self.COLUMN, [None, 8.0, None])
        assert inputs == [[0], [2], [0]]
        assert note.startswith("2 rows without 'size'")
        assert note.endswith("filled with 4, as in training")

    def test_missing_where_training_had_some_is_filled_and_flagged(self):
        column = NumberColumn.fit("size", np.array([2.0, np.nan, 6.0]))
        assert column.features == ("size", "size is missing")
        assert encoded(column, [None, 8.0]) == ([[0, 1], [2, 0]], [])

    def test_nothing_in_the_training_part(self):
        column = NumberColumn.fit("size", np.array([np.nan, np.nan]))
        assert encoded(column, [None, 3.0])[0] == [[0, 1], [0, 0]]

    def test_one_value_and_gaps_in_the_training_part(self):
        column = NumberColumn.fit("size", np.array([5.0, np.nan, 5.0]))
        assert encoded(column, [5.0, None, 900.0])[0] == [[0, 0], [0, 1], [0, 0]]


class TestWords:
    def test_one_hot_in_order_with_unseen_words_counted(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", "north", "south"]))
        inputs, (note,) = encoded(column, ["south", "east", "north", "west"])
        assert column.features == ("sea = north", "sea = south")
        assert inputs == [[0, 1], [0, 0], [1, 0], [0, 0]]
        assert note.startswith("2 rows")
        assert "'east'" in note

    def test_missing_is_a_category_where_training_had_it(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", None]))
        assert column.features == ("sea = south", "sea is missing")
        assert encoded(column, [None, "south"]) == ([[0, 1], [1, 0]], [])

    def test_missing_where_training_had_none_is_noted(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", "north"]))
        inputs, (note,) = encoded(column, [None])
        assert inputs == [[0, 0]]
        assert "without 'sea'" in note

    def test_the_hundred_most_frequent_words_stay_ties_by_name(self):
        texts = [f"w{number:03}" for number in range(120)] * 2 + ["w119"]
        column, (finding,) = WordColumn.fit(pl.Series("word", texts))
        assert column.categories == (*(f"w{number:03}" for number in range(99)), "w119")
        assert "100 most frequent" in finding.what
        assert finding.detail == "120 categories"
        _, (note,) = encoded(column, ["w000", "w118"])
        assert note.startswith("1 row with a category not among the 100 kept in 'word', such as 'w118'")

    def test_a_hundred_words_all_stay(self):
        column, notes = WordColumn.fit(pl.Series("word", [f"w{number}" for number in range(100)] * 2))
        assert (len(column.categories), notes) == (100, [])

    @pytest.mark.parametrize(
        ("n_words", "n_rows", "stays"),
        [
            (101, 101, False),
            (21, 21, False),
            (21, 41, False),
            (21, 42, True),
            (20, 20, True),
            (60, 119, False),
        ],
    )
    def test_names_are_left_out(self, n_words, n_rows, stays):
        column, findings = WordColumn.fit(pl.Series("name", [f"n{row % n_words}" for row in range(n_rows)]))
        assert (column is not None) == stays
        what = "left out, because the values are names, not categories"
        assert [finding.what for finding in findings] == [what] * (not stays)

    @pytest.mark.parametrize(
        "mould", ["{},5", "1,{:03}", "{} %", "$ {}", "{}€", "-{},25", "{} EUR", "1.000.{:03},5"]
    )
    def test_numbers_written_for_people_are_named(self, mould):
        texts = [mould.format(number) for number in range(30)]
        for copies, begins in ((1, "left out"), (4, "categorical")):
            column, (finding,) = WordColumn.fit(pl.Series("x", texts * copies))
            assert (column is None) == (copies == 1)
            assert finding.what.startswith(begins)
            assert finding.detail == f"such as {mould.format(0)!r}"
            assert "numbers need . as the decimal point and no other symbols" in finding.what

    @pytest.mark.parametrize("mould", ["n{}", "2020-01-{}", "1.2.{}", "{}:30", "{}", "12345-{:04}"])
    def test_other_words_are_not(self, mould):
        _, notes = WordColumn.fit(pl.Series("x", [mould.format(number) for number in range(30)] * 4))
        assert notes == []


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
