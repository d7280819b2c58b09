"""Gradients through normalisations: against JAX's automatic differentiation and central differences."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.network import Network, Objective, activations, costs, normalisations
from pellucid.passes.reference import backward, forward

jax.config.update("jax_enable_x64", True)

STEP = 1e-6
SMOOTH = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus, "softmax": jax.nn.softmax}
PAIRS = {
    "identity": ("mean_squared_error", lambda z, y: ((z - y) ** 2).sum(axis=1) / 2),
    "softmax": ("categorical_cross_entropy", lambda z, y: -(y * jax.nn.log_softmax(z)).sum(axis=1)),
    "sigmoid": (
        "binary_cross_entropy",
        lambda z, y: -(y * jax.nn.log_sigmoid(z) + (1 - y) * jax.nn.log_sigmoid(-z)).sum(axis=1),
    ),
}
SETTINGS = {"plain": (False, False), "masked": (True, False), "weighted": (False, True), "both": (True, True)}


class Case:
    """A network of two hidden layers with a point, masks that are held, and weights."""

    def __init__(self, rule, hidden, output, masked, weighted, n=6):
        random = np.random.default_rng([len(rule), len(hidden), masked, weighted])
        self.network = Network([4, 6, 5, 3], hidden, output=output, normalise=rule, dtype="float64", seed=2)
        for array in self.network.parameters.values():
            array += 0.3 * random.standard_normal(array.shape)
        for layer in self.network.layers[:-1]:
            for array in layer.normaliser.kept.values():
                array[...] = random.uniform(0.5, 2, array.shape)
        self.objective = Objective(self.network.output, costs.get(PAIRS[output][0]))
        self.x, self.y = random.standard_normal((n, 4)), np.eye(3)[random.integers(0, 3, n)]
        self.masks = [(random.random((n, size)) > 0.3) / 0.7 for size in (4, 6, 5)] if masked else []
        self.weights = random.uniform(0, 3, n) if weighted else None

    def trace(self, learning):
        trace = forward(self.network, self.x, self.masks, learning=learning)
        return backward(trace, self.y, self.objective, self.weights)

    def cost(self, learning):
        trace = forward(self.network, self.x, self.masks, learning=learning)
        losses = self.objective.losses(trace.z[-1], trace.a[-1], self.y)
        return np.average(losses if self.weights is None else losses * self.weights)

    def in_jax(self, parameters, learning):
        """The same cost, written again."""
        a, layers = self.x, self.network.layers
        for k, layer in enumerate(layers, start=1):
            a = a * self.masks[k - 1] if self.masks else a
            z = a @ parameters[f"W{k}"] + parameters[f"b{k}"]
            if layer.normaliser is not None:
                rule, running = layer.normaliser.rule, layer.normaliser.kept
                mean = z.mean(axis=rule.axis, keepdims=True) if rule.centres else 0.0
                variance = ((z - mean) ** 2).mean(axis=rule.axis, keepdims=True)
                if running and not learning:
                    mean, variance = running["mean"], running["variance"]
                z = (z - mean) / jnp.sqrt(variance + rule.epsilon)
                z = parameters[f"gain{k}"] * z + parameters[f"shift{k}"]
            a = z if k == len(layers) else SMOOTH[layer.activation.name](z)
        losses = PAIRS[self.network.output.name][1](a, self.y)
        return (losses if self.weights is None else losses * self.weights).mean()


def named(trace):
    found = {}
    for number, of_layer in enumerate(trace.gradients, start=1):
        found |= {f"{name}{number}": gradient for name, gradient in of_layer.items()}
    return found


def agree(found, expected, tolerance, scale):
    return np.linalg.norm(found - expected) <= tolerance * max(np.linalg.norm(expected), scale)


@pytest.mark.parametrize("learning", [True, False], ids=["learning", "predicting"])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    ("rule", "hidden", "output"), list(product(normalisations.names, SMOOTH, PAIRS)), ids=str
)
def test_gradients(rule, hidden, output, setting, learning):
    case = Case(rule, hidden, output, *SETTINGS[setting])
    trace = case.trace(learning)
    found = named(trace)
    cost, expected = jax.value_and_grad(case.in_jax)(dict(case.network.parameters), learning)
    assert trace.loss == pytest.approx(float(cost), rel=1e-12)
    assert list(found) == list(case.network.parameters)
    # A bias before a batch's mean is taken away has no effect at all: what is left of it is rounding.
    scale = 1e-3 * max(np.linalg.norm(gradient) for gradient in found.values())
    for name, gradient in found.items():
        assert agree(gradient, expected[name], 1e-10, scale), name
    for name, array in case.network.parameters.items():
        differences = np.empty_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + STEP
            above = case.cost(learning)
            array[place] = kept - STEP
            differences[place] = (above - case.cost(learning)) / (2 * STEP)
            array[place] = kept
        assert agree(found[name], differences, 1e-5, scale), name


@pytest.mark.parametrize("hidden", [a.name for a in activations if a.trainable])
@pytest.mark.parametrize("rule", normalisations.names)
def test_every_activation_goes_with_it(rule, hidden):
    network = Network([4, 6, 3], hidden, normalise=rule, dtype="float64")
    x = np.random.default_rng(0).normal(size=(8, 4))
    objective = Objective(network.output, costs.get("categorical_cross_entropy"))
    trace = backward(forward(network, x, learning=True), np.eye(3)[np.arange(8) % 3], objective)
    # Along the sums themselves the loss is flat: shifted or stretched, they are standardised to the same.
    rule_of_layer = network.layers[0].normaliser.rule
    axis = rule_of_layer.axis
    slope, sums = trace.sum_slopes[0], trace.sums[0]
    size = np.abs(slope).max()
    assert size > 0
    if rule_of_layer.centres:
        np.testing.assert_allclose(slope.sum(axis=axis), 0, atol=1e-12 * size * slope.size)
    np.testing.assert_allclose((slope * sums).sum(axis=axis), 0, atol=1e-3 * size * np.abs(sums).max())


def test_batch_normalisation_makes_the_bias_before_it_idle():
    case = Case("batch", "tanh", "softmax", masked=False, weighted=False)
    trace = case.trace(learning=True)
    np.testing.assert_allclose(trace.bias_gradients[0], 0, atol=1e-16)
    assert np.abs(trace.gradients[0]["shift"]).max() > 1e-3


def test_names_in_the_trace():
    case = Case("layer", "tanh", "softmax", masked=False, weighted=False)
    trace = case.trace(learning=True)
    names = list(trace)
    assert names[:6] == ["x", "s1", "mean1", "deviation1", "z1", "a1"]
    assert names[-6:] == ["delta1", "dL/dgain1", "dL/dshift1", "dL/ds1", "dL/dW1", "dL/db1"]
    assert "s3" not in names
    assert trace["mean1"].shape == (6, 1)
    np.testing.assert_allclose(
        trace["z1"],
        (trace["s1"] - trace["mean1"]) / trace["deviation1"] * case.network.layers[0].normaliser.gain
        + case.network.layers[0].normaliser.shift,
    )
    assert trace["dL/ds1"].shape == trace["s1"].shape == (6, 6)


def test_a_prediction_does_not_depend_on_its_neighbours():
    for rule in normalisations.names:
        case = Case(rule, "tanh", "softmax", masked=False, weighted=False)
        together = forward(case.network, case.x).a[-1]
        alone = np.concatenate([forward(case.network, row).a[-1] for row in case.x])
        np.testing.assert_allclose(together, alone, rtol=1e-12)
