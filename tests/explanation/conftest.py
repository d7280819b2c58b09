import numpy as np
import pytest

from pellucid.data import ArrayInputs, ClassTarget, ValueTarget
from pellucid.evaluation import Diagnosis, History
from pellucid.model import Model
from pellucid.network import Layer, Network, activations, costs

LN3 = np.log(3.0)


@pytest.fixture
def model_of():
    """Make a float64 model of (W, b, activation) for each layer, whose inputs come as they are."""

    def make(layers, cost, target, rate=0.5):
        network = Network.from_layers(
            [
                Layer(np.array(W, float).T.copy(), np.array(b, float), activations.get(name))
                for W, b, name in layers
            ]
        )
        n = network.sizes[0]
        inputs = ArrayInputs(tuple(f"x{k}" for k in range(1, n + 1)), np.zeros(n), np.ones(n))
        return Model(
            network, costs.get(cost), inputs, target, History(), Diagnosis("good", [], []),
            settings={"learning_rate": rate},
        )  # fmt: skip

    return make


@pytest.fixture
def by_hand(model_of):
    """The tutorial's 4-2-3 network with numbers that can be followed: biases that make plain quarters."""
    return model_of(
        [
            ([[1, 0.5, 3, 0.5], [-1, 0.5, 2, 1]], [0.5, 0.25], "relu"),
            ([[1, 1], [0.5, -1], [-0.5, 2]], [-2, LN3 - 1, 1 - LN3], "sigmoid"),
        ],
        "mean_squared_error",
        ClassTarget("kind", ("ant", "bee", "cow")),
    )


@pytest.fixture
def price():
    """A value with the mean 20 and the spread 10."""
    return ValueTarget.fit(np.array([10.0, 30.0]), ("price",))
