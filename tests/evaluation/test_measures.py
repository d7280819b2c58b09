"""How well a network does: against scikit-learn, worked by hand, and by simulation."""

import math
import warnings
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from sklearn import metrics

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.evaluation import FIGURES, MORE_IS_BETTER, Measures, OutputHead, measure
from pellucid.evaluation.measures import Answered, sum_up
from pellucid.network import Network, activations, costs
from pellucid.passes.reference import predict


def measured(network, target, cost, x, y):
    return measure(network, OutputHead(target, network, costs.get(cost)), Examples(x, y))


@pytest.mark.parametrize("n", [1, 7, 2048, 5000])  # one piece of rows, a whole one, several
def test_classes_against_scikit_learn(n):
    random = np.random.default_rng(n)
    network = Network([4, 3], dtype="float64", seed=1)
    x, y = random.normal(size=(n, 4)), random.integers(0, 3, n)
    measures = measured(network, ClassTarget(None, (0, 1, 2)), "cce", x, y)
    chances = predict(network, x)
    assert measures.n == n
    assert measures.cost == pytest.approx(metrics.log_loss(y, chances, labels=[0, 1, 2]), rel=1e-12)
    assert measures.accuracy == metrics.accuracy_score(y, chances.argmax(axis=1))
    assert measures.error == 1 - measures.accuracy
    assert measures.rmse is measures.mae is measures.r2 is None


def test_one_output_against_scikit_learn():
    random = np.random.default_rng(0)
    network = Network([4, 1], output="sigmoid", dtype="float64", seed=1)
    x, y = random.normal(size=(300, 4)), random.integers(0, 2, 300)
    measures = measured(network, ClassTarget(None, (0, 1)), "bce", x, y)
    chances = predict(network, x)[:, 0]
    assert measures.cost == pytest.approx(metrics.log_loss(y, chances), rel=1e-12)
    assert measures.accuracy == metrics.accuracy_score(y, chances > 0.5)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [2, 5, 60, 3000])
def test_scores_of_classes_against_scikit_learn(n, seed):
    random = np.random.default_rng(seed)
    n_classes = 2 + seed % 3
    # Of three or four classes, one is missing in every other case; scores are few, so that many are tied.
    y = random.choice([c for c in range(n_classes) if n_classes == 2 or seed % 2 or c != 1], n)
    said = np.where(random.random(n) < 0.6, y, random.integers(0, n_classes, n))
    scores = (said + random.integers(0, 3, n)).astype(np.float32) if n_classes == 2 else None
    measures = sum_up("classification", Answered(said, y, np.ones(1), scores), 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of a class that is predicted only
        assert measures.balanced_accuracy == pytest.approx(
            metrics.balanced_accuracy_score(y, said), abs=1e-15
        )
        assert measures.f1_macro == pytest.approx(metrics.f1_score(y, said, average="macro"), abs=1e-15)
        if n_classes == 2:
            f1 = metrics.f1_score(y, said, zero_division=np.nan)
            assert measures.f1 == pytest.approx(f1, abs=1e-15, nan_ok=True)
            expected = metrics.roc_auc_score(y, scores) if len(set(y)) == 2 else math.nan
            assert measures.auc == pytest.approx(expected, abs=1e-12, nan_ok=True)
        else:
            assert measures.f1 is measures.auc is None


@pytest.mark.parametrize(
    ("y", "said", "f1"), [([1, 1], [1, 0], 2 / 3), ([0, 0], [0, 1], 0.0), ([0, 0], [0, 0], math.nan)]
)
def test_of_one_class_there_is_no_curve(y, said, f1):
    seen = Answered(np.array(said), np.array(y), np.ones(1), np.array([0.2, 0.7]))
    measures = sum_up("classification", seen, 0.5)
    assert math.isnan(measures.auc)
    assert measures.f1 == pytest.approx(f1, nan_ok=True)
    assert measures.to_dict()["auc"] is None
    assert "AUC undefined (examples of one class only)" in str(measures)


def test_scores_that_are_not_numbers_have_no_order():
    seen = Answered(np.array([0, 1]), np.array([0, 1]), np.ones(1), np.array([0.2, np.nan]))
    assert math.isnan(sum_up("classification", seen, 0.5).auc)


@pytest.mark.parametrize(
    ("sizes", "output", "cost"),
    [([4, 1], "sigmoid", "bce"), ([4, 2], "softmax", "cce"), ([4, 2], "sigmoid", "bce"),
     ([4, 1], "tanh", "hinge"), ([4, 2], "identity", "mse")],
)  # fmt: skip
def test_the_curve_of_two_classes_goes_by_what_decides(sizes, output, cost):
    random = np.random.default_rng(0)
    network = Network(sizes, output=output, dtype="float64", seed=1)
    x, y = random.normal(size=(300, 4)), random.integers(0, 2, 300)
    outputs = predict(network, x)
    scores = outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]
    found = measured(network, ClassTarget(None, (0, 1)), cost, x, y)
    assert found.auc == pytest.approx(metrics.roc_auc_score(y, scores), rel=1e-12)
    assert found.balanced_accuracy == pytest.approx(
        metrics.balanced_accuracy_score(
            y, OutputHead(ClassTarget(None, (0, 1)), network, costs.get(cost)).answers(outputs)
        )
    )


