"""What a diagnosis rests on: the curves, the two errors, what the data allow, and a look inside."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from pellucid.data import Dataset
from pellucid.evaluation.baselines import Baselines
from pellucid.evaluation.history import History
from pellucid.evaluation.inside import LayerHealth, look_inside
from pellucid.evaluation.measures import Measures
from pellucid.evaluation.output_head import OutputHead
from pellucid.network import Network, least_cost

__all__ = ["Evidence", "gather_evidence", "least_costs"]

# The least that a cost can be is found for so many targets of a part.
_TARGETS = 256
# A cost this near its least, as a share of that, is lost in the rounding of float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Evidence:
    """All that a diagnosis looks at.

    Errors are compared as shares of the baseline's error, that of always giving the commonest class, each
    label's commoner answer, or the mean: 1 is no better than that, 0 is perfect. So one set of bounds serves
    classes, labels and numbers alike. Changes of a cost are compared with how far it is above the least that
    it can be, so that a constant added to it changes no verdict; a cost that can fall without end says
    nothing that way.

    Parameters
    ----------
    history : History
    train, test : Measures
        How well the network does on both sets at the end.
    baselines : Baselines
        What can be had from the data without learning.
    inside : list of LayerHealth
    movement : float
        How far the weights have come from where they began, as a share of their size.
    stopped : str or None
        Why the run ended before its last epoch.
    learning_rate : float
        The rate that was asked for.
    epochs_run : int
        How many epochs there were; the history ends with the one whose weights are kept.
    least : dict of float
        The least that the cost of each part can be, as `least_costs` returns it; 0 by default.
    """

    history: History
    train: Measures
    test: Measures
    baselines: Baselines
    inside: list[LayerHealth] = field(default_factory=list)
    movement: float = math.inf
    stopped: str | None = None
    learning_rate: float = math.nan
    epochs_run: int = 0
    least: Mapping[str, float] = field(default_factory=dict)

    def _share(self, error: float) -> float:
        return error / self.baselines.constant if self.baselines.constant > 0 else 0.0

    @property
    def train_error(self) -> float:
        """The error on what it learned from, as a share of the baseline's."""
        return self._share(self.train.error)

    @property
    def test_error(self) -> float:
        """The error on what it has not seen, as a share of the baseline's."""
        return self._share(self.test.error)

    @property
    def neighbours_error(self) -> float:
        """The error of asking the nearest examples, as a share of the baseline's."""
        return self._share(self.baselines.neighbours)

    @property
    def quadratic_error(self) -> float:
        """The error of a quadratic formula of the inputs, as a share of the baseline's."""
        return self._share(self.baselines.quadratic)

    @property
    def attainable_error(self) -> float:
        """The lower of those two: what the data say without a network."""
        return self._share(self.baselines.attainable)

    @property
    def shortfall(self) -> float:
        """How much less it has learned from the training part than the data say without a network."""
        return self.train_error - self.attainable_error

    @property
    def shortfall_doubt(self) -> float:
        """Two standard errors of the shortfall."""
        return 2 * self._share(math.hypot(self.train.sampling_error, self.baselines.sampling_error))

    @property
    def gap(self) -> float:
        """How much worse it does on what it has not seen."""
        return self.test_error - self.train_error

    @property
    def doubt(self) -> float:
        """Two standard errors of the gap: a smaller one may be chance."""
        return 2 * self._share(math.hypot(self.test.sampling_error, self.train.sampling_error))

    @property
    def train_doubt(self) -> float:
        """Two standard errors of the training error, as a share of the baseline's."""
        return 2 * self._share(self.train.sampling_error)

    @cached_property
    def learning_time(self) -> list[float]:
        """The learning rates added up, epoch by epoch: how far the run has gone along its curve."""
        rates = self.history["learning_rate"]
        return [sum(rates[: k + 1]) for k in range(len(rates))]

    def speed(self, column: str, start: int, end: int) -> float:
        """How fast a cost falls between two epochs, for each unit of learning time."""
        cost, clock = self.history[column], self.learning_time
        passed = clock[end] - clock[start]
        return (cost[start] - cost[end]) / passed if passed > 0 else 0.0

    def above(self, part: str) -> list[float]:
        """Return how far the cost of a part is above its least, epoch by epoch: infinitely if it has none."""
        least = self.least.get(part, 0.0)
        distances = [cost - least for cost in self.history[f"{part}_cost"]]
        rounding = _ROUNDING * abs(least)
        return [0.0 if distance <= rounding < math.inf else distance for distance in distances]

    @property
    def fall(self) -> float:
        """By which share the training cost has fallen."""
        cost = self.above("train")
        return _ratio(cost[0] - cost[-1], cost[0])

    @property
    def bend(self) -> float:
        """The speed of the training cost's second half as a share of the first's: 1 is a straight line."""
        last = self.history.n_epochs
        early = self.speed("train_cost", 0, last // 2)
        return self.speed("train_cost", last // 2, last) / early if early > 0 else 0.0

    def errors(self, part: str) -> list[float]:
        """Give the curve of the error, as a share of the baseline's, epoch by epoch."""
        if f"{part}_accuracy" in self.history.columns:
            return [self._share(1 - accuracy) for accuracy in self.history[f"{part}_accuracy"]]
        # R2 is undefined for a single example, whose curve then says nothing: it is flat.
        explained = [0.0 if math.isnan(r2) else r2 for r2 in self.history[f"{part}_r2"]]
        return [math.sqrt(max(1 - r2, 0.0)) for r2 in explained]

    @property
    def last_third(self) -> int:
        """The epoch at which the last third of the run begins."""
        return self.history.n_epochs - math.ceil(self.history.n_epochs / 3)

    @property
    def late_gain(self) -> float:
        """By how much the training error fell in the last third of the run."""
        errors = self.errors("train")
        return errors[self.last_third] - errors[-1]

    @property
    def late_fall(self) -> float:
        """By which share the test cost fell in the last third of the run."""
        cost = self.above("test")
        before = cost[self.last_third]
        return _ratio(before - cost[-1], before)

    @property
    def steady_fall(self) -> float:
        """By which share the test cost would have fallen in that third, had its rate been the run's mean."""
        clock, n_epochs = self.learning_time, self.history.n_epochs
        passed = clock[-1] - clock[self.last_third]
        mean_rate = clock[-1] / n_epochs if n_epochs else 0.0
        return self.late_fall * (n_epochs - self.last_third) * mean_rate / passed if passed > 0 else 0.0

    @property
    def swing(self) -> float:
        """How far the training error jumps from epoch to epoch in the second half, its trend left out."""
        errors = self.errors("train")[self.history.n_epochs // 2 :]
        steps = [after - before for before, after in pairwise(errors)]
        if len(steps) < 3:
            return 0.0  # a single setback is no jumping up and down
        return (sum(map(abs, steps)) - abs(sum(steps))) / len(steps)

    @property
    def test_rise(self) -> float:
        """How far the test cost is above its lowest, as a share of that."""
        cost = self.above("test")
        return _ratio(cost[-1] - min(cost), min(cost))

    @property
    def figures(self) -> dict[str, float]:
        """The numbers by name, for showing."""
        names = (
            "train_error", "test_error", "neighbours_error", "quadratic_error", "shortfall", "gap", "doubt",
            "fall", "bend", "movement", "late_gain", "late_fall", "steady_fall", "test_rise", "swing",
        )  # fmt: skip
        return {name: float(getattr(self, name)) for name in names}


def _ratio(change: float, of: float) -> float:
    return change / of if 0 < of < math.inf else 0.0


def least_costs(head: OutputHead, data: Dataset) -> dict[str, float]:
    """Return the least that the cost of each set can be, by name; the validation set is left out.

    Parameters
    ----------
    head : OutputHead
    data : Dataset
    """
    return {
        name: least_cost(head.objective, head.prepare(part.known_targets[:: max(1, len(part) // _TARGETS)]))
        for name, part in data.sets.items()
        if name != "validation"
    }


def gather_evidence(
    history: History,
    train: Measures,
    test: Measures,
    *,
    network: Network,
    data: Dataset,
    head: OutputHead,
    baselines: Baselines,
    begin: Network,
    stopped: str | None,
    learning_rate: float,
    epochs_run: int,
    least: Mapping[str, float] | None = None,
) -> Evidence:
    """Look inside the network, and put what is found beside the curves and what the data allow.

    Parameters
    ----------
    network, begin : Network
        As it is now, and as it was before any learning.
    history, train, test, baselines, stopped, learning_rate, epochs_run
        As in `Evidence`.
    least : dict of float, optional
        As in `Evidence`; found anew if it is left out.
    data : Dataset
    head : OutputHead
    """
    return Evidence(
        history=history,
        train=train,
        test=test,
        baselines=baselines,
        inside=look_inside(network, data.train, head, begin),
        movement=_distance(network, begin),
        stopped=stopped,
        learning_rate=learning_rate,
        epochs_run=epochs_run,
        least=least_costs(head, data) if least is None else least,
    )


def _distance(network: Network, begin: Network) -> float:
    pairs = [(now.weights, then.weights) for now, then in zip(network.layers, begin.layers, strict=True)]
    moved = sum(float(np.square(now - then).sum(dtype=np.float64)) for now, then in pairs)
    size = max(_square_sum(begin), _square_sum(network))
    return math.sqrt(moved / size) if size > 0 else 0.0


def _square_sum(network: Network) -> float:
    return sum(float(np.square(layer.weights).sum(dtype=np.float64)) for layer in network.layers)
