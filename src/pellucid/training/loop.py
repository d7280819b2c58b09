"""The training procedure: shuffle, forward, back, update, and look at all parts after every epoch."""

import math
import time
import warnings
from collections.abc import Sequence

import numpy as np

from pellucid.errors import PellucidWarning
from pellucid.evaluation import Measures
from pellucid.evaluation.judge import pieces
from pellucid.network import Floats
from pellucid.passes.reference import forward
from pellucid.random import permutation
from pellucid.training.callback import Callback
from pellucid.training.lbfgs import lbfgs
from pellucid.training.rates import rates_of
from pellucid.training.run import Run
from pellucid.training.schedule import Moment
from pellucid.training.updates import make_updates
from pellucid.training.weighting import smooth

__all__ = ["learn"]

# A mean loss that has risen by so many times what there was to lose before any learning is on its way to
# infinity.
_EXPLODED = 9.0


def learn(run: Run, callbacks: Sequence[Callback] = ()) -> None:
    """Train a run's network in place.

    Each epoch goes through the training examples once, in an order drawn by seed and epoch. Then every part
    is passed through the network without changing it. An epoch that ends in a cost that is no number, or
    has exploded, is undone, and the run ends.

    Parameters
    ----------
    run : Run
        Its network is changed, its history and measures are filled.
    callbacks : sequence of Callback
    """
    learner = _Learner(run, callbacks)
    learner.begin()
    if run.settings.optimizer.searches and not run.stopped:
        lbfgs(run, learner.updates, learner.targets, lambda: learner.end_epoch(finite=True))
        if not run.stopped and run.history.n_epochs < run.settings.epochs:
            run.stopped = "converged"
    else:
        learner.repeat()
    learner.tell("end")
    run.network.restore(run.shown)


