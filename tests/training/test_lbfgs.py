"""L-BFGS: the way SciPy goes on the same cost written without Pellucid, an iteration an epoch."""

import json
from inspect import signature
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.optimize._lbfgsb_py import _minimize_lbfgsb

from pellucid.errors import ConfigurationError
from pellucid.evaluation import measure
from pellucid.passes.engines import ENGINES
from pellucid.training import (
    Callback,
    Clipping,
    EarlyStopping,
    Optimizer,
    Regularisation,
    Statistics,
    TimeLimit,
    TrainingConfig,
    build_network,
    lbfgs,
    optimizers,
    train,
)
from pellucid.training.updates import Updates, choose

jax.config.update("jax_enable_x64", True)


def flat(network):
    return np.concatenate([array.ravel() for array in network.parameters.values()])


def witness(data, sizes, l2, epochs):
    """The whole cost of a tanh-softmax network by JAX, lowered by SciPy; the weights after each iteration."""
    x, y = data.train.inputs, np.eye(data.n_classes)[data.train.targets]
    shapes = [shape for n_in, n_out in pairwise(sizes) for shape in ((n_in, n_out), (n_out,))]

    def cost(point):
        parts, start = [], 0
        for shape in shapes:
            size = int(np.prod(shape))
            parts.append(point[start : start + size].reshape(shape))
            start += size
        a = x
        for k in range(0, len(parts), 2):
            z = a @ parts[k] + parts[k + 1]
            a = jnp.tanh(z) if k + 2 < len(parts) else z
        losses = jax.nn.logsumexp(a, axis=1) - (a * y).sum(axis=1)
        return losses.mean() + l2 / 2 * sum((weights**2).sum() for weights in parts[::2])

    seen = []
    value_and_slope = jax.jit(jax.value_and_grad(cost))
    minimize(
        lambda point: [np.asarray(part, float) for part in value_and_slope(point)],
        flat(build_network(data, sizes[1:-1], "tanh", dtype="float64", seed=3)),
        jac=True, method="L-BFGS-B", callback=lambda point: seen.append(point.copy()),
        options={"maxiter": epochs, "maxcor": 10},
    )  # fmt: skip
    return seen


class Weights(Callback):
    def start(self, run):
        self.seen = []

    def epoch(self, run):
        self.seen.append(flat(run.network))


@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_goes_the_way_of_scipy(classes, l2):
    weights = Weights()
    network = build_network(classes, [5], "tanh", dtype="float64", seed=3)
    model = train(
        network, classes, optimizer="lbfgs", epochs=12, regularisation=Regularisation(l2=l2),
        callbacks=[weights],
    )  # fmt: skip
    expected = witness(classes, network.sizes, l2, 12)
    assert len(weights.seen) == len(expected) == model.history.n_epochs == 12
    for found, point in zip(weights.seen, expected, strict=True):
        np.testing.assert_allclose(found, point, rtol=1e-6, atol=1e-9)
    assert np.array_equal(flat(network), weights.seen[-1])
    costs = np.array(model.history["train_cost"])
    if l2:
        costs += model.history["penalty"]
    assert (np.diff(costs) < 0).all()


def test_memory_is_a_setting(classes):
    ways = []
    for memory in (1, 20):
        network = build_network(classes, [5], "tanh", dtype="float64")
        train(network, classes, optimizer=f"lbfgs:memory={memory}", epochs=15)
        ways.append(flat(network))
    assert not np.allclose(*ways)


def test_ends_where_there_is_nothing_to_gain(classes):
    network = build_network(classes, [], dtype="float64")
    model = train(network, classes, optimizer="lbfgs", epochs=500, regularisation=Regularisation(l2=0.1))
    assert model.stopped == "converged"
    assert model.kept_epoch == model.history.n_epochs < 100
    slopes = np.abs(np.diff(np.add(model.history["train_cost"], model.history["penalty"])))
    assert slopes[-1] < 1e-6 < slopes[0]
    # What it has is what was measured last, not where the search looked last.
    assert measure(network, model.head, classes.train).cost == model.history[-1]["train_cost"]


