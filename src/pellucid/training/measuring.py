"""What is measured while a network learns: which sets, after which epochs, on how many examples."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from pellucid.data import Dataset, Examples
from pellucid.errors import ConfigurationError
from pellucid.evaluation import Measures, OutputHead, least_costs, measure, row_slices
from pellucid.network import Network
from pellucid.passes.reference import forward
from pellucid.random import permutation

__all__ = ["Measuring"]

# Training has diverged once the mean loss has risen by this many times what there was to gain at first.
_EXPLODED = 9.0


class Measuring:
    """Measures a network on the sets of some data, which changes nothing.

    Parameters
    ----------
    data : Dataset
    head : OutputHead
    targets : array
        What the cost takes, of the training examples: smoothed where that is asked for.
    every : int or None
        How many epochs lie between two measurements; 0 to measure before the first epoch and after the last
        one only, None to measure nothing at all.
    rows : int or None
        How many examples of each set are measured at most: always the same ones, drawn by the seed.
    seed : int
    smoothed : bool
        Whether the targets are smoothed.

    Raises
    ------
    ConfigurationError
        If `every` or `rows` cannot be used.
    """

    def __init__(
        self,
        data: Dataset,
        head: OutputHead,
        targets: Any,
        every: int | None = 1,
        rows: int | None = None,
        *,
        seed: int = 0,
        smoothed: bool = False,
    ) -> None:
        _check_count("measure_every", every, 0, "a number of epochs, 0 for before and after only, or None")
        _check_count("measure_rows", rows, 1, "a number of examples, 1 or more, or None for all")
        self.head, self.every, self._data, self._targets, self._smoothed = (
            head,
            every,
            data,
            targets,
            smoothed,
        )
        self.sets = {name: _sample(examples, rows, seed) for name, examples in data.sets.items()}

    def is_due(self, epoch: int, last: int) -> bool:
        """Return whether the sets are measured after an epoch, the first being 1."""
        if self.every is None:
            return False
        return epoch in (0, last) or (bool(self.every) and epoch % self.every == 0)

    def measure(self, network: Network) -> dict[str, Measures]:
        """Return how well a network does on each set."""
        return {name: measure(network, self.head, examples) for name, examples in self.sets.items()}

    def figures(
        self, measures: Mapping[str, Measures], network: Network, penalty: float | None
    ) -> dict[str, float]:
        """Return the figures of an epoch for the history, those of the sets side by side.

        Parameters
        ----------
        measures : dict of Measures
        network : Network
            The network that was measured.
        penalty : float or None
            The penalties on its weights; None where there are none.
        """
        by_set = [measured.named(name) for name, measured in measures.items()]
        figures = dict(item for column in zip(*(of.items() for of in by_set), strict=True) for item in column)
        # What is differentiated, where that is not the cost of the training set alone: the examples have
        # weights, their targets are smoothed, or penalties are added.
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
        """Return the cost of the training set against smoothed targets, which takes another pass."""
        train = self._data.train
        weights = np.ones(len(train)) if train.weights is None else train.weights
        cost = 0.0
        for rows in row_slices(len(train)):
            trace = forward(network, train.rows(rows, network.dtype))
            losses = self.head.objective.losses(trace.z[-1], trace.a[-1], self._targets[rows])
            cost += float(losses @ weights[rows]) / len(train)
        return cost

    def has_exploded(self, first: float, cost: float) -> bool:
        """Return whether the training cost has risen beyond all bounds; other sets have no say in this."""
        limit = first + _EXPLODED * max(first - self.least["train"], 1.0)  # it may begin next to its least
        return not (math.isfinite(cost) and cost <= limit)

    @cached_property
    def least(self) -> dict[str, float]:
        """The least that the cost of the training set and of the test set can be."""
        return least_costs(self.head, self._data)


def _sample(examples: Examples, rows: int | None, seed: int) -> Examples:
    if rows is None or rows >= len(examples):
        return examples
    return examples.take(np.sort(permutation(len(examples), seed, "measuring")[:rows]))


def _check_count(name: str, count: object, least: int, expected: str) -> None:
    if count is None:
        return
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least:
        raise ConfigurationError(f"{name} cannot be {count!r}", expected=expected, received=repr(count))
