"""Each label's and each value's figures: against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from pellucid.evaluation.output_figures import figures_of_labels, figures_of_values

NAMES = ("ant", "bee", "cow")


def test_labels_against_scikit_learn():
    random = np.random.default_rng(0)
    truth = random.random((500, 3)) < [0.5, 0.1, 0.9]
    said = truth ^ (random.random((500, 3)) < 0.2)
    found = figures_of_labels(said, truth, NAMES)
    precision, recall, f1, n = metrics.precision_recall_fscore_support(truth, said)
    assert [figures.name for figures in found] == list(NAMES)
    assert [figures.n for figures in found] == n.tolist()
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        np.testing.assert_allclose([getattr(figures, name) for figures in found], expected, rtol=1e-12)
    for k, figures in enumerate(found):
        assert figures.accuracy == pytest.approx(metrics.accuracy_score(truth[:, k], said[:, k]))


def test_a_label_that_is_never_there_or_never_said():
    truth = np.array([[False, True, False], [False, True, False]])
    said = np.array([[True, False, False], [False, False, False]])
    ant, bee, cow = figures_of_labels(said, truth, NAMES)
    assert (ant.precision, ant.recall, ant.f1, ant.accuracy) == (0, None, 0, 0.5)
    assert (bee.precision, bee.recall, bee.f1, bee.accuracy) == (None, 0, 0, 0)
    assert (cow.precision, cow.recall, cow.f1, cow.accuracy) == (None, None, None, 1)


def test_values_against_scikit_learn():
    random = np.random.default_rng(1)
    truth = random.normal([1, 10, 100], [1, 5, 0.1], (200, 3))
    said = truth + random.normal(0, [0.1, 7, 0.1], (200, 3))
    found = figures_of_values(said, truth, NAMES)
    assert [figures.name for figures in found] == list(NAMES)
    for name, measure in (
        ("rmse", metrics.root_mean_squared_error),
        ("mae", metrics.mean_absolute_error),
        ("r2", metrics.r2_score),
    ):
        expected = measure(truth, said, multioutput="raw_values")
        np.testing.assert_allclose([getattr(figures, name) for figures in found], expected, rtol=1e-12)
