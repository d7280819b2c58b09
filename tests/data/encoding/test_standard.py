import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pellucid.data.encoding.standard import mean_and_spread, standardised


def test_by_hand():
    # Mean 5, squared deviations 9, 1, 1, 1, 0, 0, 4, 16: their mean is 4.
    mean, spread = mean_and_spread(np.array([[2.0], [4], [4], [4], [5], [5], [7], [9]]))
    assert (mean.tolist(), spread.tolist()) == ([5.0], [2.0])


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e6, 1e6)))
def test_agrees_with_numpy(values):
    mean, spread = mean_and_spread(values)
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-9, atol=1e-9)
    constant = values.max(axis=0) == values.min(axis=0)
    np.testing.assert_allclose(spread[~constant], values.std(axis=0)[~constant], rtol=1e-6, atol=1e-9)
    assert (spread[constant] == 0).all()


@pytest.mark.parametrize("value", [0.1, 1e-300, 1e300, 0.0])
def test_a_constant_column_is_not_blown_up(value):
    mean, spread = mean_and_spread(np.full((7, 1), value))
    assert (mean[0], spread[0]) == (value, 0.0)
    assert standardised(np.array([[value], [7.0]]), mean, spread).tolist() == [[0], [0]]


def test_standardising_by_hand():
    values = np.array([[1, 5], [7, 6]], np.uint8)
    result = standardised(values, np.array([4.0, 5.0]), np.array([2.0, 0.0]))
    assert (result.dtype, result.tolist()) == (np.float64, [[-1.5, 0], [1.5, 0]])
    assert standardised(np.array([1.0, np.nan]), 4.0, 2.0).tolist()[0] == -1.5


def test_squares_do_not_overflow():
    mean, spread = mean_and_spread(np.array([[1e300], [-1e300]]))
    assert mean[0] == 0
    assert spread[0] == pytest.approx(1e300)