class _Learner:
    """Goes through the examples, and tells the callbacks."""

    def __init__(self, run: Run, callbacks: Sequence[Callback]) -> None:
        self.run, self.callbacks = run, callbacks
        self.failed: list[Callback] = []
        # Only those are told of each update that have something to do then.
        self.at_batch = [callback for callback in callbacks if _has_own_batch(callback)]
        settings = run.settings
        train = run.data.train
        self.batch_size = min(settings.batch_of(len(train)), len(train))
        self.updates = make_updates(
            *(run.network, run.judge, settings, run.progress.flags),
            batch=self.batch_size,
            watched=bool(self.at_batch),
        )
        run.shown, run.look = self.updates.shown, lambda: self.updates.trace
        self.factor = 1.0  # what the schedule makes of the costs so far
        self.n_updates = math.ceil(len(train) / self.batch_size)  # in each epoch
        self.targets = smooth(run.judge, train.known_targets, settings.regularisation.label_smoothing)
        if not settings.optimizer.searches:
            self.updates.learn_from(train, self.targets, self.batch_size)
        run.progress.n_epochs, run.progress.n_examples = settings.epochs, len(train)

    def begin(self) -> None:
        """Measure the network as it is before any learning."""
        self.began = time.perf_counter()
        self.run.measures = self.run.measure()
        self.keep(0)
        self.good = self.run.shown.copy()
        self.tell("start")
        self._next(1)

    def repeat(self) -> None:
        """Go through the examples, epoch after epoch."""
        going = not self.run.stopped
        while going:
            going = self.end_epoch(finite=self.go_through())

    def end_epoch(self, *, finite: bool) -> bool:
        """Measure all parts after an epoch, undo it if it has gone wrong, and tell whether to go on."""
        run, epoch = self.run, self.run.progress.epoch
        measures = run.measure()
        if not finite or _has_exploded(run, measures):
            run.shown.restore(self.good)
            run.stopped = "diverged"
            return False
        self.good.restore(run.shown)
        run.measures, run.kept_epoch = measures, epoch
        self.keep(epoch)
        self.tell("epoch")
        if run.progress.stop and self.is_cut_short(epoch):
            run.stopped = run.stopped or "interrupted"
            return False
        if epoch < run.settings.epochs:
            self._next(epoch + 1)
            return True
        return False

    def _next(self, epoch: int) -> None:
        self.began = time.perf_counter()
        if not self.run.stopped:
            self.run.progress.epoch, self.run.progress.examples = epoch, 0

    def go_through(self) -> bool:
        """Learn from every training example once; tell whether all numbers stayed finite."""
        run, n = self.run, self.n_updates
        order = permutation(len(run.data.train), run.settings.seed, "shuffle", run.progress.epoch)
        self.updates.begin(order, self.rates())
        if not self.at_batch:
            return self.updates.learn(0, n) == n or run.progress.stop
        for number in range(n):
            if self.updates.learn(number, number + 1) == number:
                return run.progress.stop
            self.tell("batch")
        return True

    def rates(self) -> Floats:
        """Give the learning rate of each update of an epoch."""
        settings, first = self.run.settings, self.updates.n
        n_steps = settings.epochs * self.n_updates
        rates = rates_of(
            settings.schedule, settings.rate, range(first, first + self.n_updates), n_steps, self.n_updates
        )
        return rates * self.factor

    def rate(self, update: float) -> float:
        """Give the learning rate of an update, counted from 0."""
        settings = self.run.settings
        if settings.optimizer.searches:
            return 1.0  # each step is as long as the search finds it
        at = Moment(update, settings.epochs * self.n_updates, self.n_updates)
        # A plain number: one of NumPy would carry its own precision into every step.
        return float(settings.schedule.rate(settings.rate, at) * self.factor)

    def is_cut_short(self, epoch: int) -> bool:
        """Tell whether something was left to do when the run was stopped."""
        return epoch < self.run.settings.epochs or self.run.progress.examples < len(self.run.data.train)

    def keep(self, epoch: int) -> None:
        """Put the figures of an epoch into the history, those of the parts side by side."""
        parts = [measures.named(part) for part, measures in self.run.measures.items()]
        figures = dict(
            item for column in zip(*(part.items() for part in parts), strict=True) for item in column
        )
        figures |= self.objective()
        middle = (epoch - 0.5) * self.n_updates
        rate = self.rate(middle) if epoch else 0.0
        seconds = time.perf_counter() - self.began
        self.run.history.append({"epoch": epoch, **figures, "learning_rate": rate, "seconds": seconds})
        self.factor = self.run.settings.schedule.multiplier(self.run.history)

    def objective(self) -> dict[str, float]:
        """Give what is differentiated, where that is not the training part's cost alone.

        The cost of the history counts every example once, against its target as it is; what the network
        learns from is weighed and smoothed, and has penalties added.
        """
        run, measured = self.run, self.run.measures["train"]
        weighed = run.data.train.weights is not None
        smoothed = bool(run.settings.regularisation.label_smoothing)
        penalised = self.updates.is_penalised
        if not (weighed or smoothed or penalised):
            return {}
        cost = measured.cost if measured.weighted_cost is None else measured.weighted_cost
        if smoothed:
            cost = self._smoothed_cost()
        penalty = self.updates.penalty(run.shown)
        return ({"penalty": penalty} if penalised else {}) | {"objective": cost + penalty}

    def _smoothed_cost(self) -> float:
        """Give the training part's cost against smoothed targets, which takes another pass."""
        run, train = self.run, self.run.data.train
        weights = np.ones(len(train)) if train.weights is None else train.weights
        cost = 0.0
        for rows in pieces(len(train)):
            trace = forward(run.shown, train.rows(rows, run.network.dtype))
            losses = run.judge.objective.losses(trace.z[-1], trace.a[-1], self.targets[rows])
            cost += float(losses @ weights[rows]) / len(train)
        return cost

    def tell(self, moment: str) -> None:
        """Tell each callback; one that raises an error ends the run, with what was learned kept."""
        for callback in self.callbacks:
            try:
                getattr(callback, moment)(self.run)
            # Whatever it is, hours of learning must not be lost by it, nor by one that asks to exit.
            except (Exception, SystemExit) as error:
                if moment == "start":
                    raise  # nothing is learned yet
                self.run.stopped = "failed"
                self.run.progress.stop = True
                if callback not in self.failed:  # it is told of the end too, and may fail again
                    self.failed.append(callback)
                    warnings.warn(
                        f"the run was ended by an error in {callback.name}.{moment}: {_in_words(error)};"
                        " what was learned until then is kept",
                        PellucidWarning,
                        stacklevel=2,
                    )


def _has_own_batch(callback: Callback) -> bool:
    return getattr(callback.batch, "__func__", None) is not Callback.batch


def _in_words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an error may fail to say what it is
        return type(error).__name__


def _has_exploded(run: Run, measures: dict[str, Measures]) -> bool:
    """Tell whether the training cost has; the other parts have no say in what is learned."""
    first = run.history[0]["train_cost"]
    limit = first + _EXPLODED * max(first - run.least["train"], 1.0)  # it may begin next to its least
    cost = measures["train"].cost
    return not (math.isfinite(cost) and cost <= limit)