@pytest.mark.parametrize("kind", ["classes", "labels", "values"])
def test_weighted_figures_against_scikit_learn(kind):
    random = np.random.default_rng(3)
    x, weights = random.normal(size=(3000, 4)), random.exponential(size=3000) * (random.random(3000) < 0.8)
    target, output, cost, y = {
        "classes": (ClassTarget(None, (0, 1, 2)), "softmax", "cce", random.integers(0, 3, 3000)),
        "labels": (LabelTarget(("a", "b", "c")), "sigmoid", "bce", random.random((3000, 3)) < 0.3),
        "values": (ValueTarget(tuple("abc"), np.zeros(3), np.ones(3)), "identity", "mse", x[:, :3] + 1),
    }[kind]
    network = Network([4, 3], output=output, dtype="float64", seed=1)
    head = OutputHead(target, network, costs.get(cost))
    plain, found = (measure(network, head, Examples(x, y, weights=given)) for given in (None, weights))
    outputs = predict(network, x)
    losses = head.objective.losses(outputs, outputs, head.prepare(y)) if kind == "values" else None
    if kind == "classes":
        expected = metrics.log_loss(y, outputs, sample_weight=weights)
        right = metrics.accuracy_score(y, head.answers(outputs), sample_weight=weights)
    elif kind == "labels":
        each = [metrics.log_loss(y[:, j], outputs[:, j], sample_weight=weights) for j in range(3)]
        expected = sum(each)
        right = 1 - metrics.hamming_loss(y, head.answers(outputs), sample_weight=weights)
    else:
        expected, right = np.average(losses, weights=weights), None
    assert found.weighted_cost == pytest.approx(expected, rel=1e-12)
    assert found.weighted_accuracy == (None if right is None else pytest.approx(right, rel=1e-12))
    # All other figures count every example once.
    assert plain.weighted_cost is plain.weighted_accuracy is None
    assert replace(found, weighted_cost=None, weighted_accuracy=None) == plain


def test_a_row_that_does_not_count_may_cost_infinity(through):
    target = ValueTarget(("y",), np.zeros(1), np.ones(1))
    head = OutputHead(target, through(1), costs.get("mse"))
    x, y = np.array([[1e200], [3.0]]), np.array([[1.0], [1.0]])
    found = measure(through(1), head, Examples(x, y, weights=np.array([0.0, 2.0])))
    assert (found.cost, found.weighted_cost) == (math.inf, 2.0)
    none = measure(through(1), head, Examples(x, y, weights=np.zeros(2)))
    assert math.isnan(none.weighted_cost)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("n", [1, 7, 5000])
