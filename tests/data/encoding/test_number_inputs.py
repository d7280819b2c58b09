import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import ArrayInputs, PixelInputs
from pellucid.errors import DataError

PIXELS = PixelInputs((2, 3), 1 / 255)
ARRAY = ArrayInputs.fit(np.array([[2.0, 5.0], [6.0, 5.0]]))


class TestPixels:
    def test_bytes_stay_bytes(self):
        images = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
        inputs, scale = PIXELS.encode(images)
        assert inputs.dtype == np.uint8
        assert np.shares_memory(inputs, images)
        assert (inputs.shape, scale) == ((2, 6), 1 / 255)

    def test_features_count_rows_and_columns_from_0(self):
        assert PIXELS.features == tuple(f"pixel ({row}, {column})" for row in (0, 1) for column in (0, 1, 2))
        assert (PIXELS.n_inputs, PIXELS.image_shape) == (6, (2, 3))

    @pytest.mark.parametrize("shape", [(4, 5), (4, 3, 2), (6,), (1, 2, 3, 1)])
    def test_another_size(self, shape):
        with pytest.raises(DataError, match="do not have as many columns") as caught:
            PIXELS.encode(np.zeros(shape))
        assert caught.value.expected == "6 columns (2 x 3 pixels)"

    def test_a_frame_of_that_width(self):
        frame = pl.DataFrame({f"p{index}": [str(index)] for index in range(6)})
        assert PIXELS.encode(frame)[0].tolist() == [[0, 1, 2, 3, 4, 5]]
        named = pl.DataFrame({name: [index] for index, name in enumerate(PIXELS.features)})
        assert PIXELS.encode(named[:, ::-1])[0].tolist() == [[0, 1, 2, 3, 4, 5]]


class TestArrays:
    def test_standardised_with_a_constant_column(self):
        inputs, scale = ARRAY.encode([[8, 6]])
        assert (inputs.tolist(), scale) == ([[2, 0]], 1.0)

    def test_rows_that_are_all_the_same(self):
        with pytest.raises(DataError, match="all columns are constant") as caught:
            ArrayInputs.fit(np.ones((3, 2)))
        assert caught.value.received == "3 identical rows"

    @pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
    def test_a_frame_with_the_same_names_in_another_order(self, kind):
        assert ARRAY.names == ("column 0", "column 1")
        inputs = ArrayInputs.fit(np.array([[0.0, 0.0], [2.0, 20.0]]))
        frame = kind({"column 1": [30, 10], "column 0": [1, 3]})
        assert inputs.encode(frame)[0].tolist() == [[0, 2], [2, 0]]
        # Other names say nothing of the order.
        frame = kind({"b": [1, 3], "a": [30, 10]})
        assert inputs.encode(frame)[0].tolist() == [[0, 2], [2, 0]]

    def test_a_masked_cell_is_missing(self):
        rows = np.ma.array([[1, 2], [3, 4]], mask=[[False, False], [False, True]])
        with pytest.raises(DataError) as caught:
            ARRAY.encode(rows)
        assert caught.value.received == "NaN (a missing value)"
        assert caught.value.where == "row 1 (counted from 0), column 1 (counted from 0)"

    def test_another_width(self):
        with pytest.raises(DataError) as caught:
            ARRAY.encode(np.zeros((2, 3)))
        assert (caught.value.expected, caught.value.received) == ("2 columns", "3 columns")

    def test_a_number_that_is_not_finite(self):
        with pytest.raises(DataError) as caught:
            ARRAY.encode([[1, 2], [3, np.nan]])
        assert caught.value.where == "row 1 (counted from 0), column 1 (counted from 0)"

    def test_words(self):
        with pytest.raises(DataError, match="contains values that are not numbers"):
            ARRAY.encode([["a", "b"]])
