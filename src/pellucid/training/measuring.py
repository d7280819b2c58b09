"""The measurements during training: which sets, after which epochs, on how many examples."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError
from pellucid.evaluation import History, Measures, OutputHead, least_costs, measure, row_slices
from pellucid.network import Network
from pellucid.number import check_number
from pellucid.passes.reference import forward
from pellucid.random import permutation
from pellucid.training.config import TrainingConfig

__all__ = ["Measuring"]

# Training has diverged once the mean loss has risen by this many times what there was to gain at first.
_EXPLODED = 9.0


class Measuring:
    """Measures a network on the training, validation and test set, without changing it.

    The targets are those of the training examples as the cost takes them, with label smoothing if it is used.
    At most `rows` examples of each set are measured, always the same ones, drawn by the seed.
    """

    def __init__(
        self,
        data: Dataset,
        head: OutputHead,
        targets: Any,
        config: TrainingConfig,
        every: int | None = 1,
        rows: int | None = None,
    ) -> None:
        count: dict[str, Any] = {"whole": True, "or_none": True}
        before_and_after = "0 measures before and after training only, None not at all"
        self.every = check_number(every, "measure_every", at_least=0, remedy=before_and_after, **count)
        rows = check_number(rows, "measure_rows", at_least=1, remedy="None measures all examples", **count)
        if config.schedule.looks_back and not every:
            raise ConfigurationError(
                f"the schedule {config.schedule.name} depends on the figures of the epochs: none is measured",
                expected="measure_every of 1 or more, or another schedule",
                received=f"measure_every={every!r}",
            )
        self.head, self._data, self._targets = head, data, targets
        self._smoothed = bool(config.regularisation.label_smoothing)
        self.sets = {
            name: examples.take(_sample(len(examples), rows, config.seed)) if rows else examples
            for name, examples in data.sets.items()
        }
        if rows:  # the targets that the cost takes are those of the sample too
            self._targets = targets[_sample(len(data.train), rows, config.seed)]

    def is_due(self, epoch: int, last: int) -> bool:
        """Return whether the sets are measured after an epoch, counted from 1."""
        if self.every is None:
            return False
        return epoch in (0, last) or (bool(self.every) and epoch % self.every == 0)

    def measure(self, network: Network) -> dict[str, Measures]:
        """Return the measures of a network on each set."""
        return {name: measure(network, self.head, examples) for name, examples in self.sets.items()}

    def figures(
        self, measures: Mapping[str, Measures], network: Network, penalty: float | None
    ) -> dict[str, float]:
        """Return the figures of an epoch for the history, each for all sets in turn.

        The penalty is that on the weights of the network that was measured; None if none is asked for.
        """
        by_set = [measured.named(name) for name, measured in measures.items()]
        figures = dict(item for column in zip(*(of.items() for of in by_set), strict=True) for item in column)
        # The objective, if it differs from the cost of the training set: the examples have weights, their
        # targets are smoothed, or penalties are added.
        train = measures["train"]
        if not (train.weighted_cost is not None or self._smoothed or penalty is not None):
            return figures
        cost = train.cost if train.weighted_cost is None else train.weighted_cost
        if self._smoothed:
            cost = self._smoothed_cost(network)
        if penalty is None:
            return figures | {"objective": cost}
        return figures | {"penalty": penalty, "objective": cost + penalty}

    def _smoothed_cost(self, network: Network) -> float:
        """Return the cost of the training set with smoothed targets, which takes another pass."""
        train = self.sets["train"]
        weights = np.ones(len(train)) if train.weights is None else train.weights
        cost = 0.0
        for rows in row_slices(len(train)):
            trace = forward(network, train.rows(rows, network.dtype))
            losses = self.head.objective.losses(trace.z[-1], trace.a[-1], self._targets[rows])
            cost += float(losses @ weights[rows]) / len(train)
        return cost

    def has_exploded(self, history: History, measures: Mapping[str, Measures]) -> bool:
        """Return whether training has diverged, by the training cost alone."""
        first, cost = history[0]["train_cost"], measures["train"].cost
        limit = first + _EXPLODED * max(first - self.least["train"], 1.0)  # it may start near its minimum
        return not (math.isfinite(cost) and cost <= limit)

    @cached_property
    def least(self) -> dict[str, float]:
        """The smallest possible cost of the training set and of the test set."""
        return least_costs(self.head, self._data)


def _sample(n: int, rows: int, seed: int) -> NDArray[np.intp]:
    """Return the numbers of the examples that are measured, in their order."""
    return np.sort(permutation(n, seed, "measuring")[:rows])
