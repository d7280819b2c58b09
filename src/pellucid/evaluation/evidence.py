"""What a diagnosis rests on: the curves, the two errors, what the data allow, and a look inside."""

import math
from dataclasses import dataclass, field
from functools import cached_property

from pellucid.data import Dataset
from pellucid.evaluation.history import History
from pellucid.evaluation.inside import LayerHealth, look_inside
from pellucid.evaluation.judge import Judge, Measures
from pellucid.evaluation.yardstick import Yardstick, measure_yardstick
from pellucid.network import Network

__all__ = ["Evidence", "gather_evidence"]


@dataclass(frozen=True)
class Evidence:
    """All that a diagnosis looks at.

    Errors are compared as shares of the baseline's error, that of always giving the commonest class or the
    mean: 1 is no better than that, 0 is perfect. So one set of bounds serves classes and numbers alike.

    Parameters
    ----------
    history : History
    train, test : Measures
        How well the network does on both sets at the end.
    yardstick : Yardstick
        What can be had from the data without learning.
    inside : list of LayerHealth
    stopped : {None, "interrupted", "diverged"}
    learning_rate : float
        The rate that was asked for.
    """

    history: History
    train: Measures
    test: Measures
    yardstick: Yardstick
    inside: list[LayerHealth] = field(default_factory=list)
    stopped: str | None = None
    learning_rate: float = math.nan

    def _share(self, error: float) -> float:
        return error / self.yardstick.baseline if self.yardstick.baseline > 0 else 0.0

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
        return self._share(self.yardstick.neighbours)

    @property
    def gap(self) -> float:
        """How much worse it does on what it has not seen."""
        return self.test_error - self.train_error

    @property
    def doubt(self) -> float:
        """Two standard errors of the gap: a smaller one may be chance."""
        return 2 * self._share(math.hypot(self.test.sampling_error, self.train.sampling_error))

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

    @property
    def fall(self) -> float:
        """By which share the training cost has fallen."""
        cost = self.history["train_cost"]
        return (cost[0] - cost[-1]) / cost[0] if cost[0] > 0 else 0.0

    @property
    def bend(self) -> float:
        """How fast the training cost falls in the second half, compared with the first: 1 is a straight line."""
        last = self.history.n_epochs
        early = self.speed("train_cost", 0, last // 2)
        return self.speed("train_cost", last // 2, last) / early if early > 0 else 0.0

    @property
    def promise(self) -> float:
        """By which share the test cost would still fall if the run went on as long again at its last speed."""
        last = self.history.n_epochs
        cost = self.history["test_cost"][-1]
        speed = self.speed("test_cost", last - max(last // 3, 1), last)
        return speed * self.learning_time[-1] / cost if cost > 0 else 0.0

    @property
    def test_rise(self) -> float:
        """How far the test cost is above its lowest, as a share of that."""
        cost = self.history["test_cost"]
        return cost[-1] / min(cost) - 1 if min(cost) > 0 else 0.0

    @property
    def roughness(self) -> float:
        """All rises of the training cost together, as a share of its whole fall from the start to its lowest."""
        cost = self.history["train_cost"]
        rises = sum(max(after - before, 0) for before, after in zip(cost[1:], cost[2:], strict=False))
        fall = cost[0] - min(cost)
        return rises / fall if fall > 0 else math.inf

    @property
    def figures(self) -> dict[str, float]:
        """The numbers by name, for showing."""
        names = (
            "train_error", "test_error", "neighbours_error", "gap", "doubt",
            "fall", "bend", "promise", "test_rise", "roughness",
        )  # fmt: skip
        return {name: float(getattr(self, name)) for name in names}


def gather_evidence(
    history: History,
    train: Measures,
    test: Measures,
    *,
    network: Network,
    data: Dataset,
    judge: Judge,
    stopped: str | None,
    learning_rate: float,
) -> Evidence:
    """Measure what the data allow, look inside the network, and put it beside the curves."""
    return Evidence(
        history=history,
        train=train,
        test=test,
        yardstick=measure_yardstick(data.train, data.target),
        inside=look_inside(network, data.train, judge),
        stopped=stopped,
        learning_rate=learning_rate,
    )
