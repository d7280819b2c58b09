"""However arrays lie, they are read; what cannot be compiled is refused; long work can be ended."""

import numpy as np
import pytest

from pellucid.network import Layer, Network, Objective, activations, costs
from pellucid.passes import reference
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running import predictor as home
from pellucid.passes.compiled.running.predictor import Predictor
from pellucid.passes.untraceable import Untraceable

X = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")


def predictor_of(network):
    return Predictor(network, this_machine())


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
            predictor = predictor_of(network)
            for n in (1, 30):
                found = predictor.predict(x[:n], 1.0)
                np.testing.assert_allclose(found, reference.predict(network, x[:n]), rtol=1e-12)
            layer.biases += 1  # a copy is no older than the call
            found = predictor.predict(x, 1.0)
            np.testing.assert_allclose(found, reference.predict(network, x), rtol=1e-12)

    @pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
    def test_inputs(self, kind):
        network = Network([4, 20, 3], "tanh", dtype="float64")
        x = np.random.default_rng(2).integers(0, 9, (30, 12)).astype(kind)
        bytes_of = np.frombuffer(b"x" + np.ascontiguousarray(x[:, :4]).tobytes(), np.uint8)[1:]
        record = np.zeros(30, [("odd", "u1"), ("x", kind, 4)])
        record["x"] = x[:, :4]
        predictor = predictor_of(network)
        for rows in (
            x[:, 2:6],
            x[:, ::3],
            np.asfortranarray(x[:, :4]),
            x[::-2, :4],
            np.broadcast_to(x[:1, :4], (30, 4)),
            bytes_of.view(kind).reshape(30, 4),
            record["x"],
        ):
            found = predictor.predict(rows, 0.5)
            np.testing.assert_allclose(found, reference.predict(network, rows, scale=0.5), rtol=1e-12)


class TestWhatCannotBeCompiled:
    def test_weights_of_different_dtypes(self):
        network = Network([4, 20, 3])
        network.layers[1].weights = network.layers[1].weights.astype("float64")
        with pytest.raises(Untraceable, match="numbers of the dtype float32, float64"):
            predictor_of(network)

    @pytest.mark.parametrize("kind", ["float16", ">f4", "int64"])
    def test_a_dtype_that_no_kernel_is_made_for(self, kind):
        layer = Layer(np.ones((4, 2), kind), np.ones(2, kind), activations.get("tanh"))
        with pytest.raises(Untraceable, match="numbers of the dtype"):
            predictor_of(Network.from_layers([layer]))


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
    # Neither a few rows nor many are taken for what was to be stopped.
    np.testing.assert_allclose(predictor.predict(x[:3], 1.0), wanted[:3], rtol=1e-6)
    assert (predictor.predict(x, 1.0) == wanted).all()


def test_another_objective_is_noticed():
    network, target = Network([4, 20, 3], output="sigmoid"), np.eye(3)[np.arange(30) % 3]
    predictor = predictor_of(network)
    for name in ("mean_squared_error", "binary_cross_entropy", "mean_squared_error"):
        objective = Objective(network.output, costs.get(name))
        wanted = reference.predict_with_losses(network, X, objective, target)[1]
        for _ in range(2):
            losses = predictor.predict_with_losses(X, 1.0, objective, target)[1]
            np.testing.assert_allclose(losses, wanted, rtol=1e-5)
