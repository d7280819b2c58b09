"""A constant that is added to a cost changes no verdict: what is differentiated is the same."""

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.network import Cost, costs
from pellucid.training import EarlyStopping, build_network, train

MSE, BCE = (type(costs.get(name)) for name in ("mse", "bce"))
SHIFTS = (-100.0, 100.0)


def shifted(cost, by):
    """Declare the same cost with a constant added to each output's part."""
    value = cost.value
    said = {"value": lambda self, p, y: value(self, p, y) + by, "joint": None}
    return type("Shifted", (cost,), {"name": "shifted", "aliases": (), **said})()


def waves(n, noise=0.1, columns=1):
    random = np.random.default_rng(1)
    x = random.uniform(-3, 3, (n, columns))
    return x, np.sin(2 * x[:, 0]) + noise * random.standard_normal(n)


def square(n):
    random = np.random.default_rng(3)
    x = random.uniform(-4, 4, (n, 1))
    return x, x[:, 0] ** 2 + random.standard_normal(n)


def sides(n, wrong=0.0, columns=2):
    random = np.random.default_rng(2)
    x = random.standard_normal((n, columns))
    return x, np.where((x[:, 0] * x[:, 1] > 0) ^ (random.random(n) < wrong), "yes", "no")


# The data, how many of them are kept to test with, the cost, the hidden layers, and how it is trained.
RUNS = {
    "good": (square(1000), 300, MSE, [32], {"learning_rate": 0.05, "batch_size": 4, "epochs": 40}),
    "underfitting": (waves(600), 200, MSE, [], {"learning_rate": 0.05, "batch_size": 8, "epochs": 20}),
    "overfitting": (
        waves(260, 1.0, 30), 200, MSE, [64], {"learning_rate": 0.02, "batch_size": 4, "epochs": 80}
    ),
    "still learning": (
        square(1000), 300, MSE, [32],
        {"learning_rate": 0.02, "batch_size": 4, "epochs": 4, "schedule": "constant"},
    ),
    "learning rate too small": (
        waves(800), 250, MSE, [32], {"learning_rate": 1e-5, "batch_size": 8, "epochs": 8}
    ),
    "learning rate too large": (
        waves(400), 150, MSE, [32], {"learning_rate": 50.0, "batch_size": 8, "epochs": 8}
    ),
    "good, stopped early": (
        square(1000), 300, MSE, [32],
        {"learning_rate": 0.05, "batch_size": 4, "epochs": 40, "callbacks": True},
    ),
    "good, of two classes": (
        sides(1500), 400, BCE, [16], {"learning_rate": 0.3, "batch_size": 8, "epochs": 30}
    ),
    "overfitting, of two classes": (
        sides(260, 0.2, 20), 200, BCE, [64], {"learning_rate": 0.3, "batch_size": 4, "epochs": 60}
    ),
    "learning rate too small, of two classes": (
        sides(900), 300, BCE, [16], {"learning_rate": 1e-5, "batch_size": 8, "epochs": 8}
    ),
    "learning rate too large, of two classes": (
        sides(900), 300, BCE, [32], {"learning_rate": 300.0, "batch_size": 4, "epochs": 8}
    ),
}  # fmt: skip


def trained(run, cost):
    arrays, n_test, _, layers, how = RUNS[run]
    early = how.get("callbacks")
    data = load_data(arrays, test_size=n_test, validation_size=0.2 if early else None)
    output = "sigmoid" if arrays[1].dtype.kind == "U" else "identity"
    network = build_network(data, layers, "tanh", output=output, dtype="float64", seed=3)
    callbacks = [EarlyStopping(5)] if early else []
    return train(network, data, cost=cost, seed=3, **{**how, "callbacks": callbacks})


@pytest.mark.parametrize("run", RUNS)
def test_the_verdict_is_the_same(run):
    cost = RUNS[run][2]
    plain = trained(run, shifted(cost, 0.0))
    assert plain.diagnosis.verdict == run.partition(",")[0]
    for by in SHIFTS:
        model = trained(run, shifted(cost, by))
        assert model.history[0]["train_cost"] == pytest.approx(plain.history[0]["train_cost"] + by)
        assert (model.diagnosis.verdict, model.stopped) == (plain.diagnosis.verdict, plain.stopped)
        assert (model.kept_epoch, model.history.n_epochs) == (plain.kept_epoch, plain.history.n_epochs)
        assert model.diagnosis.figures == pytest.approx(plain.diagnosis.figures, rel=1e-6, abs=1e-8)


class Margin(Cost):
    """How far an answer is on the wrong side: the farther on the right one, the lower, without end."""

    name = "margin"
    targets = MSE.targets

    def value(self, prediction, target):
        return (1 - 2 * target) * prediction

    def slope(self, prediction, target):
        return 1 - 2 * target + 0 * prediction


@pytest.mark.parametrize(("rate", "verdict"), [(0.02, "good"), (1e-7, "learning rate too small")])
def test_a_cost_that_falls_without_end_is_judged_by_what_else_is_known(rate, verdict):
    x = np.random.default_rng(0).standard_normal((600, 2))
    data = load_data((x, np.where(x.sum(axis=1) > 0, "yes", "no")), test_size=200)
    network = build_network(data, [], output="identity", seed=1)
    model = train(network, data, cost=Margin(), learning_rate=rate, epochs=4)
    figures = model.diagnosis.figures
    assert (figures["fall"], figures["late_fall"], figures["test_rise"]) == (0, 0, 0)
    assert model.stopped is None
    assert model.diagnosis.verdict == verdict
    assert "% lower" not in str(model.diagnosis)
