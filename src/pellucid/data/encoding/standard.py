"""Standardisation: columns of mean 0 and standard deviation 1."""

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array

__all__ = ["Floats", "mean_and_spread", "power_of_two", "standardised"]

Floats = NDArray[np.float64]


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


def standardised(values: Array, mean: Floats | float, spread: Floats | float) -> Floats:
    """Standardise columns; those with a standard deviation of 0 become 0.

    No weight can be learned for a column that is constant in the training set, so other values of it must
    not reach the network later.

    Examples
    --------
    >>> standardised(np.array([[5.0, 8.0]]), np.array([2.0, 5.0]), np.array([1.0, 0.0]))
    array([[3., 0.]])
    """
    with np.errstate(over="ignore"):  # a value that overflows becomes infinite, and its row is refused
        shifted = values - np.asarray(mean, np.float64)
        result: Floats = np.divide(shifted, spread, out=np.zeros_like(shifted), where=np.greater(spread, 0))
    return result
