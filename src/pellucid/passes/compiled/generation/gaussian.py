r"""The error function and related functions, made of the scaled tail :math:`e^{x^2} \operatorname{erfc}(x)`.

The tail falls as slowly as 1/x and is smooth in 1/(3 + x), so that one polynomial does for all x from 0 up
(the idea of Shepherd and Laframboise 1981, https://doi.org/10.1090/S0025-5718-1981-0595058-X).
"""

import math
from typing import Any

import numpy as np

from pellucid.passes.compiled.generation.arithmetic import fma, in_double, polynomial, two_product, within
from pellucid.passes.compiled.generation.exponentials import exponential, log1p
from pellucid.passes.compiled.tracing.expression import Traced

__all__ = ["erf", "erfc", "log_ndtr", "ndtr"]

# e^(x^2) erfc(x) (3 + x) in powers of (3 - x) / (3 + x): Chebyshev fits, off by 5.9e-9 and 2.3e-18.
_TAIL_SHORT = (
    -2.025413201689923e-05,
    6.773367487365605e-05,
    0.0002666347703907909,
    -0.0005076097819249036,
    -0.0030290836852934675,
    -0.0012325827531790546,
    0.0268261005191854,
    0.11953237679033603,
    0.3104673577902075,
    0.5902279660047566,
    0.8833944518416128,
    1.0740069125081804,
)
_TAIL_LONG = (
    1.3807366412787754e-10,
    1.6305251390806974e-10,
    -1.6739940735895342e-09,
    -9.71345776632257e-10,
    1.1066712172163187e-08,
    -1.0001676849090711e-09,
    -5.4957361232324593e-08,
    4.608561253155146e-08,
    2.3769581319180378e-07,
    -4.0798245829659536e-07,
    -1.0014294992887557e-06,
    2.7654103185099284e-06,
    4.7502313075737725e-06,
    -1.747058701476735e-05,
    -3.0398423921881705e-05,
    0.0001075614977090451,
    0.00027677788930351106,
    -0.000548309694726331,
    -0.0030340620054672574,
    -0.0012124166268093813,
    0.026827234624709966,
    0.11952776128726571,
    0.31046726190056184,
    0.5902283571041024,
    0.8833944531698836,
    1.0740069070883398,
)
# erf(x) / x in powers of x^2, for |x| <= 1: Chebyshev fits, off by 1.2e-9 and 1.3e-19.
_ERF_SHORT = (
    7.875875062685488e-05,
    -0.000801686428716587,
    0.005189087423433974,
    -0.026854212010626412,
    0.11283594715160218,
    -0.37612626666720334,
    1.1283791658483509,
)
_ERF_LONG = (
    5.957176147748911e-11,
    -1.1372848856791674e-09,
    1.4659775274047436e-08,
    -1.6350312701054695e-07,
    1.6461000484121368e-06,
    -1.4925595266831182e-05,
    0.0001205533111164271,
    -0.000854832698083379,
    0.0052239776248180145,
    -0.026866170645076792,
    0.11283791670954879,
    -0.3761263890318375,
    1.1283791670955126,
)


def _scaled(x: Any, short: bool) -> Any:
    """Return the scaled tail of an x of 0 or more."""
    share = 1.0 / (3.0 + x)
    return share * polynomial((3.0 - x) * share, _TAIL_SHORT if short else _TAIL_LONG)


def _bell(x: Any, rate: float, short: bool) -> Any:
    """Return the exponential of minus the rate times the square of x, for an x of 0 or more."""
    near = within(x, 0.0, 60.0)
    square, lost = two_product(near, near)
    bell = exponential(-rate * square, short)
    # The rounding error of the square matters: the exponential makes it a large one.
    return bell if short else fma(bell, -rate * lost, bell)


def _tail(x: Any, rate: float, short: bool) -> Any:
    """Return erfc of the root of the rate times x, for an x of 0 or more."""
    return _bell(x, rate, short) * _scaled(within(x, 0.0, 60.0) * math.sqrt(rate), short)


@in_double
def erfc(x: Traced, short: bool) -> Any:
    """Return 1 - erf(x), exact where erf(x) is close to 1 too."""
    tail = _tail(np.abs(x), 1.0, short)
    return np.where(x < 0, 2.0 - tail, tail)


@in_double
def erf(x: Traced, short: bool) -> Any:
    """Return the error function: the share of a normal distribution of variance 1/2 between -x and x."""
    near = x * polynomial(x * x, _ERF_SHORT if short else _ERF_LONG)
    far = np.copysign(1.0 - _tail(np.abs(x), 1.0, short), x)
    return np.where(np.abs(x) < 1.0, near, far)


@in_double
def ndtr(x: Traced, short: bool) -> Any:
    """Return the distribution function of the standard normal distribution."""
    tail = 0.5 * _tail(np.abs(x), 0.5, short)
    return np.where(x < 0, tail, 1.0 - tail)


@in_double
def log_ndtr(x: Traced, short: bool) -> Any:
    """Return its logarithm, finite even where the function itself would underflow."""
    # Far out, the tail does not matter beside the square, but it must not round to 0.
    scaled = 0.5 * _scaled(within(np.abs(x), 0.0, 2.0**40) * math.sqrt(0.5), short)
    # On the left the bell curve is not multiplied with but its logarithm added, so that nothing rounds to 0.
    left = x < 0
    share = np.where(left, scaled - 1.0, -scaled * _bell(np.abs(x), 0.5, short))
    return log1p(share) - np.where(left, 0.5 * x * x, 0.0)
