"""Labels and several values from data to report, on real digits and houses, beside scikit-learn."""

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from pellucid.data import load_data
from pellucid.evaluation import VERDICTS
from pellucid.training import EarlyStopping, Goal, build_network, train

X, DIGIT = load_digits(return_X_y=True)
# Has a loop, is even, is at least five: asked of each digit.
LABELS = np.stack([np.isin(DIGIT, [0, 6, 8, 9]), DIGIT % 2 == 0, DIGIT >= 5], axis=1)


@pytest.fixture(scope="module")
def data():
    return load_data((X, LABELS.astype(int)))


@pytest.fixture(scope="module")
def model(data):
    network = build_network(data, [64])
    return train(network, data, learning_rate=0.02, epochs=10, batch_size=4, schedule="constant")


def test_the_network_and_the_cost_are_those_of_yes_and_no(model):
    assert (model.network.output.name, model.network.sizes[-1]) == ("sigmoid", 3)
    assert model.cost.name == "binary_cross_entropy"


def test_as_good_as_scikit_learn(data, model):
    scaler = StandardScaler().fit(X[data.train.origin])
    peer = MLPClassifier((64,), solver="sgd", learning_rate_init=0.02, batch_size=4, max_iter=10,
                         momentum=0, alpha=0, random_state=0, tol=0, n_iter_no_change=100)  # fmt: skip
    with pytest.warns(UserWarning, match="Maximum iterations"):
        peer.fit(scaler.transform(X[data.train.origin]), LABELS[data.train.origin])
    own = (model.predict(X[data.test.origin]) == LABELS[data.test.origin]).mean()
    theirs = (peer.predict(scaler.transform(X[data.test.origin])) == LABELS[data.test.origin]).mean()
    assert own > 0.95
    assert own == pytest.approx(theirs, abs=0.015)


def test_each_label_learns_as_a_network_without_a_hidden_layer_of_its_own(data):
    # Without a hidden layer nothing is shared, so the questions are as three networks, one for each.
    how = {"learning_rate": 0.05, "epochs": 2, "batch_size": 8}
    together = train(build_network(data, [], initializer="zeros", dtype="float64"), data, **how)
    for k in range(3):
        alone = load_data((X, LABELS[:, k].astype(int)), task="multilabel")
        assert (alone.train.origin == data.train.origin).all()
        network = train(build_network(alone, [], initializer="zeros", dtype="float64"), alone, **how).network
        np.testing.assert_allclose(
            network.layers[0].weights[:, 0], together.network.layers[0].weights[:, k], rtol=1e-9, atol=1e-12
        )


def test_the_history_and_the_diagnosis_know_the_labels(data, model):
    for part in ("train", "test"):
        assert {f"{part}_{name}" for name in ("cost", "accuracy", "exact", "f1_micro", "f1_macro")} <= set(
            model.history.columns
        )
    report = model.evaluate(data.test)
    assert report.measures.accuracy == model.figures["test_accuracy"]
    assert report.measures.exact == model.figures["test_exact"]
    assert model.diagnosis.verdict in VERDICTS
    assert "all labels of an example right" in " ".join(model.diagnosis.reasons)


def test_what_says_nothing_is_diagnosed_as_that():
    random = np.random.default_rng(0)
    noise = load_data((random.normal(size=(2000, 2)), random.random((2000, 3)) < 0.3))
    model = train(build_network(noise, [4]), noise, epochs=3, learning_rate=0.01)
    assert model.diagnosis.verdict == "underfitting"
    assert "the more frequent answer to each label" in " ".join(model.diagnosis.reasons)


# What each run is built to be: a straight line cannot bend, noise invites learning by heart, a thousandth of
# a good learning rate is too small, a hundred times as much too large, and four epochs are few.
VERDICT_OF = {
    "overfitting": (300, 0.15, [64], {"epochs": 80, "learning_rate": 0.2}),
    "underfitting": (1500, 0, [], {"epochs": 10, "learning_rate": 0.05}),
    "learning rate too small": (1500, 0, [32], {"epochs": 5, "learning_rate": 1e-5}),
    "learning rate too large": (1500, 0, [32], {"epochs": 8, "learning_rate": 20, "schedule": "constant"}),
    "still learning": (1500, 0, [32], {"epochs": 4, "learning_rate": 0.02, "schedule": "constant"}),
}


