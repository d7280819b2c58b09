"""Sine, cosine and arc tangent."""

import math
from typing import Any

import numpy as np

from pellucid.passes.compiled.generation.arithmetic import fma, in_double, polynomial, two_product, two_sum
from pellucid.passes.compiled.tracing.expression import Traced

__all__ = ["arctan", "cos", "sin"]

# 2 over pi, the first 1200 binary places.
_TURNS = int(
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424"
    "dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d6"
    "39835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74"
    "f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b",
    16,
)
_PLACES = 1200
_QUARTER = (1.5707963267948966, 6.123233995736766e-17)  # pi / 2, and what its rounding lost

# sin and cos of at most an eighth of a turn: their power series in r^2, without the first terms.
_SINE = tuple((-1) ** n / math.factorial(2 * n + 1) for n in range(9, 0, -1))
_COSINE = tuple((-1) ** n / math.factorial(2 * n) for n in range(9, 1, -1))

# (arctan t - t) / t^3 in powers of t^2, for |t| <= tan(pi / 8): Chebyshev fits, off by 1.6e-8 and 1.2e-18.
_ARCTAN_SHORT = (
    -0.06451928208121749,
    0.10743731490791084,
    -0.1426395559798464,
    0.19999540483648964,
    -0.3333333176116852,
)
_ARCTAN_LONG = (
    0.016285756855221028,
    -0.034570561981427744,
    0.04551593220626549,
    -0.05230454270650244,
    0.05878928997834775,
    -0.06666424885738255,
    0.07692296375032143,
    -0.09090908753500877,
    0.11111111105155447,
    -0.14285714285659828,
    0.19999999999999804,
    -0.3333333333333333,
)


def _pieces(bits: int, count: int, raised: int) -> list[float]:
    """Cut the binary digits of 2 / pi into pieces of equal length, each times its power of 2."""
    return [
        ((_TURNS >> (_PLACES - bits * n)) & ((1 << bits) - 1)) * 2.0 ** (raised - bits * n)
        for n in range(1, count + 1)
    ]


def _reduced(x: Any, short: bool) -> tuple[Any, Any]:
    """Return how many quarters of a turn x is, and what is left, at most an eighth: of any x, however large.

    Payne and Hanek 1983: pieces of 2 / pi times x, of which whole turns are dropped before they are added up.
    """
    # The products of 24 bits with 24 are exact. In float64 the pieces are raised, and x lowered, so that
    # neither leaves the range of ordinary numbers.
    raised = 0 if short else 200
    total: Any = x * 0.0
    rest: Any = x * 0.0
    for piece in _pieces(24, 9, raised) if short else _pieces(53, 22, raised):
        product, lost = two_product(x * 2.0**-raised, piece)
        for part in (product,) if short else (product, lost):
            total, error = two_sum(total, fma(np.rint(part * 0.25), -4.0, part))
            rest = rest + error
    k = np.rint(total)
    left, error = two_sum(total - k, rest)
    angle = fma(left, _QUARTER[0], fma(left, _QUARTER[1], error * _QUARTER[0]))
    near = np.abs(x) < 0.75
    return np.where(near, 0.0, k), np.where(near, x, angle)


def _turned(x: Any, by: float, short: bool) -> Any:
    """Return the sine of an angle plus a number of quarter turns."""
    k, r = _reduced(x, short)
    square = r * r
    sine = fma(r * square, polynomial(square, _SINE), r)
    cosine = 1.0 - (0.5 * square - square * square * polynomial(square, _COSINE))
    k = k + by
    odd = 2.0 * np.rint(0.5 * k) != k
    value = np.where(odd, cosine, sine)
    whole = np.rint(0.5 * (k - np.where(odd, 1.0, 0.0)))  # half turns, each of which turns the sign
    return np.where(2.0 * np.rint(0.5 * whole) != whole, -value, value)


@in_double
def sin(x: Traced, short: bool) -> Any:
    """Return the sine."""
    return np.where(x == 0, x, _turned(x, 0.0, short))  # 0 keeps its sign


@in_double
def cos(x: Traced, short: bool) -> Any:
    """Return the cosine."""
    return _turned(x, 1.0, short)


@in_double
def arctan(x: Traced, short: bool) -> Any:
    """Return the arc tangent, by how far x is from 0, 1 or infinity."""
    size = np.abs(x)
    far, middle = size > math.tan(3 * math.pi / 8), size > math.tan(math.pi / 8)
    t = np.where(far, -1.0, np.where(middle, size - 1.0, size))
    t = t / np.where(far, size, np.where(middle, size + 1.0, 1.0))
    square = t * t
    value = fma(t * square, polynomial(square, _ARCTAN_SHORT if short else _ARCTAN_LONG), t)
    # An eighth of a turn, a quarter or nothing is added, with what its rounding lost.
    turned, lost = (np.where(far, part, 0.5 * part * middle) for part in _QUARTER)
    return np.copysign(turned + (value + lost), x)
