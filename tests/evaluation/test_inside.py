"""The look inside: neurons made dead or saturated, errors made to vanish and to explode."""

import json
import math

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples, ValueTarget
from pellucid.evaluation import LayerHealth, OutputHead, look_inside
from pellucid.network import Layer, Network, activations, costs
from pellucid.passes.reference import backward, forward

X = np.random.default_rng(0).normal(size=(3000, 3))
CLASSES = ClassTarget(None, (0, 1))
TARGETS = (X[:, 0] > 0).astype(np.intp)


def inside(network, x=X, targets=TARGETS, target=CLASSES, cost="cce", begin=None):
    return look_inside(network, Examples(x, targets), OutputHead(target, network, costs.get(cost)), begin)


def test_only_hidden_layers_are_looked_at():
    assert inside(Network([3, 2])) == []
    assert [health.layer for health in inside(Network([3, 5, 4, 2]))] == [1, 2]


def test_fresh_networks_are_well():
    for activation in ("relu", "tanh", "gelu", "leaky_relu"):
        for health in inside(Network([3, 40, 30, 2], activation)):
            assert (health.dead, health.saturated) == ([], [])
            assert (health.vanishing, health.exploding) == (False, False)
            assert health.activation == activation


@pytest.mark.parametrize("activation", ["relu", "relu6", "hard_swish", "hard_sigmoid"])
def test_dead_neurons(activation):
    network = Network([3, 6, 2], activation)
    network.layers[0].biases[[1, 4]] = -1000  # for ever on the flat side, where nothing comes out
    (health,) = inside(network)
    assert health.dead == [2, 5]
    assert health.saturated == []


def test_dead_from_the_start_or_since():
    begin = Network([3, 6, 2], "relu")
    begin.layers[0].biases[[0, 1]] = -1000
    network = begin.copy()
    network.layers[0].biases[:] = 0
    network.layers[0].biases[
        [1, 4]
    ] = -1000  # the second was dead before, the fifth is so now; the first awoke
    (health,) = inside(network, begin=begin)
    assert (health.dead, health.stillborn) == ([2, 5], [2])
    (unknown,) = inside(network)
    assert (unknown.dead, unknown.stillborn) == ([2, 5], [])


def test_one_example_that_wakes_it_is_enough():
    network = Network([3, 6, 2], "relu")
    network.layers[0].biases[1] = -1000
    x = X.copy()
    x[2900] = 1e4 * network.layers[0].weights[:, 1]  # beyond the first piece of rows
    (health,) = inside(network, x)
    assert health.dead == []


@pytest.mark.parametrize(
    ("activation", "bias"),
    [("tanh", 100), ("tanh", -100), ("sigmoid", 50), ("sigmoid", -50), ("relu6", 1000), ("elu", -50)],
)
def test_saturated_neurons(activation, bias):
    network = Network([3, 6, 2], activation)
    network.layers[0].biases[[0, 5]] = bias
    (health,) = inside(network)
    assert health.saturated == [1, 6]
    assert health.dead == []


def test_saturated_means_a_slope_below_a_hundredth():
    # tanh's slope is 1 - a^2: a bound of 0.01 lies at z = atanh(sqrt(0.99)) = 2.993.
    bound = math.atanh(math.sqrt(0.99))
    for bias, expected in ((bound - 0.01, []), (bound + 0.01, [1])):
        hidden = Layer(np.zeros((3, 1)), np.array([bias]), activations.get("tanh"))
        out = Layer(np.ones((1, 2)), np.zeros(2), activations.get("softmax"))
        (health,) = inside(Network.from_layers([hidden, out]))
        assert health.saturated == expected


def test_the_size_of_the_error_terms():
    network = Network([3, 8, 4, 2], "tanh", dtype="float64")
    trace = forward(network, X[:1024])
    backward(
        trace,
        CLASSES.matrix(TARGETS[:1024], 2, "float64"),
        OutputHead(CLASSES, network, costs.get("cce")).objective,
    )
    sizes = [np.sqrt((delta**2).mean()) for delta in trace.delta]
    found = [health.error_ratio for health in inside(network)]
    np.testing.assert_allclose(found, [sizes[0] / sizes[2], sizes[1] / sizes[2]], rtol=1e-12)


def test_the_error_vanishes_in_a_deep_sigmoid():
    health = inside(Network([3, *[16] * 9, 2], "sigmoid"))
    assert health[0].vanishing
    assert not health[-1].vanishing
    ratios = [layer.error_ratio for layer in health]
    assert ratios == sorted(ratios)


def test_the_error_explodes_through_large_weights():
    network = Network([3, *[16] * 5, 2], "leaky_relu")
    for layer in network.layers[1:]:
        layer.weights *= 20
    health = inside(network)
    assert health[0].exploding
    assert not health[-1].exploding
    assert not any(layer.vanishing for layer in health)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_no_number_has_exploded():
    network = Network([3, 4, 2])
    network.layers[-1].weights[0, 0] = np.nan
    (health,) = inside(network)
    assert health.error_ratio is None or health.exploding


def test_without_any_error_there_is_no_ratio(network_of):
    network = network_of(([[1.0]], [0], "identity"), ([[1.0]], [0], "identity"))
    target = ValueTarget(("y",), np.zeros(1), np.ones(1))
    x = np.arange(5.0)[:, None]
    (health,) = inside(network, x, x, target, "mse")
    assert health.error_ratio is None
    assert (health.vanishing, health.exploding) == (False, False)


@pytest.mark.parametrize(
    ("ratio", "vanishing", "exploding"),
    [(0.9e-3, True, False), (1.1e-3, False, False), (0.9e3, False, False), (1.1e3, False, True),
     (math.nan, False, True), (math.inf, False, True), (None, False, False)],
)  # fmt: skip
def test_bounds(ratio, vanishing, exploding):
    health = LayerHealth(1, "relu", 4, [], [], ratio)
    assert (health.vanishing, health.exploding) == (vanishing, exploding)


def test_ready_for_json():
    health = LayerHealth(2, "relu", 4, [1], [3], 1e-5)
    assert json.loads(json.dumps(health.to_dict())) == {
        "layer": 2,
        "activation": "relu",
        "neurons": 4,
        "dead": [1],
        "saturated": [3],
        "error_ratio": 1e-5,
        "stillborn": [],
        "vanishing": True,
        "exploding": False,
    }


def test_looking_changes_nothing():
    network = Network([3, 8, 2])
    before = network.copy()
    inside(network)
    assert network == before
