"""Powers with a whole exponent: the number of updates, epochs or plateaus."""

from typing import Any

from pellucid.passes.compiled.tracing.expression import Traced, apply

__all__ = ["power"]

_LARGEST = 2**32 - 1


def power(base: float, n: Any) -> Any:
    """Raise a number to a whole power, 0 or more, by squaring it: only products, always in one order.

    The platform's own powers differ in their last bits from one machine to the next. Exponents of 2 to the 32
    and more count as 1 less than that; the exponent may be a traced number, and then so is the power.

    Examples
    --------
    >>> power(0.5, 3), power(0.999, 0)
    (0.125, 1.0)
    """
    if isinstance(n, Traced):
        return apply("whole_power", base, n)
    result, square, left = 1.0, float(base), min(int(n), _LARGEST)
    while left:
        if left & 1:
            result *= square
        square, left = square * square, left >> 1
    return result
