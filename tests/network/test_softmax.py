"""Softmax, the one activation of a whole layer: its Jacobian, and what it keeps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pellucid.network import activations

jax.config.update("jax_enable_x64", True)

softmax = activations.get("softmax")
layers = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 6)),
    elements=st.floats(-1e30, 1e30),
)


def test_published_numbers():
    a = softmax.forward(np.array([[1.0, 2, 3]]))
    np.testing.assert_allclose(
        a, [[0.09003057317038046, 0.24472847105479764, 0.6652409557748218]], rtol=1e-14
    )


def test_equal_sums_share_alike():
    np.testing.assert_array_equal(softmax.forward(np.full((2, 4), 1e30)), 0.25)


@settings(deadline=None)
@given(layers)
def test_outputs_are_probabilities(z):
    a = softmax.forward(z)
    assert (a >= 0).all()
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-14)
    rows = np.arange(len(z))
    np.testing.assert_array_equal(a[rows, z.argmax(axis=1)], a.max(axis=1))  # sums closer than 1e-16 may tie


@pytest.mark.parametrize("shift", [1e-3, 1.0, -50.0, 1024.0, -(2.0**40)])
def test_a_shift_of_all_sums_changes_nothing(shift):
    z = np.array([[0.25, -1.5, 3.0], [0, 0, 8]])
    rounding = 1e-15 + 2 * abs(shift) * np.finfo(float).eps  # of z + shift, before softmax sees it
    np.testing.assert_allclose(softmax.forward(z + shift), softmax.forward(z), rtol=rounding)


@settings(deadline=None)
@given(layers)
def test_the_error_term_of_equal_slopes_is_0(z):
    # The outputs always sum to 1: raising all of them alike is no change that z could make.
    delta = softmax.backward(z, softmax.forward(z), np.full_like(z, 3.0))
    np.testing.assert_allclose(delta, 0, atol=1e-14)


@pytest.fixture
def point():
    random = np.random.default_rng(0)
    z = 2 * random.normal(size=(6, 5))
    return z, softmax.forward(z), random.normal(size=(6, 5))


def test_backward_is_the_product_with_the_whole_jacobian(point):
    z, a, slope_in_a = point
    for row in range(len(z)):
        jacobian = np.array([[a[row, i] * ((i == j) - a[row, j]) for j in range(5)] for i in range(5)])
        delta = softmax.backward(z, a, slope_in_a)[row]
        np.testing.assert_allclose(delta, jacobian.T @ slope_in_a[row], rtol=1e-12, atol=1e-15)


def test_slope_is_the_jacobians_diagonal(point):
    z, a, _ = point
    jacobians = jax.vmap(jax.jacobian(jax.nn.softmax))(z)
    np.testing.assert_allclose(softmax.slope(z, a), jnp.diagonal(jacobians, axis1=1, axis2=2), rtol=1e-12)


def test_backward_against_jax(point):
    z, a, slope_in_a = point
    outputs, pull_back = jax.vjp(jax.nn.softmax, z)
    np.testing.assert_allclose(a, outputs, rtol=1e-14)
    np.testing.assert_allclose(softmax.backward(z, a, slope_in_a), pull_back(slope_in_a)[0], rtol=1e-11)


def test_backward_against_central_differences(point):
    z, a, slope_in_a = point
    step, delta = 1e-6, softmax.backward(z, a, slope_in_a)
    for j in range(5):
        shift = step * np.eye(5)[j]
        change = (softmax.forward(z + shift) - softmax.forward(z - shift)) / (2 * step)
        np.testing.assert_allclose(delta[:, j], (change * slope_in_a).sum(axis=1), rtol=1e-7, atol=1e-9)


def test_examples_do_not_touch_each_other(point):
    z, a, slope_in_a = point
    alone = [softmax.backward(z[i : i + 1], a[i : i + 1], slope_in_a[i : i + 1])[0] for i in range(len(z))]
    np.testing.assert_array_equal(softmax.backward(z, a, slope_in_a), alone)
