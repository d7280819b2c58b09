"""Whether the slope that a declaration gives is that of its value, by central differences."""

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
# Differences over so much of the room that a point has. One of them that agrees is enough: the short ones
# see nothing of a kink nearby, the long ones little of rounding.
_STEPS = (1e-6, 1e-4, 1e-2)
_NEAR = 0.01  # a slope off by a smaller share than this is taken for an approximation
_FLAT = 1e-4  # and a difference below this share of the usual slope for rounding
_TOO_MANY = 3  # so many points that disagree are no chance


def check_activation(activation: Activation) -> None:
    """Refuse an activation whose slope is not that of its value.

    Its way back is compared with central differences of its outputs at points between -16 and 16. One that
    cannot be trained through, says ``slope_is_exact = False``, draws random numbers, or raises an error for
    such numbers is not looked at.

    Raises
    ------
    ConfigurationError
        Saying where, how steep the value is there, and what the slope was said to be.
    """
    if not (activation.trainable and activation.slope_is_exact):
        return
    z, room = _points(Interval())
    # Outputs that are added up with weights of their own show each entry of a layer's Jacobian.
    each = np.array([1.0, -0.7, 0.4]) if activation.acts_on_layer else np.ones(_COLUMNS)

    def value(z: Floats) -> Floats:
        summed: Floats = (activation.forward(z) * each).sum(axis=-1)
        return summed

    def slope() -> Floats:
        return activation.backward(z, activation.forward(z), np.broadcast_to(each, z.shape).copy())

    where = _disagreement(value, slope, z, room)
    if where is not None:
        place, rises, said = where
        raise _wrong("activation", activation.name, f"z = {_written(z, place, activation)}", rises, said)


def check_cost(cost: Cost, joined: Activation | None = None) -> None:
    """Refuse a cost whose slope in the prediction is not that of its value, or whose joint form's is not.

    Parameters
    ----------
    cost : Cost
    joined : Activation, optional
        That of its joint form, if it has one.

    Raises
    ------
    ConfigurationError
        As for an activation. The points are from all over the domain of the cost, the targets whole numbers.
    """
    if not cost.slope_is_exact:
        return
    target = _targets(cost)
    p, room = _points(cost.domain)
    where = _disagreement(lambda p: cost.losses(p, target), lambda: cost.loss_slopes(p, target), p, room)
    if where is not None:
        place, rises, said = where
        y = cost.as_outputs(target, p)[place]
        raise _wrong("cost", cost.name, f"the prediction {p[place]:.4g}, the target {y:.4g}", rises, said)
    if cost.joint is not None and joined is not None:
        _check_joint(cost, cost.joint, joined, target)


def _check_joint(cost: Cost, joint: JointForm, joined: Activation, target: Floats) -> None:
    z, room = _points(Interval())
    y = cost.as_outputs(target, z)

    def slope() -> Floats:
        return joint.error_term(joined.forward(z), y)

    for value in (lambda z: joint.losses(z, y), lambda z: cost.losses(joined.forward(z), target)):
        where = _disagreement(value, slope, z, room)
        if where is not None:
            place, rises, said = where
            at = f"the weighted sum {z[place]:.4g}, the target {y[place]:.4g}"
            raise _wrong("cost", f"{cost.name}, joined with {joined.name},", at, rises, said)


def _points(interval: Interval) -> tuple[Floats, Floats]:
    points, room = points_of(interval, _ROWS * _COLUMNS)
    return points.reshape(_ROWS, _COLUMNS), room.reshape(_ROWS, _COLUMNS)


def _targets(cost: Cost) -> Any:
    """Return targets that the cost can judge: whole numbers, and where they end on both sides the two ends."""
    low, high = cost.targets.low, cost.targets.high
    number = np.arange(_ROWS)
    if cost.takes_class_numbers:
        return number % _COLUMNS
    if np.isfinite(low) and np.isfinite(high):  # one of the columns says yes
        return np.where(np.eye(_COLUMNS)[number % _COLUMNS] == 1, high, low)
    whole = np.array([0.0, 1.0, 2.0, 5.0])[(number[:, None] + np.arange(_COLUMNS)) % 4]
    if np.isfinite(low):
        return low + whole
    return high - whole if np.isfinite(high) else whole - 2


def _disagreement(
    value: Callable[[Floats], Floats], slope: Callable[[], Floats], points: Floats, room: Floats
) -> tuple[tuple[int, int], float, float] | None:
    """Find where a slope is not that of a value: the place, how steep the value is there, and the slope."""
    try:
        with np.errstate(all="ignore"):
            found, drew = draws_undone(lambda: _compared(value, slope, points, room))
    except ConfigurationError:
        raise
    except Exception:  # it is for other numbers than these, or other numbers of them
        return None
    return None if drew else found


def _compared(
    value: Callable[[Floats], Floats], slope: Callable[[], Floats], points: Floats, room: Floats
) -> tuple[tuple[int, int], float, float] | None:
    if not np.array_equal(value(points), value(points), equal_nan=True):
        return None  # there is no slope to what is another each time
    said = np.asarray(slope(), np.float64)
    rises, rounding = np.empty((2, len(_STEPS), *points.shape))
    for number, step in enumerate(_STEPS):
        for column in range(points.shape[1]):
            moved = np.zeros_like(points)
            moved[:, column] = step * room[:, column]
            above, below = value(points + moved), value(points - moved)
            width = 2 * moved[:, column]
            rises[number, :, column] = (above - below) / width
            rounding[number, :, column] = 1e-14 * (np.abs(above) + np.abs(below)) / width
    valid = np.isfinite(said) & np.isfinite(rises).all(axis=0)
    if not valid.any():
        return None
    flat = _FLAT * np.quantile(np.abs(rises[1][valid]), 0.75)
    near = _NEAR * np.maximum(np.abs(rises), np.abs(said)) + flat + rounding
    off = np.abs(rises - said)
    wrong = valid & (off > near).all(axis=0)
    if wrong.sum() < _TOO_MANY:
        return None
    share = np.where(wrong, off[1] / (np.abs(rises[1]) + np.abs(said)), 0.0)
    place = divmod(int(share.argmax()), share.shape[1])
    return place, float(rises[1][place]), float(said[place])


def _written(z: Floats, place: tuple[int, int], activation: Activation) -> str:
    if not activation.acts_on_layer:
        return f"{z[place]:.4g}"
    return f"({', '.join(f'{each:.4g}' for each in z[place[0]])}), in neuron {place[1] + 1}"


def _wrong(kind: str, name: str, where: str, rises: float, said: float) -> ConfigurationError:
    return ConfigurationError(
        f"the slope of the {kind} {name} is not that of its value",
        expected=f"{rises:.4g}, as the value rises there by central differences",
        received=f"a slope of {said + 0.0:.4g}",
        where=where,
        remedy="correct the value or the slope; where another slope is meant, as with a straight-through"
        " estimator, say slope_is_exact = False in the class",
    )
