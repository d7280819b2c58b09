"""The minimum of a cost, to tell how far a network still is from it."""

import math
from typing import Any

import numpy as np

from pellucid.network.activation import Floats
from pellucid.network.objective import Objective
from pellucid.network.points import points_of

__all__ = ["least_cost"]

_POINTS = 64
# Points far out on both sides: a cost that falls by more than this between them is unbounded below.
_FAR, _FARTHER, _MOST_FALL = 1e6, 1e9, 1.0
_GOLDEN = (math.sqrt(5) - 1) / 2
_SECTIONS = 60  # each leaves 0.618 of the interval


def least_cost(objective: Objective, target: Any) -> float:
    """Return the minimum of a cost for given targets, over all outputs of a network.

    A constant added to a cost raises it by as much. It is 0 for the built-in costs, except for targets
    between yes and no.

    Parameters
    ----------
    objective : Objective
    target : array, shape (n, n_out), or (n,) for class indices

    Returns
    -------
    float
        The mean over the targets; minus infinity if the cost is unbounded below or the minimum unknown.

    Examples
    --------
    >>> from pellucid.network import activations, costs
    >>> least_cost(Objective(activations.get("identity"), costs.get("mse")), np.array([[3.0], [-1.0]]))
    0.0
    """
    cost, n_out = objective.cost, np.shape(target)[1] if np.ndim(target) == 2 else int(np.max(target)) + 1
    y = cost.as_outputs(target, np.zeros((len(target), n_out)))
    with np.errstate(all="ignore"):
        distinct, indices = np.unique(y, return_inverse=True)
        best = _best(objective, distinct[:, None])
        if best is None:
            return -math.inf
        least = float(np.mean(cost.losses(best[indices.reshape(y.shape), 0], target)))
        if objective.joint:  # it may omit a term that is the same for all predictions
            z = np.zeros_like(y)
            difference = objective.joint.losses(z, y) - cost.losses(objective.activation.forward(z), target)
            least += float(np.mean(difference))
    return least if math.isfinite(least) else -math.inf


def _best(objective: Objective, y: Floats) -> Floats | None:
    """Find the prediction with the lowest cost for each target; None if the cost is unbounded below.

    A cost is elementwise, so each target can be treated separately.
    """
    reach = objective.activation.range

    def value(prediction: Floats) -> Floats:
        values = np.asarray(objective.cost.value(prediction, y), np.float64)
        return np.where(np.isnan(values), np.inf, values)

    ends = [end for end in (reach.low, reach.high) if math.isfinite(end)]
    far = [side * _FAR for side in (-1, 1) if not math.isfinite((reach.low, reach.high)[side > 0])]
    for side in far:
        fall = value(np.full_like(y, side)) - value(np.full_like(y, side * _FARTHER / _FAR))
        if (fall > _MOST_FALL).any():
            return None
    grid = np.sort([*points_of(reach, _POINTS)[0], *ends, *far])
    values = np.array([value(np.full_like(y, point)) for point in grid])
    place = values.argmin(axis=0)
    low, high = grid[np.maximum(place - 1, 0)], grid[np.minimum(place + 1, len(grid) - 1)]
    found = [grid[place], np.clip(y, reach.low, reach.high), _narrowed(value, low, high)]
    which = np.argmin([value(each) for each in found], axis=0)
    best: Floats = np.choose(which, found)
    return best


def _narrowed(value: Any, low: Floats, high: Floats) -> Floats:
    """Find a minimum between two points by golden-section search."""
    for _ in range(_SECTIONS):
        first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        left = value(first) <= value(second)
        low, high = np.where(left, low, first), np.where(left, second, high)
    middle: Floats = (low + high) / 2
    return middle
