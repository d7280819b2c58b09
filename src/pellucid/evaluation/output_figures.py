"""The metrics of each class, of each label, and of each of several values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.figures import ready_for_json, write_figures
from pellucid.evaluation.scores import class_counts, errors_of_values, f1_scores, label_counts
from pellucid.network import Floats

__all__ = [
    "ClassFigures",
    "LabelFigures",
    "ValueFigures",
    "figures_of_classes",
    "figures_of_labels",
    "figures_of_values",
]


@dataclass(frozen=True)
class ClassFigures:
    """The metrics of a class.

    Parameters
    ----------
    name : str
        The class.
    n : int
        The number of its examples.
    precision : float or None
        The fraction of the predictions of this class that are correct; None if it is never predicted.
    recall : float or None
        The fraction of its examples that are predicted as such; None if it has no examples.
    """

    name: str
    n: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class LabelFigures(ClassFigures):
    """The metrics of a label: those of a class, where the label's examples are those that have it, and more.

    Parameters
    ----------
    name, n, precision, recall
        As for a class.
    f1 : float or None
        The harmonic mean of precision and recall; None if the label is neither true nor predicted.
    accuracy : float
        The fraction of correct answers, yes or no.
    """

    f1: float | None
    accuracy: float


@dataclass(frozen=True)
class ValueFigures:
    """The metrics of one of several values.

    Parameters
    ----------
    name : str
        Its name.
    rmse, mae : float
        The root mean squared and the mean absolute error, in original units.
    r2 : float
        The coefficient of determination; nan for fewer than two examples.
    """

    name: str
    rmse: float
    mae: float
    r2: float

    @property
    def figures(self) -> dict[str, float]:
        """The metrics by name, nan if undefined."""
        return {"rmse": self.rmse, "mae": self.mae, "r2": self.r2}

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics, ready for JSON; None if undefined."""
        return {"name": self.name, **ready_for_json(self.figures)}

    def __str__(self) -> str:
        return ", ".join(write_figures(self.figures))


def figures_of_classes(confusion: NDArray[np.intp], names: tuple[str, ...]) -> list[ClassFigures]:
    """Return the metrics of each class from the confusion matrix."""
    hits, said, due = class_counts(confusion)
    return [
        ClassFigures(name, int(due[k]), _ratio(hits[k], said[k]), _ratio(hits[k], due[k]))
        for k, name in enumerate(names)
    ]


def figures_of_labels(
    said: NDArray[np.bool_], truth: NDArray[np.bool_], names: tuple[str, ...]
) -> list[LabelFigures]:
    """Return the metrics of each label from arrays of shape (n, k).

    Examples
    --------
    >>> said, truth = np.array([[True], [True], [False]]), np.array([[True], [False], [False]])
    >>> figures_of_labels(said, truth, ("loop",))
    [LabelFigures(name='loop', n=1, precision=0.5, recall=1.0, f1=0.66..., accuracy=0.66...)]
    """
    hits, given, due = label_counts(said, truth)
    f1, accuracy = f1_scores(hits, given, due), (said == truth).mean(axis=0)
    return [
        LabelFigures(
            name,
            int(due[k]),
            precision=_ratio(hits[k], given[k]),
            recall=_ratio(hits[k], due[k]),
            f1=float(f1[k]) if given[k] or due[k] else None,
            accuracy=float(accuracy[k]),
        )
        for k, name in enumerate(names)
    ]


def _ratio(part: np.intp, whole: np.intp) -> float | None:
    return float(part / whole) if whole else None


def figures_of_values(said: Floats, truth: Floats, names: tuple[str, ...]) -> list[ValueFigures]:
    """Return the metrics of each value from arrays of shape (n, k) in original units.

    Examples
    --------
    >>> figures_of_values(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]), ("price",))
    [ValueFigures(name='price', rmse=1.41..., mae=1.0, r2=0.11...)]
    """
    rmse, mae, r2, _ = errors_of_values(said - truth, truth)
    return [ValueFigures(name, float(rmse[k]), float(mae[k]), float(r2[k])) for k, name in enumerate(names)]
