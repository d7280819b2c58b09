"""Weights of classes and examples, and smoothed labels: by hand, and rows that are given twice."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, DataError
from pellucid.evaluation import OutputHead, measure, outputs_of
from pellucid.network import costs
from pellucid.training import EarlyStopping, Regularisation, build_network, train
from pellucid.training.weighting import smooth, weigh


def example_weights(data, *args, **given):
    return weigh(data, *args, **given).train.weights


@pytest.fixture(scope="module")
def uneven():
    """Ten rows of each of two classes and five of a third, all to learn from but one of each."""
    y = np.array(["a"] * 11 + ["b"] * 11 + ["c"] * 6)
    x = np.random.default_rng(0).normal(size=(28, 2)) + (np.unique(y, return_inverse=True)[1] * 2)[:, None]
    return load_data((x, y), test_size=3)


def test_all_count_alike_unless_said(uneven):
    assert example_weights(uneven) is None


def test_balanced_classes_count_alike_together(uneven):
    weights = example_weights(uneven, "balanced")
    totals = np.bincount(uneven.train.targets, weights)
    np.testing.assert_allclose(totals, totals.mean())
    assert weights.mean() == pytest.approx(1)


def test_by_label(uneven):
    # 10 x 1, 10 x 4, 5 x 1 (unsaid): 55 in all for 25 rows
    weights = example_weights(uneven, {"a": 1, "b": 4})
    expected = np.array([1, 4, 1])[uneven.train.targets] * 25 / 55
    np.testing.assert_allclose(weights, expected)


def test_by_example_and_label(uneven):
    given = np.arange(25.0)
    found = example_weights(uneven, {"c": 2}, given)
    product = given * np.array([1, 1, 2])[uneven.train.targets]
    np.testing.assert_allclose(found, product / product.mean())


@pytest.mark.parametrize("kind", [int, float, np.float32, np.float64, np.int64, np.uint8, Fraction])
def test_a_weight_is_a_number_of_any_kind(uneven, kind):
    found = example_weights(uneven, {"a": kind(2), "b": kind(0)})
    assert np.array_equal(found, example_weights(uneven, {"a": 2, "b": 0}))


@pytest.mark.parametrize(
    ("y", "label"),
    [
        ([0, 1], 1), ([0, 1], 1.0), ([0, 1], np.int64(1)), ([0, 1], np.float32(1)),
        ([0, 1], "1"), ([0, 1], "1.0"),
        ([0.0, 1.0], 1), ([0.0, 1.0], 1.0), ([0.0, 1.0], "1"),
        ([False, True], True), ([False, True], np.True_), ([False, True], "True"),
        ([0, 1], True), ([0, 1], "yes"), (["no", "yes"], "TRUE"),
        (["a", "b"], "b"), (["a", "b"], np.str_("b")), (["a", "p,q"], "p,q"), (["!", "1"], 1),
    ],
)  # fmt: skip
def test_a_label_is_found_however_it_is_written(y, label):
    data = load_data((np.arange(20.0)[:, None], np.array(y * 10)), test_size=0.5, task="classification")
    expected = np.array([1, 3])[data.train.targets] / 2
    np.testing.assert_allclose(example_weights(data, {label: 3}), expected)


@pytest.mark.parametrize("label", [0.5, None, "zero", (0, 1), 2, np.nan])
def test_what_is_no_label(label):
    data = load_data((np.arange(20.0)[:, None], [0, 1] * 10))
    with pytest.raises(ConfigurationError, match="there is no class"):
        example_weights(data, {label: 3})


def test_a_class_is_weighed_once():
    data = load_data((np.arange(20.0)[:, None], [0, 1] * 10))
    with pytest.raises(ConfigurationError, match="class '1' has two weights"):
        example_weights(data, {1: 3, "1": 2})


@pytest.mark.parametrize("factor", [1e-300, 1e-200, 3e150, 1e306])
def test_how_large_they_all_are_does_not_matter(uneven, factor):
    given, of_class = 1.0 + np.arange(25), {"a": 1.0, "b": 0.5, "c": 2.0}
    large = {label: weight * factor for label, weight in of_class.items()}
    expected = example_weights(uneven, of_class, given)
    assert np.isfinite(expected).all()
    for weights in (
        example_weights(uneven, large, given),
        example_weights(uneven, of_class, given * factor),
        example_weights(uneven, large, given * factor),
    ):
        np.testing.assert_allclose(weights, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("even", "the class weights cannot be used"),
        (3, "the class weights cannot be used"),
        ({"d": 1}, "there is no class 'd'"),
        ({"a": -1}, "the weight of class 'a' cannot be -1"),
        ({"a": "much"}, "the weight of class 'a' cannot be 'much'"),
        ({"a": True}, "the weight of class 'a' cannot be True"),
        ({"a": np.nan}, "the weight of class 'a' cannot be nan"),
        ({"a": np.inf}, "the weight of class 'a' cannot be inf"),
        ({"a": 10**400}, f"the weight of class 'a' cannot be {10**400}"),
        ({"a": 2j}, "the weight of class 'a' cannot be 2j"),
        ({"a": None}, "the weight of class 'a' cannot be None"),
        ({"a": 0, "b": 0, "c": 0}, "all sample weights are 0"),
    ],
)
def test_what_are_no_class_weights(uneven, wrong, problem):
    with pytest.raises((ConfigurationError, DataError)) as caught:
        example_weights(uneven, wrong)
    assert caught.value.problem == problem


@pytest.mark.parametrize("weight", ["balanced", {"label 0": 2}])
def test_labels_have_no_class_weights(weight):
    x, y = np.arange(40.0).reshape(20, 2), np.random.default_rng(0).integers(0, 2, (20, 3))
    data = load_data((x, y))
    with pytest.raises(ConfigurationError, match="class weights need a classification") as caught:
        example_weights(data, weight)
    assert "sample_weight in Python" in caught.value.remedy
    assert example_weights(data, weights=np.arange(16.0)).mean() == pytest.approx(1)


def test_a_label_is_smoothed_between_yes_and_no():
    x, y = np.arange(40.0).reshape(20, 2), np.random.default_rng(0).integers(0, 2, (20, 3))
    data = load_data((x, y))
    head = OutputHead(data.target, build_network(data), costs.get("bce"))
    smoothed = smooth(head, data.train.targets, 0.2)
    assert smoothed == pytest.approx(np.where(data.train.targets, 0.9, 0.1))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (np.ones(24), "the weights do not fit the examples"),
        ("all", "the weights do not fit the examples"),
        (["one"] * 25, "the weights do not fit the examples"),
        (["1"] * 25, "the weights do not fit the examples"),
        ([10**400] * 25, "the weights do not fit the examples"),
        ([[1.0], [1.0, 2.0]], "the weights do not fit the examples"),
        (np.ones(25, complex), "the weights do not fit the examples"),
        (np.ones(25, "datetime64[s]"), "the weights do not fit the examples"),
        (np.full(25, -1.0), "a sample weight cannot be used"),
        (np.full(25, np.nan), "a sample weight cannot be used"),
    ],
)
def test_what_are_no_weights(uneven, wrong, problem):
    with pytest.raises(DataError) as caught:
        example_weights(uneven, weights=wrong)
    assert caught.value.problem == problem


def test_the_kind_of_what_are_no_weights_is_said(uneven):
    with pytest.raises(DataError) as caught:
        weigh(uneven, weights=["one"] * 25)
    assert caught.value.received == "shape (25,) of <U3"


def test_values_have_no_class_weights(values):
    with pytest.raises(ConfigurationError, match="class weights need a classification"):
        example_weights(values, "balanced")


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_weight_of_2_is_a_row_given_twice(classes, optimizer):
    count = np.array([1, 2, 3] * 10)
    rows = np.repeat(np.arange(30), count)
    doubled = type(classes)(
        classes.name, classes.train.take(rows), classes.test, classes.inputs, classes.target,
        provenance=classes.provenance,
    )  # fmt: skip
    how = {"optimizer": optimizer, "learning_rate": 0.1, "epochs": 5}
    networks = [build_network(classes, [6], "tanh", dtype="float64", seed=2) for _ in range(2)]
    train(networks[0], classes, sample_weight=count, batch_size=30, **how)
    train(networks[1], doubled, batch_size=60, **how)
    for name, array in networks[0].parameters.items():
        np.testing.assert_allclose(array, networks[1].parameters[name], rtol=1e-9, atol=1e-12)


def test_balanced_weights_find_a_rare_class():
    random = np.random.default_rng(1)
    y = (np.arange(2000) < 60).astype(int)
    data = load_data((random.normal(size=(2000, 2)) + 1.5 * y[:, None], y), test_size=0.5)
    recalls = {}
    for class_weight in (None, "balanced"):
        model = train(build_network(data, []), data, class_weight=class_weight, batch_size=8, epochs=10)
        recalls[class_weight] = model.evaluate(data.test).classes[1].recall
    assert recalls["balanced"] > 0.75 > 0.5 > recalls[None]


def skewed(**how):
    """A class that has an example in fifty, and inputs that tell it from the other."""
    random = np.random.default_rng(1)
    y = (np.arange(2000) < 40).astype(int)
    return load_data((random.normal(size=(2000, 2)) + 1.5 * y[:, None], y), validation_size=0.2, **how)


class TestWeigh:
    def test_the_very_same_where_all_count_alike(self, uneven):
        assert weigh(uneven) is uneven

    def test_every_part_by_the_classes_of_the_training_part(self):
        data = skewed()
        weighed = weigh(data, "balanced")
        assert np.array_equal(weighed.train.weights, example_weights(data, "balanced"))
        of_class = len(data.train) / (2 * np.bincount(data.train.targets))
        for part, before in ((weighed.test, data.test), (weighed.validation, data.validation)):
            expected = of_class[before.targets]
            np.testing.assert_allclose(part.weights, expected / expected.mean())
            assert before.weights is None
            assert part.inputs is before.inputs

    def test_what_the_data_bring_is_multiplied(self):
        given = 1.0 + np.arange(2000) % 5
        data = skewed(sample_weight=given)
        weighed = weigh(data, {1: 3.0})
        for part in (weighed.train, weighed.test, weighed.validation):
            expected = given[part.origin] * np.array([1, 3])[part.targets]
            np.testing.assert_allclose(part.weights, expected / expected.mean())

    def test_weights_of_the_training_rows_leave_the_others_alike(self, uneven):
        weighed = weigh(uneven, weights=np.arange(25.0))
        assert weighed.test.weights.tolist() == [1, 1, 1]

    def test_a_class_that_only_judges_counts_as_usual(self):
        x, y = np.arange(40.0)[:, None], np.array(["a", "b", "c", "a"] * 10)
        data = load_data((x, y))
        again = load_data((x[y != "c"], y[y != "c"]), encoding=data, validation_data=(x, y))
        weighed = weigh(again, "balanced")
        ratio = weighed.validation.weights[y == "c"][0] / weighed.validation.weights[y == "a"][0]
        count = (again.train.targets == 0).sum()
        assert ratio == pytest.approx(3 * count / len(again.train))

    def test_weights_of_another_part_alone_weigh_the_run(self, uneven):
        odd = replace(uneven, test=replace(uneven.test, weights=np.array([0.0, 1.0, 2.0])))
        model = train(build_network(uneven, []), odd, epochs=1)
        plain = train(build_network(uneven, []), uneven, epochs=1)
        assert model.network == plain.network
        assert model.history[-1]["train_weighted_cost"] == pytest.approx(plain.history[-1]["train_cost"])


def test_a_weighted_run_is_judged_by_the_weighted_cost():
    data = skewed()
    network = build_network(data, [], seed=3)
    # A network that gives the shares of the classes: nothing is better by the plain cost.
    network.layers[-1].weights[...] = 0
    network.layers[-1].biases[...] = np.log(40 / 1960)
    how = {"class_weight": "balanced", "batch_size": 8, "epochs": 10}
    kept = {}
    for monitor in (None, "validation_cost", "validation_auc"):
        stopping = EarlyStopping(3, monitor)
        model = train(network.copy(), data, callbacks=[stopping], **how)
        kept[monitor] = model.kept_epoch
        assert model.settings["monitor"] == (monitor or "validation_weighted_cost")
    assert kept[None] > 0 == kept["validation_cost"]
    best = train(network.copy(), data, callbacks=[EarlyStopping(3)], **how)
    assert best.figures["validation_weighted_cost"] == min(best.history["validation_weighted_cost"])
    assert best.evaluate(data.test).measures.balanced_accuracy > 0.75
    unweighted = train(network.copy(), data, callbacks=[EarlyStopping(3)], epochs=1)
    assert unweighted.settings["monitor"] == "validation_cost"
    assert not any("weighted" in column for column in unweighted.history.columns)


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_a_weighted_figure_is_that_of_rows_given_so_many_times(kind):
    random = np.random.default_rng(4)
    x, count = random.normal(size=(80, 2)), 1 + np.arange(80) % 3
    y = (x[:, 0] > 0).astype(int) if kind == "classes" else x[:, 0]
    task = "classification" if kind == "classes" else "regression"
    data = load_data((x, y), sample_weight=count, task=task, validation_size=20)
    model = train(build_network(data, [4], dtype="float64"), data, epochs=2)
    for part, examples in (("train", data.train), ("test", data.test), ("validation", data.validation)):
        times = examples.take(np.repeat(np.arange(len(examples)), count[examples.origin]))
        measured = measure(model.network, model.head, replace(times, weights=None))
        row = model.history[-1]
        assert row[f"{part}_weighted_cost"] == pytest.approx(measured.cost, rel=1e-12)
        if kind == "classes":
            assert row[f"{part}_weighted_accuracy"] == pytest.approx(measured.accuracy, rel=1e-12)
    assert model.history["objective"] == model.history["train_weighted_cost"]


def test_weights_of_the_judging_parts_change_nothing_else():
    given = 1.0 + np.arange(2000) % 5
    data = skewed(sample_weight=given)
    bare = replace(
        data, test=replace(data.test, weights=None), validation=replace(data.validation, weights=None)
    )
    models = [train(build_network(data, [4]), d, epochs=2) for d in (data, bare)]
    assert models[0].network == models[1].network
    plain = [
        {
            name: column
            for name, column in model.history[-1].items()
            if "weighted" not in name and name != "seconds"
        }
        for model in models
    ]
    assert plain[0] == plain[1]
    assert models[0].provenance == models[1].provenance


class TestSmoothing:
    def head(self, data, output, cost):
        return OutputHead(
            data.target, build_network(data, [3], output=output, dtype="float64"), costs.get(cost)
        )

    def test_one_hot_rows(self, classes):
        own = self.head(classes, "softmax", "cce")
        found = smooth(own, np.array([2, 0]), 0.3)
        np.testing.assert_allclose(found, [[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
        assert np.array_equal(smooth(own, np.array([2, 0]), 0.0), own.prepare(np.array([2, 0])))

    def test_one_output(self, yes_or_no):
        found = smooth(self.head(yes_or_no, "sigmoid", "bce"), np.array([0, 1]), 0.2)
        np.testing.assert_allclose(found, [[0.1], [0.9]])

    def test_what_cannot_be_smoothed(self, classes, values):
        for own, targets in (
            (self.head(values, "identity", "mse"), values.train.targets),
            (self.head(classes, "softmax", "sparse_cross_entropy"), classes.train.targets),
        ):
            with pytest.raises(ConfigurationError, match="label smoothing needs class targets"):
                smooth(own, targets, 0.1)

    def test_a_smoothed_network_is_less_sure(self, classes):
        sure = {}
        for share in (0.0, 0.3):
            network = build_network(classes, [8])
            model = train(
                network, classes, learning_rate=0.1, epochs=40,
                regularisation=Regularisation(label_smoothing=share),
            )  # fmt: skip
            sure[share] = outputs_of(model.network, classes.train).max(axis=1).mean()
        # With 0.3 shared among three, the best answer is 0.8 for the right class.
        assert sure[0.3] < 0.85 < 0.95 < sure[0.0]
