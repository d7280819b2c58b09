"""Numbers given by users, as Python floats."""

import math
from numbers import Real

__all__ = ["plain_number"]


def plain_number(said: object) -> float | None:
    """Return a real number as a float, or None if it is not one; booleans are not.

    NumPy numbers would carry their own precision into every step: other bits for the same settings.

    Examples
    --------
    >>> plain_number(3), plain_number(10**400), plain_number("3"), plain_number(True)
    (3.0, inf, None, None)
    """
    if isinstance(said, bool) or not isinstance(said, Real):
        return None
    try:
        return float(said)
    except OverflowError:  # a whole number may be larger than any float
        return math.inf if said == abs(said) else -math.inf
