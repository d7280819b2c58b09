"""Precision, recall, the confusion matrix and the mistakes: against scikit-learn and a plain loop."""

import json

import numpy as np
import pytest
from sklearn import metrics

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.errors import DataError
from pellucid.evaluation import (
    ClassFigures,
    Measures,
    Mistake,
    OutputHead,
    Report,
    confusion_matrix,
    evaluate,
    measure,
    outputs_of,
)
from pellucid.network import Network, costs
from pellucid.passes import predict

NAMES = ("ant", "bee", "cow", "doe")


@pytest.fixture
def judged():
    """A random network on 300 random examples of four classes, their rows numbered from 1000 backwards."""
    random = np.random.default_rng(0)
    network = Network([5, 4], dtype="float64", seed=0)
    examples = Examples(
        random.normal(size=(300, 5)), random.integers(0, 4, 300), origin=np.arange(1000, 700, -1)
    )
    return network, OutputHead(ClassTarget(None, NAMES), network, costs.get("cce")), examples


def test_against_scikit_learn(judged):
    network, _, examples = judged
    report = evaluate(*judged)
    said = predict(network, examples.inputs).argmax(axis=1)
    assert (report.confusion == metrics.confusion_matrix(examples.targets, said)).all()
    precision, recall, _, n = metrics.precision_recall_fscore_support(examples.targets, said)
    assert [figures.name for figures in report.classes] == list(NAMES)
    np.testing.assert_allclose([figures.precision for figures in report.classes], precision, rtol=1e-15)
    np.testing.assert_allclose([figures.recall for figures in report.classes], recall, rtol=1e-15)
    assert [figures.n for figures in report.classes] == n.tolist()
    assert report.measures.accuracy == metrics.accuracy_score(examples.targets, said)


def test_mistakes_are_the_surest_first(judged):
    network, head, examples = judged
    outputs = predict(network, examples.inputs)
    wrong = []
    for k in range(300):
        said = max(range(4), key=lambda c, k=k: outputs[k, c])
        if said != examples.targets[k]:
            wrong.append((-outputs[k, said], 1000 - k, NAMES[said], NAMES[examples.targets[k]]))
    wrong.sort()
    for n_mistakes in (3, 10, 1000):
        mistakes = evaluate(network, head, examples, n_mistakes).mistakes
        told = [(-m.confidence, m.row, m.said, m.truth) for m in mistakes]
        assert told == wrong[:n_mistakes]
    assert len(evaluate(*judged).mistakes) == 10


def test_equally_sure_mistakes_come_in_the_order_of_the_rows(through):
    network = through(2, "softmax")
    examples = Examples(np.array([[1.0, 0], [2.0, 0]] * 300), np.ones(600, int))
    mistakes = evaluate(
        network, OutputHead(ClassTarget(None, (0, 1)), network, costs.get("cce")), examples
    ).mistakes
    assert [mistake.row for mistake in mistakes] == list(range(1, 20, 2))


