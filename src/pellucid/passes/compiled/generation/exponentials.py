r"""Exponentials, logarithms and powers, and the hyperbolic functions made of them.

Every exponential begins with :math:`x = k \ln 2 + r`, a whole k and an r as small as can be: then
:math:`e^x = 2^k e^r`. Every logarithm begins with :math:`x = 2^e (1 + f)`, and 1 + f between the root of 1/2
and that of 2.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.passes.compiled.generation.arithmetic import (
    exponent,
    fma,
    fraction,
    in_double,
    is_single,
    polynomial,
    scale,
    two_product,
    two_sum,
    within,
)
from pellucid.passes.compiled.tracing.expression import Traced

__all__ = [
    "WHOLE_BITS",
    "arccosh",
    "arcsinh",
    "arctanh",
    "cosh",
    "exp",
    "exp2",
    "expit",
    "expm1",
    "exponential",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "power",
    "sinh",
    "tanh",
    "whole_power",
]

_LN2 = math.log(2)
# ln 2 in two parts: the upper so short that its product with a whole number is exact, and the rest.
_LN2_SHORT = (0.693145751953125, 1.4286068203094173e-06)
_LN2_LONG = (0.6931471803691238, 1.9082149292705877e-10)
_LOG10_2 = (0.3010299955494702, 1.1451100898021838e-10)
_TWO_THIRDS = (2 / 3, 3.700743415417188e-17)

# A larger whole power is taken as the largest that has so many bits.
WHOLE_BITS = 32

# Below, x itself is as near to e^x - 1, tanh x and sinh x as a number can be.
_LEAST = 1e-17

# (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2: a Chebyshev fit, off by 6.5e-8; and its power series.
_EXP_SHORT = (0.001392617611993558, 0.008363173074513711, 0.041666554662050534, 0.1666657702559799, 0.5)
_EXP_LONG = tuple(1 / math.factorial(n) for n in range(13, 1, -1))

# (ln(1 + f) - f + f^2 / 2) / f^3 for 1 + f from the root of 1/2 to that of 2: a Chebyshev fit, off by 2.9e-8.
_LOG_SHORT = (
    0.06971611471451178,
    -0.11479733846637635,
    0.1168541992348674,
    -0.12425687331451106,
    0.1424905764569748,
    -0.16667802319501254,
    0.200007157488921,
    -0.24999996957950882,
    0.33333331180030046,
)
# In powers of s^2, of ln((1 + s) / (1 - s)) / s - 2 from the power s^22 down to s^2.
_LOG_LONG = tuple(2 / n for n in range(21, 1, -2))

# (tanh x - x) / x^3 in powers of x^2, for |x| <= 0.6: a Chebyshev fit, off by 3e-8.
_TANH_SHORT = (
    -0.00626911971964973,
    0.02111095904951479,
    -0.053873948848643334,
    0.13332915366987452,
    -0.3333333033273155,
)


# -- exponentials -------------------------------------------------------------------------------------------


def _ln2(x: Any) -> tuple[float, float]:
    return _LN2_SHORT if is_single(x) else _LN2_LONG


def _split(x: Any) -> tuple[Any, Any]:
    upper, lower = _ln2(x)
    k = np.rint(x * (1 / _LN2))
    return k, fma(k, -lower, fma(k, -upper, x))


def _series(r: Any, short: bool) -> Any:
    """Return (e^r - 1) / r - 1, over r."""
    return polynomial(r, _EXP_SHORT if short else _EXP_LONG)


def _near_0(r: Any, short: bool) -> Any:
    """Return e^r."""
    return fma(fma(_series(r, short), r, 1.0), r, 1.0)


def _raised_by(value: Any, k: Any, halved: int = 0) -> Any:
    """Return a value times 2^k, in two steps: 2^k may overflow or underflow where the result does not."""
    half = np.trunc(k * 0.5)
    return scale(scale(value, half), k - half - halved if halved else k - half)


def exponential(x: Any, short: bool, *, rest: Any = 0.0, halved: int = 0) -> Any:
    """Return exp(x + rest) / 2^halved, for a rest too small to be added to x."""
    near = within(x, -104.0, 90.0) if is_single(x) else within(x, -746.0, 711.0)
    k, r = _split(near)
    r = r if isinstance(rest, float) else r + rest
    return _raised_by(_near_0(r, short), k, halved)


def exp(x: Traced) -> Any:
    """Return the exponential."""
    return exponential(x, is_single(x))


def exp2(x: Traced) -> Any:
    """Return 2 to the x."""
    near = within(x, -151.0, 129.0) if is_single(x) else within(x, -1076.0, 1025.0)
    k = np.rint(near)
    return _raised_by(_near_0((near - k) * _LN2, is_single(x)), k)


def _quarter_expm1(x: Any) -> Any:
    """Return (e^x - 1) / 4, which is a number still where e^x is none; not for the smallest x."""
    single = is_single(x)
    near = within(x, -20.0, 89.0) if single else within(x, -40.0, 710.5)
    k, r = _split(near)
    power = scale(np.ones_like(x), k - 2.0)
    return fma(power, fma(_series(r, single), r * r, r), power - 0.25)


def expm1(x: Traced) -> Any:
    """Return e^x - 1, exact near 0 too."""
    return np.where(np.abs(x) < _LEAST, x, 4.0 * _quarter_expm1(x))


@in_double
def expit(x: Traced, short: bool) -> Any:
    """Return the sigmoid, 1 / (1 + e^-x)."""
    small = exponential(-np.abs(x), short)  # only ever of something negative: nothing overflows
    return np.where(x > 0, 1.0, small) / (1.0 + small)


def tanh(x: Traced) -> Any:
    """Return the hyperbolic tangent: in float32 by a polynomial near 0 and 1 - 2 / (e^2x + 1) beyond."""
    size = np.abs(x)
    if not is_single(x):
        t = _quarter_expm1(2.0 * within(size, 0.0, 20.0))
        return np.where(size < _LEAST, x, np.copysign(t / (0.5 + t), x))
    k, r = _split(2.0 * within(size, 0.0, 10.0))
    far = 1.0 - 2.0 / (scale(_near_0(r, True), k) + 1.0)
    square = size * size
    near = fma(polynomial(square, _TANH_SHORT), square * size, size)
    return np.copysign(np.where(size < 0.6, near, far), x)


@in_double
def sinh(x: Traced, short: bool) -> Any:
    """Return the hyperbolic sine, by e^x - 1."""
    t = _quarter_expm1(np.abs(x))
    return np.where(np.abs(x) < _LEAST, x, np.copysign(2.0 * (t + t / fma(4.0, t, 1.0)), x))


@in_double
def cosh(x: Traced, short: bool) -> Any:
    """Return the hyperbolic cosine."""
    half = exponential(np.abs(x), short, halved=1)
    return half + 0.25 / half


# -- logarithms ---------------------------------------------------------------------------------------------


def _parts(x: Any) -> tuple[Any, Any]:
    """Return e and 1 + f."""
    least, raised = (1.1754943508222875e-38, 25.0) if is_single(x) else (2.2250738585072014e-308, 54.0)
    tiny = x < least
    ordinary = np.where(tiny, x * 2.0**raised, x)
    part = fraction(ordinary)
    high = part > math.sqrt(2)
    e = exponent(ordinary) + high - raised * tiny
    return e, np.where(high, 0.5 * part, part)


def _log_near_1(f: Any) -> Any:
    """Return ln(1 + f)."""
    square = f * f
    if is_single(f):
        return fma(square, fma(f, polynomial(f, _LOG_SHORT), -0.5), f)
    s = f / (2.0 + f)
    s_square = s * s
    half = 0.5 * square
    return f - (half - s * (half + s_square * polynomial(s_square, _LOG_LONG)))


def _where_defined(x: Any, least: float, value: Any) -> Any:
    """Return a logarithm's value, and what it is at the ends and outside."""
    outside = np.where(x == least, -math.inf, np.where(x < least, math.nan, x))
    return np.where(x > least, np.where(x == math.inf, x, value), outside)


