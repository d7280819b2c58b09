import numpy as np
import polars as pl
import pytest

from pellucid.data import ColumnInputs
from pellucid.errors import DataError

FRAME = pl.DataFrame({"size": [2.0, 6.0, 9.0], "sea": ["north", None, "north"]})
COLUMNS = ColumnInputs.fit(FRAME, np.array([0, 1]), ["y"])[0]


class TestColumns:
    def test_by_hand(self):
        inputs, scale = COLUMNS.encode(FRAME)
        assert COLUMNS.features == ("size", "sea = north", "sea is missing")
        assert inputs.tolist() == [[-1, 1, 0], [1, 0, 1], [2.5, 1, 0]]
        assert scale == 1.0

    def test_reordered_columns_and_the_target_are_fine(self):
        frame = pl.DataFrame({"y": [0], "sea": ["north"], "size": [2.0]})
        assert COLUMNS.encode(frame)[0].tolist() == [[-1, 1, 0]]

    def test_an_unseen_word_is_noted(self):
        notes = []
        assert COLUMNS.encode(pl.DataFrame({"size": [4], "sea": ["east"]}), notes=notes)[0].tolist() == [
            [0, 0, 0]
        ]
        assert len(notes) == 1

    def test_columns_that_were_left_out_may_stand_there(self):
        frame = pl.DataFrame(
            {"name": [f"n{row}" for row in range(150)], "size": [row * 7 % 11 for row in range(150)]}
        )
        inputs, notes = ColumnInputs.fit(frame, np.arange(150))
        assert len(notes) == 1
        assert inputs.features == ("size",)
        assert inputs.encode(frame)[0].shape == (150, 1)

    def test_nothing_is_left(self):
        frame = pl.DataFrame({"name": [f"n{row}" for row in range(150)]})
        with pytest.raises(DataError, match="no feature column is left") as caught:
            ColumnInputs.fit(frame, np.arange(150))
        assert "150 distinct values" in caught.value.received

    def test_what_did_not_vary_in_training_does_not_reach_the_network(self):
        frame = pl.DataFrame({"size": [2.0, 6.0, 4.0], "late": [7.0, 7.0, 9000.0]})
        inputs, (note,) = ColumnInputs.fit(frame, np.array([0, 1]))
        assert note.startswith("column 'late': left out")
        assert inputs.encode(frame)[0].tolist() == [[-1], [1], [0]]
        assert inputs.encode(frame.drop("late"))[0].tolist() == [[-1], [1], [0]]

    def test_a_masked_cell_is_filled(self):
        inputs, _ = ColumnInputs.fit(pl.DataFrame({"a": [2.0, 6.0], "b": [0.0, 2.0]}), np.array([0, 1]))
        notes = []
        rows = np.ma.array([[999, 2]], mask=[[True, False]])
        assert inputs.encode(rows, notes=notes)[0].tolist() == [[0, 1]]
        assert "without 'a'" in notes[0]

    def test_constant_columns_are_left_out_with_one_note_for_all(self):
        rows = 3 * [[1.0, "Y", None]]
        frame = pl.DataFrame(rows, ["a", "b", "c"], orient="row").with_columns(
            pl.col("c").cast(pl.String), size=pl.Series([2.0, 6.0, 4.0])
        )
        inputs, notes = ColumnInputs.fit(frame, np.array([0, 1]))
        assert inputs.features == ("size",)
        assert notes == [
            "columns 'a', 'b': left out, because there is the same value in every row",
            "column 'c': left out, because the cell is empty in every row",
        ]
        assert inputs.encode(frame)[0].tolist() == [[-1], [1], [0]]
