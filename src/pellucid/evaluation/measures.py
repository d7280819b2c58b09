"""How well a network does in figures, with what is needed to say how sure they are."""

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
    errors_of_values,
    f1_scores,
    label_counts,
    mean_of,
)
from pellucid.network import Floats

__all__ = ["Answered", "Measures", "sum_up", "weighted_mean"]


@dataclass(frozen=True)
class Measures:
    """How well a network does on a set, with what is needed to say how sure that is.

    A figure that the task does not have is None; one that the set leaves undefined is nan.

    Parameters
    ----------
    n : int
        How many examples were judged.
    cost : float
        The mean loss.
    accuracy : float or None
        The share of answers that were right, for classes and labels; each label of each example is an answer.
    exact : float or None
        The share of examples whose labels were all right.
    f1_micro, f1_macro : float or None
        The F1 score of all answers to labels together, and the mean of the labels' own; 0 where no yes was
        said nor due. Of classes, the mean F1 score of those that are true or predicted for some example.
    rmse, mae, r2 : float or None
        The root mean squared and the mean absolute error in the target's own units, and the share of
        variance explained, for a regression; the mean over the outputs where there are several. R2 is
        undefined for fewer than two examples.
    error : float
        1 - accuracy, or the RMSE as a share of the standard deviation of the training targets.
    sampling_error : float
        The standard error of ``error``: another set of this size would differ by about so much.
    balanced_accuracy : float or None
        The mean recall over the classes that have an example.
    f1 : float or None
        The F1 score of the second of two classes; undefined where it is neither true nor predicted.
    auc : float or None
        The area under the ROC curve of the second of two classes; undefined where all examples are of one.
    weighted_cost, weighted_accuracy : float or None
        The same with each row counted by its weight; None where all count alike, undefined where none counts.
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
        """The figures that there are, by name; nan for one that is undefined."""
        found = {figure.name: getattr(self, figure.name) for figure in FIGURES}
        return {name: value for name, value in found.items() if value is not None}

    def __str__(self) -> str:
        figures = ", ".join(write_figures(self.figures, self.error_doubt))
        return f"{self.n:,} example{'s' if self.n != 1 else ''}: {figures}"

    def to_dict(self) -> dict[str, float | None]:
        """Give the figures ready for JSON; None for one that is undefined."""
        return ready_for_json(self.figures)

    def named(self, part: str) -> dict[str, float]:
        """Give the figures by the names of a history's columns: train_cost, train_accuracy ..."""
        kept = {figure.name for figure in FIGURES if figure.in_history}
        return {f"{part}_{name}": value for name, value in self.figures.items() if name in kept}


@dataclass(frozen=True)
class Answered:
    """What a network answered on a set, beside what is right.

    Parameters
    ----------
    answers, targets : array, shape (n,) or (n, k)
        Class numbers, answers to labels, or values in their own units.
    spread : array of float64, shape (k,)
        The standard deviation of each value's training targets.
    scores : array of float, shape (n,), or None
        How much the outputs speak for the second of two classes; None where there are not two.
    weights : array of float, shape (n,), or None
        How much each example counts in the weighted figures; None where all count alike.
    """

    answers: NDArray[Any]
    targets: NDArray[Any]
    spread: Floats
    scores: Floats | None = None
    weights: NDArray[Any] | None = None


def _classes(seen: Answered) -> dict[str, float]:
    right = seen.answers == seen.targets
    n, accuracy = len(right), float(right.mean())
    hits, said, due = class_counts(
        seen.answers, seen.targets, 1 + int(max(seen.answers.max(), seen.targets.max()))
    )
    recalls, f1 = hits[due > 0] / due[due > 0], f1_scores(hits, said, due)
    of_two: dict[str, float] = {}
    if seen.scores is not None:
        known = len(due) == 2 and bool(due[1] or said[1])
        of_two = {
            "f1": float(f1[1]) if known else math.nan,
            "auc": area_under_curve(seen.scores, seen.targets == 1),
        }
    # Agresti and Coull 1998: as if two more had been right and two wrong, so that 50 right of 50 is no
    # certainty.
    likely = (right.sum() + 2) / (n + 4)
    return {
        "accuracy": accuracy,
        "balanced_accuracy": float(recalls.mean()),
        "f1_macro": float(f1[(due > 0) | (said > 0)].mean()),
        **of_two,
        **_weighted_accuracy(right, seen.weights),
        "error": 1 - accuracy,
        "sampling_error": math.sqrt(likely * (1 - likely) / (n + 4)),
    }


def _labels(seen: Answered) -> dict[str, float]:
    right = seen.answers == seen.targets
    n, k = right.shape
    hits, said, due = label_counts(seen.answers, seen.targets)
    # The answers to one example go together, so examples are what is drawn. As for classes, four more count:
    # two with all labels right, and two with all but one.
    shares = np.concatenate([right.mean(axis=1), [1.0, 1.0, 1 - 1 / k, 1 - 1 / k]])
    return {
        "accuracy": float(right.mean()),
        "exact": float(right.all(axis=1).mean()),
        "f1_micro": float(f1_scores(hits.sum(), said.sum(), due.sum())),
        "f1_macro": float(f1_scores(hits, said, due).mean()),
        **_weighted_accuracy(right.mean(axis=1), seen.weights),
        "error": 1 - float(right.mean()),
        "sampling_error": float(shares.std()) / math.sqrt(n + 4),
    }


def _values(seen: Answered) -> dict[str, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        rmse, mae, r2, doubt = errors_of_values(seen.answers - seen.targets, seen.targets)
        return {
            "rmse": mean_of(rmse),
            "mae": mean_of(mae),
            "r2": mean_of(r2),
            "error": mean_of(rmse / seen.spread),
            "sampling_error": mean_of(doubt / seen.spread),
        }


def _weighted_accuracy(shares: NDArray[Any], weights: NDArray[Any] | None) -> dict[str, float]:
    return {} if weights is None else {"weighted_accuracy": weighted_mean(float(shares @ weights), weights)}


def weighted_mean(total: float, weights: NDArray[Any]) -> float:
    """Divide a weighted sum by the sum of the weights; nan where they are all 0."""
    whole = float(weights.sum(dtype=np.float64))
    return total / whole if whole else math.nan


# How answers are summed up for each task.
_SUMS: Mapping[str, Callable[[Answered], dict[str, float]]] = {
    "classification": _classes,
    "multilabel": _labels,
    "regression": _values,
}


def sum_up(task: str, seen: Answered, cost: float, weighted_cost: float | None = None) -> Measures:
    """Sum up answers beside what is right.

    Parameters
    ----------
    task : str
    seen : Answered
    cost, weighted_cost : float
        The mean loss; the mean with the examples' weights, where they have any.

    Returns
    -------
    Measures
    """
    return Measures(n=len(seen.targets), cost=cost, weighted_cost=weighted_cost, **_SUMS[task](seen))
