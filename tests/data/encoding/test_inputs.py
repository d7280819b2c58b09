import json

import numpy as np
import polars as pl
import pytest

from pellucid.data import ArrayInputs, ColumnInputs, PixelInputs, RawData, inputs_from_dict
from pellucid.data.encoding.inputs import fit_inputs

FRAME = pl.DataFrame({"size": [2.0, 6.0, 99.0], "sea": ["north", None, "north"]})
COLUMNS = ColumnInputs.fit(FRAME, np.array([0, 1]), ["y"])[0]
PIXELS = PixelInputs((2, 3), 1 / 255)
ARRAY = ArrayInputs.fit(np.array([[2.0, 5.0], [6.0, 5.0]]))


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


def test_plain_numbers_are_learned_on_the_training_part_only():
    # Mean 4 and spread 2 in the training part; the third column is constant there.
    rows = np.array([[2.0, 0, 5], [20, 7, 6], [6, 8, 5], [-10, 9, 7]])
    inputs, (note,) = fit_inputs(RawData("x", rows), np.array([0, 2]))
    assert (inputs.mean.tolist(), inputs.scale.tolist()) == ([4, 4, 5], [2, 4, 0])
    assert inputs.encode(rows)[0].tolist() == [[-1, -1, 0], [8, 0.75, 0], [1, 1, 0], [-7, 1.25, 0]]
    assert note.startswith("1 of 3 columns")
    assert note.endswith("column 2")
    assert fit_inputs(RawData("x", rows), np.array([0, 1]))[1] == []


def test_float_images_are_scaled_by_the_training_parts_largest_value():
    raw = RawData("images", np.array([[1.0], [-4.0], [100.0]]), image_shape=(1, 1))
    assert fit_inputs(raw, np.array([0, 1]))[0].scale == 0.25
    assert fit_inputs(RawData("dark", np.zeros((2, 1)), image_shape=(1, 1)), np.array([0]))[0].scale == 1.0
