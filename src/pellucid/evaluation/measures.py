"""The metrics of a network on a set of examples, and their uncertainty."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.figures import FIGURES, ready_for_json, write_figures
from pellucid.evaluation.scores import (
    area_under_curve,
    class_counts,
    confusion_matrix,
    errors_of_values,
    f1_scores,
    label_counts,
    mean_of,
)
from pellucid.network import Floats

__all__ = ["Answered", "Measures", "sum_up", "weighted_mean"]


@dataclass(frozen=True)
class Measures:
    """The metrics of a network on a set of examples, and their uncertainty.

    Metrics of other tasks are None; metrics that are undefined for this set are nan.

    Parameters
    ----------
    n : int
        The number of examples.
    cost : float
        The mean loss.
    accuracy : float or None
        The fraction of correct predictions; for labels, of all answers for all examples.
    exact : float or None
        The fraction of examples whose labels are all correct.
    f1_micro, f1_macro : float or None
        For labels, the F1 score of all answers together, and the mean of the labels' F1 scores, 0 for a label
        that is neither true nor predicted. For classes, the mean F1 score of those that are true or predicted
        for some example.
    rmse, mae, r2 : float or None
        For regression, the root mean squared and the mean absolute error in original units, and the
        coefficient of determination; their means over several values. R2 is undefined for fewer than two
        examples.
    error : float
        1 - accuracy, or the RMSE divided by the standard deviation of the training targets.
    sampling_error : float
        The standard error of ``error``: the typical difference from another set of this size.
    balanced_accuracy : float or None
        The mean recall over the classes that have examples.
    f1 : float or None
        The F1 score of the second of two classes; undefined if it is neither true nor predicted.
    auc : float or None
        The area under the ROC curve of the second of two classes; undefined if all are of one class.
    weighted_cost, weighted_accuracy : float or None
        The same with sample weights; None without sample weights, undefined if all are 0.
    """

    n: int
    cost: float
    error: float
    sampling_error: float
    accuracy: float | None = None
    exact: float | None = None
    f1_micro: float | None = None
    f1_macro: float | None = None
    rmse: float | None = None
    mae: float | None = None
    r2: float | None = None
    balanced_accuracy: float | None = None
    f1: float | None = None
    auc: float | None = None
    weighted_cost: float | None = None
    weighted_accuracy: float | None = None

    @property
    def error_doubt(self) -> float:
        """Two standard errors of the error."""
        return 2 * self.sampling_error

    @property
    def figures(self) -> dict[str, float]:
        """The metrics of the task by name, nan if undefined."""
        found = {figure.name: getattr(self, figure.name) for figure in FIGURES}
        return {name: value for name, value in found.items() if value is not None}

    def __str__(self) -> str:
        figures = ", ".join(write_figures(self.figures, self.error_doubt))
        return f"{self.n:,} example{'s' if self.n != 1 else ''}: {figures}"

    def to_dict(self) -> dict[str, float | None]:
        """Return the metrics, ready for JSON; None if undefined."""
        return ready_for_json(self.figures)

    def named(self, part: str) -> dict[str, float]:
        """Return the metrics by the names of a history's columns: train_cost, train_accuracy ..."""
        kept = {figure.name for figure in FIGURES if figure.in_history}
        return {f"{part}_{name}": value for name, value in self.figures.items() if name in kept}


@dataclass(frozen=True)
class Answered:
    """The predictions of a network and the targets, with what else the metrics of a task need."""

    answers: NDArray[Any]  # class numbers, answers to labels, or values in original units; (n,) or (n, k)
    targets: NDArray[Any]
    spread: Floats  # the standard deviation of each value's training targets, shape (k,)
    scores: Floats | None = None  # of the second of two classes, shape (n,)
    weights: NDArray[Any] | None = None  # of the examples, shape (n,)


def _classes(answered: Answered) -> dict[str, float]:
    right = answered.answers == answered.targets
    n, accuracy = len(right), float(right.mean())
    n_classes = 1 + int(max(answered.answers.max(), answered.targets.max()))
    hits, said, due = class_counts(confusion_matrix(answered.targets, answered.answers, n_classes))
    recalls, f1 = hits[due > 0] / due[due > 0], f1_scores(hits, said, due)
    of_two: dict[str, float] = {}
    if answered.scores is not None:
        known = len(due) == 2 and bool(due[1] or said[1])
        of_two = {
            "f1": float(f1[1]) if known else math.nan,
            "auc": area_under_curve(answered.scores, answered.targets == 1),
        }
    # Agresti and Coull 1998: add two correct and two wrong predictions, so that 50 out of 50 correct ones are
    # not certainty.
    likely = (right.sum() + 2) / (n + 4)
    return {
        "accuracy": accuracy,
        "balanced_accuracy": float(recalls.mean()),
        "f1_macro": float(f1[(due > 0) | (said > 0)].mean()),
        **of_two,
        **_weighted_accuracy(right, answered.weights),
        "error": 1 - accuracy,
        "sampling_error": math.sqrt(likely * (1 - likely) / (n + 4)),
    }


def _labels(answered: Answered) -> dict[str, float]:
    right = answered.answers == answered.targets
    n, k = right.shape
    hits, said, due = label_counts(answered.answers, answered.targets)
    # The answers for an example are not independent, so the sample consists of examples. As for classes, four
    # are added: two with all labels correct, and two with all but one.
    shares = np.concatenate([right.mean(axis=1), [1.0, 1.0, 1 - 1 / k, 1 - 1 / k]])
    return {
        "accuracy": float(right.mean()),
        "exact": float(right.all(axis=1).mean()),
        "f1_micro": float(f1_scores(hits.sum(), said.sum(), due.sum())),
        "f1_macro": float(f1_scores(hits, said, due).mean()),
        **_weighted_accuracy(right.mean(axis=1), answered.weights),
        "error": 1 - float(right.mean()),
        "sampling_error": float(shares.std()) / math.sqrt(n + 4),
    }


def _values(answered: Answered) -> dict[str, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        rmse, mae, r2, doubt = errors_of_values(answered.answers - answered.targets, answered.targets)
        return {
            "rmse": mean_of(rmse),
            "mae": mean_of(mae),
            "r2": mean_of(r2),
            "error": mean_of(rmse / answered.spread),
            "sampling_error": mean_of(doubt / answered.spread),
        }


def _weighted_accuracy(shares: NDArray[Any], weights: NDArray[Any] | None) -> dict[str, float]:
    return {} if weights is None else {"weighted_accuracy": weighted_mean(float(shares @ weights), weights)}


def weighted_mean(total: float, weights: NDArray[Any]) -> float:
    """Return a weighted sum divided by the sum of the weights; nan if they are all 0."""
    whole = float(weights.sum(dtype=np.float64))
    return total / whole if whole else math.nan


# The metrics of each task.
_SUMS: Mapping[str, Callable[[Answered], dict[str, float]]] = {
    "classification": _classes,
    "multilabel": _labels,
    "regression": _values,
}


def sum_up(task: str, answered: Answered, cost: float, weighted_cost: float | None = None) -> Measures:
    """Return the metrics of predictions with these costs, the weighted one if there are sample weights."""
    return Measures(n=len(answered.targets), cost=cost, weighted_cost=weighted_cost, **_SUMS[task](answered))
