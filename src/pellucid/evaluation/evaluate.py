"""Pass examples through a network, and evaluate its outputs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.data.raw import row_place
from pellucid.errors import DataError
from pellucid.evaluation.measures import Answered, Measures, sum_up, weighted_mean
from pellucid.evaluation.output_figures import figures_of_classes, figures_of_labels, figures_of_values
from pellucid.evaluation.output_head import OutputHead
from pellucid.evaluation.report import Mistake, Report
from pellucid.evaluation.scores import confusion_matrix
from pellucid.network import Floats, Network
from pellucid.passes import predict, predict_with_losses

__all__ = ["evaluate", "measure", "outputs_of", "refuse_overflow", "row_slices"]

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
                counts = weights[rows] > 0  # the loss of a row of weight 0 may be infinite
                weighted_loss += float(losses[counts].astype(np.float64) @ weights[rows][counts])
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
    mistakes = _mistakes(target, said, examples, head.confidence(outputs, said), n_mistakes)
    if isinstance(target, LabelTarget):
        return Report(measures, [], None, mistakes, labels=figures_of_labels(said, truth, target.names))
    confusion = confusion_matrix(truth, said, target.n_classes)
    return Report(measures, figures_of_classes(confusion, target.names), confusion, mistakes)


def _mistakes(
    target: ClassTarget | LabelTarget,
    said: NDArray[Any],
    examples: Examples,
    confidence: Floats,
    n_mistakes: int,
) -> list[Mistake]:
    """Return the wrong predictions, the most confident first; ties keep their order."""
    truth = examples.known_targets
    wrong = said != truth
    places = np.argwhere(wrong)
    order = np.argsort(-confidence[wrong], kind="stable")[:n_mistakes]
    return [
        Mistake(
            row=int(examples.origin[place[0]]),
            said=_words(target, said, place),
            truth=_words(target, truth, place),
            confidence=float(confidence[place]),
        )
        for place in map(tuple, places[order])
    ]


def _words(target: ClassTarget | LabelTarget, answers: NDArray[Any], place: tuple[int, ...]) -> str:
    if isinstance(target, ClassTarget):
        return target.names[int(answers[place])]
    return f"{target.names[place[1]]}: {'yes' if answers[place] else 'no'}"
