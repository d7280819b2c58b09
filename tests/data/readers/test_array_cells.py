"""Arrays whose values are read like the cells of a table."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import load_data, read_again
from pellucid.errors import DataError


class TestMissingValuesOfArrays:
    x = np.array([[1, -999, 5], [2, 3, 5], [3, 4, 5], [4, 6, 5], [5, 6, 5], [6, 7, 5]])
    y = np.array([0, 1, 0, 1, 1, 0])
    names = ("column 0", "column 1", "column 2")

    @pytest.mark.parametrize("kind", [int, float, object])
    def test_as_in_a_frame(self, kind):
        data = load_data((self.x.astype(kind), self.y), missing=-999, test_size=2)
        frame = pl.DataFrame(
            {f"column {index}": column for index, column in enumerate(self.x.T.astype(float))}
        )
        expected = load_data((frame, self.y), missing=-999, test_size=2)
        assert "column 1 is missing" in data.inputs.features or -999 not in self.x[data.train.origin]
        assert data.inputs.features == expected.inputs.features
        assert np.array_equal(data.train.inputs, expected.train.inputs)
        assert np.array_equal(data.test.inputs, expected.test.inputs)

    def test_other_data_are_read_the_same_way(self):
        data = load_data((self.x, self.y), missing=-999, test_size=1, seed=1)
        cells = pd.DataFrame(self.x, columns=["column 0", "column 1", "column 2"], dtype=float).replace(
            -999, np.nan
        )
        expected = data.encoding.inputs.encode(cells)[0]
        for source in ((self.x, self.y), self.x, self.x.tolist()):
            raw = read_again(source, data.provenance, require_target=False)
            assert np.array_equal(data.encoding.inputs.encode(raw.rows)[0], expected)
        # The third column, which is the same everywhere, is not used.
        assert np.array_equal(data.encoding.inputs.encode(cells.to_numpy())[0], expected)

    @pytest.mark.parametrize(
        ("y", "problem"),
        [
            ([0, 1, 0, -999, 1, 0], "a target is not a finite number"),
            ([0.5, 1.5, 0, -999.0, 1, 0], "a target is not a finite number"),
            (["a", "b", "a", "b", "b", "zz"], "a target is missing"),
        ],
    )
    def test_a_missing_target_is_refused(self, y, problem):
        with pytest.raises(DataError, match=problem):
            load_data((self.x, y), missing=[-999, "zz"], test_size=2)
        with pytest.raises(DataError, match=problem):
            load_data((pl.DataFrame(self.x.astype(float)), y), missing=[-999, "zz"], test_size=2)


class TestNumbersAsTextInArrays:
    x = np.arange(40.0)[:, None]

    @pytest.mark.parametrize("kind", [str, object])
    def test_a_quantity_is_read(self, kind):
        y = [f"${1000 + 37.5 * row:,.2f}" for row in range(40)]
        with pytest.raises(DataError, match="too few rows") as caught:
            load_data((self.x, np.array(y, dtype=kind)))
        assert "for a quantity choose the task 'regression'" in caught.value.remedy
        data = load_data((self.x, np.array(y, dtype=kind)), task="regression")
        assert data.notes[0] == "the targets are read as numbers: '$1,000.00' as 1000"
        expected = load_data((self.x, 1000 + 37.5 * np.arange(40)), task="regression")
        assert np.array_equal(data.train.targets, expected.train.targets)
        again = read_again((self.x, y), data.provenance)
        assert again.target.tolist() == [1000 + 37.5 * row for row in range(40)]
        assert again.notes == []

    def test_several_columns(self):
        y = np.array([[f"{row},5", f"{row} %"] for row in range(40)])
        data = load_data((self.x, y), task="regression")
        row = data.train.origin[0]
        assert data.target.decode(data.train.targets[:1]).tolist() == [[row + 0.5, row]]

    def test_words_are_not(self):
        with pytest.raises(DataError, match="regression needs numbers"):
            load_data((self.x, ["$1", "$2", "dear", "$3"] * 10), task="regression")

    def test_without_a_task_text_is_what_it_says(self):
        assert load_data((self.x, ["12%", "13%"] * 20)).target.names == ("12%", "13%")
