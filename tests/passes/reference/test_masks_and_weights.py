"""Masked outputs and weighted examples: against central differences, and rows that are given twice."""

import numpy as np
import pytest

from pellucid.network import Network, Objective, costs
from pellucid.passes.reference import backward, forward

STEP = 1e-6
PAIRS = [("softmax", "categorical_cross_entropy"), ("identity", "mean_squared_error"), ("sigmoid", "huber")]
HIDDEN = ["tanh", "sigmoid", "softplus", "softmax"]


@pytest.fixture
def random():
    return np.random.default_rng(7)


def case(hidden, output, cost, random, n=5):
    network = Network([4, 6, 5, 3], hidden, output=output, dtype="float64", seed=2)
    for layer in network.layers:
        layer.biases[...] = 0.3 * random.standard_normal(layer.n_out)
    targets = np.eye(3)[random.integers(0, 3, n)]
    return network, Objective(network.output, costs.get(cost)), random.standard_normal((n, 4)), targets


def drawn_masks(random, n=5, rate=0.4):
    """Some are 0, the others as much larger as some are missing; the middle layer goes on as it is."""
    masks = [(random.random((n, size)) > rate) / (1 - rate) for size in (4, 6, 5)]
    masks[1] = None
    return masks


def differences(network, loss):
    """The central differences of a loss in every weight and bias."""
    found = {}
    for name, array in network.parameters.items():
        found[name] = np.empty_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + STEP
            above = loss()
            array[place] = kept - STEP
            found[name][place] = (above - loss()) / (2 * STEP)
            array[place] = kept
    return found


@pytest.mark.parametrize(("output", "cost"), PAIRS)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_with_the_masks_held(random, hidden, output, cost, weighted):
    network, objective, x, targets = case(hidden, output, cost, random)
    masks = drawn_masks(random)
    weights = random.uniform(0, 3, 5) if weighted else None
    trace = backward(forward(network, x, masks), targets, objective, weights)

    def loss():
        again = forward(network, x, masks)
        losses = objective.losses(again.z[-1], again.a[-1], targets)
        return np.average(losses * (1 if weights is None else weights))

    assert trace.loss == pytest.approx(loss(), rel=1e-12)
    for name, expected in differences(network, loss).items():
        number = int(name[1:]) - 1
        found = trace.weight_gradients[number] if name[0] == "W" else trace.bias_gradients[number]
        assert np.linalg.norm(found - expected) <= 1e-6 * max(np.linalg.norm(expected), 1e-3), name


def test_what_is_masked_goes_on_as_nothing(random):
    network, objective, x, targets = case("relu", "softmax", "cross_entropy", random)
    masks = [None, np.ones((5, 6)), None]
    masks[1][:, 2] = 0
    trace = backward(forward(network, x, masks), targets, objective)
    assert (trace.weight_gradients[1][2] == 0).all()
    assert (trace.delta[0][:, 2] == 0).all()
    without = network.copy()
    without.layers[1].weights[2] = 0
    np.testing.assert_allclose(trace.a[-1], forward(without, x).a[-1], rtol=1e-14)


def test_a_mask_of_ones_changes_no_bit(random):
    network, objective, x, targets = case("tanh", "softmax", "cross_entropy", random)
    plain = backward(forward(network, x), targets, objective)
    masked = backward(forward(network, x, [np.ones_like(a) for a in plain.a[:-1]]), targets, objective)
    for name in plain:
        assert np.array_equal(plain[name], masked[name]), name
    assert [name for name in masked if name not in list(plain)] == ["mask0", "mask1", "mask2"]


@pytest.mark.parametrize(("output", "cost"), PAIRS)
def test_a_weight_of_2_is_a_row_given_twice(random, output, cost):
    network, objective, x, targets = case("tanh", output, cost, random)
    count = np.array([1, 2, 1, 3, 1])
    weighted = backward(forward(network, x), targets, objective, count / count.mean())
    rows = np.repeat(np.arange(5), count)
    repeated = backward(forward(network, x[rows]), targets[rows], objective)
    assert weighted.loss == pytest.approx(repeated.loss, rel=1e-13)
    for k in range(3):
        np.testing.assert_allclose(weighted.weight_gradients[k], repeated.weight_gradients[k], rtol=1e-10)
        np.testing.assert_allclose(weighted.bias_gradients[k], repeated.bias_gradients[k], rtol=1e-10)
