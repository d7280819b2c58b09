import numpy as np
import pytest

from pellucid.evaluation import Baselines, Evidence, History, Measures
from pellucid.network import Layer, Network, activations


@pytest.fixture
def network_of():
    """Make a float64 network of (W, b, activation) for each layer, W as it is written: a row a neuron."""

    def make(*layers):
        return Network.from_layers(
            [
                Layer(np.array(W, float).T.copy(), np.array(b, float), activations.get(name))
                for W, b, name in layers
            ]
        )

    return make


@pytest.fixture
def through(network_of):
    """A network that gives its inputs back as its outputs, through one activation."""

    def make(n, name="identity"):
        return network_of((np.eye(n), np.zeros(n), name))

    return make


def _history(train_cost, test_cost, train, test, rates):
    history = History()
    for epoch in range(len(train_cost)):
        row = {"epoch": epoch, "train_cost": train_cost[epoch], "test_cost": test_cost[epoch]}
        for name, values in {**train, **test}.items():
            row[name] = values[epoch]
        history.append({**row, "learning_rate": rates[epoch], "seconds": 0.1})
    return history


@pytest.fixture
def evidence_of():
    """Make the evidence of a good classification of 1,000 and 400 examples, but for what is said."""

    def make(
        *,
        train_cost=(1.0, 0.4, 0.22, 0.2, 0.199, 0.198, 0.198),
        test_cost=None,
        train_curve=(0.5, 0.8, 0.95, 0.955, 0.958, 0.959, 0.96),
        train_error=0.04,
        test_error=0.05,
        sampling=0.005,
        n_test=400,
        rates=None,
        baselines=(0.5, 0.06, 0.3),
        **rest,
    ):
        n = len(train_cost)
        curve = [*train_curve, *[train_curve[-1]] * n][:n]
        history = _history(
            train_cost,
            train_cost if test_cost is None else test_cost,
            {"train_accuracy": curve},
            {"test_accuracy": curve},
            [0.0] + [0.1] * (n - 1) if rates is None else rates,
        )
        return Evidence(
            history=history,
            train=Measures(1000, train_cost[-1], train_error, 0.004, accuracy=1 - train_error),
            test=Measures(n_test, history[-1]["test_cost"], test_error, sampling, accuracy=1 - test_error),
            baselines=Baselines(*baselines),
            **{"movement": 2.0, "learning_rate": 0.5, **rest},
        )

    return make


@pytest.fixture
def regression_of():
    """The same for a regression, whose target has a spread of 10."""

    def make(
        *,
        train_cost=(0.5, 0.1, 0.02, 0.012, 0.011, 0.0105, 0.0105),
        test_cost=None,
        train_r2=(0.0, 0.8, 0.95, 0.97, 0.975, 0.9784, 0.9784),
        train_error=0.147,
        test_error=0.16,
        sampling=0.01,
        neighbours=0.2,
        quadratic=0.5,
        **rest,
    ):
        n = len(train_cost)
        curve = [*train_r2, *[train_r2[-1]] * n][:n]
        history = _history(
            train_cost,
            train_cost if test_cost is None else test_cost,
            {"train_rmse": [10 * (1 - r2) ** 0.5 for r2 in curve], "train_r2": curve},
            {"test_rmse": [10 * (1 - r2) ** 0.5 for r2 in curve], "test_r2": curve},
            [0.0] + [0.1] * (n - 1),
        )

        def measures(n, error, sampling):
            return Measures(n, 0.1, error, sampling, rmse=10 * error, mae=8 * error, r2=1 - error**2)

        return Evidence(
            history=history,
            train=measures(1000, train_error, 0.005),
            test=measures(400, test_error, sampling),
            baselines=Baselines(1.0, neighbours, quadratic),
            **{"movement": 2.0, "learning_rate": 0.5, **rest},
        )

    return make
