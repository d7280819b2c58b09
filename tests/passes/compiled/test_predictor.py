"""What is kept from one prediction to the next, and what is noticed to have changed."""

import gc
import threading

import numpy as np
import pytest

from pellucid.network import Layer, Network, Normaliser, Objective, activations, costs, normalisations
from pellucid.passes import reference
from pellucid.passes.compiled import predictor as home
from pellucid.passes.compiled.expression import Untraceable
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.predictor import Predictor, predictor_of

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


class TestArraysThatLieInTheirOwnWay:
    @pytest.mark.parametrize("n_out", [5, 16])
    def test_weights_and_biases(self, n_out):
        random = np.random.default_rng(1)
        for weights in (
            random.normal(size=(n_out, 4)).T,  # column by column
            random.normal(size=(4, 2 * n_out))[:, ::2],
            random.normal(size=(4, n_out + 3))[:, :n_out],  # rows with gaps between
            random.normal(size=(4, n_out))[::-1],
            np.broadcast_to(random.normal(size=n_out), (4, n_out)),
            np.frombuffer(b"x" + random.normal(size=(4, n_out)).tobytes(), np.uint8)[1:]
            .view("f8")
            .reshape(4, -1),
        ):
            layer = Layer(weights, random.normal(size=2 * n_out)[::2], activations.get("tanh"))
            network, x = Network.from_layers([layer]), X.astype("float64")
            for n in (1, 30):
                found = predictor_of(network).predict(x[:n], 1.0)
                np.testing.assert_allclose(found, reference.predict(network, x[:n]), rtol=1e-12)
            layer.biases += 1  # a copy is no older than the call
            found = predictor_of(network).predict(x, 1.0)
            np.testing.assert_allclose(found, reference.predict(network, x), rtol=1e-12)

    @pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
    def test_inputs(self, kind):
        network = Network([4, 20, 3], "tanh", dtype="float64")
        x = np.random.default_rng(2).integers(0, 9, (30, 12)).astype(kind)
        bytes_of = np.frombuffer(b"x" + np.ascontiguousarray(x[:, :4]).tobytes(), np.uint8)[1:]
        record = np.zeros(30, [("odd", "u1"), ("x", kind, 4)])
        record["x"] = x[:, :4]
        for rows in (
            x[:, 2:6],
            x[:, ::3],
            np.asfortranarray(x[:, :4]),
            x[::-2, :4],
            np.broadcast_to(x[:1, :4], (30, 4)),
            bytes_of.view(kind).reshape(30, 4),
            record["x"],
        ):
            found = predictor_of(network).predict(rows, 0.5)
            np.testing.assert_allclose(found, reference.predict(network, rows, scale=0.5), rtol=1e-12)


class TestWhatCannotBeCompiled:
    def test_weights_of_different_dtypes(self, network):
        network.layers[1].weights = network.layers[1].weights.astype("float64")
        with pytest.raises(Untraceable, match="numbers of the dtype float32, float64"):
            predictor_of(network)

    @pytest.mark.parametrize("kind", ["float16", ">f4", "int64"])
    def test_a_dtype_that_no_kernel_is_made_for(self, kind):
        layer = Layer(np.ones((4, 2), kind), np.ones(2, kind), activations.get("tanh"))
        with pytest.raises(Untraceable, match="numbers of the dtype"):
            predictor_of(Network.from_layers([layer]))

    def test_the_reason_is_kept(self, network, monkeypatch):
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


def test_an_interrupt_ends_long_work_early(monkeypatch):
    network = Network([64, 512, 3], "tanh")
    x = np.ones((6000, 64), "float32")
    predictor = Predictor(network, this_machine())
    wanted, done = predictor.predict(x, 1.0), []

    def interrupted(work, threads, stop):
        stop()
        done.append([work(thread) for thread in range(1)])
        raise KeyboardInterrupt

    monkeypatch.setenv("PELLUCID_THREADS", "1")
    with monkeypatch.context() as patch:
        patch.setattr(home, "share_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            predictor.predict(x, 1.0)
    assert done == [[0]]
    assert (predictor.predict(x, 1.0) == wanted).all()


def test_another_objective_is_noticed():
    network, target = Network([4, 20, 3], output="sigmoid"), np.eye(3)[np.arange(30) % 3]
    predictor = predictor_of(network)
    for name in ("mean_squared_error", "binary_cross_entropy", "mean_squared_error"):
        objective = Objective(network.output, costs.get(name))
        losses = predictor.predict_with_losses(X, 1.0, objective, target)[1]
        wanted = reference.predict_with_losses(network, X, objective, target)[1]
        np.testing.assert_allclose(losses, wanted, rtol=1e-5)
