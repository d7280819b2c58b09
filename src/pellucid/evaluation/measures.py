"""How well a network does in figures, with what is needed to say how sure they are."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.network import Floats

__all__ = ["MORE_IS_BETTER", "Measures", "f1_scores", "label_counts", "rmse_and_r2", "sum_up"]

# The figures of a history that a network should raise; it should lower the others.
MORE_IS_BETTER = ("accuracy", "exact", "f1_micro", "f1_macro", "r2")


@dataclass(frozen=True)
class Measures:
    """How well a network does on a set, with what is needed to say how sure that is.

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
        said nor due.
    rmse, mae, r2 : float or None
        The root mean squared and the mean absolute error in the target's own units, and the share of
        variance explained, for a regression; the mean over the outputs where there are several.
    error : float
        1 - accuracy, or the RMSE as a share of the standard deviation of the training targets.
    sampling_error : float
        The standard error of ``error``: another set of this size would differ by about so much.
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

    @property
    def error_doubt(self) -> float:
        """Two standard errors of the error."""
        return 2 * self.sampling_error

    def __str__(self) -> str:
        count = f"{self.n:,} example{'s' if self.n != 1 else ''}: "
        if self.accuracy is not None:
            accuracy = f"accuracy {100 * self.accuracy:.2f} % ± {100 * self.error_doubt:.2f}"
            if self.exact is not None:
                accuracy += (
                    f", all labels right {100 * self.exact:.2f} %, F1 {self.f1_micro:.4f} (micro)"
                    f" and {self.f1_macro:.4f} (macro)"
                )
            return f"{count}{accuracy}, cost {self.cost:.4f}"
        return f"{count}RMSE {self.rmse:,.6g}, MAE {self.mae:,.6g}, R2 {self.r2:.4f}, cost {self.cost:.4f}"

    def named(self, part: str) -> dict[str, float]:
        """Give the figures by the names of a history's columns: train_cost, train_accuracy ..."""
        names = ("cost", "accuracy", "exact", "f1_micro", "f1_macro", "rmse", "r2")
        figures = {name: getattr(self, name) for name in names}
        return {f"{part}_{name}": value for name, value in figures.items() if value is not None}


def _classes(cost: float, answers: NDArray[Any], targets: NDArray[Any], _: Floats) -> Measures:
    right = answers == targets
    n, accuracy = len(right), float(right.mean())
    # Agresti and Coull 1998: as if two more had been right and two wrong, so that 50 right of 50 is no
    # certainty.
    likely = (right.sum() + 2) / (n + 4)
    return Measures(
        n=n,
        cost=cost,
        accuracy=accuracy,
        error=1 - accuracy,
        sampling_error=math.sqrt(likely * (1 - likely) / (n + 4)),
    )


def _labels(cost: float, answers: NDArray[Any], targets: NDArray[Any], _: Floats) -> Measures:
    (n, k), right = answers.shape, answers == targets
    hits, said, due = label_counts(answers, targets)
    # The answers to one example go together, so examples are what is drawn. As for classes, four more count:
    # two with all labels right, and two with all but one.
    shares = np.concatenate([right.mean(axis=1), [1.0, 1.0, 1 - 1 / k, 1 - 1 / k]])
    return Measures(
        n=n,
        cost=cost,
        accuracy=float(right.mean()),
        exact=float(right.all(axis=1).mean()),
        f1_micro=float(f1_scores(hits.sum(), said.sum(), due.sum())),
        f1_macro=float(f1_scores(hits, said, due).mean()),
        error=1 - float(right.mean()),
        sampling_error=float(shares.std()) / math.sqrt(n + 4),
    )


def label_counts(
    answers: NDArray[np.bool_], targets: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Count, for each label, the yes that was right, that was said, and that was due; each of shape (k,)."""
    return (answers & targets).sum(axis=0), answers.sum(axis=0), targets.sum(axis=0)


def f1_scores(hits: Any, said: Any, due: Any) -> Floats:
    """Give F1, the harmonic mean of precision and recall, from such counts; 0 where there is nothing to find.

    Examples
    --------
    >>> f1_scores(np.array([2, 0]), np.array([3, 0]), np.array([5, 0]))
    array([0.5, 0. ])
    """
    scores: Floats = 2 * np.asarray(hits) / np.maximum(np.asarray(said) + due, 1)
    return scores


def _values(cost: float, answers: Floats, targets: Floats, spread: Floats) -> Measures:
    n = len(targets)
    # A network that is about to diverge may overflow here; its figures then say infinity, as they should.
    with np.errstate(over="ignore", invalid="ignore"):
        squares = (answers - targets) ** 2
        rmse, r2 = rmse_and_r2(squares, targets)
        # The delta method: the root's error is the mean's, divided by twice the root. A single example leaves
        # it wholly uncertain.
        of_mean = squares.std(axis=0, ddof=1) / math.sqrt(n) if n > 1 else 2 * squares.mean(axis=0)
        of_root = np.divide(of_mean, 2 * rmse, out=np.zeros_like(rmse), where=rmse > 0)
        return Measures(
            n=n,
            cost=cost,
            rmse=float(rmse.mean()),
            mae=float(np.abs(answers - targets).mean()),
            r2=float(r2.mean()),
            error=float((rmse / spread).mean()),
            sampling_error=float((of_root / spread).mean()),
        )


def rmse_and_r2(squares: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Give each value's RMSE and R2, both of shape (k,), from the squared errors, shape (n, k)."""
    with np.errstate(over="ignore", invalid="ignore"):  # squares may be beyond measure: infinity, as told
        mean_square, variance = squares.mean(axis=0), targets.var(axis=0)
        # Of targets that do not vary, as of a single one, all is explained or nothing, as in scikit-learn.
        all_or_nothing = np.where(mean_square > 0, 0.0, 1.0)
        explained = 1 - mean_square / np.where(variance > 0, variance, 1)
        return np.sqrt(mean_square), np.where(variance > 0, explained, all_or_nothing)


# How answers are summed up for each task.
_SUMS: Mapping[str, Callable[[float, NDArray[Any], NDArray[Any], Floats], Measures]] = {
    "classification": _classes,
    "multilabel": _labels,
    "regression": _values,
}


def sum_up(task: str, cost: float, answers: NDArray[Any], targets: NDArray[Any], spread: Floats) -> Measures:
    """Sum up answers beside what was right.

    Parameters
    ----------
    task : str
    cost : float
        The mean loss.
    answers, targets : array, shape (n,) or (n, k)
        Class numbers, answers to labels, or values in their own units.
    spread : array of float64, shape (k,)
        The standard deviation of each value's training targets.

    Returns
    -------
    Measures
    """
    return _SUMS[task](cost, answers, targets, spread)
