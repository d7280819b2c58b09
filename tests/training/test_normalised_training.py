"""Normalisations while a network learns: running figures, averages, streams, searches, what is refused."""

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError
from pellucid.evaluation import measure, outputs_of
from pellucid.network import Network, normalisations
from pellucid.passes.reference import forward
from pellucid.random import permutation
from pellucid.training import (
    Callback,
    Regularisation,
    Stream,
    build_network,
    find_learning_rate,
    optimizers,
    train,
)
from pellucid.training.updates.rule import UpdateRule


class Sums(Callback):
    """Keeps what each update's batch summed up to."""

    def __init__(self):
        self.sums = []

    def batch(self, run):
        self.sums.append(run.trace["s1"])


def test_running_figures_are_those_of_the_batches(classes):
    network, seen = build_network(classes, [4], normalise="batch:momentum=0.7", dtype="float64"), Sums()
    train(network, classes, batch_size=8, epochs=3, callbacks=[seen])
    weights = 0.7 ** np.arange(len(seen.sums))[::-1]
    weights /= weights.sum()
    mean = sum(w * s.mean(axis=0) for w, s in zip(weights, seen.sums, strict=True))
    variance = sum(w * s.var(axis=0, ddof=1) for w, s in zip(weights, seen.sums, strict=True))
    np.testing.assert_allclose(network.layers[0].normaliser.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(network.layers[0].normaliser.variance, variance, rtol=1e-12)


def test_measuring_changes_nothing_and_compares_with_nobody(classes):
    network = build_network(classes, [4], normalise="batch", dtype="float64")
    model = train(network, classes, batch_size=8, epochs=2)
    before = network.copy()
    measured = measure(network, model.head, classes.test)
    assert network == before
    rows = classes.test.rows(slice(None), np.float64)
    alone = np.concatenate([forward(network, row).a[-1] for row in rows])
    losses = model.head.objective.cost.losses(alone, np.eye(3)[classes.test.targets])
    assert measured.cost == pytest.approx(losses.mean(), rel=1e-9)


@pytest.mark.parametrize("rule", normalisations.names)
def test_it_learns_deep_networks(classes, rule):
    network = build_network(classes, [8] * 6, "tanh", normalise=rule)
    model = train(network, classes, learning_rate=0.1, batch_size=10, epochs=40)
    assert model.history[-1]["train_accuracy"] == 1


def test_an_example_left_over_alone_leaves_the_figures(classes):
    network, seen = build_network(classes, [4], normalise="batch"), Sums()
    train(network, classes, batch_size=29, epochs=1, callbacks=[seen])  # 30 = 29 + 1
    assert [len(s) for s in seen.sums] == [29, 1]
    np.testing.assert_allclose(network.layers[0].normaliser.mean, seen.sums[0].mean(axis=0), rtol=1e-5)


def test_the_average_has_figures_of_its_own(classes):
    network, plain = (build_network(classes, [4], normalise="batch", dtype="float64") for _ in range(2))
    kept = []

    class Figures(Callback):
        def batch(self, run):
            kept.append({name: array.copy() for name, array in run.network.arrays.items()})

    train(network, classes, batch_size=8, epochs=2, average=0.8, callbacks=[Figures()])
    weights = 0.8 ** np.arange(len(kept))[::-1]
    weights /= weights.sum()
    for name, array in network.arrays.items():
        expected = sum(w * now[name] for w, now in zip(weights, kept, strict=True))
        np.testing.assert_allclose(array, expected, rtol=1e-10, err_msg=name)
    train(plain, classes, batch_size=8, epochs=2)
    assert plain != network


@pytest.mark.parametrize("rule", normalisations.names)
def test_a_stream_learns_the_bits_of_an_epoch(classes, rule):
    whole, streamed = (build_network(classes, [4], normalise=rule) for _ in range(2))
    how = {"learning_rate": 0.1, "schedule": "constant", "batch_size": 8}
    train(whole, classes, epochs=1, **how)
    order = permutation(len(classes.train), 0, "shuffle", 1)
    stream = Stream(streamed, range(3), **how)
    stream.partial_fit(classes.train.rows(order, np.float32), classes.train.targets[order])
    assert streamed == whole
    stream.partial_fit(classes.test.rows(slice(0, 1), np.float32), classes.test.targets[:1])


def test_lbfgs_with_layer_normalisation(classes):
    network = build_network(classes, [4], "tanh", normalise="layer", dtype="float64")
    begin = network.copy()
    model = train(network, classes, optimizer="lbfgs", epochs=30)
    assert model.history[-1]["train_cost"] < 0.05 * model.history[0]["train_cost"]
    assert (network.layers[0].normaliser.gain != begin.layers[0].normaliser.gain).all()


@pytest.mark.parametrize("biases", [False, True])
def test_gain_and_shift_are_held_back_only_like_biases(classes, biases):
    network = build_network(classes, [4], normalise="layer")
    network.layers[0].normaliser.shift[...] = 0.5
    held = Regularisation(l2=1.0, biases=biases)
    after, rule = network.copy(), UpdateRule(network, optimizers.get("sgd"), held)
    nothing = [{name: np.zeros_like(a) for name, a in layer.learned.items()} for layer in network.layers]
    rule.update(rule.parameters(after), nothing, 1.0, 1)  # at rate 1 the step is the penalty's slope
    slopes = {name: array - after.parameters[name] for name, array in network.parameters.items()}
    np.testing.assert_array_equal(slopes["W1"], network.layers[0].weights)
    np.testing.assert_array_equal(slopes["gain1"], 1.0 if biases else 0.0)
    np.testing.assert_array_equal(slopes["shift1"], 0.5 if biases else 0.0)


REFUSED = [
    ({}, "there is one in each"),
    ({"batch_size": 1}, "there is one in each"),
    ({"optimizer": "lbfgs"}, "batch normalisation does not go with lbfgs"),
]


@pytest.mark.parametrize(("how", "problem"), REFUSED)
def test_refused_before_anything_is_learned(classes, how, problem):
    network = build_network(classes, [4], normalise="batch")
    before = network.copy()
    with pytest.raises(ConfigurationError, match=problem):
        train(network, classes, **how)
    assert network == before


def test_a_stream_and_the_range_test_refuse_it_too(classes):
    network = Network([2, 4, 3], normalise="batch")
    with pytest.raises(ConfigurationError, match="there is one in each"):
        Stream(network, range(3))
    with pytest.raises(ConfigurationError, match="there is one in each"):
        find_learning_rate(network, classes, batch_size=1)
    assert find_learning_rate(network, classes, batch_size=8).suggestion > 0


@pytest.mark.parametrize("optimizer", [o.name for o in optimizers if not o.full_batch])
def test_every_optimizer_moves_gain_and_shift(classes, optimizer):
    network = build_network(classes, [4], normalise="batch")
    train(network, classes, optimizer=optimizer, batch_size=8, epochs=2)
    normaliser = network.layers[0].normaliser
    assert (normaliser.gain != 1).all()
    assert (normaliser.shift != 0).any()


def test_rows_in_any_batch_give_the_same_answer():
    data = load_data("digits")
    model = train(build_network(data, [16], normalise="batch"), data, batch_size=32, epochs=2)
    together = model.outputs("digits")
    few = outputs_of(model.network, model.examples("digits").take(slice(0, 3)))
    np.testing.assert_allclose(together[:3], few, rtol=1e-5)
