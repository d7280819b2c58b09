"""The parts of functions: operations that NumPy lacks, polynomials, error-free sums and products."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from pellucid.passes.compiled.tracing.expression import DOUBLE, Traced, apply, is_weak

__all__ = [
    "exponent",
    "fma",
    "fraction",
    "in_double",
    "is_single",
    "polynomial",
    "scale",
    "two_product",
    "two_sum",
    "within",
]


def is_single(x: Traced) -> bool:
    """Return whether a number is a float32."""
    return x.kind != DOUBLE and x.dtype == np.float32


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate a function of float32 numbers in float64, and round once.

    The last argument of the function says whether its result will be rounded to float32: then it may be less
    exact.
    """

    @wraps(function)
    def rounded(*given: Traced) -> Any:
        short = all(map(is_single, [each for each in given if not is_weak(each)] or given))
        found = function(*(each.astype(np.float64) for each in given), short)
        return found.astype(np.float32) if short else found

    return rounded


def fma(a: Any, b: Any, c: Any) -> Traced:
    """Return a b + c, rounded once."""
    return apply("fma", a, b, c)


def scale(x: Any, k: Any) -> Traced:
    """Return x times 2 to a whole k; that power must be a normal number, not denormal or infinite."""
    return apply("scale", x, k)


def exponent(x: Any) -> Traced:
    """Return the exponent of a normal number above 0, to base 2."""
    return apply("exponent", x)


def fraction(x: Any) -> Traced:
    """Return the significand of a normal number above 0: 1 or more, below 2."""
    return apply("fraction", x)


def within(x: Any, low: float, high: float) -> Any:
    """Clip a number to an interval; NaN stays NaN, at no cost."""
    x = np.where(x > high, high, x)
    return np.where(x < low, low, x)


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """Evaluate a polynomial, the coefficient of the highest power first."""
    value: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        value = fma(value, x, coefficient)
    return value


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return a sum and its rounding error (Knuth, The Art of Computer Programming 2, section 4.2.2)."""
    total = a + b
    second = total - a
    return total, (a - (total - second)) + (b - second)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """Return a product and its rounding error."""
    product = a * b
    return product, fma(a, b, -product)
