"""Handwritten digits: a network trained in seconds, and explanations of three test digits."""

from dataclasses import dataclass

import numpy as np

from pellucid.data import Dataset
from pellucid.errors import DataError
from pellucid.evaluation import outputs_of
from pellucid.explanation import Explanation, explain
from pellucid.model import Model
from pellucid.passes import predict

__all__ = ["DigitsDemonstration", "learn_digits"]


@dataclass(frozen=True)
class DigitsDemonstration:
    """Two test digits that a model classifies correctly, and its most confident mistake.

    For the mistake, the votes are the neurons of the last hidden layer, counted from 1, that contribute most
    to the difference between the weighted sums of the wrong and the right class, with their contributions;
    and there is the output for the right class after one update on the mistake alone.
    """

    model: Model
    examples: list[Explanation]
    votes: list[tuple[int, float]]
    after_update: float


def learn_digits(model: Model, data: Dataset) -> DigitsDemonstration:
    """Choose three test digits of data that a model was trained on, and explain the mistake among them."""
    outputs = outputs_of(model.network, data.test_set)
    answers = model.head.answers(outputs)
    right = answers == data.test_set.known_targets
    if right.all():
        raise DataError(
            "the model makes no mistake to explain",
            expected="a test set with a mistake",
            received=f"{len(right)} correct predictions",
            remedy="choose another seed",
        )
    confidence = np.where(right, -np.inf, model.head.confidence(outputs, answers))
    chosen = [*np.flatnonzero(right)[:2].tolist(), int(confidence.argmax())]
    examples = [explain(model, data.test_set, k) for k in chosen]
    return DigitsDemonstration(model, examples, _votes(examples[-1]), _after_update(examples[-1]))


def _votes(mistake: Explanation) -> list[tuple[int, float]]:
    names = list(mistake.output_names)
    wrong, right = names.index(mistake.prediction), names.index(str(mistake.truth))
    layer = mistake.model.network.layers[-1]
    difference = (layer.W[wrong] - layer.W[right]) * mistake.trace.a[-2][0]
    order = np.argsort(-difference, kind="stable")[:3]
    return [(int(k) + 1, float(difference[k])) for k in order]


def _after_update(mistake: Explanation) -> float:
    network = mistake.model.network.copy()
    trace = mistake.trace
    for layer, weights, biases in zip(
        network.layers, trace.weight_gradients, trace.bias_gradients, strict=True
    ):
        layer.weights -= mistake.learning_rate * weights
        layer.biases -= mistake.learning_rate * biases
    right = list(mistake.output_names).index(str(mistake.truth))
    return float(predict(network, trace.a[0])[0, right])
