"""Penalties: their slopes against central differences, and by hand."""

import json

import numpy as np
import pytest

from pellucid.training.penalties import penalties

BY_HAND = {
    # Weights 3, -4 and 0.
    "l1": (7.0, [1, -1, 0]),
    "l2": (12.5, [3, -4, 0]),
}


@pytest.mark.parametrize("penalty", penalties, ids=str)
def test_by_hand(penalty):
    value, slopes = BY_HAND[penalty.name]
    weights = np.array([[3.0, -4.0, 0.0]])
    assert penalty.value(weights) == value
    assert penalty.slope(weights).tolist() == [slopes]


@pytest.mark.parametrize("penalty", penalties, ids=str)
def test_slopes_against_central_differences(penalty):
    weights = np.random.default_rng(0).normal(size=(4, 3))  # none within a step of 0
    for place in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[place] = 1e-6
        slope = (penalty.value(weights + step) - penalty.value(weights - step)) / 2e-6
        assert penalty.slope(weights)[place] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("penalty", penalties, ids=str)
def test_keeps_the_dtype_and_is_declared_in_full(penalty):
    assert penalty.slope(np.ones((2, 2), np.float32)).dtype == np.float32
    described = json.loads(json.dumps(penalty.describe()))
    assert all(described[key] for key in ("name", "summary", "formula", "slope", "source"))


def test_all_are_worked_by_hand():
    assert set(BY_HAND) == set(penalties.names)
