"""Standardising: columns of mean 0 and spread 1."""

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array

__all__ = ["mean_and_spread", "power_of_two", "standardised"]

Floats = NDArray[np.float64]


def power_of_two(values: Array) -> Floats:
    """Return for each column the power of two that its largest number reaches: dividing by it rounds nothing.

    Parameters
    ----------
    values : array of numbers, shape (n, k), n at least 1

    Returns
    -------
    array of float64, shape (k,)

    Examples
    --------
    >>> power_of_two(np.array([[5.0, 0.2], [-9.0, 0.0]]))
    array([8.   , 0.125])
    """
    _, exponent = np.frexp(np.abs(values).max(axis=0).astype(np.float64))
    power: Floats = np.ldexp(1.0, exponent - 1)
    return power


def mean_and_spread(values: Array) -> tuple[Floats, Floats]:
    """Return each column's mean and population standard deviation, 0 for a column of one value.

    Parameters
    ----------
    values : array of finite numbers, shape (n, k), n at least 1

    Returns
    -------
    mean, spread : array of float64, shape (k,)

    Examples
    --------
    >>> mean_and_spread(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 0.]))
    """
    # Divided by a power of two first, which rounds nothing, so that no square overflows.
    power = power_of_two(values)
    part = values / power
    mean, share = part.mean(axis=0) * power, part.std(axis=0)
    # Numbers that differ by the smallest there is have a spread below it.
    spread = np.where(share > 0, np.maximum(share * power, np.nextafter(0.0, 1.0)), 0.0)
    # Rounding gives a constant column a mean a little off and a tiny spread, which would blow it up.
    constant = (values.max(axis=0) == values.min(axis=0)) | (spread == 0)
    return np.where(constant, values[0], mean), np.where(constant, 0.0, spread)


def standardised(values: Array, mean: Floats | float, spread: Floats | float) -> Floats:
    """Shift columns by their mean and divide them by their spread; those without spread become 0.

    No weight can be learned from a column that has one value in all training rows, so that whatever value
    it takes later must not reach the network.

    Parameters
    ----------
    values : array of numbers, shape (n, k)
    mean, spread : array of float64, shape (k,)
        As `mean_and_spread` gives them for the training set.

    Returns
    -------
    array of float64, shape (n, k)

    Examples
    --------
    >>> standardised(np.array([[5.0, 8.0]]), np.array([2.0, 5.0]), np.array([1.0, 0.0]))
    array([[3., 0.]])
    """
    with np.errstate(over="ignore"):  # a value so far out becomes infinite, and its row is refused
        shifted = values - np.asarray(mean, np.float64)
        result: Floats = np.divide(shifted, spread, out=np.zeros_like(shifted), where=np.greater(spread, 0))
    return result
