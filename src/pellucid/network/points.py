"""Sample points of an interval, and the distance of each from its ends."""

import math

import numpy as np

from pellucid.network.activation import Floats, Interval

__all__ = ["points_of"]

_GOLDEN = (math.sqrt(5) - 1) / 2


def points_of(interval: Interval, *shape: int) -> tuple[Floats, Floats]:
    """Return points spread over an interval, none of them round, because kinks are often at round numbers.

    On the whole real line most of them are between -6 and 6, and some as far out as 16. Both arrays have the
    given shape; the distance from the nearer end is 1 if there is none.

    Examples
    --------
    >>> points_of(Interval(0, 1), 3)[0].round(2)
    array([0.31, 0.93, 0.55])
    """
    share = (np.arange(math.prod(shape)).reshape(shape) + 0.5) * _GOLDEN % 1
    low, high = interval.low, interval.high
    if math.isfinite(low) and math.isfinite(high):
        points = low + share * (high - low)
        return points, np.minimum(points - low, high - points)
    spread = 3 * np.log(share / (1 - share))
    if not math.isfinite(low) and not math.isfinite(high):
        return spread, np.ones(shape)
    away = np.exp(spread / 2)
    return (low + away if math.isfinite(low) else high - away), away
