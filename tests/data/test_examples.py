import numpy as np
import pytest

from pellucid.data import Examples
from pellucid.errors import DataError

BYTES = np.array([[0, 255, 51], [102, 0, 153], [204, 255, 0]], dtype=np.uint8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, [[0, 1, 0.2]]),
        (-1, [[0.8, 1, 0]]),
        (slice(1, 3), [[0.4, 0, 0.6], [0.8, 1, 0]]),
        (np.array([2, 0]), [[0.8, 1, 0], [0, 1, 0.2]]),
        (slice(0, 0), np.empty((0, 3))),
    ],
)
def test_bytes_become_floats_only_in_rows(index, expected, dtype):
    examples = Examples(BYTES, scale=1 / 255)
    rows = examples.rows(index, dtype)
    assert examples.inputs.dtype == np.uint8
    assert rows.dtype == dtype
    np.testing.assert_allclose(rows, expected, rtol=1e-6)


def test_floats_change_type_without_a_scale():
    examples = Examples(np.array([[0.5, 2.0]]))
    assert examples.rows(0, np.float32).dtype == np.float32
    assert examples.rows(0, np.float64).tolist() == [[0.5, 2.0]]


def test_bytes_change_type_without_a_scale():
    assert Examples(BYTES).rows(0, np.float32).tolist() == [[0, 255, 51]]


def test_take_keeps_where_rows_came_from():
    examples = Examples(BYTES, np.array([5, 6, 7]), 0.5, np.array([10, 20, 30]))
    taken = examples.take(np.array([2, 0])).take(slice(0, 1))
    assert (taken.origin.tolist(), taken.targets.tolist(), taken.scale) == ([30], [7], 0.5)
    assert taken.inputs.tolist() == [[204, 255, 0]]


def test_a_slice_copies_nothing():
    examples = Examples(BYTES)
    assert np.shares_memory(examples.take(slice(0, 2)).inputs, BYTES)


def test_unknown_targets_stay_unknown():
    assert Examples(BYTES).take(slice(0, 1)).targets is None


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"inputs": np.zeros(3)}, "do not have one row per example"),
        ({"inputs": BYTES, "targets": np.zeros(2)}, "inputs and targets differ in length"),
        ({"inputs": BYTES, "origin": np.arange(2)}, "inputs and origin differ in length"),
    ],
)
def test_parts_that_do_not_go_together(parts, problem):
    with pytest.raises(DataError, match=problem):
        Examples(**parts)
