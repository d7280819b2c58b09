import numpy as np
import pandas as pd
import pytest

from pellucid.data.readers.arrays import arrays
from pellucid.errors import DataError

BYTES = np.zeros((3, 16), np.uint8)


@pytest.mark.parametrize(
    ("x", "shape", "scale"),
    [
        (BYTES, (4, 4), 1 / 255),
        (BYTES[:, :15], None, 1 / 255),
        (BYTES[:, :1], None, 1 / 255),
        (BYTES.reshape(3, 2, 8), (2, 8), 1 / 255),
        (np.zeros((3, 2, 8)), (2, 8), None),
        (np.zeros((3, 16)), None, None),
        (np.zeros((3, 16), bool), None, None),
    ],
)
def test_which_arrays_are_images(x, shape, scale):
    raw = arrays(x, [0, 1, 2])
    assert raw.image_shape == shape
    assert raw.rows.shape == (3, x.size // 3)
    if shape:
        assert raw.scale == scale


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([[1], [2], [3]], [1, 2, 3]),
        (["a", "b", "c"], ["a", "b", "c"]),
        (pd.Series(["a", None, "c"]), ["a", None, "c"]),
        (np.array([True, False, True], object), [True, False, True]),
        ([[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4], [5, 6]]),
        (np.ma.array(["a", "b", "c"], mask=[False, True, False]), ["a", None, "c"]),
        (np.ma.array([True, True, False], mask=[False, True, False]), [True, None, False]),
        (np.ma.array([1, 2, 3], mask=False), [1, 2, 3]),
    ],
)
def test_targets(y, expected):
    assert arrays(np.zeros((3, 2)), y).target.tolist() == expected


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (np.zeros(3), [0, 1, 2], "reshape(-1, 1)"),
        (np.zeros((3, 2, 2, 1)), [0, 1, 2], "reshape(len(x), -1)"),
        (np.zeros((0, 2)), [], "x is empty"),
        (np.zeros((3, 0)), [0, 1, 2], "x is empty"),
        ([[1, 2], [3]], [0, 1], "rows of the same length"),
        ([["a"], ["b"]], [0, 1], "data frame"),
        (np.zeros((2, 2), complex), [0, 1], "complex128"),
        (np.zeros((2, 2)), [0, 1, 2], "differ in length"),
        (np.zeros((2, 2)), np.array(["2020", "2021"], "M8[Y]"), "days since another date"),
        (np.zeros((2, 2)), [{}, {}], "y contains neither labels nor values"),
        (np.zeros((2, 2)), [[1], [2, 3]], "y is not an array"),
        ([[0, 1], [2, np.nan]], [0, 1], "row 1 (counted from 0), column 1 (counted from 0)"),
        ([[0, -np.inf], [2, 3]], [0, 1], "-inf"),
        (np.full((2, 2, 2), np.nan), [0, 1], "row 0 (counted from 0)"),
        (
            np.ma.array([[0, 1], [2, 3]], mask=[[False, False], [True, False]]),
            [0, 1],
            "row 1 (counted from 0), column 0 (counted from 0)",
        ),
        (
            np.ma.array(np.zeros((2, 4), np.uint8), mask=np.eye(2, 4, dtype=bool)),
            [0, 1],
            "NaN (a missing value)",
        ),
    ],
)
def test_arrays_that_cannot_be_used(x, y, says):
    with pytest.raises(DataError) as caught:
        arrays(x, y)
    assert says in str(caught.value)


def test_a_mask_that_hides_nothing_changes_nothing():
    raw = arrays(np.ma.array(BYTES, mask=np.zeros(BYTES.shape, bool)), [0, 1, 2])
    assert (raw.rows.dtype, raw.image_shape) == (np.uint8, (4, 4))


def test_what_is_hidden_is_missing():
    target = arrays(np.zeros((3, 2)), np.ma.array([1, 7, 3], mask=[False, True, False])).target
    assert np.isnan(target).tolist() == [False, True, False]


def test_huge_numbers_are_finite_all_the_same():
    assert len(arrays(np.full((2, 3), 1e308), [0, 1])) == 2


def test_floats_longer_than_any_network_calculates_with_are_shortened():
    rows = np.arange(6, dtype=np.longdouble).reshape(3, 2)
    raw = arrays(rows, [0, 1, 0])
    assert raw.rows.dtype == np.float64
    assert raw.fingerprint() == arrays(rows.astype(np.float64), [0, 1, 0]).fingerprint()
