"""Every normalisation against SciPy's standard scores forward, and JAX and central differences back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import zscore

from pellucid.errors import ConfigurationError
from pellucid.network import Normalisation, normalisations

jax.config.update("jax_enable_x64", True)

STEP = 1e-6
ALL = list(normalisations)
named = pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)


@pytest.fixture
def sums():
    return np.random.default_rng(0).normal(3, 2, (7, 5)) * [1, 10, 0.1, 1, 5]


def in_jax(rule, s):
    """The formula, written again."""
    mean = s.mean(axis=rule.axis, keepdims=True) if rule.centres else 0.0
    variance = ((s - mean) ** 2).mean(axis=rule.axis, keepdims=True)
    return (s - mean) / jnp.sqrt(variance + rule.epsilon)


@named
def test_standard_scores(rule, sums):
    tight = type(rule)(epsilon=1e-14)
    if rule.centres:
        expected = zscore(sums, axis=rule.axis)
    else:
        expected = sums / np.sqrt((sums**2).mean(axis=rule.axis, keepdims=True))
    np.testing.assert_allclose(tight.standardise(sums).values, expected, rtol=1e-9)
    np.testing.assert_allclose(rule.standardise(sums).values, in_jax(rule, sums), rtol=1e-12)


@named
def test_which_examples_a_value_depends_on(rule, sums):
    other = sums.copy()
    other[3] += 1.5 * np.arange(5)
    moved = (rule.standardise(sums).values != rule.standardise(other).values).any(axis=1)
    assert moved.all() == rule.over_examples
    assert moved[3]


@named
def test_the_way_back_against_jax(rule, sums):
    slopes = np.random.default_rng(1).normal(size=sums.shape)
    expected = jax.grad(lambda s: (in_jax(rule, s) * slopes).sum())(sums)
    found = rule.standardise(sums).backward(slopes)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


@named
def test_the_way_back_against_central_differences(rule, sums):
    slopes = np.random.default_rng(1).normal(size=sums.shape)
    expected = np.empty_like(sums)
    for place in np.ndindex(sums.shape):
        step = np.zeros_like(sums)
        step[place] = STEP
        above, below = (rule.standardise(sums + sign * step).values for sign in (1, -1))
        expected[place] = ((above - below) * slopes).sum() / (2 * STEP)
    found = rule.standardise(sums).backward(slopes)
    assert np.linalg.norm(found - expected) <= 1e-7 * np.linalg.norm(expected)


@named
def test_known_figures_do_not_move_with_the_sums(rule, sums):
    mean, variance = np.arange(5.0), np.arange(1, 6.0)
    standardised = rule.standardise(sums, (mean, variance))
    deviation = np.sqrt(variance + rule.epsilon)
    np.testing.assert_allclose(standardised.values, (sums - mean) / deviation, rtol=1e-14)
    np.testing.assert_allclose(standardised.backward(np.ones_like(sums)), np.ones((7, 1)) / deviation)


@named
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtypes_are_kept(rule, sums, dtype):
    standardised = rule.standardise(sums.astype(dtype))
    for array in (standardised.values, standardised.deviation, standardised.backward(standardised.values)):
        assert array.dtype == dtype


@named
def test_sums_that_are_all_alike_are_no_trouble(rule):
    standardised = rule.standardise(np.full((4, 3), 7.0))
    np.testing.assert_allclose(standardised.values, 0 if rule.centres else 1, rtol=1e-6)
    assert np.isfinite(standardised.backward(np.ones((4, 3)))).all()


def test_float32_does_not_lose_digits_over_many_rows():
    rows = np.random.default_rng(2).normal(1000, 1, (100_000, 1)).astype(np.float32)
    found = normalisations.get("batch").standardise(rows)
    assert found.mean[0, 0] == pytest.approx(rows.mean(dtype=np.float64), rel=1e-7)
    assert found.variance[0, 0] == pytest.approx(rows.var(dtype=np.float64), rel=1e-4)


@named
def test_it_is_described(rule):
    described = rule.describe()
    assert described["formula"]
    assert "https://" in described["source"]
    assert normalisations.get(str(type(rule)(epsilon=0.01))).epsilon == 0.01


def test_a_rule_over_examples_must_say_how_its_figures_follow_them():
    with pytest.raises(ConfigurationError, match="no momentum for its running statistics") as caught:

        class Slow(Normalisation):
            """Without momentum."""

            axis = 0

    assert "momentum" in caught.value.expected
