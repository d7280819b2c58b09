import numpy as np
import polars as pl
import pytest

from pellucid.data.encoding.number_column import NumberColumn
from pellucid.data.raw import row_place
from pellucid.errors import DataError


def encoded(column, values):
    notes = []
    return column.encode(pl.Series(column.name, values), row_place, notes).tolist(), notes


class TestNumbers:
    # Mean 4, population standard deviation 2.
    COLUMN = NumberColumn.fit("size", np.array([2.0, 6.0]))

    def test_standardised(self):
        assert encoded(self.COLUMN, [2.0, 4.0, 8.0]) == ([[-1], [0], [2]], [])
        assert encoded(self.COLUMN, ["2", "8"]) == ([[-1], [2]], [])

    def test_yes_and_no_are_1_and_0_where_all_numbers_were(self):
        # One 1 in a hundred lies far out, so that the centre is the median.
        for numbers in ([0.0, 1.0, 1.0], [0.0] * 99 + [1.0]):
            column = NumberColumn.fit("won", np.array(numbers))
            assert encoded(column, ["yes", "FALSE", "T"]) == encoded(column, [1.0, 0.0, 1.0])
        with pytest.raises(DataError, match="a numeric column contains text"):
            encoded(self.COLUMN, ["yes", "no"])

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
