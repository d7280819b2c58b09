"""The update, by hand and against the gradients."""

import numpy as np
import pytest

from pellucid.network import Layer, Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward
from pellucid.training.descent import descend


def traced(network, x, y, cost="mse"):
    return backward(forward(network, x), y, Objective(network.output, costs.get(cost)))


def test_by_hand():
    # z1 = 2 * 3 + 1 = 7, a2 = z2 = 0.5 * 7 = 3.5, error 3.5 - 1.5 = 2.
    # dL/dW2 = 2 * 7 = 14, dL/db2 = 2; delta1 = 0.5 * 2 = 1 by the old W2, dL/dW1 = 3, dL/db1 = 1.
    relu, identity = activations.get("relu"), activations.get("identity")
    network = Network.from_layers(
        [Layer(np.array([[2.0]]), np.array([1.0]), relu), Layer(np.array([[0.5]]), np.array([0.0]), identity)]
    )
    descend(traced(network, np.array([3.0]), [[1.5]]), 0.1)
    numbers = {name: float(values.squeeze()) for name, values in network.parameters.items()}
    assert numbers == pytest.approx({"W1": 1.7, "b1": 0.9, "W2": -0.9, "b2": -0.2})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 4])
def test_weights_and_biases_change_together(dtype, n):
    network = Network([3, 5, 4, 2], dtype=dtype, seed=1)
    before, random = network.copy(), np.random.default_rng(0)
    trace = traced(network, random.normal(size=(n, 3)), np.eye(2)[random.integers(0, 2, n)], "cce")
    gradients = [
        (w.copy(), b.copy()) for w, b in zip(trace.weight_gradients, trace.bias_gradients, strict=True)
    ]
    descend(trace, 0.25)
    for layer, old, (weights, biases) in zip(network.layers, before.layers, gradients, strict=True):
        np.testing.assert_array_equal(layer.weights, old.weights - np.multiply(0.25, weights))
        np.testing.assert_array_equal(layer.biases, old.biases - np.multiply(0.25, biases))
        assert layer.weights.dtype == layer.biases.dtype == dtype
        assert (layer.weights != old.weights).any()


def test_in_place():
    network = Network([3, 2], seed=1)
    weights = network.layers[0].weights
    descend(traced(network, np.ones(3), [[1, 0]], "cce"), 0.25)
    assert network.layers[0].weights is weights
