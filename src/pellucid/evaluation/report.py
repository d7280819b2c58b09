"""How good a network is on a set: the figures that a table shows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import visible
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_figures import LabelFigures, ValueFigures

__all__ = ["ClassFigures", "Mistake", "Report"]


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


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
