"""Comparison of the slope of a declaration with central differences of its value."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError
from pellucid.network.activation import Activation, Floats, Interval
from pellucid.network.cost import Cost, JointForm
from pellucid.network.points import points_of
from pellucid.random import draws_undone

__all__ = ["check_activation", "check_cost"]

_ROWS, _COLUMNS = 40, 3
# The step sizes, relative to the distance of a point from the ends. It is enough if one of them agrees: short
# steps are unaffected by a kink nearby, long steps by rounding.
_STEPS = (1e-6, 1e-4, 1e-2)
_NEAR = 0.01  # a smaller relative difference is taken for an approximation
_FLAT = 1e-4  # and a difference below this share of the typical slope for rounding
_TOO_MANY = 3  # this many points that disagree are not a coincidence


def check_activation(activation: Activation) -> None:
    """Check that the slope of an activation is the derivative of its value; the error names a point.

    Its backward pass is compared with central differences of its outputs at points between -16 and 16. An
    activation that is not trainable, has ``slope_is_exact = False``, draws random numbers, or raises an error
    for these points is not checked.
    """
    if not (activation.trainable and activation.slope_is_exact):
        return
    z, room = points_of(Interval(), _ROWS, _COLUMNS)
    # A sum of the outputs with different weights depends on every entry of a layer's Jacobian.
    weights = np.array([1.0, -0.7, 0.4]) if activation.acts_on_layer else np.ones(_COLUMNS)

    def value(z: Floats) -> Floats:
        summed: Floats = (activation.forward(z) * weights).sum(axis=-1)
        return summed

    def slope() -> Floats:
        return activation.backward(z, activation.forward(z), np.broadcast_to(weights, z.shape).copy())

    def place(row: int, column: int) -> str:
        if not activation.acts_on_layer:
            return f"z = {z[row, column]:.4g}"
        return f"z = ({', '.join(f'{each:.4g}' for each in z[row])}), in neuron {column + 1}"

    _compare(f"activation {activation.name}", value, slope, z, room, place)


def check_cost(cost: Cost, joined: Activation | None = None) -> None:
    """Check that the slope of a cost, and that of its joint form with an activation, is the derivative.

    The points are spread over the domain of the cost, the targets are whole numbers.
    """
    if not cost.slope_is_exact:
        return
    target = _targets(cost)
    p, room = points_of(cost.domain, _ROWS, _COLUMNS)
    _compare(
        f"cost {cost.name}",
        lambda p: cost.losses(p, target),
        lambda: cost.loss_slopes(p, target),
        p,
        room,
        lambda *index: f"the prediction {p[index]:.4g}, the target {cost.as_outputs(target, p)[index]:.4g}",
    )
    if cost.joint is not None and joined is not None:
        _check_joint(cost, cost.joint, joined, target)


def _check_joint(cost: Cost, joint: JointForm, joined: Activation, target: Floats) -> None:
    z, room = points_of(Interval(), _ROWS, _COLUMNS)
    y = cost.as_outputs(target, z)
    for value in (lambda z: joint.losses(z, y), lambda z: cost.losses(joined.forward(z), target)):
        _compare(
            f"cost {cost.name}, joined with {joined.name},",
            value,
            lambda: joint.error_term(joined.forward(z), y),
            z,
            room,
            lambda *index: f"the weighted sum {z[index]:.4g}, the target {y[index]:.4g}",
        )


def _targets(cost: Cost) -> Any:
    """Return valid targets for the cost: whole numbers, or the two ends of a finite interval."""
    low, high = cost.targets.low, cost.targets.high
    number = np.arange(_ROWS)
    if cost.takes_class_numbers:
        return number % _COLUMNS
    if np.isfinite(low) and np.isfinite(high):  # one of the columns is yes
        return np.where(np.eye(_COLUMNS)[number % _COLUMNS] == 1, high, low)
    whole = np.array([0.0, 1.0, 2.0, 5.0])[(number[:, None] + np.arange(_COLUMNS)) % 4]
    if np.isfinite(low):
        return low + whole
    return high - whole if np.isfinite(high) else whole - 2


def _compare(
    what: str,
    value: Callable[[Floats], Floats],
    slope: Callable[[], Floats],
    points: Floats,
    room: Floats,
    place: Callable[..., str],
) -> None:
    """Raise an error that names a place where the slope is wrong, by its row and column, if there is one."""
    try:
        with np.errstate(all="ignore"):
            found, drew = draws_undone(lambda: _disagreement(value, slope, points, room))
    except ConfigurationError:
        raise
    except Exception:  # it is not defined for these points, or for arrays of this shape
        return
    if found is None or drew:
        return
    index, rise, given = found
    raise ConfigurationError(
        f"the slope of the {what} is not the derivative of its value",
        expected=f"{rise:.4g}, by central differences of the value",
        received=f"a slope of {given + 0.0:.4g}",
        where=place(*index),
        remedy="correct the value or the slope; if another slope is intended, as with a straight-through"
        " estimator, set slope_is_exact = False in the class",
    )


def _disagreement(
    value: Callable[[Floats], Floats], slope: Callable[[], Floats], points: Floats, room: Floats
) -> tuple[tuple[int, int], float, float] | None:
    """Find a point where the slope is wrong: its index, the central difference there, and the slope."""
    if not np.array_equal(value(points), value(points), equal_nan=True):
        return None  # a value that changes from call to call has no derivative
    given = np.asarray(slope(), np.float64)
    rises, rounding = np.empty((2, len(_STEPS), *points.shape))
    for number, step in enumerate(_STEPS):
        for column in range(points.shape[1]):
            moved = np.zeros_like(points)
            moved[:, column] = step * room[:, column]
            above, below = value(points + moved), value(points - moved)
            width = 2 * moved[:, column]
            rises[number, :, column] = (above - below) / width
            rounding[number, :, column] = 1e-14 * (np.abs(above) + np.abs(below)) / width
    valid = np.isfinite(given) & np.isfinite(rises).all(axis=0)
    if not valid.any():
        return None
    flat = _FLAT * np.quantile(np.abs(rises[1][valid]), 0.75)
    near = _NEAR * np.maximum(np.abs(rises), np.abs(given)) + flat + rounding
    off = np.abs(rises - given)
    wrong = valid & (off > near).all(axis=0)
    if wrong.sum() < _TOO_MANY:
        return None
    share = np.where(wrong, off[1] / (np.abs(rises[1]) + np.abs(given)), 0.0)
    index = divmod(int(share.argmax()), share.shape[1])
    return index, float(rises[1][index]), float(given[index])
