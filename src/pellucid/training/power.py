"""A number to the power of how many updates, epochs or plateaus there were."""

from typing import Any

import numpy as np

__all__ = ["power"]

# A larger power is taken as the largest that has so many bits.
_BITS = 32


def power(base: float, n: Any) -> Any:
    """Raise a number to a whole power by squaring it: only products, always in one order.

    The platform's own powers differ in their last bits from one machine to the next.

    Parameters
    ----------
    base : float
    n : int or float, or what stands for one while a formula is traced
        A whole number, 0 or more; from 2 to the 32 on, it is taken as 1 less than that.

    Returns
    -------
    float, or what stands for one

    Examples
    --------
    >>> power(0.5, 3), power(0.999, 0)
    (0.125, 1.0)
    """
    if isinstance(n, int | float | np.number):
        return _of_number(float(base), min(int(n), 2**_BITS - 1))
    result: Any = 1.0
    square = float(base)
    n = np.minimum(n, 2.0**_BITS - 1)
    for _ in range(_BITS):
        half = np.floor(n * 0.5)
        result = np.where(n > 2.0 * half, result * square, result)
        square, n = square * square, half
    return result


def _of_number(base: float, n: int) -> float:
    result, square = 1.0, base
    while n:
        if n & 1:
            result *= square
        square, n = square * square, n >> 1
    return result
