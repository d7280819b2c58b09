"""What is kept from one prediction to the next, and what is noticed to have changed."""

import gc
import threading

import numpy as np
import pytest

from pellucid.network import Network, Normaliser, activations, normalisations
from pellucid.passes import reference
from pellucid.passes.compiled.running import predictors as home
from pellucid.passes.compiled.running.predictors import predictor_of
from pellucid.passes.untraceable import Untraceable

X = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")


@pytest.fixture
def network():
    return Network([4, 20, 3], "tanh", normalise="batch")


def agrees(network):
    return np.allclose(predictor_of(network).predict(X, 1.0), reference.predict(network, X), atol=1e-6)


def test_it_is_kept_as_long_as_its_network_lives():
    network = Network([4, 20, 3], "tanh")
    first = predictor_of(network)
    assert predictor_of(network) is first
    key = id(network)
    assert key in home._kept.by_network
    del network
    gc.collect()
    assert key not in home._kept.by_network


def test_numbers_that_change_in_place_count_at_once(network):
    before = predictor_of(network)
    for name, array in network.arrays.items():
        if name[:4] != "unse":
            was = before.predict(X, 1.0)
            array += 0.25
            assert predictor_of(network) is before
            assert (before.predict(X, 1.0) != was).any(), name
            assert agrees(network)


@pytest.mark.parametrize(
    "what", ["weights", "biases", "activation", "gain", "shift", "mean", "variance", "rule"]
)
def test_another_array_or_declaration_is_noticed(network, what):
    before, was = predictor_of(network), predictor_of(network).predict(X, 1.0)
    layer = network.layers[0]
    owner = layer if hasattr(layer, what) and what != "rule" else layer.normaliser
    others = {"activation": activations.get("relu"), "rule": normalisations.get("batch:epsilon=1")}
    setattr(owner, what, others[what] if what in others else getattr(owner, what) + 0.5)
    assert predictor_of(network) is not before
    assert (predictor_of(network).predict(X, 1.0) != was).any()
    assert agrees(network)


def test_layers_and_normalisations_that_come_or_go(network):
    network.layers = network.layers[:1]
    assert agrees(network)
    network.layers[0].normaliser = None
    assert agrees(network)
    network.layers[0].normaliser = Normaliser.begin(normalisations.get("layer"), 20, network.dtype)
    assert agrees(network)


def test_another_network_in_the_place_of_one_that_is_gone(network):
    kept = home._kept.by_network
    predictor_of(network)
    other = Network([4, 5, 3], "tanh")
    kept[id(other)] = kept[id(network)]  # as if the place had been given again before the old entry went
    assert agrees(other)


def test_why_there_is_none_is_kept_too(network, monkeypatch):
    network.layers[1].weights = network.layers[1].weights.astype("float64")
    with pytest.raises(Untraceable):
        predictor_of(network)
    monkeypatch.setattr(home, "Predictor", None)
    with pytest.raises(Untraceable, match="float32, float64"):
        predictor_of(network)


def test_every_thread_of_python_has_its_own(network):
    mine, wanted, found = predictor_of(network), reference.predict(network, X), []

    def work():
        own = predictor_of(network)
        right = all(np.allclose(own.predict(X, 1.0), wanted, atol=1e-6) for _ in range(200))
        found.append((own is not mine, right))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    work_here = [np.allclose(mine.predict(X, 1.0), wanted, atol=1e-6) for _ in range(200)]
    for thread in threads:
        thread.join()
    assert found == [(True, True)] * 3
    assert all(work_here)
