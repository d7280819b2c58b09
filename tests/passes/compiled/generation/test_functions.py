"""Every function against others' of more digits: in float32 by SciPy's in float64, in float64 by mpmath's."""

from functools import cache, partial
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
import scipy.special

from pellucid.passes.compiled.generation.arithmetic import is_single
from pellucid.passes.compiled.generation.functions import FUNCTIONS
from pellucid.passes.compiled.tracing.expression import EVERYWHERE, apply, operand

SINGLE, DOUBLE = np.dtype("float32"), np.dtype("float64")
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])


class Truth(NamedTuple):
    """A function said by others, and how far ours may be off, in units in the last place."""

    function: object  # NumPy's or SciPy's
    exact: object  # mpmath's
    bound: float  # in float64; in float32 it is 2 for all
    reach: float = np.inf  # how far out float64 is compared; beyond, it is a 0, a 1 or an infinity for long


def exact_ndtr(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def exact_log_ndtr(x):
    return mpmath.log1p(-exact_ndtr(-x)) if x > 0 else mpmath.log(exact_ndtr(x))


OF_ONE = {
    "square": Truth(np.square, lambda x: x * x, 0.5),
    "reciprocal": Truth(np.reciprocal, lambda x: 1 / x, 0.5),
    "sign": Truth(np.sign, mpmath.sign, 0),
    "exp": Truth(np.exp, mpmath.exp, 1, 800),
    "exp2": Truth(np.exp2, lambda x: mpmath.mpf(2) ** x, 1, 1100),
    "expm1": Truth(np.expm1, mpmath.expm1, 2, 800),
    "expit": Truth(scipy.special.expit, lambda x: 1 / (1 + mpmath.exp(-x)), 2.5, 800),
    "log": Truth(np.log, mpmath.log, 1.5),
    "log1p": Truth(np.log1p, mpmath.log1p, 1.5),
    "log2": Truth(np.log2, lambda x: mpmath.log(x) / mpmath.log(2), 2),
    "log10": Truth(np.log10, mpmath.log10, 3),
    "tanh": Truth(np.tanh, mpmath.tanh, 3, 800),
    "sinh": Truth(np.sinh, mpmath.sinh, 3, 800),
    "cosh": Truth(np.cosh, mpmath.cosh, 2, 800),
    "arcsinh": Truth(np.arcsinh, mpmath.asinh, 2),
    "arccosh": Truth(np.arccosh, mpmath.acosh, 2),
    "arctanh": Truth(np.arctanh, mpmath.atanh, 2.5),
    "sin": Truth(np.sin, mpmath.sin, 2),
    "cos": Truth(np.cos, mpmath.cos, 2),
    "arctan": Truth(np.arctan, mpmath.atan, 2),
    "erf": Truth(scipy.special.erf, mpmath.erf, 2, 50),
    "erfc": Truth(scipy.special.erfc, mpmath.erfc, 6, 50),
    "ndtr": Truth(scipy.special.ndtr, exact_ndtr, 6, 50),
    "log_ndtr": Truth(scipy.special.log_ndtr, exact_log_ndtr, 6, 50),
}
OF_TWO = {
    "power": Truth(np.power, lambda x, y: x**y, 1),
    "logaddexp": Truth(np.logaddexp, lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), 2),
    "floor_divide": Truth(np.floor_divide, lambda x, y: mpmath.floor(x / y), 0),
    "remainder": Truth(np.remainder, lambda x, y: x - y * mpmath.floor(x / y), 0.5),
    "fmax": Truth(np.fmax, max, 0),
    "fmin": Truth(np.fmin, min, 0),
}
# What NumPy has no name for.
OTHERS = {"whole_power": Truth(partial(apply, "whole_power"), lambda x, n: x**n, 0)}
# Where a formula of ours gives way to another, or the result to 0 or infinity.
TURNS = [
    0.0, 1e-38, 1e-17, 0.25, 0.3465736, 0.5, 0.6, 0.7071068, 0.75, 1.0, 1.4142135, 2.0, 2.4142135, 0.41421357,
    3.1415927, 6.2831855, 9.0, 14.17, 20.0, 40.0, 60.0, 87.33655, 88.72284, 89.0, 89.415985, 103.97208, 126.0,
    128.0, 149.0, 1.1529215e18, 3.4028235e38,
]  # fmt: skip


