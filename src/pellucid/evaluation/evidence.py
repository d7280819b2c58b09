"""The evidence for a diagnosis: learning curves, errors, baselines, and the state of the hidden layers."""

import math
from collections.abc import Iterable, Mapping
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
from pellucid.network import Floats, Network, least_cost

__all__ = ["Evidence", "gather_evidence", "least_costs"]

# The minimum of a cost is computed from this many targets of a set.
_TARGETS = 256
# A smaller distance of a cost from its minimum, relative to it, is a rounding error of float32.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Evidence:
    """The evidence for a diagnosis.

    Errors are expressed relative to the error of the best constant prediction: the most frequent class, the
    more frequent answer to each label, or the mean. 1 is no better than that, 0 is perfect, so the same
    thresholds apply to classes, labels and values. Changes of a cost are expressed relative to its distance
    from its minimum, so that a constant added to it changes no verdict; for a cost without a lower bound,
    they are 0.

    Parameters
    ----------
    history : History
    train, test : Measures
        The metrics of both sets at the end.
    baselines : Baselines
        The errors of simple predictors.
    inside : list of LayerHealth
    movement : float
        The norm of the change of the weights since initialisation, relative to the norm of the weights.
    stopped : str or None
        Why training ended before its last epoch.
    learning_rate : float
        The learning rate that was set; nan if the optimizer has none.
    epochs_run : int
        The number of epochs; the history ends with the epoch whose weights are kept.
    least : dict of float
        The minimum of the cost of each set, as `least_costs` returns it; 0 by default.
    has_restarted : bool
        Whether training diverged at a higher learning rate, and started again at this one.
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
    has_restarted: bool = False

    @property
    def rate_may_rise(self) -> bool:
        """Whether a higher learning rate may be advised: there is one, and a higher one has not diverged."""
        return self.has_rate and not self.has_restarted

    @property
    def has_rate(self) -> bool:
        """Whether the optimizer has a learning rate."""
        return not math.isnan(self.learning_rate)

    def _share(self, error: float) -> float:
        return error / self.baselines.constant if self.baselines.constant > 0 else 0.0

    @property
    def train_error(self) -> float:
        """The error on the training set, relative to the best constant prediction."""
        return self._share(self.train.error)

    @property
    def test_error(self) -> float:
        """The error on the test set, relative to the best constant prediction."""
        return self._share(self.test.error)

    @property
    def least_test_error(self) -> float:
        """The test error, relative to the mean of the training or of the test set: to the worse of the two.

        The values of a given test set may be spread more widely than those of the training set.
        """
        r2 = self.test.r2
        return self.test_error if r2 is None or math.isnan(r2) else min(self.test_error, math.sqrt(1 - r2))

    @property
    def neighbours_error(self) -> float:
        """The error of the nearest neighbours, relative to the best constant prediction."""
        return self._share(self.baselines.neighbours)

    @property
    def quadratic_error(self) -> float:
        """The error of the quadratic formula, relative to the best constant prediction."""
        return self._share(self.baselines.quadratic)

    @property
    def attainable_error(self) -> float:
        """The lower of these two errors: what is attainable without a network."""
        return self._share(self.baselines.attainable)

    @property
    def shortfall(self) -> float:
        """How far the training error is above what is attainable without a network."""
        return self.train_error - self.attainable_error

    @property
    def shortfall_doubt(self) -> float:
        """Two standard errors of the shortfall."""
        return 2 * self._share(math.hypot(self.train.sampling_error, self.baselines.sampling_error))

    @property
    def gap(self) -> float:
        """How far the test error is above the training error."""
        return self.test_error - self.train_error

    @property
    def doubt(self) -> float:
        """Two standard errors of the gap: a smaller gap may be due to chance."""
        return 2 * self._share(math.hypot(self.test.sampling_error, self.train.sampling_error))

    @property
    def train_doubt(self) -> float:
        """Two standard errors of the training error, relative to the best constant prediction."""
        return 2 * self._share(self.train.sampling_error)

    @cached_property
    def learning_time(self) -> list[float]:
        """The sum of the learning rates up to each epoch, the time axis of the learning curves."""
        rates = self.history["learning_rate"]
        return [sum(rates[: k + 1]) for k in range(len(rates))]

    def speed(self, column: str, start: int, end: int) -> float:
        """Return how much a cost falls per unit of learning time between two epochs."""
        cost, clock = self.history[column], self.learning_time
        passed = clock[end] - clock[start]
        return (cost[start] - cost[end]) / passed if passed > 0 else 0.0

    def above(self, part: str) -> list[float]:
        """Return the distance of a set's cost from its minimum in each epoch: infinite without a minimum."""
        least = self.least.get(part, 0.0)
        distances = [cost - least for cost in self.history[f"{part}_cost"]]
        rounding = _ROUNDING * abs(least)
        return [0.0 if distance <= rounding < math.inf else distance for distance in distances]

    @property
    def fall(self) -> float:
        """The relative decrease of the training cost."""
        cost = self.above("train")
        return _ratio(cost[0] - cost[-1], cost[0])

    @property
    def bend(self) -> float:
        """The speed of the training cost in the second half relative to the first: 1 is a straight line."""
        last = self.history.n_epochs
        early = self.speed("train_cost", 0, last // 2)
        return self.speed("train_cost", last // 2, last) / early if early > 0 else 0.0

    def errors(self, part: str) -> list[float]:
        """Return the error in each epoch, relative to the best constant prediction."""
        if f"{part}_accuracy" in self.history.columns:
            return [self._share(1 - accuracy) for accuracy in self.history[f"{part}_accuracy"]]
        # R2 is undefined for a single example: the curve is flat then.
        explained = [0.0 if math.isnan(r2) else r2 for r2 in self.history[f"{part}_r2"]]
        return [math.sqrt(max(1 - r2, 0.0)) for r2 in explained]

    @property
    def last_third(self) -> int:
        """The epoch in which the last third of training begins."""
        return self.history.n_epochs - math.ceil(self.history.n_epochs / 3)

    @property
    def late_gain(self) -> float:
        """The decrease of the training error in the last third of training."""
        errors = self.errors("train")
        return errors[self.last_third] - errors[-1]

    @property
    def late_fall(self) -> float:
        """The relative decrease of the test cost in the last third of training."""
        cost = self.above("test")
        before = cost[self.last_third]
        return _ratio(before - cost[-1], before)

    @property
    def steady_fall(self) -> float:
        """The relative decrease of the test cost in that third if its learning rate had been the mean one."""
        clock, n_epochs = self.learning_time, self.history.n_epochs
        passed = clock[-1] - clock[self.last_third]
        mean_rate = clock[-1] / n_epochs if n_epochs else 0.0
        return self.late_fall * (n_epochs - self.last_third) * mean_rate / passed if passed > 0 else 0.0

    @property
    def swing(self) -> float:
        """The mean jump of the training error between epochs in the second half, without its trend."""
        errors = self.errors("train")[self.history.n_epochs // 2 :]
        steps = [after - before for before, after in pairwise(errors)]
        if len(steps) < 3:
            return 0.0  # a single setback is not an oscillation
        return (sum(map(abs, steps)) - abs(sum(steps))) / len(steps)

    @property
    def test_rise(self) -> float:
        """The relative increase of the test cost since its lowest value."""
        cost = self.above("test")
        return _ratio(cost[-1] - min(cost), min(cost))

    @property
    def figures(self) -> dict[str, float]:
        """The numbers by name, for display."""
        names = (
            "train_error", "test_error", "neighbours_error", "quadratic_error", "shortfall", "gap", "doubt",
            "fall", "bend", "movement", "late_gain", "late_fall", "steady_fall", "test_rise", "swing",
        )  # fmt: skip
        return {name: float(getattr(self, name)) for name in names}


def _ratio(change: float, of: float) -> float:
    return change / of if 0 < of < math.inf else 0.0


def least_costs(head: OutputHead, data: Dataset) -> dict[str, float]:
    """Return the minimum of the cost of the training and the test set, by name.

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
    has_restarted: bool = False,
) -> Evidence:
    """Inspect the hidden layers of a network, and combine this with its curves and the baselines.

    Parameters
    ----------
    network, begin : Network
        The network now, and before training.
    data, head
        The data and the output head of the training.
    least : dict of float, optional
        Computed by default; this and all others are as in `Evidence`.
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
        has_restarted=has_restarted,
    )


def _distance(network: Network, begin: Network) -> float:
    now, then = ([layer.weights for layer in each.layers] for each in (network, begin))
    size = max(_square_sum(then), _square_sum(now))
    moved = _square_sum(after - before for after, before in zip(now, then, strict=True))
    return math.sqrt(moved / size) if size > 0 else 0.0


def _square_sum(arrays: Iterable[Floats]) -> float:
    return sum(float(np.square(array).sum(dtype=np.float64)) for array in arrays)
