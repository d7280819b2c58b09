"""Mean and spread of columns: what standardising needs to know."""

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array

__all__ = ["mean_and_spread"]

Floats = NDArray[np.float64]


def mean_and_spread(values: Array) -> tuple[Floats, Floats]:
    """Give each column's mean and population standard deviation, or 1 for a column of one value.

    Parameters
    ----------
    values : array of finite numbers, shape (n, k), n at least 1

    Returns
    -------
    mean, spread : array of float64, shape (k,)

    Examples
    --------
    >>> mean_and_spread(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 1.]))
    """
    # Divided by a power of two first, which rounds nothing, so that no square overflows.
    _, exponent = np.frexp(np.abs(values).max(axis=0).astype(np.float64))
    power = np.ldexp(1.0, exponent - 1)
    part = values / power
    mean = part.mean(axis=0) * power
    spread = part.std(axis=0) * power
    # Rounding gives a constant column a mean a little off and a tiny spread, which would blow it up.
    constant = (values.max(axis=0) == values.min(axis=0)) | (spread == 0)
    return np.where(constant, values[0], mean), np.where(constant, 1.0, spread)
