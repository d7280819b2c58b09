"""The report of an evaluation: metrics, the confusion matrix, mistakes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import visible
from pellucid.evaluation.figures import percent
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_figures import ClassFigures, LabelFigures, ValueFigures

__all__ = ["Mistake", "Report"]


@dataclass(frozen=True)
class Mistake:
    """A wrong prediction.

    Parameters
    ----------
    row : int
        The row of the example in the data, counted from 0.
    said, truth : str
        The predicted and the true class; for labels, a single answer such as "loop: yes".
    confidence : float
        The output of the predicted class, or the confidence in the answer.
    """

    row: int
    said: str
    truth: str
    confidence: float


@dataclass(frozen=True, repr=False)
class Report:
    """The evaluation of a network on a set of examples.

    Parameters
    ----------
    measures : Measures
        Cost, accuracy, balanced accuracy and F1, AUC of two classes; or RMSE, MAE and R2.
    classes : list of ClassFigures
        Precision and recall of each class; empty for other tasks.
    confusion : array of int, shape (n_classes, n_classes), or None
        Rows are true classes, columns are predicted classes.
    mistakes : list of Mistake
        The most confident ones first.
    labels : list of LabelFigures
        Precision, recall, F1 and accuracy of each label; empty for other tasks.
    values : list of ValueFigures
        RMSE, MAE and R2 of each value, if there are several.

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
        """Return the metrics, those of each class, label or value, and the mistakes as text."""
        lines = [str(self.measures)]
        for figures in self.classes:
            lines.append(
                f"  {figures.name}: {figures.n:,} examples, precision {percent(figures.precision)},"
                f" recall {percent(figures.recall)}"
            )
        for label in self.labels:
            lines.append(
                f"  {label.name}: yes in {label.n:,} examples, precision {percent(label.precision)},"
                f" recall {percent(label.recall)}, accuracy {percent(label.accuracy)}"
            )
        for value in self.values:
            lines.append(f"  {value.name}: {value}")
        if self.mistakes:
            lines.append("The most confident mistakes")
        for mistake in self.mistakes:
            lines.append(
                f"  row {mistake.row}: {mistake.said} instead of {mistake.truth},"
                f" confidence {mistake.confidence:.4f}"
            )
        return visible("\n".join(lines))

    def to_dict(self) -> dict[str, Any]:
        """Return the report, ready for JSON."""
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
