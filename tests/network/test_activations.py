"""Every activation against formulas written another way, published numbers and central differences."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import erf, expit, softmax

from pellucid.network import activations

ROOT_2_PI = math.sqrt(2 / math.pi)
SELU_ALPHA, SELU_SCALE = 1.67326324, 1.05070098  # Klambauer et al. 2017, section 2, to as many digits


def gelu_share(z):
    return expit(2 * ROOT_2_PI * (z + 0.044715 * z**3))  # (1 + tanh u) / 2 = sigmoid(2 u)


def mish_slope(z):  # as Misra 2019 gives it, section 2.1
    omega = 4 * (z + 1) + 4 * np.exp(2 * z) + np.exp(3 * z) + np.exp(z) * (4 * z + 6)
    return np.exp(z) * omega / (2 * np.exp(z) + np.exp(2 * z) + 2) ** 2


def rest_below_0(z, scale, rate):
    return np.where(z > 0, scale * z, scale * rate * (np.exp(z) - 1))


def rest_slope(z, scale, rate):
    return np.where(z > 0, scale, scale * rate * np.exp(z))


def swish_slope(z, beta):  # f' = beta f + sigmoid (1 - beta f), Ramachandran et al. 2017, section 5
    f = z * expit(beta * z)
    return beta * f + expit(beta * z) * (1 - beta * f)


# Value and slope, each written differently from the declaration, through SciPy where it has the function.
TRUTH = {
    "identity": (lambda z: 1 * z, lambda z: 0 * z + 1),
    "step": (lambda z: np.heaviside(z, 0), lambda z: 0 * z),
    "sign": (lambda z: 2 * np.heaviside(z, 0) - 1, lambda z: 0 * z),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "tanh": (lambda z: 2 * expit(2 * z) - 1, lambda z: np.cosh(z) ** -2),
    "relu": (lambda z: (z + abs(z)) / 2, lambda z: np.heaviside(z, 0)),
    "leaky_relu": (lambda z: np.maximum(z, 0.01 * z), lambda z: 0.01 + 0.99 * np.heaviside(z, 0)),
    "leaky_relu:alpha=0.2": (lambda z: np.maximum(z, 0.2 * z), lambda z: 0.2 + 0.8 * np.heaviside(z, 0)),
    "leaky_relu:alpha=1.5": (lambda z: np.minimum(z, 1.5 * z), lambda z: 1.5 - 0.5 * np.heaviside(z, 0)),
    "elu": (lambda z: rest_below_0(z, 1, 1), lambda z: rest_slope(z, 1, 1)),
    "elu:alpha=0.5": (lambda z: rest_below_0(z, 1, 0.5), lambda z: rest_slope(z, 1, 0.5)),
    "elu:alpha=3": (lambda z: rest_below_0(z, 1, 3), lambda z: rest_slope(z, 1, 3)),
    "selu": (
        lambda z: rest_below_0(z, SELU_SCALE, SELU_ALPHA),
        lambda z: rest_slope(z, SELU_SCALE, SELU_ALPHA),
    ),
    "gelu": (
        lambda z: z / 2 * (1 + erf(z / math.sqrt(2))),
        lambda z: (1 + erf(z / math.sqrt(2))) / 2 + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "gelu_tanh": (
        lambda z: z * gelu_share(z),
        lambda z: gelu_share(z) + z * gelu_share(z) * gelu_share(-z) * 2 * ROOT_2_PI * (1 + 0.134145 * z**2),
    ),
    "softplus": (lambda z: np.logaddexp(0, z), expit),
    "exp": (lambda z: expit(z) / expit(-z), lambda z: expit(z) / expit(-z)),
    "softsign": (lambda z: np.sign(z) * (1 - 1 / (1 + abs(z))), lambda z: (1 + abs(z)) ** -2),
    "swish": (lambda z: z * expit(z), lambda z: swish_slope(z, 1)),
    "swish:beta=0.5": (lambda z: z * expit(z / 2), lambda z: swish_slope(z, 0.5)),
    "swish:beta=3": (lambda z: z * expit(3 * z), lambda z: swish_slope(z, 3)),
    # tanh(ln s) = (s^2 - 1) / (s^2 + 1) with s = 1 + e^z
    "mish": (lambda z: z * (1 - 2 / ((1 + np.exp(z)) ** 2 + 1)), mish_slope),
    "hard_sigmoid": (
        lambda z: np.interp(z, [-3, 3], [0, 1]),
        lambda z: (np.heaviside(z + 3, 0) - np.heaviside(z - 3, 1)) / 6,
    ),
    "hard_swish": (
        lambda z: z * np.interp(z, [-3, 3], [0, 1]),
        lambda z: np.where(z >= 3, 1, np.where(z > -3, (2 * z + 3) / 6, 0)),
    ),
    "relu6": (
        lambda z: np.interp(z, [0, 6], [0, 6]),
        lambda z: np.heaviside(z, 0) - np.heaviside(z - 6, 1),
    ),
    "softmax": (lambda z: softmax(z, axis=1), lambda z: np.diag(softmax(z[0]) * (1 - softmax(z[0])))),
}
ELEMENTWISE = [name for name in TRUTH if not activations.get(name).acts_on_layer]
# All that is declared, and those above with parameters of their own.
DECLARED = [*activations.names, *(name for name in TRUTH if ":" in name)]
DTYPES = [np.float32, np.float64]

# What the papers and tables of functions give, (z, f(z), f'(z)).
PUBLISHED = {
    "sigmoid": [(0, 0.5, 0.25), (1, 0.7310585786300049, 0.19661193324148185)],
    "tanh": [(0, 0, 1), (1, 0.7615941559557649, 0.41997434161402614)],
    "relu": [(-2, 0, 0), (3, 3, 1)],
    "leaky_relu": [(-1, -0.01, 0.01), (2, 2, 1)],
    "elu": [(-1, 1 / math.e - 1, 1 / math.e)],
    "selu": [(1, 1.0507009873554805, 1.0507009873554805), (-1, -1.1113307378125625, 0.6467686030348141)],
    "gelu": [(1, 0.8413447460685429, 1.0833154705876864), (-1, -0.15865525393145707, -0.0833154705876864)],
    "gelu_tanh": [(1, 0.8411919906082768, None)],
    "softplus": [(0, math.log(2), 0.5)],
    "exp": [(0, 1, 1), (1, math.e, math.e), (-1, 1 / math.e, 1 / math.e)],
    "softsign": [(1, 0.5, 0.25), (-3, -0.75, 1 / 16)],
    "swish": [(0, 0, 0.5), (1, 0.7310585786300049, 0.9276705118714866)],
    "mish": [(0, 0, 0.6), (1, 0.8650983882673103, None)],
    "hard_sigmoid": [(0, 0.5, 1 / 6), (1.5, 0.75, 1 / 6), (4, 1, 0)],
    "hard_swish": [(1, 2 / 3, 5 / 6), (-1.5, -0.375, 0), (4, 4, 1), (-4, 0, 0)],
    "relu6": [(5, 5, 1), (7, 6, 0)],
    "step": [(-0.5, 0, 0), (0, 0, 0), (0.5, 1, 0)],
    "sign": [(-0.5, -1, 0), (0, -1, 0), (0.5, 1, 0)],
}

# Where there is no derivative, the slope that is taken.
AT_KINKS = {
    "relu": {0: 0},
    "leaky_relu": {0: 0.01},
    "leaky_relu:alpha=0.2": {0: 0.2},
    "elu": {0: 1},
    "elu:alpha=0.5": {0: 0.5},
    "selu": {0: SELU_SCALE * SELU_ALPHA},
    "hard_sigmoid": {-3: 0, 3: 0},
    "hard_swish": {-3: 0, 3: 1},
    "relu6": {0: 0, 6: 0},
}


def layer_of(numbers, dtype=np.float64):
    """Give the numbers as one layer's weighted sums of several examples, in pairs."""
    numbers = np.asarray(numbers, dtype)
    return np.stack([numbers, numbers[::-1]], axis=1)


