"""The training procedure: shuffle, forward, back, update, and look at both sets after every epoch."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pellucid.data import Dataset, Examples
from pellucid.evaluation import History, Judge, Measures
from pellucid.network import Network
from pellucid.passes.reference import backward, forward
from pellucid.random import permutation
from pellucid.training.descent import descend
from pellucid.training.progress import Progress
from pellucid.training.settings import Settings

__all__ = ["Run", "learn"]

# A mean loss so many times what it was before any learning is on its way to infinity.
_EXPLODED = 10.0


@dataclass
class Run:
    """What a run has come to.

    Parameters
    ----------
    train, test : Measures
        How well the network does after its last good epoch, on what it learned from and on what it has not
        seen.
    begin : Network
        A copy of the network as it was before any learning.
    history : History
        The figures of each epoch.
    stopped : {None, "interrupted", "diverged"}
        Why it ended before its last epoch, if it did.
    """

    train: Measures
    test: Measures
    begin: Network
    history: History = field(default_factory=History)
    stopped: str | None = None


def learn(
    network: Network,
    data: Dataset,
    judge: Judge,
    settings: Settings,
    progress: Progress,
    watch: Callable[[dict[str, Any]], None] | None = None,
) -> Run:
    """Train a network in place.

    Each epoch goes through the training examples once, in an order drawn by seed and epoch. Then both sets
    are passed through the network without changing it. An epoch that ends in a cost that is no number, or
    has exploded, is undone, and the run ends.

    Parameters
    ----------
    network : Network
        Changed in place.
    data : Dataset
    judge : Judge
    settings : Settings
    progress : Progress
        Kept up to date; its flag ends the run after the update that runs.
    watch : callable, optional
        Called with the row of the history after each epoch.

    Returns
    -------
    Run
    """
    began = time.perf_counter()
    progress.n_epochs, progress.n_examples = settings.epochs, len(data.train)
    run = Run(*_measure(network, data, judge), begin=network.copy())
    _keep(run, 0, settings, began)
    good = network.copy()
    for epoch in range(1, settings.epochs + 1):
        began = time.perf_counter()
        progress.epoch, progress.examples = epoch, 0
        finite = _go_through(network, data.train, judge, settings, progress)
        train, test = _measure(network, data, judge)
        if not finite or _has_exploded(run, train, test):
            network.restore(good)
            run.stopped = "diverged"
            break
        good.restore(network)
        run.train, run.test = train, test
        _keep(run, epoch, settings, began)
        if watch:
            watch(run.history[-1])
        if progress.stop and (epoch < settings.epochs or progress.examples < len(data.train)):
            run.stopped = "interrupted"
            break
    return run


def _measure(network: Network, data: Dataset, judge: Judge) -> tuple[Measures, Measures]:
    return judge.measure(network, data.train), judge.measure(network, data.test)


def _has_exploded(run: Run, train: Measures, test: Measures) -> bool:
    # A cost may begin near 0.
    limit = _EXPLODED * max(abs(run.history[0]["train_cost"]), 1.0)
    return not (math.isfinite(train.cost) and math.isfinite(test.cost) and train.cost <= limit)


def _keep(run: Run, epoch: int, settings: Settings, began: float) -> None:
    """Put the figures of an epoch into the history, those of the two sets side by side."""
    both = zip(run.train.named("train").items(), run.test.named("test").items(), strict=True)
    figures = dict(item for pair in both for item in pair)
    rate = settings.schedule.rate(settings.learning_rate, (epoch - 0.5) / settings.epochs) if epoch else 0.0
    seconds = time.perf_counter() - began
    run.history.append({"epoch": epoch, **figures, "learning_rate": rate, "seconds": seconds})


def _go_through(
    network: Network, train: Examples, judge: Judge, settings: Settings, progress: Progress
) -> bool:
    """Learn from every training example once; tell whether all numbers stayed finite."""
    order = permutation(len(train), settings.seed, "shuffle", progress.epoch)
    targets = judge.prepare(train.known_targets)
    epochs_done = progress.epoch - 1
    for start in range(0, len(order), settings.batch_size):
        rows = order[start : start + settings.batch_size]
        done = (epochs_done + start / len(order)) / settings.epochs
        trace = forward(network, train.rows(rows, network.dtype))
        backward(trace, targets[rows], judge.objective)
        if not math.isfinite(trace.bias_gradients[-1].sum()):
            return False
        descend(trace, settings.schedule.rate(settings.learning_rate, done))
        progress.examples = start + len(rows)
        if progress.stop:
            break
    return True
