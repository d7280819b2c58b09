"""The metrics of each label and of each of several values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.figures import ready_for_json, write_figures
from pellucid.evaluation.scores import errors_of_values, f1_scores, label_counts
from pellucid.network import Floats

__all__ = ["LabelFigures", "ValueFigures", "figures_of_labels", "figures_of_values"]


@dataclass(frozen=True)
class LabelFigures:
    """The metrics of a label.

    Parameters
    ----------
    name : str
        The label.
    n : int
        The number of examples that have it.
    precision : float or None
        The fraction of the predicted labels that are correct; None if it is never predicted.
    recall : float or None
        The fraction of the examples with the label for which it is predicted; None if no example has it.
    f1 : float or None
        The harmonic mean of the two; None if the label is neither true nor predicted.
    accuracy : float
        The fraction of correct answers, yes or no.
    """

    name: str
    n: int
    precision: float | None
    recall: float | None
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


def figures_of_labels(
    said: NDArray[np.bool_], truth: NDArray[np.bool_], names: tuple[str, ...]
) -> list[LabelFigures]:
    """Return the metrics of each label.

    Parameters
    ----------
    said, truth : array of bool, shape (n, k)
    names : tuple of str
        The labels.

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
            name=name,
            n=int(due[k]),
            precision=float(hits[k] / given[k]) if given[k] else None,
            recall=float(hits[k] / due[k]) if due[k] else None,
            f1=float(f1[k]) if given[k] or due[k] else None,
            accuracy=float(accuracy[k]),
        )
        for k, name in enumerate(names)
    ]


def figures_of_values(said: Floats, truth: Floats, names: tuple[str, ...]) -> list[ValueFigures]:
    """Return the metrics of each value.

    Parameters
    ----------
    said, truth : array of float, shape (n, k)
        In original units.
    names : tuple of str
        The values.

    Examples
    --------
    >>> figures_of_values(np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]]), ("price",))
    [ValueFigures(name='price', rmse=1.41..., mae=1.0, r2=0.11...)]
    """
    rmse, mae, r2, _ = errors_of_values(said - truth, truth)
    return [ValueFigures(name, float(rmse[k]), float(mae[k]), float(r2[k])) for k, name in enumerate(names)]
