"""The update: by hand, against the gradients, and each thing that holds weights back by its definition."""

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.network import Layer, Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward
from pellucid.training import Clipping, Regularisation, optimizers
from pellucid.training.updates.rule import UpdateRule

SGD = optimizers.get("sgd")


def traced(network, x, y, cost="mse"):
    return backward(forward(network, x), y, Objective(network.output, costs.get(cost)))


def case(dtype="float64", n=4, sizes=(3, 5, 4, 2)):
    network, random = Network(sizes, "tanh", dtype=dtype, seed=1), np.random.default_rng(0)
    for layer in network.layers:
        layer.biases[...] = random.normal(size=layer.n_out)
    return network, random.normal(size=(n, sizes[0])), np.eye(sizes[-1])[random.integers(0, sizes[-1], n)]


def gradients(network, x, y):
    trace = traced(network, x, y, "cce")
    return trace.weight_gradients, trace.bias_gradients


def stepped(network, x, y, rate=0.25, optimizer=SGD, regularisation=None, clipping=None):
    """A copy of the network after an update."""
    after = network.copy()
    rule = UpdateRule(after, optimizer, regularisation, clipping)
    rule.update(rule.parameters(after), traced(after, x, y, "cce").gradients, rate, 1)
    return after


def test_by_hand():
    # z1 = 2 * 3 + 1 = 7, a2 = z2 = 0.5 * 7 = 3.5, error 3.5 - 1.5 = 2.
    # dL/dW2 = 2 * 7 = 14, dL/db2 = 2; delta1 = 0.5 * 2 = 1 by the old W2, dL/dW1 = 3, dL/db1 = 1.
    relu, identity = activations.get("relu"), activations.get("identity")
    network = Network.from_layers(
        [Layer(np.array([[2.0]]), np.array([1.0]), relu), Layer(np.array([[0.5]]), np.array([0.0]), identity)]
    )
    rule = UpdateRule(network, SGD)
    rule.update(rule.parameters(network), traced(network, np.array([3.0]), [[1.5]]).gradients, 0.1, 1)
    numbers = {name: float(values.squeeze()) for name, values in network.parameters.items()}
    assert numbers == pytest.approx({"W1": 1.7, "b1": 0.9, "W2": -0.9, "b2": -0.2})


def test_the_order_of_all_pieces_by_hand():
    # The penalty makes 3 + 0.5 * 2 = 4 of the gradient of w = 2, the limit of each entry 2 of that; the norm
    # of (2, 1.5) is 2.5, and halved. w takes a step of -1 and decays by 0.1 * 2; b takes one of -0.75.
    network = Network([1, 1], output="identity")
    network.layers[0].weights[...] = 2
    network.layers[0].biases[...] = 0
    held, clipping = Regularisation(l2=0.5, weight_decay=0.1), Clipping(value=2, norm=1.25)
    rule = UpdateRule(network, SGD, held, clipping)
    gradients = [{"W": np.array([[3.0]]), "b": np.array([1.5])}]
    rule.update(rule.parameters(network), gradients, rate=1.0, t=1)
    numbers = [array.item() for array in network.parameters.values()]
    assert numbers == pytest.approx([2 - 1 - 0.2, -0.75])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 4])
def test_weights_and_biases_change_together(dtype, n):
    network, x, y = case(dtype, n)
    weights, biases = gradients(network, x, y)
    after = stepped(network, x, y)
    for k, (layer, old) in enumerate(zip(after.layers, network.layers, strict=True)):
        np.testing.assert_array_equal(layer.weights, old.weights - weights[k].dtype.type(0.25) * weights[k])
        np.testing.assert_array_equal(layer.biases, old.biases - biases[k].dtype.type(0.25) * biases[k])
        assert layer.weights.dtype == layer.biases.dtype == dtype
        assert (layer.weights != old.weights).any()


