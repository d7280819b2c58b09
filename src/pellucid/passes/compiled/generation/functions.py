"""The functions that formulas use, made of sums, products and powers of 2.

The platform's own differ from one machine to the next in the last bits; these give the same bits everywhere.
In float32, none is more than 2 units in the last place off; where float32 would not do, numbers are worked
out in float64 and rounded once. In float64, none is more than 6 units off, most no more than 2; the table of
the tests says how far each may be.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.passes.compiled.generation import angles, exponentials, gaussian
from pellucid.passes.compiled.generation.arithmetic import fma, in_double
from pellucid.passes.compiled.tracing.expression import Traced

__all__ = ["FUNCTIONS"]


def _sign(x: Traced) -> Any:
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, np.abs(x)))


@in_double
def _divided(x: Traced, y: Traced, short: bool) -> Any:
    return _whole_and_rest(x, y)[0]


@in_double
def _remainder(x: Traced, y: Traced, short: bool) -> Any:
    return _whole_and_rest(x, y)[1]


def _whole_and_rest(x: Any, y: Any) -> tuple[Any, Any]:
    """Return the floor of x / y and the remainder, of y's sign: exact for a floor below 2^53."""
    ratio = np.floor(x / y)
    whole = np.where((np.abs(x) == math.inf) & (y != 0), math.nan, ratio)
    rest = np.where(whole == 0, x, fma(-whole, y, x))
    # The ratio may have been rounded up to a whole number.
    above = ((rest < 0) & (y > 0)) | ((rest > 0) & (y < 0))
    return whole - above, np.where(rest == 0, np.copysign(rest, y), rest + np.where(above, y, 0.0))


_BY_THEIR_NAMES = (
    *(exponentials.exp, exponentials.exp2, exponentials.expm1, exponentials.expit),
    *(exponentials.log, exponentials.log1p, exponentials.log2, exponentials.log10, exponentials.logaddexp),
    *(exponentials.power, exponentials.whole_power),
    *(exponentials.tanh, exponentials.sinh, exponentials.cosh),
    *(exponentials.arcsinh, exponentials.arccosh, exponentials.arctanh),
    *(gaussian.erf, gaussian.erfc, gaussian.ndtr, gaussian.log_ndtr),
    *(angles.sin, angles.cos, angles.arctan),
)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "floor_divide": _divided,
    "remainder": _remainder,
    "sign": _sign,
    # NaN gives way to a number here, unlike in maximum and minimum.
    "fmax": lambda x, y: np.where((x >= y) | (y != y), x, y),
    "fmin": lambda x, y: np.where((x <= y) | (y != y), x, y),
    **{function.__name__: function for function in _BY_THEIR_NAMES},
}