def test_a_class_that_is_never_said_and_one_that_never_comes(through):
    # Everything is called 0; 1 comes but is never said, 2 neither comes nor is said.
    network = through(3, "softmax")
    examples = Examples(np.array([[1.0, 0, 0]] * 4), np.array([0, 0, 0, 1]))
    report = evaluate(network, OutputHead(ClassTarget(None, (7, 8, 9)), network, costs.get("cce")), examples)
    assert [(c.name, c.n, c.precision, c.recall) for c in report.classes] == [
        ("7", 3, 0.75, 1.0),
        ("8", 1, None, 0.0),
        ("9", 0, None, None),
    ]
    assert report.confusion.tolist() == [[3, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_confusion_has_the_truth_in_rows():
    assert confusion_matrix(np.array([0, 0, 2]), np.array([1, 1, 0]), 3).tolist() == [
        [0, 2, 0],
        [0, 0, 0],
        [1, 0, 0],
    ]


def test_one_output_is_sure_of_a_no_as_well(through):
    network = through(1, "sigmoid")
    z = np.array([[-2.0], [1.0], [3.0]])  # no, yes, yes; all wrong but the last
    report = evaluate(
        network,
        OutputHead(ClassTarget(None, ("no", "yes")), network, costs.get("bce")),
        Examples(z, np.array([1, 0, 1])),
    )
    told = [(m.row, m.said, m.truth, m.confidence) for m in report.mistakes]
    assert told == [
        (0, "no", "yes", pytest.approx(1 / (1 + np.exp(-2)))),
        (1, "yes", "no", pytest.approx(1 / (1 + np.exp(-1)))),
    ]


def test_ready_for_json(judged):
    report = evaluate(*judged)
    described = json.loads(json.dumps(report.to_dict()))
    assert described["n"] == 300
    assert described["accuracy"] == report.measures.accuracy
    assert described["sampling_error"] == report.measures.sampling_error
    assert described["confusion"] == report.confusion.tolist()
    assert described["classes"][1] == {
        "name": "bee",
        "n": report.classes[1].n,
        "precision": report.classes[1].precision,
        "recall": report.classes[1].recall,
    }
    assert described["mistakes"][0]["row"] == report.mistakes[0].row


def test_a_regression_has_no_classes(through):
    target = ValueTarget(("y",), np.zeros(1), np.ones(1))
    network = through(1)
    examples = Examples(np.array([[1.0], [2]]), np.array([[1.0], [3]]))
    report = evaluate(network, OutputHead(target, network, costs.get("mse")), examples)
    assert (report.classes, report.confusion, report.mistakes) == ([], None, [])
    assert json.loads(json.dumps(report.to_dict())) == {
        "n": 2,
        "cost": 0.25,
        "rmse": 0.5**0.5,
        "mae": 0.5,
        "r2": 0.5,
    }


def test_labels(through):
    network = through(2, "sigmoid")
    z = np.array([[3.0, -1.0], [-2.0, 1.0], [4.0, 2.0]])
    truth = np.array([[True, True], [True, False], [True, True]])
    examples = Examples(z, truth, origin=np.array([7, 8, 9]))
    report = evaluate(network, OutputHead(LabelTarget(("loop", "even")), network, costs.get("bce")), examples)
    sure = [1 / (1 + np.exp(-size)) for size in (1.0, 2.0)]
    assert [(m.row, m.said, m.truth, m.confidence) for m in report.mistakes] == [
        (8, "loop: no", "loop: yes", pytest.approx(sure[1])),
        (7, "even: no", "even: yes", pytest.approx(sure[0])),
        (8, "even: yes", "even: no", pytest.approx(sure[0])),
    ]
    assert (report.classes, report.confusion, report.values) == ([], None, [])
    described = json.loads(json.dumps(report.to_dict()))
    assert [label["name"] for label in described["labels"]] == ["loop", "even"]
    assert (described["accuracy"], described["exact"]) == (0.5, pytest.approx(1 / 3))
    lines = str(report).splitlines()
    assert "all labels right 33.33 %" in lines[0]
    assert lines[1] == "  loop: yes in 3 examples, precision 100.0 %, recall 66.7 %, accuracy 66.7 %"
    assert lines[4] == f"  row 8: loop: no instead of loop: yes, confidence {sure[1]:.4f}"


def test_several_values_each_by_name(through):
    target = ValueTarget(("price", "rooms"), np.zeros(2), np.ones(2))
    network = through(2)
    examples = Examples(np.array([[1.0, 2], [3, 5]]), np.array([[1.0, 3], [3, 6]]))
    report = evaluate(network, OutputHead(target, network, costs.get("mse")), examples)
    assert [(value.name, value.rmse, value.mae) for value in report.values] == [
        ("price", 0, 0), ("rooms", 1, 1),
    ]  # fmt: skip
    assert report.measures.rmse == np.mean([value.rmse for value in report.values])
    assert report.measures.r2 == np.mean([value.r2 for value in report.values])
    assert [value["name"] for value in json.loads(json.dumps(report.to_dict()))["values"]] == [
        "price", "rooms",
    ]  # fmt: skip
    assert "  rooms: RMSE 1, MAE 1, R2 0.5556" in str(report)


def test_without_the_truth_nothing_can_be_said(judged):
    network, head, examples = judged
    with pytest.raises(DataError, match="have no targets"):
        evaluate(network, head, Examples(examples.inputs))


def test_as_text():
    measures = Measures(1200, 0.25, 0.1, 0.02, accuracy=0.9)
    report = Report(
        measures,
        [ClassFigures("cat", 1000, 0.95, 0.5), ClassFigures("dog", 200, None, 0.0)],
        None,
        [Mistake(7, "cat", "dog", 0.875)],
    )
    assert str(report).splitlines() == [
        "1,200 examples: accuracy 90.00 % ± 4.00, cost 0.2500",
        "  cat: 1,000 examples, precision 95.0 %, recall 50.0 %",
        "  dog: 200 examples, precision -, recall 0.0 %",
        "The most confident mistakes",
        "  row 7: cat instead of dog, confidence 0.8750",
    ]
    assert repr(report) == "Report(1,200 examples: accuracy 90.00 % ± 4.00, cost 0.2500)"
    values = Report(Measures(1, 0.5, 0.1, 0.0, rmse=12345.6, mae=9.5, r2=0.75), [], None, [])
    assert str(values) == "1 example: RMSE 12,345.6, MAE 9.5, R2 0.7500, cost 0.5000"


@pytest.mark.parametrize("row", [[1e300, -1e300], [np.nan, 0.0], [np.inf, 1.0]])
def test_what_is_no_number_is_no_answer(row):
    network = Network([2, 2, 3], seed=1)
    examples = Examples(np.array([[0.0, 1.0], row]), origin=np.array([7, 9]))
    with pytest.raises(DataError, match="no prediction for a row") as caught:
        outputs_of(network, examples)
    assert caught.value.where == "row 9 (counted from 0)"
    assert outputs_of(network, examples.take(slice(0, 1))).shape == (1, 3)


def test_a_target_that_is_too_large_is_refused():
    network = Network([2, 1], output="identity")
    head = OutputHead(ValueTarget.fit(np.array([10.0, 30.0]), ("price",)), network, costs.get("mse"))
    with pytest.raises(DataError, match="a target is too large") as caught:
        measure(network, head, Examples(np.ones((2, 2)), np.array([[10.0], [1e300]])))
    assert caught.value.received == "1e+300"


def test_an_output_that_is_far_off_costs_infinity_without_a_warning():
    network = Network([2, 1], output="identity")
    head = OutputHead(ValueTarget.fit(np.array([10.0, 30.0]), ("price",)), network, costs.get("mse"))
    assert measure(network, head, Examples(np.full((2, 2), 1e30), np.array([[10.0], [20.0]]))).cost == np.inf