def log(x: Traced) -> Any:
    """Return the natural logarithm."""
    upper, lower = _ln2(x)
    e, part = _parts(x)
    return _where_defined(x, 0.0, fma(e, upper, fma(e, lower, _log_near_1(part - 1.0))))


def log1p(x: Any) -> Any:
    """Return ln(1 + x), exact near 0 too."""
    upper, lower = _ln2(x)
    u = 1.0 + x
    e, part = _parts(u)
    lost = x - (u - 1.0)  # when 1 was added
    f = (part - 1.0) + scale(lost, -np.minimum(e, 64.0))
    value = fma(e, upper, fma(e, lower, _log_near_1(f)))
    return _where_defined(x, -1.0, np.copysign(value, x))


@in_double
def log2(x: Traced, short: bool) -> Any:
    """Return the logarithm to base 2; of a power of 2, a whole number."""
    e, part = _parts(x)
    return _where_defined(x, 0.0, fma(_log_near_1(part - 1.0), 1 / _LN2, e))


@in_double
def log10(x: Traced, short: bool) -> Any:
    """Return the logarithm to base 10."""
    upper, lower = _LOG10_2
    e, part = _parts(x)
    near = _log_near_1(part - 1.0) * (1 / math.log(10))
    return _where_defined(x, 0.0, fma(e, upper, fma(e, lower, near)))


