"""A run while it goes on: what callbacks see, and where it has come to."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pellucid.data import Dataset
from pellucid.evaluation import (
    History,
    Judge,
    Measures,
    Yardstick,
    diagnose,
    gather_evidence,
    least_costs,
    measure_yardstick,
)
from pellucid.model import Model
from pellucid.network import Network
from pellucid.passes.reference import Trace
from pellucid.training.progress import Progress
from pellucid.training.settings import Settings

__all__ = ["Run"]


@dataclass
class Run:
    """What a run is about, and what it has come to.

    Parameters
    ----------
    network : Network
        The network that learns; where its weights are averaged, `shown` is their average.
    data : Dataset
    judge : Judge
    settings : Settings
    progress : Progress
        How far it is; its flag ends the run after the update that runs.

    asked : dict
        What was asked for beside the settings, ready for JSON: class weights, what callbacks describe.

    Attributes
    ----------
    begin : Network
        A copy of the network as it was before any learning.
    shown : Network
        The network whose figures are kept: the one that learns, or the average of its weights.
    measures : dict of Measures
        How well it does after its last good epoch, on "train", "test" and, where there is one, "validation".
    history : History
        The figures of each epoch.
    look : callable
        Gives what the last update saw, a Trace, or None before the first.
    stopped : str or None
        Why it ended before its last epoch, if it did: "interrupted", "diverged", "converged",
        "failed", or what a callback said: "early", "time", "goal" ...
    kept_epoch : int
        The epoch whose weights the network has.
    """

    network: Network
    data: Dataset
    judge: Judge
    settings: Settings
    progress: Progress
    asked: dict[str, Any] = field(default_factory=dict)
    history: History = field(default_factory=History)
    measures: dict[str, Measures] = field(default_factory=dict)
    look: Callable[[], Trace | None] = lambda: None
    stopped: str | None = None
    kept_epoch: int = 0
    begin: Network = field(init=False)
    shown: Network = field(init=False)

    def __post_init__(self) -> None:
        self.begin = self.network.copy()
        self.shown = self.network

    @property
    def trace(self) -> Trace | None:
        """What the last update saw, for a callback that is called after each update."""
        return self.look()

    @property
    def epoch(self) -> int:
        """The epoch that runs, or that has just ended, counted from 1."""
        return self.progress.epoch

    def stop(self, why: str) -> None:
        """End the run after this epoch, or after the update that runs; the first reason given is kept."""
        self.progress.stop = True
        self.stopped = self.stopped or why

    def measure(self) -> dict[str, Measures]:
        """Pass every part through the shown network, which changes nothing."""
        parts = {"train": self.data.train, "test": self.data.test}
        if self.data.validation is not None:
            parts["validation"] = self.data.validation
        return {name: self.judge.measure(self.shown, examples) for name, examples in parts.items()}

    @cached_property
    def yardstick(self) -> Yardstick:
        """What the data allow without a network, which no epoch changes."""
        return measure_yardstick(self.data.train, self.data.target)

    @cached_property
    def least(self) -> dict[str, float]:
        """The least that the cost can be on the training part and on the test part."""
        return least_costs(self.judge, self.data)

    def model(self) -> Model:
        """Make a model of what has been learned so far; learning more does not change it.

        Of a run that goes on, it has the weights of the last epoch, and says that it was interrupted.
        """
        goes_on = self.stopped is None and self.history.n_epochs < self.settings.epochs
        stopped = "interrupted" if goes_on else self.stopped
        network, settings = self.shown.copy(), self.settings.to_dict()
        # Where no weight has changed, no epoch's are kept, however many there were.
        kept_epoch = 0 if network == self.begin else self.kept_epoch
        costs = self.history["train_cost"]
        # The epochs that led to the weights that are kept; all of them where none led anywhere.
        went_nowhere = self.kept_epoch == 0 and max(costs) == costs[0]
        n_judged = len(costs) if went_nowhere else self.kept_epoch + 1
        evidence = gather_evidence(
            History(self.history.rows[:n_judged]),
            self.measures["train"],
            self.measures["test"],
            network=network,
            data=self.data,
            judge=self.judge,
            yardstick=self.yardstick,
            begin=self.begin,
            stopped=stopped,
            learning_rate=math.nan if self.settings.optimizer.searches else self.settings.rate,
            epochs_run=self.history.n_epochs,
            least=self.least,
        )
        return Model(
            network=network,
            cost=self.judge.cost,
            inputs=self.data.inputs,
            target=self.data.target,
            history=History(self.history.rows),
            diagnosis=diagnose(evidence),
            settings=settings | self.asked | settings,  # a callback cannot say otherwise
            provenance=self.data.provenance,
            stopped=stopped,
            kept_epoch=kept_epoch,
        )