def within_reach(name, z):
    """Cut off the sums whose exp, or a slope a million times as large, no float can hold."""
    limit = math.log(np.finfo(z.dtype).max) - math.log(1e7)
    return np.minimum(z, z.dtype.type(limit)) if name == "exp" else z


def smooth_points():
    points = np.linspace(-8, 8, 401)
    return points[np.abs(points[:, None] - [-3, 0, 3, 6]).min(axis=1) > 1e-2]


def test_every_declaration_has_its_truth():
    assert {name.partition(":")[0] for name in TRUTH} == set(activations.names)


@pytest.mark.parametrize("name", TRUTH)
def test_value_is_the_formulas(name):
    z = layer_of(np.linspace(-8, 8, 321))
    np.testing.assert_allclose(activations.get(name).forward(z), TRUTH[name][0](z), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slope_is_the_formulas(name):
    activation, z = activations.get(name), layer_of(np.linspace(-8, 8, 321))  # the kinks are among them
    if name.startswith(("leaky_relu", "elu", "selu")):
        z = z[z != 0].reshape(-1, 2)
    expected = TRUTH[name][1](z)
    np.testing.assert_allclose(activation.slope(z, activation.forward(z)), expected, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize(("name", "rows"), PUBLISHED.items())
def test_published_numbers(name, rows):
    activation = activations.get(name)
    for z, value, slope in rows:
        z = np.array([[float(z)]])
        a = activation.forward(z)
        assert a.item() == pytest.approx(value, rel=1e-9, abs=1e-15)
        if slope is not None:
            assert np.asarray(activation.slope(z, a)).item() == pytest.approx(slope, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name", [name for name in DECLARED if not activations.get(name).acts_on_layer])
def test_slope_against_central_differences(name):
    # Step 1e-5: the formula's own error is of its square, rounding about 1e-16 * 8 / 1e-5.
    activation, z, step = activations.get(name), smooth_points()[None], 1e-5
    differences = (activation.value(z + step) - activation.value(z - step)) / (2 * step)
    np.testing.assert_allclose(activation.slope(z, activation.value(z)), differences, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("name", "slopes"), AT_KINKS.items())
def test_slope_at_a_kink(name, slopes):
    activation = activations.get(name)
    z = np.array([[float(place) for place in slopes]])
    computed = np.asarray(activation.slope(z, activation.forward(z)), float)
    np.testing.assert_allclose(computed, [list(slopes.values())], rtol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DECLARED)
def test_any_finite_sum_gives_finite_numbers(name, dtype):
    activation, smallest = activations.get(name), np.finfo(dtype)
    sizes = np.concatenate(
        [np.logspace(-30, 30, 601), [0, smallest.tiny, smallest.smallest_subnormal, 88.8, 709.8, 745.2]]
    )
    z = within_reach(name, layer_of(np.concatenate([sizes, -sizes]), dtype))
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        a = activation.forward(z)
        slope = np.asarray(activation.slope(z, a))
        assert np.isfinite(a).all()
        assert np.isfinite(slope).all()
        if activation.trainable:
            for slope_in_a in (1, -1e6, 0):
                delta = activation.backward(z, a, np.full_like(z, slope_in_a))
                assert np.isfinite(delta).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 3)])