def test_labels_against_scikit_learn(k, n):
    random = np.random.default_rng(k)
    network = Network([4, k], output="sigmoid", dtype="float64", seed=1)
    x, y = random.normal(size=(n, 4)), random.random((n, k)) < 0.3
    y[:, -1] &= k > 1  # a label that none has
    y[0, 0] = True
    measures = measured(network, LabelTarget(("a", "b", "c")[:k]), "bce", x, y)
    chances = predict(network, x)
    said = chances > 0.5
    each = [metrics.log_loss(y[:, j], chances[:, j], labels=[False, True]) for j in range(k)]
    assert measures.cost == pytest.approx(sum(each), rel=1e-12)
    assert measures.accuracy == pytest.approx(1 - metrics.hamming_loss(y, said), rel=1e-12)
    assert measures.exact == pytest.approx(metrics.accuracy_score(y, said), rel=1e-12)
    indicators = (y, said) if k > 1 else (y[:, 0], said[:, 0])
    for average, f1 in (("micro", measures.f1_micro), ("macro", measures.f1_macro)):
        average = average if k > 1 else "binary"
        expected = metrics.f1_score(*indicators, average=average, zero_division=0)
        assert f1 == pytest.approx(expected, rel=1e-12)
    assert measures.error == 1 - measures.accuracy
    assert measures.rmse is measures.mae is measures.r2 is None


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("n", [2, 5000])
def test_values_against_scikit_learn(k, n):
    random = np.random.default_rng(k)
    y = random.normal(loc=50, scale=[10, 1000, 0.1][:k], size=(n, k))
    target = ValueTarget.fit(random.normal(loc=50, scale=[10, 1000, 0.1][:k], size=(99, k)))
    network = Network([4, k], output="identity", dtype="float64", seed=2)
    x = random.normal(size=(n, 4))
    measures = measured(network, target, "mse", x, y)
    answers = predict(network, x) * target.scale + target.mean
    assert measures.rmse == pytest.approx(metrics.root_mean_squared_error(y, answers), rel=1e-12)
    assert measures.mae == pytest.approx(metrics.mean_absolute_error(y, answers), rel=1e-12)
    assert measures.r2 == pytest.approx(metrics.r2_score(y, answers), rel=1e-12)
    each = metrics.root_mean_squared_error(y, answers, multioutput="raw_values")
    assert measures.error == pytest.approx(np.mean(each / target.scale), rel=1e-12)
    # The cost is half the squared error of standardised values, summed over the outputs.
    squares = ((answers - y) / target.scale) ** 2
    assert measures.cost == pytest.approx(squares.sum(axis=1).mean() / 2, rel=1e-12)
    assert measures.accuracy is None


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("factor", [2.0**531, 1e160, 1e300, 2.0**-565, 1e-170, 1e-290], ids="{:.0e}".format)
def test_values_of_any_size_have_the_figures_of_the_same_at_another_scale(k, factor):
    random = np.random.default_rng(k)
    answers, y = random.normal(size=(2, 50, k))
    spread = np.array([2.0, 5.0])[:k]

    def figures(factor):
        seen = Answered(factor * answers, factor * y, factor * spread)
        return sum_up("regression", seen, 1.0)

    usual, scaled = figures(1.0), figures(factor)
    for name in ("rmse", "mae"):
        # In fractions: multiplying back by the factor might itself overflow.
        exact = Fraction(getattr(usual, name)) * Fraction(factor)
        assert abs(Fraction(getattr(scaled, name)) / exact - 1) < 1e-14
    for name in ("r2", "error", "sampling_error"):
        assert getattr(scaled, name) == pytest.approx(getattr(usual, name), rel=1e-13)


def test_values_of_any_size_are_predicted_exactly_or_not(through):
    for factor in (1e-170, 1.0, 1e160):
        y = factor * np.array([[1.0], [2.0], [3.0]])
        for answers, r2 in ((y, 1.0), (y[::-1].copy(), -3.0)):  # errors 2, 0, 2 about squares of 1, 0, 1
            measures = sum_up("regression", Answered(answers, y, np.array([factor])), 0.0)
            assert measures.r2 == pytest.approx(r2, rel=1e-14)
            assert measures.rmse / factor == pytest.approx(0 if r2 == 1 else math.sqrt(8 / 3), rel=1e-14)


def test_equal_values_have_no_variance_that_rounding_made():
    y = np.full((3, 1), 0.1)  # the mean of three of them is not 0.1
    for answers, r2 in ((y, 1.0), (y + 1, 0.0)):
        assert sum_up("regression", Answered(answers, y, np.ones(1)), 0.0).r2 == r2


