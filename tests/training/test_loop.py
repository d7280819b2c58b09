"""The training loop against another one, written plainly: the tutorial's procedure in its own notation.

Vectors are columns, W has a row for each neuron, every example goes through alone, and a batch's gradients
are added up one by one.
"""

import math

import numpy as np
import pytest

from pellucid.random import permutation
from pellucid.training import Callback, Regularisation, build_network, train


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


HIDDEN = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
}


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


# The output, its loss and its error term for one example.
OUTPUT = {
    "softmax": (softmax, lambda a, y: -(y * np.log(a)).sum(), lambda z, a, y: a - y),
    "sigmoid": (sigmoid, lambda a, y: ((y - a) ** 2).sum() / 2, lambda z, a, y: -(y - a) * a * (1 - a)),
    "identity": (lambda z: z, lambda a, y: ((y - a) ** 2).sum() / 2, lambda z, a, y: -(y - a)),
}
COST = {"softmax": "categorical_cross_entropy", "sigmoid": "mean_squared_error", "identity": "mse"}


class Plain:
    def __init__(self, network, hidden, output):
        self.W = [layer.W.copy() for layer in network.layers]
        self.b = [layer.b[:, None].copy() for layer in network.layers]
        self.f, self.f_slope = HIDDEN[hidden]
        self.g, self.loss, self.delta = OUTPUT[output]

    def forward(self, x):
        z, a = [], [x[:, None]]
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z.append(W @ a[-1] + b)
            a.append((self.g if k == len(self.W) - 1 else self.f)(z[-1]))
        return z, a

    def gradients(self, x, y):
        z, a = self.forward(x)
        delta = self.delta(z[-1], a[-1], y[:, None])
        found = [(delta @ a[-2].T, delta)]
        for k in range(len(self.W) - 2, -1, -1):
            delta = (self.W[k + 1].T @ delta) * self.f_slope(z[k])
            found.insert(0, (delta @ a[k].T, delta))
        return found

    def learn(self, x, y, rate, batch_size, epochs, seed, falling=True):
        n = len(x)
        for epoch in range(1, epochs + 1):
            order = permutation(n, seed, "shuffle", epoch)
            n_updates = -(-n // batch_size)
            for k in range(n_updates):
                rows = order[k * batch_size : (k + 1) * batch_size]
                each = [self.gradients(x[row], y[row]) for row in rows]
                done = ((epoch - 1) * n_updates + k) / (epochs * n_updates)
                step = rate * (1 - done) if falling else rate
                for at in range(len(self.W)):
                    self.W[at] = self.W[at] - step * sum(found[at][0] for found in each) / len(rows)
                    self.b[at] = self.b[at] - step * sum(found[at][1] for found in each) / len(rows)

    def outputs(self, x):
        return np.array([self.forward(row)[1][-1][:, 0] for row in x])

    def cost(self, x, y):
        return np.mean([self.loss(self.forward(row)[1][-1], y[k][:, None]) for k, row in enumerate(x)])


def ready(data, part):
    """The part's inputs and targets as plain arrays, from the definitions."""
    examples = getattr(data, part)
    if data.task == "classification":
        return examples.inputs, np.eye(data.n_classes)[examples.targets]
    train = data.train.targets
    return examples.inputs, (examples.targets - train.mean()) / train.std()


@pytest.mark.parametrize("schedule", ["linear", "constant"])
@pytest.mark.parametrize("batch_size", [1, 3, 7, 30, 999])
@pytest.mark.parametrize(
    ("hidden", "output"),
    [("relu", "softmax"), ("relu", "sigmoid"), ("tanh", "softmax"), ("sigmoid", "identity")],
)
def test_against_the_plain_loop(classes, values, hidden, output, batch_size, schedule):
    data = values if output == "identity" else classes
    network = build_network(data, [5, 4], hidden, output=output, dtype="float64", seed=3)
    plain = Plain(network, hidden, output)
    (x, y), (x_test, y_test) = ready(data, "train"), ready(data, "test")
    costs = [(plain.cost(x, y), plain.cost(x_test, y_test))]
    model = train(
        network, data, cost=COST[output], learning_rate=0.1, schedule=schedule,
        batch_size=batch_size, epochs=3, seed=5,
    )  # fmt: skip
    plain.learn(x, y, 0.1, batch_size, 3, seed=5, falling=schedule == "linear")
    costs.append((plain.cost(x, y), plain.cost(x_test, y_test)))
    for layer, W, b in zip(network.layers, plain.W, plain.b, strict=True):
        np.testing.assert_allclose(layer.W, W, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(layer.b, b[:, 0], rtol=1e-12, atol=1e-12)
    for row, (train_cost, test_cost) in zip((model.history[0], model.history[-1]), costs, strict=True):
        assert row["train_cost"] == pytest.approx(train_cost, rel=1e-12)
        assert row["test_cost"] == pytest.approx(test_cost, rel=1e-12)
    if output != "identity":
        right = (plain.outputs(x_test).argmax(axis=1) == data.test.targets).mean()
        assert model.history[-1]["test_accuracy"] == right
    else:
        said = plain.outputs(x_test) * data.train.targets.std() + data.train.targets.mean()
        rmse = math.sqrt(((said - data.test.targets) ** 2).mean())
        assert model.history[-1]["test_rmse"] == pytest.approx(rmse, rel=1e-12)


def test_one_output_neuron_against_the_plain_loop(yes_or_no):
    data = yes_or_no
    network = build_network(data, [5], "tanh", dtype="float64", seed=3)
    plain = Plain(network, "tanh", "sigmoid")
    plain.delta = lambda z, a, y: a - y  # with binary cross entropy
    plain.loss = lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum()
    x, y = data.train.inputs, data.train.targets[:, None].astype(float)
    model = train(network, data, learning_rate=0.2, batch_size=4, epochs=4, seed=1)
    plain.learn(x, y, 0.2, 4, 4, seed=1)
    np.testing.assert_allclose(network.layers[0].W, plain.W[0], rtol=1e-12)
    np.testing.assert_allclose(network.layers[1].W, plain.W[1], rtol=1e-12)
    assert model.history[-1]["train_cost"] == pytest.approx(plain.cost(x, y), rel=1e-12)
    said = plain.outputs(data.test.inputs)[:, 0] > 0.5
    assert model.history[-1]["test_accuracy"] == (said == data.test.targets).mean()


class FirstLoss(Callback):
    """Keeps what each epoch's first update saw: of a full batch, all there is to differentiate."""

    def __init__(self, penalty):
        self.penalty, self.seen = penalty, []

    def start(self, run):
        self.network = run.network
        self.before = self.penalty(run.network)

    def batch(self, run):
        self.seen.append(run.trace.loss + self.before)
        self.before = self.penalty(run.network)


@pytest.mark.parametrize(
    "how",
    [
        {"regularisation": Regularisation(l1=1e-3, l2=0.01)},
        {"regularisation": Regularisation(label_smoothing=0.2)},
        {"class_weight": {0: 5, 1: 1, 2: 2}},
        {"class_weight": "balanced", "regularisation": Regularisation(l2=0.1, label_smoothing=0.1)},
    ],
    ids=["penalties", "smoothed", "weighed", "all"],
)
def test_what_is_differentiated_is_kept(classes, how):
    held = how.get("regularisation", Regularisation())

    def penalty(network):
        return sum(
            held.l1 * np.abs(layer.weights).sum() + held.l2 / 2 * (layer.weights**2).sum()
            for layer in network.layers
        )

    seen = FirstLoss(penalty)
    network = build_network(classes, [4], dtype="float64")
    model = train(network, classes, batch_size=len(classes.train), epochs=3, callbacks=[seen], **how)
    np.testing.assert_allclose(model.history["objective"][:-1], seen.seen, rtol=1e-12)
    assert ("penalty" in model.history.columns) == (held.l1 > 0 or held.l2 > 0)


def test_without_any_of_that_the_cost_says_it_all(classes):
    network = build_network(classes, [4])
    model = train(network, classes, epochs=1, regularisation=Regularisation(dropout=0.2, max_norm=2))
    assert not {"objective", "penalty"} & set(model.history.columns)
