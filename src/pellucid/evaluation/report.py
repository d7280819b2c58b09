"""How good a network is on a set: the figures that a table shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples
from pellucid.evaluation.judge import Judge, Measures
from pellucid.network import Floats, Network

__all__ = ["ClassFigures", "Mistake", "Report", "confusion_matrix", "evaluate"]


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is told from the rest.

    Parameters
    ----------
    name : str
        The class.
    n : int
        How many examples are of it.
    precision : float or None
        The share of right ones among those that the network called so; None if it called none so.
    recall : float or None
        The share of it that the network found; None if there is none to find.
    """

    name: str
    n: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Mistake:
    """An example that the network got wrong.

    Parameters
    ----------
    row : int
        Its row in the data as given, counted from 0.
    said, truth : str
        The class that the network chose, and the right one.
    confidence : float
        The output for the class that it chose.
    """

    row: int
    said: str
    truth: str
    confidence: float


@dataclass(frozen=True, repr=False)
class Report:
    """How good a network is on a set.

    Parameters
    ----------
    measures : Measures
        Cost, accuracy or RMSE, MAE and R2.
    classes : list of ClassFigures
        Precision and recall of each class; empty for a regression.
    confusion : array of int, shape (n_classes, n_classes), or None
        Rows are the truth, columns what the network said.
    mistakes : list of Mistake
        The most confident ones first.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data = load_data("digits")
    >>> report = train(build_network(data, [16]), data, epochs=2).evaluate(data.test)
    >>> report.confusion.shape, len(report.classes), len(report.mistakes)
    ((10, 10), 10, 10)
    """

    measures: Measures
    classes: list[ClassFigures]
    confusion: NDArray[np.intp] | None
    mistakes: list[Mistake]

    def __repr__(self) -> str:
        return f"Report({self.measures})"

    def __str__(self) -> str:
        """Write the figures, each class's, and the most confident mistakes."""
        lines = [str(self.measures)]
        for figures in self.classes:
            lines.append(
                f"  {figures.name}: {figures.n:,} examples, precision {_share(figures.precision)},"
                f" recall {_share(figures.recall)}"
            )
        if self.mistakes:
            lines.append("The most confident mistakes")
        for mistake in self.mistakes:
            lines.append(
                f"  row {mistake.row}: {mistake.said} instead of {mistake.truth},"
                f" sure to {mistake.confidence:.4f}"
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Give the report ready for JSON."""
        measures = self.measures
        if self.confusion is None:
            return {
                "n": measures.n,
                "cost": measures.cost,
                "rmse": measures.rmse,
                "mae": measures.mae,
                "r2": measures.r2,
            }
        return {
            "n": measures.n,
            "cost": measures.cost,
            "accuracy": measures.accuracy,
            "sampling_error": measures.sampling_error,
            "classes": [vars(figures) for figures in self.classes],
            "confusion": self.confusion.tolist(),
            "mistakes": [vars(mistake) for mistake in self.mistakes],
        }


def confusion_matrix(truth: NDArray[np.intp], said: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    """Count how often each class was called each class.

    Parameters
    ----------
    truth, said : arrays of int, shape (n,)
        Class numbers.
    n_classes : int

    Returns
    -------
    array of int, shape (n_classes, n_classes)
        Rows are the truth, columns what was said.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(truth * n_classes + said, minlength=n_classes**2).reshape(n_classes, n_classes)


def evaluate(network: Network, examples: Examples, judge: Judge, n_mistakes: int = 10) -> Report:
    """Tell how good a network is on a set.

    Parameters
    ----------
    network : Network
    examples : Examples
        With targets.
    judge : Judge
    n_mistakes : int
        How many of the most confident mistakes to list.

    Returns
    -------
    Report
    """
    outputs = judge.outputs(network, examples)  # refuses a row that overflows
    measures = judge.measure(network, examples)
    if not isinstance(judge.target, ClassTarget):
        return Report(measures, [], None, [])
    said = judge.answers(outputs)
    confusion = confusion_matrix(examples.known_targets, said, judge.target.n_classes)
    mistakes = _mistakes(outputs, said, examples, judge, n_mistakes)
    return Report(measures, _class_figures(confusion, judge.target.names), confusion, mistakes)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _class_figures(confusion: NDArray[np.intp], names: tuple[str, ...]) -> list[ClassFigures]:
    right, called, true = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
    return [
        ClassFigures(
            name=name,
            n=int(true[k]),
            precision=float(right[k] / called[k]) if called[k] else None,
            recall=float(right[k] / true[k]) if true[k] else None,
        )
        for k, name in enumerate(names)
    ]


def _mistakes(
    outputs: Floats, said: NDArray[np.intp], examples: Examples, judge: Judge, n_mistakes: int
) -> list[Mistake]:
    wrong = np.flatnonzero(said != examples.known_targets)
    confidence = judge.confidence(outputs[wrong], said[wrong])
    order = np.argsort(-confidence, kind="stable")[:n_mistakes]
    return [
        Mistake(
            row=int(examples.origin[wrong[k]]),
            said=judge.target.names[said[wrong[k]]],
            truth=judge.target.names[examples.known_targets[wrong[k]]],
            confidence=float(confidence[k]),
        )
        for k in order
    ]