def test_values_by_hand(through):
    # Targets 10 and 30 have mean 20 and spread 10; outputs 0 and 3 say 20 and 50: errors 10 and 20.
    target = ValueTarget.fit(np.array([10.0, 30.0]))
    measures = measured(through(1), target, "mse", np.array([[0.0], [3.0]]), np.array([[10.0], [30.0]]))
    assert measures.rmse == pytest.approx(math.sqrt((100 + 400) / 2))
    assert measures.mae == 15
    assert measures.r2 == 1 - 250 / 100
    assert measures.error == pytest.approx(math.sqrt(250) / 10)
    assert measures.cost == pytest.approx((1 + 4) / 2 / 2)
    # The squares 100 and 400 have the mean 250 with the standard error sqrt(2 * 150^2 / 1) / sqrt(2) = 150,
    # so their root sqrt(250) has the error 150 / (2 sqrt(250)): in spreads of 10.
    assert measures.sampling_error == pytest.approx(150 / (2 * math.sqrt(250)) / 10)


@pytest.mark.parametrize("said", [2.0, 2.5])
def test_a_single_value_is_no_division_by_zero(through, said):
    target = ValueTarget(("y",), np.array([0.0]), np.array([4.0]))
    measures = measured(through(1), target, "mse", np.array([[said / 4]]), np.array([[2.0]]))
    assert math.isnan(measures.r2)
    assert measures.error == (said - 2) / 4
    # One example tells nothing of how far the next would be off.
    assert measures.sampling_error == measures.error


def test_figures_by_the_names_of_a_history(through):
    classes = ClassTarget(None, (0, 1))
    measures = measured(through(2, "softmax"), classes, "cce", np.array([[1.0, 0]]), np.array([0]))
    of_one_class = {"train_accuracy": 1.0, "train_balanced_accuracy": 1.0, "train_f1_macro": 1.0}
    undefined = {"train_f1": math.nan, "train_auc": math.nan}
    assert measures.named("train") == {"train_cost": measures.cost, **of_one_class, **undefined}
    labels, y = LabelTarget(("a", "b")), np.array([[True, False], [True, True]])
    measures = measured(through(2, "sigmoid"), labels, "bce", np.array([[1.0, 1], [1, -1]]), y)
    f1 = {"validation_f1_micro": 2 / 3, "validation_f1_macro": 0.5}
    right = {"validation_accuracy": 0.5, "validation_exact": 0.0}
    assert measures.named("validation") == {"validation_cost": measures.cost, **right, **f1}
    values = ValueTarget(("y",), np.zeros(1), np.ones(1))
    measures = measured(through(1), values, "mse", np.array([[1.0], [2]]), np.array([[1.0], [3]]))
    assert measures.named("test") == {"test_cost": 0.25, "test_rmse": math.sqrt(0.5), "test_r2": 0.5}


def test_every_figure_is_declared_once():
    known = {field.name for field in fields(Measures)} - {"n", "error", "sampling_error"}
    assert [figure.name for figure in FIGURES] == list(dict.fromkeys(figure.name for figure in FIGURES))
    assert {figure.name for figure in FIGURES} == known
    assert {figure.name for figure in FIGURES if figure.more_is_better} == set(MORE_IS_BETTER)
    # A column's direction is told by how it ends: no figure may end as one that goes the other way.
    for figure in FIGURES:
        assert f"test_{figure.name}".endswith(MORE_IS_BETTER) == figure.more_is_better


def test_measuring_changes_nothing():
    network = Network([4, 3])
    before, x, y = network.copy(), np.ones((5, 4)), np.arange(5) % 3
    measured(network, ClassTarget(None, (0, 1, 2)), "cce", x, y)
    assert network == before
    assert (x == 1).all()


@pytest.mark.parametrize(("n", "accuracy"), [(50, 0.9), (200, 0.7), (1000, 0.97)])
def test_sampling_error_of_an_accuracy_by_simulation(through, n, accuracy):
    # Sets of n, of which a network gets each example right with the same chance: the accuracies scatter by
    # what the sampling error of one of them says (a little less, as it adds four examples).
    random = np.random.default_rng(0)
    right = random.random((4000, n)) < accuracy
    scatter = right.mean(axis=1).std()
    classes, network = ClassTarget(None, (0, 1)), through(2, "softmax")
    said = [measured(network, classes, "cce", one_hot(row), np.zeros(n, int)) for row in right[:60]]
    assert np.mean([measures.sampling_error for measures in said]) == pytest.approx(scatter, rel=0.1)


