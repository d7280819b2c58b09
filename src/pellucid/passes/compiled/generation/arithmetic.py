"""What the functions are made of: operations that NumPy has no sign for, polynomials, sums without loss."""

from collections.abc import Callable, Sequence
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
    """Tell whether a number is a float32."""
    return x.kind != DOUBLE and x.dtype == np.float32


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Work a function of float32 numbers out in float64, and round once.

    The function is told in its last argument whether its result will be rounded to float32: then it need not
    be as exact as a float64 can be.
    """

    def rounded(*given: Traced) -> Any:
        short = all(map(is_single, [each for each in given if not is_weak(each)] or given))
        found = function(*(each.astype(np.float64) for each in given), short)
        return found.astype(np.float32) if short else found

    return rounded


def fma(a: Any, b: Any, c: Any) -> Traced:
    """Give a b + c, rounded once."""
    return apply("fma", a, b, c)


def scale(x: Any, k: Any) -> Traced:
    """Give x times 2 to a whole k; that power must be an ordinary number, neither too small nor infinite."""
    return apply("scale", x, k)


def exponent(x: Any) -> Traced:
    """Give the power of 2 that an ordinary number above 0 begins with."""
    return apply("exponent", x)


def fraction(x: Any) -> Traced:
    """Give an ordinary number above 0 over that power: 1 or more, below 2."""
    return apply("fraction", x)


def within(x: Any, low: float, high: float) -> Any:
    """Bring a number between two; what is no number stays so, at no cost."""
    x = np.where(x > high, high, x)
    return np.where(x < low, low, x)


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """Evaluate a polynomial, the coefficient of the highest power first."""
    value: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        value = fma(value, x, coefficient)
    return value


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Give a sum and what its rounding lost (Knuth, The Art of Computer Programming 2, section 4.2.2)."""
    total = a + b
    second = total - a
    return total, (a - (total - second)) + (b - second)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """Give a product and what its rounding lost."""
    product = a * b
    return product, fma(a, b, -product)
