"""Declarations of one's own that read what changes, or draw: both engines come to the same."""
# ruff: noqa: NPY002 # what people write in a notebook

from dataclasses import replace

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.network import Activation, Network, activations
from pellucid.passes import engine, engines
from pellucid.passes.engines import ENGINES
from pellucid.training import Callback, Optimizer, Schedule, Stream, build_network, train
from pellucid.tuning import tune

HOW = {}


@pytest.fixture(autouse=True)
def as_at_first(monkeypatch):
    HOW.clear()
    HOW.update(bend=0.5, chance=False)
    monkeypatch.setattr(engines, "_said", set())


class Bent(Activation):
    """A line with a bend, as steep on its left as a global variable says."""

    name = "bent"

    def left(self):
        return HOW["bend"] + (0.1 * np.random.random() if HOW["chance"] else 0.0)

    def value(self, z):
        return np.where(z > 0, z, self.left() * np.tanh(z))

    def slope(self, z, a):
        return np.where(z > 0, 1, self.left() * (1 - np.tanh(z) ** 2))


class Bending(Schedule):
    """A rate that a global variable says."""

    name = "bending"

    def rate(self, learning_rate, at):
        return learning_rate * HOW["bend"] / (1 + at.epoch)


class Shaken(Schedule):
    """A rate with some chance in it."""

    name = "shaken"

    def rate(self, learning_rate, at):
        return learning_rate * np.random.uniform(0.5, 1)


class Slower(Optimizer):
    """Steps as long as an attribute of something that changes says."""

    name = "slower"

    def step(self, gradient, state, rate, t):
        return -rate * HOW["bend"] * gradient, {}


class Changes(Callback):
    """Changes what is read, at a moment of the run."""

    def __init__(self, **to):
        self.to = to

    def epoch(self, run):
        HOW.update(self.to)


class ChangesAtEachUpdate(Callback):
    """Changes it between the updates of the first epoch, three times."""

    n = 0

    def batch(self, run):
        self.n += 1
        if self.n in (2, 5, 6):
            HOW["bend"] += 0.25


def run(data, name, callbacks=(), **how):
    HOW.update(bend=0.5, chance=False)
    np.random.seed(11)
    network = build_network(data, [6], how.pop("activation", "tanh"), dtype="float64")
    train(
        network,
        data,
        learning_rate=0.1,
        epochs=3,
        engine=name,
        callbacks=[each() for each in callbacks],
        **how,
    )
    return network


def agree(data, *callbacks, **how):
    compiled, reference = (run(data, name, callbacks, **how) for name in ENGINES)
    for name, array in reference.arrays.items():
        np.testing.assert_allclose(compiled.arrays[name], array, rtol=1e-9, atol=1e-12, err_msg=name)
    return reference


OWN = {
    "activation": {"activation": Bent()},
    "activation, in batches": {"activation": Bent(), "batch_size": 4},
    "optimizer": {"optimizer": Slower()},
    "schedule": {"schedule": Bending()},
}


@pytest.mark.parametrize("how", OWN.values(), ids=OWN)
@pytest.mark.parametrize("when", [lambda: Changes(bend=0.9), ChangesAtEachUpdate], ids=["epoch", "update"])
def test_what_a_callback_changes_counts_from_then_on(classes, how, when):
    assert agree(classes, when, **how) != agree(classes, **how)


def test_a_change_between_two_fits(classes):
    networks = []
    for name in ENGINES:
        network = run(classes, name, activation=Bent())
        HOW.update(bend=0.1)
        train(network, classes, learning_rate=0.1, epochs=2, engine=name)
        networks.append(network)
    for first, second in zip(*(network.arrays.values() for network in networks), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-12)


def test_chance_in_a_schedule_is_drawn_update_by_update(classes):
    agree(classes, schedule=Shaken())


def test_chance_from_the_second_epoch_on(classes):
    with pytest.warns(
        PellucidWarning, match="no machine code can be made of bent, which draws random numbers"
    ):
        agree(classes, lambda: Changes(chance=True), activation=Bent(), optimizer="adam", average=0.9)


@pytest.mark.parametrize("chunk", [1, 4])
def test_a_stream_follows(chunk):
    draws, networks = np.random.default_rng(0), []
    x, y = draws.standard_normal((24, 2)), draws.integers(0, 2, 24)
    for name in ENGINES:
        HOW.update(bend=0.5)
        with engine(name):
            network = Network([2, 5, 2], Bent(), dtype="float64")
            stream = Stream(network, classes=[0, 1], learning_rate=0.1)
            for k in range(0, 24, chunk):
                HOW["bend"] = 0.5 if k < 12 else 1.5
                stream.partial_fit(x[k : k + chunk], y[k : k + chunk])
        networks.append(network)
    for first, second in zip(*(network.arrays.values() for network in networks), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-12)


def test_trials_of_a_search_follow(classes):
    activations.register(Bent)
    values, classes = [], replace(classes, validation=classes.test)
    for name in ENGINES:
        with engine(name):
            for bend in (0.5, 3.0):
                HOW.update(bend=bend)
                found = tune(
                    classes, trials=2, workers=1, epochs=2, fixed={"activation": "bent", "layers": [4]}
                )
                values.append(found.best["value"])
    assert values[:2] == pytest.approx(values[2:], rel=1e-6)
    assert values[0] != values[1]


class Forgetful(Optimizer):
    """Momentum that returns its state by another name, or begins with another, as a typo does."""

    name = "forgetful"
    keeps = ("m",)

    def start(self, weights):
        return {HOW.get("start", "m"): np.zeros_like(weights)}

    def step(self, gradient, state, rate, t):
        m = 0.9 * state["m"] + gradient
        return -rate * m, {HOW.get("step", "m"): m}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("method", ["start", "step"])
def test_a_state_by_another_name_is_refused(method, name, classes):
    HOW[method] = "mm"
    message = rf"{method} of forgetful does not return the state.*\n.*keeps: m\n.*received: mm"
    with engine(name), pytest.raises(ConfigurationError, match=message):
        train(build_network(classes, [4]), classes, optimizer=Forgetful(), batch_size=8, epochs=1)