@pytest.mark.parametrize("verdict", VERDICT_OF)
def test_the_verdicts_hold_for_labels(verdict):
    n, noise, layers, how = VERDICT_OF[verdict]
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 6))
    y = np.stack([x[:, 0] > 0.3, x[:, 1] * x[:, 2] > 0, x[:, 3] + x[:, 4] > 1], axis=1)
    labelled = load_data((x, y ^ (random.random(y.shape) < noise)))
    model = train(build_network(labelled, layers, "tanh"), labelled, batch_size=4, **how)
    assert model.diagnosis.verdict == verdict


@pytest.mark.parametrize("figure", ["accuracy", "exact", "f1_micro", "f1_macro"])
def test_more_is_better(data, figure):
    goal = Goal(f"test_{figure}", 0.6)
    model = train(build_network(data, [32]), data, epochs=9, learning_rate=0.02, callbacks=[goal])
    assert model.stopped == "goal"
    assert model.figures[f"test_{figure}"] >= 0.6


def test_stopping_early_by_f1():
    data = load_data((X, LABELS.astype(int)), validation_size=0.2)
    stopping = EarlyStopping(3, "validation_f1_macro")
    model = train(build_network(data, [16]), data, epochs=12, learning_rate=0.2, callbacks=[stopping])
    curve = model.history["validation_f1_macro"]
    assert curve[model.kept_epoch] == max(curve)


@pytest.mark.parametrize("how", [{"optimizer": "lbfgs"}, {"optimizer": "adam", "batch_size": 32}])
def test_with_other_optimizers(data, how):
    model = train(build_network(data, [32]), data, epochs=15, **how)
    assert model.figures["test_accuracy"] > 0.9


@pytest.mark.parametrize(
    ("output", "cost"), [("tanh", "hinge"), ("identity", "hinge"), ("sigmoid", "mse"), ("tanh", "huber")]
)
def test_with_other_costs(data, output, cost):
    network = build_network(data, [32], output=output, cost=cost)
    model = train(network, data, cost=cost, epochs=5, learning_rate=0.02)
    assert model.figures["test_accuracy"] > 0.93


def test_cells_of_labels_are_predicted_as_columns():
    names = np.array(["loop", "even", "large"])
    cells = [";".join(names[answers]) for answers in LABELS]
    frame = pl.DataFrame(X, [f"p{j}" for j in range(64)]).with_columns(tags=pl.Series(cells))
    data = load_data(frame.drop("p0", "p32", "p39"), target="tags", task="multilabel")
    model = train(build_network(data, [32]), data, epochs=5, learning_rate=0.02)
    said = model.predict(frame.drop("p0", "p32", "p39"))
    assert model.target.names == ("even", "large", "loop")
    assert (said == LABELS[:, [1, 2, 0]]).mean() > 0.95
    assert said.dtype == bool


def test_several_values_of_real_houses_beside_scikit_learn(data_folder):
    frame = pl.read_csv(data_folder / "california" / "housing.csv").drop_nulls()[:4000]
    targets = ["median_house_value", "median_income"]
    data = load_data(frame, target=targets)
    how = {"batch_size": 16}
    model = train(build_network(data, [32]), data, learning_rate=0.02, **how, epochs=20, schedule="constant")
    report = model.evaluate(data.test)
    assert [value.name for value in report.values] == targets
    x, y = data.train.rows(slice(None), float), data.train.targets
    scaler = StandardScaler().fit(y)
    peer = MLPRegressor(hidden_layer_sizes=(32,), solver="sgd", learning_rate_init=0.02, max_iter=20,
                        momentum=0, alpha=0, random_state=0, tol=0, n_iter_no_change=100, **how)  # fmt: skip
    with pytest.warns(UserWarning, match="Maximum iterations"):
        peer.fit(x, scaler.transform(y))
    theirs = scaler.inverse_transform(peer.predict(data.test.rows(slice(None), float)))
    for k, value in enumerate(report.values):
        truth = data.test.targets[:, k]
        r2 = 1 - ((theirs[:, k] - truth) ** 2).mean() / truth.var()
        assert value.r2 == pytest.approx(r2, abs=0.06)
        assert value.r2 > 0.5