@pytest.fixture(scope="module")
def singles():
    """Float32 numbers of all sizes, all near where something turns, and NaN: by their bits."""
    spread = np.linspace(0, 2**32 - 1, 1_000_000).astype(np.uint64)
    turns = np.array(TURNS, SINGLE).view(np.uint32).astype(np.int64)
    near = np.abs(turns[:, None] + np.arange(-3000, 3000)).ravel().astype(np.uint64)
    ordinary = np.linspace(-20, 20, 200_000).astype(SINGLE).view(np.uint32).astype(np.uint64)
    bits = np.concatenate([spread, near, near | np.uint64(2**31), ordinary])
    return np.concatenate([bits.astype(np.uint32).view(SINGLE), SPECIAL.astype(SINGLE)])


@cache
def doubles():
    """Float64 numbers of all sizes."""
    random = np.random.default_rng(0)
    signs = random.choice([-1.0, 1.0], 400)
    spread = random.integers(0, 2**64, 300, dtype=np.uint64).view(DOUBLE)
    wide = [random.uniform(-width, width, 300) for width in (1, 10, 40, 750)]
    turns = np.array([turn * sign for turn in [*TURNS, 708.4, 709.78, 710.4, 745.1] for sign in (-1, 1)])
    small = np.exp(random.uniform(-60, 3, 400)) * signs
    near_pi = np.arange(1, 30) * (np.pi / 2)
    return np.concatenate([spread[~np.isnan(spread)], *wide, turns, small, 1 + small[:100] / 100, near_pi])


def errors(found, truth):
    """How far float32 numbers are off a truth in float64, in units in the last place."""
    rounded = truth.astype(found.dtype)
    agree = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    ends = ~(np.isfinite(found) & np.isfinite(rounded))
    units = np.abs(found.astype(truth.dtype) - truth) / np.abs(np.spacing(rounded)).astype(truth.dtype)
    return np.where(ends, np.where(agree, 0, np.inf), units)


def exact_errors(found, truths):
    return [
        float(abs(mpmath.mpf(float(number)) - truth)) / np.spacing(abs(float(truth)))
        for number, truth in zip(found, truths, strict=True)
    ]


def same(found, wanted):
    """The same numbers, signs of 0 and all."""
    signs = np.isnan(wanted) | (np.signbit(found) == np.signbit(wanted))
    return bool(np.array_equal(found, wanted, equal_nan=True) and signs.all())


def agrees(found, wanted):
    """The platform's numbers to the last few bits, and exactly where they are 0, infinite or no numbers."""
    finite = np.isfinite(wanted) & (wanted != 0)
    near = np.abs(found[finite] - wanted[finite]) <= 6 * np.spacing(np.abs(wanted[finite]))
    return same(found[~finite], wanted[~finite]) and near.all()


def test_every_function_is_in_a_table():
    assert {*OF_ONE, *OF_TWO, *OTHERS} == {*FUNCTIONS}


@pytest.mark.parametrize("name", OF_ONE)
@np.errstate(all="ignore")
def test_in_float32(name, evaluate, singles):
    function = OF_ONE[name].function
    found = evaluate(function, singles)
    assert errors(found, function(singles.astype(DOUBLE))).max() <= 2


@pytest.mark.parametrize("name", OF_ONE)
@np.errstate(all="ignore")
def test_in_float64(name, evaluate):
    truth = OF_ONE[name]
    x = doubles()
    platform = truth.function(x)
    real = ~np.isnan(platform) & ~np.isinf(platform) & (np.abs(x) < truth.reach)
    with mpmath.workprec(1300 if np.isinf(truth.reach) else 250):
        truths = [truth.exact(mpmath.mpf(float(each))) for each in x[real]]
        assert max(exact_errors(evaluate(truth.function, x[real]), truths)) <= truth.bound
    assert agrees(evaluate(truth.function, x[~real]), platform[~real])


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("name", OF_ONE)
@np.errstate(all="ignore")
def test_zeros_infinities_and_what_is_no_number(name, dtype, evaluate):
    special = np.array([*SPECIAL, 1, -1], dtype)
    assert agrees(evaluate(OF_ONE[name].function, special), OF_ONE[name].function(special))


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("name", OF_TWO)
@np.errstate(all="ignore")
def test_two_arguments_that_are_special(name, dtype, evaluate):
    ends = np.array([*SPECIAL, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e300, -1e300], dtype)
    x, y = (grid.ravel() for grid in np.meshgrid(ends, ends))
    if name in ("fmax", "fmin"):  # which 0 is the larger is left open
        x, y = x + 0.0, y + 0.0
    assert agrees(evaluate(OF_TWO[name].function, x, y), OF_TWO[name].function(x, y))


