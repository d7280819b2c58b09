"""How good a network is on a set: the figures that a table shows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.errors import visible
from pellucid.evaluation.judge import Judge
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_figures import (
    LabelFigures,
    ValueFigures,
    figures_of_labels,
    figures_of_values,
)
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
        The class that the network chose, and the right one; of labels, a single answer: "loop: yes".
    confidence : float
        The output for the class that it chose, or how sure it is of the answer.
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
        Cost, accuracy, balanced accuracy and F1, AUC of two classes; or RMSE, MAE and R2.
    classes : list of ClassFigures
        Precision and recall of each class; empty for another task.
    confusion : array of int, shape (n_classes, n_classes), or None
        Rows are the truth, columns what the network said.
    mistakes : list of Mistake
        The most confident ones first.
    labels : list of LabelFigures
        Precision, recall, F1 and accuracy of each label; empty for another task.
    values : list of ValueFigures
        RMSE, MAE and R2 of each value, where there are several.

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
    labels: list[LabelFigures] = field(default_factory=list)
    values: list[ValueFigures] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Report({self.measures})"

    def __str__(self) -> str:
        """Write the figures, those of each class, label or value, and the most confident mistakes."""
        lines = [str(self.measures)]
        for figures in self.classes:
            lines.append(
                f"  {figures.name}: {figures.n:,} examples, precision {_share(figures.precision)},"
                f" recall {_share(figures.recall)}"
            )
        for label in self.labels:
            lines.append(
                f"  {label.name}: yes in {label.n:,} examples, precision {_share(label.precision)},"
                f" recall {_share(label.recall)}, accuracy {_share(label.accuracy)}"
            )
        for value in self.values:
            lines.append(f"  {value.name}: {value}")
        if self.mistakes:
            lines.append("The most confident mistakes")
        for mistake in self.mistakes:
            lines.append(
                f"  row {mistake.row}: {mistake.said} instead of {mistake.truth},"
                f" sure to {mistake.confidence:.4f}"
            )
        return visible("\n".join(lines))

    def to_dict(self) -> dict[str, Any]:
        """Give the report ready for JSON."""
        measures = self.measures
        described: dict[str, Any] = {"n": measures.n, **measures.to_dict()}
        if measures.accuracy is None:
            return described | ({"values": [value.to_dict() for value in self.values]} if self.values else {})
        described["sampling_error"] = measures.sampling_error
        if self.confusion is None:
            described["labels"] = [vars(label) for label in self.labels]
        else:
            described["classes"] = [vars(figures) for figures in self.classes]
            described["confusion"] = self.confusion.tolist()
        return described | {"mistakes": [vars(mistake) for mistake in self.mistakes]}


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
    said, truth, target = judge.answers(outputs), examples.known_targets, judge.target
    if isinstance(target, ValueTarget):
        values = figures_of_values(said, truth, target.names) if target.n_values > 1 else []
        return Report(measures, [], None, [], values=values)
    confidence = judge.confidence(outputs, said)
    if isinstance(target, LabelTarget):
        mistakes = _wrong_answers(target, said, examples, confidence, n_mistakes)
        return Report(measures, [], None, mistakes, labels=figures_of_labels(said, truth, target.names))
    confusion = confusion_matrix(truth, said, target.n_classes)
    mistakes = _mistakes(target, said, examples, confidence, n_mistakes)
    return Report(measures, _class_figures(confusion, target.names), confusion, mistakes)


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
    target: ClassTarget, said: NDArray[np.intp], examples: Examples, confidence: Floats, n_mistakes: int
) -> list[Mistake]:
    truth = examples.known_targets
    return [
        Mistake(
            row=int(examples.origin[k]),
            said=target.names[said[k]],
            truth=target.names[truth[k]],
            confidence=float(confidence[k]),
        )
        for (k,) in _surest(said != truth, confidence, n_mistakes)
    ]


def _wrong_answers(
    target: LabelTarget, said: NDArray[np.bool_], examples: Examples, confidence: Floats, n_mistakes: int
) -> list[Mistake]:
    words = {False: "no", True: "yes"}
    return [
        Mistake(
            row=int(examples.origin[k]),
            said=f"{target.names[label]}: {words[bool(said[k, label])]}",
            truth=f"{target.names[label]}: {words[not said[k, label]]}",
            confidence=float(confidence[k, label]),
        )
        for k, label in _surest(said != examples.known_targets, confidence, n_mistakes)
    ]


def _surest(wrong: NDArray[np.bool_], confidence: Floats, n: int) -> list[tuple[int, ...]]:
    """Give the places of the wrong answers, the surest first, equals in their order."""
    places = np.argwhere(wrong)
    order = np.argsort(-confidence[wrong], kind="stable")[:n]
    return [tuple(places[k].tolist()) for k in order]
