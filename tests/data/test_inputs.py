import json

import numpy as np
import polars as pl
import pytest

from pellucid.data import ArrayInputs, ColumnInputs, PixelInputs, RawData, inputs_from_dict
from pellucid.data.inputs import fit_inputs
from pellucid.errors import DataError

FRAME = pl.DataFrame({"size": [2.0, 6.0, 99.0], "sea": ["north", None, "north"]})
COLUMNS = ColumnInputs.fit(FRAME, np.array([0, 1]), ["y"])[0]
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
        with pytest.raises(DataError, match="another width") as caught:
            PIXELS.encode(np.zeros(shape))
        assert caught.value.expected == "6 columns (2 x 3 pixels)"

    def test_a_frame_of_that_width(self):
        frame = pl.DataFrame({f"p{index}": [str(index)] for index in range(6)})
        assert PIXELS.encode(frame)[0].tolist() == [[0, 1, 2, 3, 4, 5]]


class TestArrays:
    def test_standardised_with_a_constant_column(self):
        inputs, scale = ARRAY.encode([[8, 6]])
        assert (inputs.tolist(), scale) == ([[2, 1]], 1.0)

    def test_another_width(self):
        with pytest.raises(DataError) as caught:
            ARRAY.encode(np.zeros((2, 3)))
        assert (caught.value.expected, caught.value.received) == ("2 columns", "3 columns")

    def test_a_number_that_is_not_finite(self):
        with pytest.raises(DataError) as caught:
            ARRAY.encode([[1, 2], [3, np.nan]])
        assert caught.value.where == "row 1 (counted from 0), column 1 (counted from 0)"

    def test_words(self):
        with pytest.raises(DataError, match="something else than numbers"):
            ARRAY.encode([["a", "b"]])


class TestColumns:
    def test_by_hand(self):
        inputs, scale = COLUMNS.encode(FRAME)
        assert COLUMNS.features == ("size", "sea = north", "sea is missing")
        assert inputs.tolist() == [[-1, 1, 0], [1, 0, 1], [47.5, 1, 0]]
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
        frame = pl.DataFrame({"name": [f"n{row}" for row in range(150)], "size": range(150)})
        inputs, notes = ColumnInputs.fit(frame, np.arange(150))
        assert len(notes) == 1
        assert inputs.features == ("size",)
        assert inputs.encode(frame)[0].shape == (150, 1)

    def test_nothing_is_left(self):
        frame = pl.DataFrame({"name": [f"n{row}" for row in range(150)]})
        with pytest.raises(DataError, match="no column is left"):
            ColumnInputs.fit(frame, np.arange(150))


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [(PIXELS, np.ones((2, 6), np.uint8)), (ARRAY, np.array([[0.1, 0.2]])), (COLUMNS, FRAME)],
    ids=["pixels", "array", "columns"],
)
def test_through_json(inputs, rows):
    again = inputs_from_dict(json.loads(json.dumps(inputs.to_dict())))
    assert type(again) is type(inputs)
    assert (again.features, again.n_inputs, again.image_shape) == (
        inputs.features,
        len(inputs.features),
        inputs.image_shape,
    )
    assert again.encode(rows)[0].tolist() == inputs.encode(rows)[0].tolist()
    assert again.encode(rows)[1] == inputs.encode(rows)[1]


def test_float_images_are_scaled_by_the_training_parts_largest_value():
    raw = RawData("images", np.array([[1.0], [-4.0], [100.0]]), image_shape=(1, 1))
    assert fit_inputs(raw, np.array([0, 1]))[0].scale == 0.25
    assert fit_inputs(RawData("dark", np.zeros((2, 1)), image_shape=(1, 1)), np.array([0]))[0].scale == 1.0
