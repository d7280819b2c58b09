import numpy as np
import pytest

from pellucid.network import Layer, Network, activations


@pytest.fixture
def network_of():
    """Make a float64 network of (W, b, activation) for each layer, W as it is written: a row a neuron."""

    def make(*layers):
        return Network.from_layers(
            [
                Layer(np.array(W, float).T.copy(), np.array(b, float), activations.get(name))
                for W, b, name in layers
            ]
        )

    return make


@pytest.fixture
def through(network_of):
    """A network that gives its inputs back as its outputs, through one activation."""

    def make(n, name="identity"):
        return network_of((np.eye(n), np.zeros(n), name))

    return make