@in_double
def logaddexp(x: Traced, y: Traced, short: bool) -> Any:
    """Return ln(e^x + e^y)."""
    value = np.maximum(x, y) + log1p(exponential(-np.abs(x - y), False))
    return np.where(x == y, x + _LN2, value)  # infinities too, which have no difference


@in_double
def arcsinh(x: Traced, short: bool) -> Any:
    """Return the inverse of the hyperbolic sine, ln(x + sqrt(x^2 + 1))."""
    size = np.abs(x)
    large = size > 2.0**60
    square = size * size
    t = np.where(large, size, size + square / (1.0 + np.sqrt(1.0 + square)))
    return np.copysign(log1p(t) + np.where(large, _LN2, 0.0), x)


@in_double
def arccosh(x: Traced, short: bool) -> Any:
    """Return the inverse of the hyperbolic cosine, ln(x + sqrt(x^2 - 1))."""
    large = x > 2.0**60
    t = x - 1.0
    t = np.where(large, t, t + np.sqrt(t * (2.0 + t)))
    return np.where(x < 1.0, math.nan, log1p(t) + np.where(large, _LN2, 0.0))


@in_double
def arctanh(x: Traced, short: bool) -> Any:
    """Return the inverse of the hyperbolic tangent, ln((1 + x) / (1 - x)) / 2."""
    size = np.abs(x)
    return np.copysign(0.5 * log1p(2.0 * size / (1.0 - size)), x)


# -- powers -------------------------------------------------------------------------------------------------


def power(x: Traced, y: Traced) -> Any:
    """Return x to the y; the powers that formulas say most often, by what they mean."""
    simple: dict[float, Callable[[], Any]] = {
        -1.0: lambda: 1.0 / x,
        0.0: lambda: np.ones_like(x),
        0.5: lambda: np.sqrt(x),
        1.0: lambda: x,
        2.0: lambda: x * x,
        3.0: lambda: x * x * x,
    }
    found = simple.get(y.said) if y.operation == "constant" else None
    return found() if found else _raised(x, y)


@in_double
def _raised(x: Traced, y: Traced, short: bool) -> Any:
    upper, lower = _log_twofold(np.abs(x))
    product, lost = two_product(y, upper)
    # Where the product is NaN or infinite, its error may be too.
    rest = np.where(np.abs(product) < 800.0, fma(y, lower, lost), 0.0)
    value = exponential(product, False, rest=rest)
    whole, half = np.rint(y) == y, 0.5 * y
    value = np.where(whole & (np.rint(half) != half), np.copysign(value, x), value)
    value = np.where((x < 0) & (x > -math.inf) & ~whole, math.nan, value)
    one = (y == 0) | (x == 1) | ((x == -1) & (np.abs(y) == math.inf))
    return np.where(one, 1.0, value)


@in_double
def whole_power(x: Traced, n: Traced, short: bool) -> Any:
    """Return x to a whole power, 0 or more, by squaring: products in one order, from the lowest bit on."""
    result: Any = 1.0
    square: Any = x
    left = n = np.minimum(n, 2.0**WHOLE_BITS - 1)  # type: ignore[assignment]  # traced
    for bit in range(WHOLE_BITS):
        after: Any = np.floor(n * 0.5 ** (bit + 1))
        result = np.where(left > 2.0 * after, square, 1.0) * result
        square, left = square * square, after
    return result


def _log_twofold(x: Any) -> tuple[Any, Any]:
    r"""Return a logarithm in two parts, some 64 bits together: a power's exponential needs them all.

    With :math:`s = f / (2 + f)`, it is :math:`e \ln 2 + 2 s + s^3 (\frac{2}{3} + \frac{2}{5} s^2 + \dots)`.
    """
    e, part = _parts(x)
    f, below = part - 1.0, part + 1.0
    s = f / below
    s_rest = (fma(-s, below, f) - s * (part - (below - 1.0))) / below
    square, square_rest = two_product(s, s)
    square_rest = fma(2.0 * s, s_rest, square_rest)
    tail, tail_rest = two_sum(_TWO_THIRDS[0], square * polynomial(square, _LOG_LONG[:-1]))
    cube, cube_rest = two_product(s, square)
    cube_rest = cube_rest + fma(s, square_rest, s_rest * square)
    term, term_rest = two_product(cube, tail)
    term_rest = term_rest + fma(cube, tail_rest + _TWO_THIRDS[1], cube_rest * tail)
    near, near_rest = two_sum(2.0 * s, term)
    value, value_rest = two_sum(e * _LN2_LONG[0], near)
    rest = value_rest + (near_rest + fma(2.0, s_rest, term_rest) + e * _LN2_LONG[1])
    return np.where(x == 0, -math.inf, np.where(x < math.inf, value, x)), rest
