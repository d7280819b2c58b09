r"""The functions that formulas use, made of sums, products and powers of 2, with how far they may be off.

The platform's own differ from one machine to the next in the last bits; these give the same bits everywhere.
A function of a float32 is at most 2 units in the last place off. Where float32 would not do, numbers are
worked out in float64 and rounded once.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.passes.compiled.expression import DOUBLE, Traced, _apply, _constant, _lift

__all__ = ["FUNCTIONS"]

_LN2 = math.log(2)


def _single(x: Traced) -> bool:
    """Tell whether a number is a float32."""
    return x.kind != DOUBLE and x.dtype == np.float32


def _in_double(function: Callable[[Traced], Any]) -> Callable[[Traced], Any]:
    """Work a function of a float32 out in float64, and round once."""

    def rounded(x: Traced) -> Any:
        return function(x.astype(np.float64)).astype(np.float32) if _single(x) else function(x)

    return rounded


def _call(name: str, *given: Any) -> Traced:
    like = next(each for each in given if isinstance(each, Traced))
    return _apply(name, *(_lift(each, like) for each in given))


def _fma(a: Any, b: Any, c: Any) -> Traced:
    return _call("fma", a, b, c)


def _polynomial(x: Traced, coefficients: Sequence[float]) -> Traced:
    """Evaluate a polynomial, the coefficient of the highest power first."""
    first, second, *rest = coefficients
    value = _fma(x, first, second)
    for coefficient in rest:
        value = _fma(value, x, coefficient)
    return value


def _reduced(x: Traced) -> tuple[Traced, Traced]:
    r"""Write :math:`x = k \ln 2 + r` with a whole k and an r as small as can be."""
    # The upper part of ln 2 has so few digits that its product with any k that comes is exact.
    digits = 9 if _single(x) else 32
    upper = math.floor(_LN2 * 2**digits) / 2**digits
    k = np.rint(x * (1 / _LN2))
    return k, _fma(k, -(_LN2 - upper), _fma(k, -upper, x))


def _taylor(n: int) -> list[float]:
    """Give the coefficients of the exponential's power series from the n-th down to that of x."""
    return [1 / math.factorial(power) for power in range(n, 0, -1)]


def exp(x: Traced) -> Any:
    lowest, highest, n = (-104.0, 89.0, 7) if _single(x) else (-746.0, 710.0, 13)
    k, r = _reduced(np.minimum(np.maximum(x, lowest), highest))
    value = _polynomial(r, [*_taylor(n), 1.0])
    half = np.trunc(k * 0.5)  # 2 to the k itself may be no ordinary number where the result is one
    return _call("scale", _call("scale", value, half), k - half)


def expm1(x: Traced) -> Any:
    lowest, highest, n = (-104.0, 40.0, 8) if _single(x) else (-746.0, 80.0, 14)
    near = np.minimum(np.maximum(x, lowest), highest)
    k, r = _reduced(near)
    power = _call("scale", _call("scale", x * 0.0 + 1.0, np.trunc(k * 0.5)), k - np.trunc(k * 0.5))
    value = _fma(power, _polynomial(r, [*_taylor(n), 0.0]), power - 1.0)
    return np.where(x > highest, exp(x), value)


@_in_double
def log(x: Traced) -> Any:
    tiny = x < 2.2250738585072014e-308
    ordinary = np.where(tiny, x * 2.0**54, x)
    fraction = _call("fraction", ordinary)
    high = fraction > math.sqrt(2)
    e = _call("exponent", ordinary) + np.where(high, 1.0, 0.0) - np.where(tiny, 54.0, 0.0)
    f = np.where(high, 0.5 * fraction, fraction) - 1.0
    s = f / (2.0 + f)
    square = s * s
    rest = square * _polynomial(square, [2 / power for power in range(21, 1, -2)])
    upper = math.floor(_LN2 * 2**32) / 2**32
    half = 0.5 * f * f
    small = f - (half - (s * (half + rest) + e * (_LN2 - upper)))
    value = _fma(e, upper, small)
    value = np.where(x == math.inf, x, np.where(x == 0, -math.inf, value))
    return np.where(x < 0, math.nan, np.where(x == x, value, x))  # noqa: PLR0124


@_in_double
def log1p(x: Traced) -> Any:
    u = 1.0 + x
    # What was lost when 1 was added, as a share of what is left.
    corrected = log(u) + (x - (u - 1.0)) / u
    return np.where(np.abs(u) == math.inf, log(u), np.where(u == 0, -math.inf, corrected))


def tanh(x: Traced) -> Any:
    t = expm1(-2.0 * np.abs(x))
    return np.copysign(t / (2.0 + t), x)


def sign(x: Traced) -> Any:
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, x))


def power(x: Traced, y: Traced) -> Any:
    n = y.said if y.operation == "constant" else None
    if n is not None and n == int(n) and 0 <= n <= 8:
        return math.prod([x] * int(n)) if n else x * 0.0 + 1.0
    if n is not None and n == int(n) and -8 <= n < 0:
        return 1.0 / math.prod([x] * int(-n))
    if n == 0.5:
        return np.sqrt(x)
    if x.shape_of == y.shape_of and not (x.shape_of.rows or x.shape_of.columns):
        return np.where(np.rint(y) == y, _raised(x, y), exp(y * log(x)))
    return exp(y * log(x))


def _raised(x: Traced, y: Traced) -> Any:
    whole = _call("raised", x, np.abs(y))
    return np.where(y < 0, 1.0 / whole, whole)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "floor_divide": lambda x, y: np.floor(x / y),
    "remainder": lambda x, y: x - np.floor(x / y) * y,
    "sign": sign,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "log2": lambda x: log(x) * (1 / _LN2),
    "log10": lambda x: log(x) * (1 / math.log(10)),
    "exp2": lambda x: exp(x * _LN2),
    "tanh": tanh,
    "power": power,
    "expit": lambda x: np.where(x > 0, 1.0, exp(-np.abs(x))) / (1.0 + exp(-np.abs(x))),
    "logaddexp": lambda x, y: np.maximum(x, y) + log1p(exp(-np.abs(x - y))),
}