@np.errstate(all="ignore")
def test_powers(evaluate):
    random = np.random.default_rng(0)
    x = np.concatenate([np.exp(random.uniform(-10, 10, 1000)), np.exp(random.uniform(-0.1, 0.1, 1000))])
    y = np.concatenate([random.uniform(-70, 70, 1000), random.uniform(-7000, 7000, 1000)])
    y[::3] = np.rint(y[::3])
    x[::6] *= -1
    with mpmath.workprec(200):
        truths = [mpmath.mpf(float(a)) ** mpmath.mpf(float(b)) for a, b in zip(x, y, strict=True)]
        assert max(exact_errors(evaluate(np.power, x, y), truths)) <= OF_TWO["power"].bound
    x, y = x.astype(SINGLE), y.astype(SINGLE)
    assert errors(evaluate(np.power, x, y), x.astype(DOUBLE) ** y).max() <= 1


@pytest.mark.parametrize("exponent", [-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 7])
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@np.errstate(all="ignore")
def test_powers_that_a_formula_says(exponent, dtype, evaluate):
    x = np.concatenate([np.random.default_rng(0).uniform(-30, 30, 1000), [*SPECIAL, 1e-20, 1e19]]).astype(
        dtype
    )
    x = x[~np.isinf(x)] if exponent == 0.5 else x  # NumPy takes the root, which at -inf is none
    wanted = x.astype(np.longdouble) ** np.longdouble(exponent)
    assert errors(evaluate(lambda x: x**exponent, x), wanted).max() <= 2


@pytest.mark.parametrize("name", ["floor_divide", "remainder"])
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
def test_whole_times_and_what_is_left(name, dtype, evaluate):
    random = np.random.default_rng(0)
    x, y = random.uniform(-1e6, 1e6, 2000), random.uniform(-10, 10, 2000)
    x[:1000], y[:1000] = np.arange(-500, 500), np.rint(y[:1000]) + 0.25
    x[1000:1500] = np.rint(x[1000:1500]) * y[1000:1500]  # a whole number of times, but for rounding
    x, y = x.astype(dtype), y.astype(dtype)
    with mpmath.workprec(200):
        pairs = [(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in zip(x, y, strict=True)]
        truths = np.array([float(OF_TWO[name].exact(*pair)) for pair in pairs])
    assert errors(evaluate(OF_TWO[name].function, x, y), truths).max() <= OF_TWO[name].bound


@np.errstate(all="ignore")
def test_the_logarithm_of_a_sum(evaluate):
    random = np.random.default_rng(0)
    x, y = random.uniform(-20, 20, (2, 2000))
    x[:100] = y[:100] = random.uniform(-1, 1, 100)
    found = evaluate(np.logaddexp, x, y)
    truth = OF_TWO["logaddexp"]
    with mpmath.workprec(200):
        truths = np.array([float(truth.exact(*map(mpmath.mpf, pair))) for pair in zip(x, y, strict=True)])
    # Where the two parts cancel out, what was rounded in the larger is left.
    unit = np.spacing(np.maximum(np.abs(x), np.abs(y)) + 1)
    assert (np.abs(found - truths) <= truth.bound * unit).all()
    x, y = x.astype(SINGLE), y.astype(SINGLE)
    assert errors(evaluate(np.logaddexp, x, y), np.logaddexp(x.astype(DOUBLE), y)).max() <= 1


def test_a_whole_power_of_what_is_not_known_yet(evaluate):
    """An error of each square counts as often as it is squared on; in float32 it is rounded once."""
    truth = OTHERS["whole_power"]
    x, n = np.random.default_rng(0).uniform(-1.5, 1.5, 500), np.arange(500.0) % 60
    x = x.astype(SINGLE)
    with mpmath.workprec(2000):
        truths = np.array(
            [float(truth.exact(mpmath.mpf(float(a)), int(b))) for a, b in zip(x, n, strict=True)]
        )
    found = evaluate(truth.function, x.astype(DOUBLE), n)
    assert (np.abs(found - truths) <= (n + 1) * 2.0**-52 * np.abs(truths)).all()
    assert same(evaluate(truth.function, x, n.astype(SINGLE)), found.astype(SINGLE))


@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_same_bits_for_all_widths(name, dtype, evaluate):
    x = np.concatenate([doubles(), SPECIAL])
    with np.errstate(over="ignore", under="ignore"):
        x = x.astype(dtype)
    given = (x,) if name in OF_ONE else (x, x[::-1].copy())
    function = {**OF_ONE, **OF_TWO, **OTHERS}[name].function
    narrow, middle, wide = (evaluate(function, *given, width=width) for width in (4, 8, 16))
    assert same(middle, narrow)  # but for the sign of what is no number, which means nothing
    assert same(wide, narrow)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_float32_gives_float32(name):
    # What is worked out in float64 must be rounded at the end: its place in memory is the network's.
    given = [operand(letter, EVERYWHERE, SINGLE) for letter in ("x" if name in OF_ONE else "xy")]
    assert is_single(FUNCTIONS[name](*given))