@pytest.mark.parametrize("data", ["classes", "yes_or_no", "values"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_learns(data, dtype, request):
    data = request.getfixturevalue(data)
    model = train(build_network(data, [8], "tanh", dtype=dtype), data, optimizer="lbfgs", epochs=60)
    assert model.history[model.kept_epoch]["train_cost"] < 0.1 * model.history[0]["train_cost"]


def test_callbacks_stop_and_keep_the_best(classes):
    class Twice(Callback):
        def epoch(self, run):
            if run.epoch == 2:
                run.stop("twice")

    how = {"optimizer": "lbfgs", "epochs": 30}
    stopped = train(build_network(classes, [5]), classes, callbacks=[Twice(), Statistics()], **how)
    assert (stopped.stopped, stopped.history.n_epochs) == ("twice", 2)
    timed = train(build_network(classes, [5]), classes, callbacks=[TimeLimit(1e-6)], **how)
    assert timed.stopped == "time"
    assert timed.history.n_epochs <= 1  # time may be up in the middle of the first iteration
    best = train(build_network(classes, [5]), classes, callbacks=[EarlyStopping(5, "test_cost")], **how)
    assert best.kept_epoch == int(np.argmin(best.history["test_cost"][1:])) + 1


def test_example_weights_count(classes):
    rows = np.repeat(np.arange(30), [1, 2, 3] * 10)
    doubled = type(classes)(
        classes.name, classes.train.take(rows), classes.test, classes.inputs, classes.target
    )
    networks = [build_network(classes, [5], "tanh", dtype="float64") for _ in range(2)]
    train(networks[0], classes, optimizer="lbfgs", epochs=5, sample_weight=np.array([1, 2, 3] * 10))
    train(networks[1], doubled, optimizer="lbfgs", epochs=5)
    np.testing.assert_allclose(flat(networks[0]), flat(networks[1]), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("learning_rate", {"learning_rate": 0.1}),
        ("dropout", {"regularisation": Regularisation(dropout=0.1)}),
        ("dropout", {"regularisation": Regularisation(input_dropout=0.1)}),
        ("input_noise", {"regularisation": Regularisation(input_noise=0.1)}),
        ("weight_decay", {"regularisation": Regularisation(weight_decay=0.1)}),
        ("max_norm", {"regularisation": Regularisation(max_norm=1)}),
        ("clipping", {"clipping": Clipping(norm=1.0)}),
        ("average", {"average": 0.9}),
    ],
)
def test_what_a_search_cannot_do(name, how):
    with pytest.raises(ConfigurationError, match=f"{name} does not go with lbfgs"):
        TrainingConfig(optimizer=optimizers.get("lbfgs"), **how)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_engines_go_the_same_way(classes, dtype):
    histories = []
    for name in ENGINES:
        network = build_network(classes, [5], "tanh", dtype=dtype, seed=3)
        held = Regularisation(l1=1e-3, l2=(0.01, 0.0), label_smoothing=0.1)
        train(
            network, classes, optimizer="lbfgs", epochs=8, regularisation=held, engine=name,
            callbacks=[weights := Weights()],
        )  # fmt: skip
        histories.append(weights.seen)
    for first, second in zip(*histories, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-3 if dtype == "float32" else 1e-9, atol=1e-5)


def test_more_examples_than_are_gone_through_at_a_time(classes, monkeypatch):
    ways = []
    for rows in (7, 2048):  # 30 examples in five pieces, the last of them shorter, or in one
        monkeypatch.setattr(lbfgs, "ROWS", rows)
        network = build_network(classes, [5], "tanh", dtype="float64", seed=3)
        train(network, classes, optimizer="lbfgs", epochs=8, regularisation=Regularisation(l2=0.01))
        ways.append(flat(network))
    np.testing.assert_allclose(*ways, rtol=1e-8)


@pytest.mark.parametrize("name", ENGINES)
def test_a_stop_in_mid_iteration_keeps_the_last_finished_one(classes, name, monkeypatch):
    begin, evaluations = Updates.begin, []

    def counted(updates, *epoch):
        begin(updates, *epoch)
        evaluations.append(updates)
        updates.flags.stop = len(evaluations) == stop_at

    monkeypatch.setattr(Updates, "begin", counted)
    after = []
    kept = Weights()
    how = {"optimizer": "lbfgs", "epochs": 4, "engine": name}
    stop_at = 0
    finish = [kept, Counts(evaluations, after)]
    train(build_network(classes, [5], "tanh", seed=3), classes, callbacks=finish, **how)
    stop_at = after[2]  # the evaluation that ends the third iteration
    evaluations.clear()
    network = build_network(classes, [5], "tanh", seed=3)
    model = train(network, classes, **how)
    assert (model.stopped, model.history.n_epochs, model.kept_epoch) == ("interrupted", 2, 2)
    assert len(evaluations) == stop_at
    assert np.array_equal(flat(network), kept.seen[1])


class Counts(Callback):
    """Notes after each epoch how long a list is."""

    def __init__(self, grows, notes):
        self.grows, self.notes = grows, notes

    def epoch(self, run):
        self.notes.append(len(self.grows))


def test_examples_are_counted_while_the_cost_is_computed(classes, monkeypatch):
    monkeypatch.setattr(lbfgs, "ROWS", 7)
    seen = []

    class Watch(Updates):
        def _update(self, *given):
            seen.append(self.flags.done)
            return super()._update(*given)

    monkeypatch.setattr(choose, "Updates", Watch)
    train(build_network(classes, [5]), classes, optimizer="lbfgs", epochs=1, engine="reference")
    assert seen[:6] == [0, 7, 14, 21, 28, 0]


@pytest.mark.parametrize(
    ("limit", "stopped"), [("max_fun=5", "max_fun"), ("gtol=10", "converged"), ("ftol=0.5", "converged")]
)
def test_limits_are_scipys(classes, limit, stopped):
    network = build_network(classes, [5], "tanh", dtype="float64")
    model = train(network, classes, optimizer=f"lbfgs:{limit}", epochs=40)
    assert model.stopped == stopped
    assert model.history.n_epochs < 10
    assert train(build_network(classes, [5], "tanh"), classes, optimizer="lbfgs", epochs=12).stopped is None


def test_the_usual_limits_are_scipys():
    usual = signature(_minimize_lbfgsb).parameters
    declared = optimizers.get("lbfgs").parameters
    assert {name: declared[name] for name in ("gtol", "ftol")} == {
        name: usual[name].default for name in ("gtol", "ftol")
    }
    assert declared["memory"] == usual["maxcor"].default


def test_it_is_a_solver_and_takes_no_steps():
    solver = optimizers.get("lbfgs")
    assert not isinstance(solver, Optimizer)
    assert not hasattr(solver, "step")
    described = json.loads(json.dumps(solver.describe()))
    assert (described["keeps"], described["full_batch"], described["usual_rate"]) == ([], True, 1.0)
    assert optimizers.get(str(optimizers.get("l_bfgs:memory=3,gtol=0.001"))) == type(solver)(3, gtol=0.001)