def test_in_place():
    network, x, y = case()
    before, weights, rule = network.copy(), network.layers[0].weights, UpdateRule(network, SGD)
    rule.update(rule.parameters(network), traced(network, x, y, "cce").gradients, 0.25, 1)
    assert network.layers[0].weights is weights
    assert (weights != before.layers[0].weights).any()


@pytest.mark.parametrize("optimizer", [o for o in optimizers if not o.searches], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_optimizer_keeps_its_own_of_every_weight(optimizer, dtype):
    # Every array by itself must go the way it goes in the network.
    network, x, y = case(dtype)
    rule = UpdateRule(network, optimizer)
    parameters = rule.parameters(network)
    alone = {name: (array.copy(), optimizer.start(array)) for name, array in network.parameters.items()}
    for t in range(1, 4):
        trace = traced(network, x, y, "cce")
        found = {
            f"{kind}{k + 1}": gradient.copy()
            for kind, all_of in (("W", trace.weight_gradients), ("b", trace.bias_gradients))
            for k, gradient in enumerate(all_of)
        }
        rule.update(parameters, trace.gradients, 0.1, t)
        for name, (values, state) in alone.items():
            change, state = optimizer.step(found[name], state, 0.1, t)
            if name[0] == "W" and optimizer.decay:
                change = change - change.dtype.type(0.1 * optimizer.decay) * values
            alone[name] = (values + change, state)
    for name, array in network.parameters.items():
        np.testing.assert_array_equal(array, alone[name][0])
        assert array.dtype == dtype


class TestPenalties:
    HELD = Regularisation(l1=(0.3, 0.0, 0.1), l2=0.2)

    @pytest.mark.parametrize("biases", [False, True])
    def test_cost_and_penalty_against_central_differences(self, biases):
        network, x, y = case()
        held = Regularisation(l1=(0.3, 0.0, 0.1), l2=0.2, biases=biases)
        rule, moved = UpdateRule(network, SGD, held), network.copy()
        objective = Objective(network.output, costs.get("cce"))

        def whole():
            trace = forward(moved, x)
            return objective.losses(trace.z[-1], trace.a[-1], y).mean() + rule.penalty(moved)

        after = stepped(network, x, y, rate=1.0, regularisation=held)
        for name, values in moved.parameters.items():
            slopes = np.empty_like(values)
            for place in np.ndindex(values.shape):
                kept = values[place]
                values[place] = kept + 1e-6
                above = whole()
                values[place] = kept - 1e-6
                slopes[place] = (above - whole()) / 2e-6
                values[place] = kept
            found = network.parameters[name] - after.parameters[name]  # at rate 1 the step is the gradient
            assert np.linalg.norm(found - slopes) <= 1e-6 * np.linalg.norm(slopes), name

    def test_the_penalty_by_hand(self):
        network = Network.from_layers(
            [Layer(np.array([[3.0, -4.0]]), np.array([5.0, 6.0]), activations.get("softmax"))]
        )
        assert UpdateRule(network, SGD).penalty(network) == 0
        assert not UpdateRule(network, SGD).is_penalised
        held = UpdateRule(network, SGD, Regularisation(l1=0.1, l2=0.2))
        assert held.penalty(network) == pytest.approx(0.7 + 2.5)
        with_biases = UpdateRule(network, SGD, Regularisation(l1=0.1, biases=True))
        assert with_biases.penalty(network) == pytest.approx(0.7 + 1.1)
        assert with_biases.is_penalised

    def test_a_penalty_goes_through_the_optimizer_and_decay_past_it(self):
        network, x, y = case()
        adam = optimizers.get("adam")
        plain = stepped(network, x, y, optimizer=adam)
        decayed = stepped(network, x, y, optimizer=adam, regularisation=Regularisation(weight_decay=0.1))
        for old, a, b in zip(network.layers, plain.layers, decayed.layers, strict=True):
            np.testing.assert_allclose(b.weights, a.weights - 0.25 * 0.1 * old.weights, rtol=1e-12)
            np.testing.assert_array_equal(b.biases, a.biases)
        # Adam's first step is as long as the rate whatever the gradient's size: a penalty cannot shorten it.
        held = stepped(network, x, y, optimizer=adam, regularisation=Regularisation(l2=0.1))
        assert np.abs(held.layers[0].weights - network.layers[0].weights).max() < 0.25 + 1e-6

    def test_under_sgd_decay_and_l2_are_the_same(self):
        network, x, y = case()
        decayed = stepped(network, x, y, regularisation=Regularisation(weight_decay=0.1))
        held = stepped(network, x, y, regularisation=Regularisation(l2=0.1))
        for name, array in decayed.parameters.items():
            np.testing.assert_allclose(array, held.parameters[name], rtol=1e-12)


class TestMaxNorm:
    def test_long_weights_are_shortened_and_short_ones_stay(self):
        network, x, y = case()
        free = stepped(network, x, y)
        held = stepped(network, x, y, regularisation=Regularisation(max_norm=(0.9, 0.5, 100)))
        for k, longest in enumerate((0.9, 0.5, 100)):
            before = np.linalg.norm(free.layers[k].weights, axis=0)
            after = np.linalg.norm(held.layers[k].weights, axis=0)
            np.testing.assert_allclose(after, np.minimum(before, longest), rtol=1e-12)
            directions = free.layers[k].weights / before
            np.testing.assert_allclose(held.layers[k].weights / after, directions, rtol=1e-9)
            np.testing.assert_array_equal(held.layers[k].biases, free.layers[k].biases)
        assert (np.linalg.norm(free.layers[0].weights, axis=0) > 0.9).any()

    def test_with_the_biases(self):
        network, x, y = case()
        held = stepped(network, x, y, regularisation=Regularisation(max_norm=0.5, biases=True))
        for layer in held.layers:
            assert (np.hypot(np.linalg.norm(layer.weights, axis=0), layer.biases) <= 0.5 + 1e-12).all()

    def test_weights_of_0_stay(self):
        network, x, y = case("float32")
        network.layers[1].weights[...] = 0
        held = stepped(network, x, y, rate=1e-300, regularisation=Regularisation(max_norm=0.5))
        assert (held.layers[1].weights == 0).all()  # a step of 1e-300 is none in float32


class TestClipping:
    def test_by_value(self):
        network, x, y = case()
        weights, biases = gradients(network, x, y)
        after = stepped(network, x, y, clipping=Clipping(value=0.05))
        for k in range(3):
            np.testing.assert_allclose(
                after.layers[k].weights, network.layers[k].weights - 0.25 * np.clip(weights[k], -0.05, 0.05)
            )
            np.testing.assert_allclose(
                after.layers[k].biases, network.layers[k].biases - 0.25 * np.clip(biases[k], -0.05, 0.05)
            )

    @pytest.mark.parametrize(("norm", "shortened"), [(0.1, True), (100.0, False)])
    def test_by_the_norm_of_all_together(self, norm, shortened):
        network, x, y = case()
        all_of = [g.ravel() for pair in zip(*gradients(network, x, y), strict=True) for g in pair]
        length = np.linalg.norm(np.concatenate(all_of))
        after = stepped(network, x, y, rate=1.0, clipping=Clipping(norm=norm))
        steps = [
            (now - before).ravel()
            for now, before in zip(after.parameters.values(), network.parameters.values(), strict=True)
        ]
        assert (length > norm) == shortened
        assert np.linalg.norm(np.concatenate(steps)) == pytest.approx(min(length, norm))


def test_one_value_a_layer_must_match_the_layers():
    network, _, _ = case()
    for name in ("l1", "l2", "weight_decay", "max_norm"):
        with pytest.raises(ConfigurationError, match=f"{name} does not match the layers"):
            UpdateRule(network, SGD, Regularisation(**{name: (0.1, 0.2)}))