@pytest.mark.parametrize("together", [True, False])
def test_sampling_error_of_labels_by_simulation(through, together):
    # Five labels, each right in 9 of 10; either all of an example are right or none, or each for itself.
    random = np.random.default_rng(0)
    n, k = 300, 5
    right = random.random((2000, n, 1 if together else k)) < 0.9
    right = np.broadcast_to(right, (2000, n, k))
    scatter = right.mean(axis=(1, 2)).std()
    labels, network = LabelTarget(tuple("abcde")), through(k, "sigmoid")
    said = [
        measured(network, labels, "bce", np.where(row, 1.0, -1.0), np.ones((n, k), bool))
        for row in right[:60]
    ]
    assert np.mean([measures.sampling_error for measures in said]) == pytest.approx(scatter, rel=0.1)
    assert scatter == pytest.approx(0.3 / math.sqrt(n if together else n * k), rel=0.1)


@pytest.mark.parametrize("n", [1, 50])
def test_one_label_is_as_sure_as_two_classes(through, n):
    x, y = np.linspace(-1, 2, n)[:, None], np.ones(n, int)
    label = measured(through(1, "sigmoid"), LabelTarget(("a",)), "bce", x, y[:, None] == 1)
    classes = measured(through(1, "sigmoid"), ClassTarget(None, (0, 1)), "bce", x, y)
    assert label.sampling_error == pytest.approx(classes.sampling_error, rel=1e-12)
    assert (label.accuracy, label.cost) == (classes.accuracy, classes.cost)
    assert label.exact == label.accuracy


def one_hot(right):
    return np.where(right[:, None], [1.0, 0.0], [0.0, 1.0])


def test_fifty_right_of_fifty_are_no_certainty(through):
    classes = ClassTarget(None, (0, 1))
    measures = measured(through(2, "softmax"), classes, "cce", one_hot(np.ones(50, bool)), np.zeros(50, int))
    assert measures.accuracy == 1
    # 52 right of 54: sqrt(52/54 * 2/54 / 54)
    assert measures.sampling_error == pytest.approx(math.sqrt(52 * 2) / 54**1.5)


@pytest.mark.parametrize("spread", [1.0, 7.0])
def test_sampling_error_of_an_rmse_by_simulation(through, spread):
    random = np.random.default_rng(0)
    errors = random.normal(size=(2000, 100))
    scatter = np.sqrt((errors**2).mean(axis=1)).std() / spread
    target = ValueTarget(("y",), np.zeros(1), np.array([spread]))
    said = [
        measured(through(1), target, "mse", row[:, None] / spread, np.zeros((100, 1))) for row in errors[:100]
    ]
    assert np.mean([measures.sampling_error for measures in said]) == pytest.approx(scatter, rel=0.05)


def test_float32_sums_are_kept_in_float64():
    # 5,000 equal losses of ln 3: their mean is ln 3 to the last float32 digit.
    network = Network([1, 3], initializer="zeros")
    x, y = np.ones((5000, 1)), np.zeros(5000, int)
    cost = measured(network, ClassTarget(None, (0, 1, 2)), "cce", x, y).cost
    assert cost == pytest.approx(float(np.log(np.float32(3))), rel=1e-9)


def test_a_network_of_nan_has_no_cost_and_no_warning(network_of):
    network = network_of(([[np.nan]], [0], "identity"))
    target = ValueTarget(("y",), np.zeros(1), np.ones(1))
    measures = measured(network, target, "mse", np.ones((3, 1)), np.array([[1.0], [2], [3]]))
    assert math.isnan(measures.cost)
    assert math.isnan(measures.rmse)


def test_every_allowed_pair_is_measured():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 4)), np.arange(20) % 2
    target = ClassTarget(None, (0, 1))
    for activation in activations:
        for cost in costs:
            if cost.accepts(activation) and cost.suits("multilabel") and not activation.sums_to_one:
                network = Network([4, 2], output=activation, seed=3)
                labels = np.stack([y == 0, y == 1], axis=1)
                measures = measured(network, LabelTarget(("a", "b")), cost, x, labels)
                assert math.isfinite(measures.cost), (activation, cost)
                assert 0 <= measures.f1_macro <= 1
            if cost.accepts(activation) and cost.suits("classification"):
                network = Network([4, 2], output=activation, seed=3)
                measures = measured(network, target, cost, x, y)
                assert math.isfinite(measures.cost), (activation, cost)
                assert 0 <= measures.accuracy <= 1