@pytest.mark.parametrize("name", DECLARED)
def test_dtype_and_shape_are_kept(name, dtype, shape):
    activation = activations.get(name)
    z = np.linspace(-4, 4, math.prod(shape), dtype=dtype).reshape(shape)
    before = z.copy()
    a = activation.forward(z)
    assert (a.dtype, a.shape) == (dtype, shape)
    if activation.trainable:
        delta = activation.backward(z, a, np.ones_like(z))
        assert (delta.dtype, delta.shape) == (dtype, shape)
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("name", DECLARED)
def test_float32_agrees_with_float64(name):
    activation, z = activations.get(name), layer_of(np.linspace(-8, 8, 321), np.float32)
    precise = activation.forward(z.astype(np.float64))
    np.testing.assert_allclose(activation.forward(z), precise, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", DECLARED)
def test_outputs_fill_the_range_and_stay_in_it(name):
    activation = activations.get(name)
    low, high = activation.range.low, activation.range.high
    near = np.linspace(-30, 30, 600_001)
    z = layer_of(np.concatenate([near, np.logspace(2, 30, 57), -np.logspace(2, 30, 57)]))
    a = activation.forward(within_reach(name, z))
    assert a.min() >= low - 1e-15
    assert a.max() <= high + 1e-15
    assert a.min() <= (low + 1e-8 if math.isfinite(low) else -1e25)
    assert a.max() >= (high - 1e-8 if math.isfinite(high) else 1e25)


@pytest.mark.parametrize("name", DECLARED)
def test_an_end_is_closed_where_an_output_reaches_it(name):
    # Up to 8 every curve that only tends to its end is still 1e-7 away from it, as tanh is.
    activation, ends = activations.get(name), activations.get(name).range
    a = activation.forward(layer_of(np.linspace(-8, 8, 160_001)))
    assert ends.closed_low == (a.min() - ends.low < 1e-8)
    assert ends.closed_high == (ends.high - a.max() < 1e-8)


@pytest.mark.parametrize("name", ["gelu", "gelu_tanh", "swish", "swish:beta=3", "mish", "hard_swish"])
def test_the_lowest_output_is_the_minimum(name):
    activation = activations.get(name)
    lowest = minimize_scalar(activation.value, bounds=(-4, 0), method="bounded", options={"xatol": 1e-10})
    assert activation.range.low == pytest.approx(lowest.fun, rel=1e-13, abs=0)


def test_selu_keeps_mean_0_and_variance_1():
    # The property that its two constants are made for (Klambauer et al. 2017, theorem 1).
    selu = activations.get("selu")

    def expected(power):
        def density(z):
            return selu.value(z) ** power * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return quad(density, -40, 0, epsabs=1e-13)[0] + quad(density, 0, 40, epsabs=1e-13)[0]

    assert expected(1) == pytest.approx(0, abs=1e-10)
    assert expected(2) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("sign", [1, -1])
def test_far_out_curves_meet_their_limits(sign):
    far = np.array([[sign * 1e30]])
    limits = {"sigmoid": (1, 0), "tanh": (1, -1), "softsign": (1, -1), "hard_sigmoid": (1, 0)}
    limits |= dict.fromkeys(("relu", "gelu", "gelu_tanh", "softplus", "swish", "mish"), (1e30, 0))
    limits |= {"hard_swish": (1e30, 0), "relu6": (6, 0), "elu": (1e30, -1), "leaky_relu": (1e30, -1e28)}
    for name, (right, left) in limits.items():
        assert activations.get(name).forward(far).item() == pytest.approx(right if sign > 0 else left), name
