"""Standardisation: columns of mean 0 and standard deviation 1, without numbers far out."""

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array

__all__ = [
    "FAR",
    "Floats",
    "clipped",
    "far_shares",
    "fit_columns",
    "mean_and_spread",
    "power_of_two",
    "standardised",
]

Floats = NDArray[np.float64]

# A number lies far out if it is this many deviations away.
FAR = 10.0
# The limit of a column with numbers far out. With 3, SGD diverges on columns with long tails.
_NEAR = 2.0
# In so few rows, few steps lie between two that are too large: 5 deviations are far, and the limit is 1.
_FEW_ROWS = 1000
_NEAR_IN_FEW_ROWS = 1.0
# In more rows, numbers less far out than this cannot make up much of the standard deviation.
_SUSPICIOUS = 5.0
# The largest possible distance of one number from the mean of n is sqrt(n - 1) deviations.
_NEARLY = 0.95
_FEWEST_ROWS = 8
# A standard deviation larger than this many median deviations (1.5 in a normal distribution) comes from a
# few numbers.
_INFLATED = 7.0


def power_of_two(values: Array) -> Floats:
    """Return the power of two at or below the largest absolute value of each column.

    Dividing by it is exact.

    Examples
    --------
    >>> power_of_two(np.array([[5.0, 0.2], [-9.0, 0.0]]))
    array([8.   , 0.125])
    """
    _, exponent = np.frexp(np.abs(values).max(axis=0).astype(np.float64))
    power: Floats = np.ldexp(1.0, exponent - 1)
    return power


def mean_and_spread(values: Array) -> tuple[Floats, Floats]:
    """Return the mean and population standard deviation of each column; exactly 0 if it is constant.

    Examples
    --------
    >>> mean_and_spread(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 0.]))
    """
    # Divided by a power of two first, which is exact, so that no square overflows.
    power = power_of_two(values)
    scaled = values / power
    mean, deviation = scaled.mean(axis=0) * power, scaled.std(axis=0)
    # The deviation of numbers that differ by the smallest float would round to 0.
    spread = np.where(deviation > 0, np.maximum(deviation * power, np.nextafter(0.0, 1.0)), 0.0)
    # Rounding can give a constant column an inexact mean and a tiny deviation, which would amplify the error.
    constant = (values.max(axis=0) == values.min(axis=0)) | (spread == 0)
    return np.where(constant, values[0], mean), np.where(constant, 0.0, spread)


def fit_columns(values: Array) -> tuple[Floats, Floats, Floats]:
    """Return the centre, the scale and the limit of each column.

    They are the mean, the standard deviation and 10 where all numbers are within the limit. A few numbers far
    out can be all that mean and deviation depend on; the centre is the median then, the scale the median
    distance of the numbers that differ from it, and the limit 2. Both are divided by the root mean square of
    the clipped numbers if it is above 1, so that inputs are not larger than those of other columns. A column
    that is 0 and rarely 1 stays so. In up to 1,000 rows, numbers lie far out from 5 deviations on, and
    the limit is 1.

    Parameters
    ----------
    values : array of finite numbers, shape (n, number of columns)

    Examples
    --------
    >>> fit_columns(np.array([[1.0], [3.0]]))
    (array([2.]), array([1.]), array([10.]))
    >>> fit_columns(np.array([[1.0]] * 40 + [[2.0]] * 70 + [[3.0]] * 40 + [[9831.3]]))
    (array([2.]), array([1.]), array([1.]))
    """
    centre, scale = mean_and_spread(values)
    limit = np.full(len(centre), FAR)
    least, near = (_SUSPICIOUS, _NEAR_IN_FEW_ROWS) if len(values) <= _FEW_ROWS else (FAR, _NEAR)
    # In a few rows no number is 5 deviations away; one that makes up nearly all of them is suspicious.
    suspicious = _SUSPICIOUS
    if len(values) >= _FEWEST_ROWS:
        suspicious = min(suspicious, _NEARLY * float(np.sqrt(len(values) - 1)))
    with np.errstate(over="ignore"):  # what overflows is far out
        distance = np.maximum(values.max(axis=0) - centre, centre - values.min(axis=0))
        for index in np.flatnonzero(distance > suspicious * scale):
            median, deviation = _median_and_deviation(values[:, index])
            far = distance[index] > least * scale[index] or scale[index] > _INFLATED * deviation
            if far and np.isfinite(deviation):
                size = _size((values[:, index] - median) / deviation, near)
                centre[index], scale[index], limit[index] = median, deviation * size, near / size
    return centre, scale, limit


def far_shares(values: Array, centre: Floats, scale: Floats) -> Floats:
    """Return the share of numbers that lie far out in each column.

    Examples
    --------
    >>> far_shares(np.array([[1.0], [2.0], [3.0], [90.0]]), np.array([2.0]), np.array([1.0]))
    array([0.25])
    """
    shares: Floats = (np.abs(standardised(values, centre, scale)) > FAR).mean(axis=0)
    return shares


def _median_and_deviation(numbers: Array) -> tuple[float, float]:
    """Return the median, and the median distance of the numbers that differ from it."""
    # The middle number itself: half of a sum can overflow.
    median = float(np.quantile(numbers, 0.5, method="lower"))
    distances = np.abs(numbers - median)
    return median, float(np.quantile(distances[distances > 0], 0.5, method="lower"))


def _size(inputs: Floats, limit: float) -> float:
    """Return the root mean square of clipped inputs, if it is above 1: long tails make all of them large."""
    return max(1.0, float(np.sqrt(np.mean(clipped(inputs, limit) ** 2))))


def clipped(inputs: Floats, limit: Floats | float) -> Floats:
    r"""Clip smoothly: x up to the limit L, and beyond it L + e / sqrt(1 + (e / L)^2), e = x - L, below 2 L.

    As in RealMLP (Holzmüller et al. 2024, https://arxiv.org/abs/2407.04491), but unchanged up to the limit.

    Parameters
    ----------
    inputs : array of float64, shape (n, ...)
    limit : array or float
        The limits; infinite for none.

    Examples
    --------
    >>> clipped(np.array([-1.5, 2.0, 4.0, 1e300]), 2.0).round(2)
    array([-1.5 ,  2.  ,  3.41,  4.  ])
    """
    with np.errstate(invalid="ignore"):  # infinite limits, beyond which there is nothing
        excess = np.minimum(np.abs(inputs) - limit, np.finfo(float).max)
        far = excess > 0
        if not far.any():
            return inputs
        beyond = limit + excess / np.hypot(1.0, excess / limit)
    return np.where(far, np.copysign(beyond, inputs), inputs)


def standardised(values: Array, mean: Floats | float, spread: Floats | float) -> Floats:
    """Standardise columns; those with a standard deviation of 0 become 0.

    No weight can be learned for a column that is constant in the training set, so other values of it must
    not reach the network later.

    Examples
    --------
    >>> standardised(np.array([[5.0, 8.0]]), np.array([2.0, 5.0]), np.array([1.0, 0.0]))
    array([[3., 0.]])
    """
    with np.errstate(over="ignore"):  # a value that overflows becomes infinite: it is clipped, or refused
        shifted = values - np.asarray(mean, np.float64)
        result: Floats = np.divide(shifted, spread, out=np.zeros_like(shifted), where=np.greater(spread, 0))
    return result
