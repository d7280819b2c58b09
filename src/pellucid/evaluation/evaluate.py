"""Pass examples through a network, and evaluate its outputs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.data.raw import row_place
from pellucid.errors import DataError
from pellucid.evaluation.measures import Answered, Measures, sum_up, weighted_mean
from pellucid.evaluation.output_figures import figures_of_labels, figures_of_values
from pellucid.evaluation.output_head import OutputHead
from pellucid.evaluation.report import ClassFigures, Mistake, Report
from pellucid.network import Floats, Network
from pellucid.passes import predict, predict_with_losses

__all__ = ["confusion_matrix", "evaluate", "measure", "outputs_of", "refuse_overflow", "row_slices"]

# The number of examples that are converted to floats and passed through the network at a time.
_ROWS_AT_A_TIME = 2048
# The number of outputs that are in memory at a time if a pass does not convert the inputs to floats.
_NUMBERS_AT_A_TIME = 1 << 22


def row_slices(n: int, rows: int = _ROWS_AT_A_TIME) -> Iterator[slice]:
    """Split n rows into slices that are small enough to be converted to floats."""
    return (slice(start, start + rows) for start in range(0, n, rows))


def outputs_of(network: Network, examples: Examples) -> Floats:
    """Return the network's outputs for each example, shape (n, n_outputs).

    Raises
    ------
    DataError
        If the outputs of an example are not finite.
    """
    with np.errstate(all="ignore"):
        outputs = predict(network, examples.inputs, scale=examples.scale)
    refuse_overflow(outputs, examples)
    return outputs


def refuse_overflow(outputs: Floats, examples: Examples) -> None:
    """Check that all outputs are finite; the error names the first example whose outputs are not.

    Raises
    ------
    DataError
    """
    wrong = ~np.isfinite(outputs).all(axis=1)
    if wrong.any():
        raise DataError(
            "no prediction for a row: the outputs of the network are not finite",
            expected="values of the size of the training data",
            received="outputs that are infinite or NaN",
            where=row_place(int(examples.origin[wrong.argmax()])),
            remedy="correct the row, or remove it",
        )


def measure(network: Network, head: OutputHead, examples: Examples) -> Measures:
    """Return the metrics of a network on a set of examples.

    Parameters
    ----------
    network : Network
    head : OutputHead
    examples : Examples
        With targets.

    Returns
    -------
    Measures
    """
    loss = weighted_loss = 0.0
    weights = examples.weights
    answers, scores = [], []
    for rows in row_slices(len(examples), max(_ROWS_AT_A_TIME, _NUMBERS_AT_A_TIME // head.n_outputs)):
        ready = head.prepare(examples.known_targets[rows])
        with np.errstate(over="ignore", invalid="ignore"):  # an infinite cost is reported as such
            outputs, losses = predict_with_losses(
                network, examples.inputs[rows], head.objective, ready, scale=examples.scale
            )
            loss += float(losses.sum(dtype=np.float64))
            if weights is not None:
                weighted_loss += _weighted_sum(losses, weights[rows])
            scores.append(head.scores(outputs))
        answers.append(head.answers(outputs))
    answered = Answered(
        answers=np.concatenate(answers),
        targets=examples.known_targets,
        spread=head.spread,
        scores=_joined(scores),
        weights=weights,
    )
    weighted_cost = None if weights is None else weighted_mean(weighted_loss, weights)
    return sum_up(head.target.task, answered, loss / len(examples), weighted_cost)


def _weighted_sum(losses: Floats, weights: NDArray[Any]) -> float:
    """Return the weighted sum of losses, without rows of weight 0, whose loss may be infinite."""
    counts = weights > 0
    return float(losses[counts].astype(np.float64) @ weights[counts])


def _joined(scores: list[Floats | None]) -> Floats | None:
    there = [some for some in scores if some is not None]
    return np.concatenate(there) if there else None


def evaluate(network: Network, head: OutputHead, examples: Examples, n_mistakes: int = 10) -> Report:
    """Evaluate a network on a set of examples.

    Parameters
    ----------
    network : Network
    head : OutputHead
    examples : Examples
        With targets.
    n_mistakes : int
        The number of mistakes to list, the most confident ones first.

    Returns
    -------
    Report
    """
    outputs = outputs_of(network, examples)  # an example whose outputs overflow is an error
    measures = measure(network, head, examples)
    said, truth, target = head.answers(outputs), examples.known_targets, head.target
    if isinstance(target, ValueTarget):
        values = figures_of_values(said, truth, target.names) if target.n_values > 1 else []
        return Report(measures, [], None, [], values=values)
    confidence = head.confidence(outputs, said)
    if isinstance(target, LabelTarget):
        mistakes = _wrong_answers(target, said, examples, confidence, n_mistakes)
        return Report(measures, [], None, mistakes, labels=figures_of_labels(said, truth, target.names))
    confusion = confusion_matrix(truth, said, target.n_classes)
    mistakes = _mistakes(target, said, examples, confidence, n_mistakes)
    return Report(measures, _class_figures(confusion, target.names), confusion, mistakes)


def confusion_matrix(truth: NDArray[np.intp], said: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    """Return the confusion matrix.

    Parameters
    ----------
    truth, said : arrays of int, shape (n,)
        Class numbers.
    n_classes : int

    Returns
    -------
    array of int, shape (n_classes, n_classes)
        Rows are true classes, columns are predicted classes.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(truth * n_classes + said, minlength=n_classes**2).reshape(n_classes, n_classes)


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
    """Return the positions of wrong answers, the most confident first; ties keep their order."""
    places = np.argwhere(wrong)
    order = np.argsort(-confidence[wrong], kind="stable")[:n]
    return [tuple(places[k].tolist()) for k in order]
