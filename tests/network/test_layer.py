import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.network import Layer, activations


@pytest.fixture
def layer():
    return Layer(np.arange(6.0).reshape(3, 2), np.array([0.5, -0.5]), activations.get("relu"))


def test_sizes(layer):
    assert (layer.n_in, layer.n_out, layer.n_parameters) == (3, 2, 8)


def test_w_is_a_view_with_a_row_for_each_neuron(layer):
    np.testing.assert_array_equal(layer.W, [[0, 2, 4], [1, 3, 5]])
    layer.W[0, 2] = 9
    assert layer.weights[2, 0] == 9
    assert layer.b is layer.biases


def test_repr(layer):
    assert repr(layer) == "Layer(3 -> 2, relu)"
    leaky = Layer(layer.weights, layer.biases, activations.get("leaky_relu:alpha=0.2"))
    assert repr(leaky) == "Layer(3 -> 2, leaky_relu:alpha=0.2)"


def test_a_copy_has_numbers_of_its_own(layer):
    copy = layer.copy()
    assert copy == layer
    copy.weights[0, 0] = 7
    assert layer.weights[0, 0] == 0
    copy = layer.copy()
    copy.biases[0] = 7
    assert layer.biases[0] == 0.5


def test_equality(layer):
    weights, biases, relu = layer.weights, layer.biases, layer.activation
    assert layer == Layer(weights.copy(), biases.copy(), activations.get("relu"))
    assert layer != Layer(weights + 1, biases, relu)
    assert layer != Layer(weights, biases + 1, relu)
    assert layer != Layer(weights, biases, activations.get("tanh"))
    assert layer != Layer(weights.astype(np.float32), biases, relu)
    assert layer != Layer(weights[:2].T.copy().T, biases, relu)
    assert layer != "Layer(3 -> 2, relu)"


def test_no_hash_as_weights_change(layer):
    with pytest.raises(TypeError, match="unhashable"):
        hash(layer)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"weights": [[1.0, 2.0]]}, "the weights of a layer cannot be of type list"),
        ({"biases": [0.5, -0.5]}, "the biases of a layer cannot be of type list"),
        ({"activation": "relu"}, "the activation of a layer cannot be of type str"),
        ({"weights": np.ones(3)}, "the shapes of weights and biases do not match"),
        ({"biases": np.ones(3)}, "the shapes of weights and biases do not match"),
    ],
)
def test_what_is_no_layer(layer, wrong, problem):
    with pytest.raises(ConfigurationError) as caught:
        Layer(**{**vars(layer), **wrong})
    assert caught.value.problem == problem
