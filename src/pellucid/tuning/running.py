"""A running search: it distributes trials and collects metrics, until all are done or it is stopped."""

import math
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pellucid.errors import PellucidWarning
from pellucid.interruption import on_interruption
from pellucid.training import TimeLimit
from pellucid.tuning.candidate import Failure, Outcome, Plan
from pellucid.tuning.sending import own_declarations
from pellucid.tuning.study import INTERRUPTED, Study
from pellucid.tuning.workers import Crew, Epoch, Worker

__all__ = ["Running"]

# How long a search waits between checks of the time and of interruptions.
_LOOK = 0.2  # seconds
_AT_ONCE = 1e-9  # seconds


class Running:
    """A running search, with a total number of trials, and a limit of its time in seconds.

    A single worker is this process. The callback is called with the row of each trial that ends, and the
    number of trials that have ended.
    """

    def __init__(
        self,
        plan: Plan,
        study: Study,
        trials: int,
        workers: int,
        seconds: float,
        callback: Callable[[dict[str, Any], int], object] | None,
    ) -> None:
        self.plan, self.study, self.trials, self.workers = plan, study, trials, workers
        self.until = time.monotonic() + seconds
        self.callback = callback
        self.is_interrupted = False
        self.stopped: str | None = None
        self.waiting: list[tuple[Any, dict[str, Any]]] = []

    def go(self) -> None:
        """Train candidates until all trials are done, the space is exhausted, or the search is stopped."""
        if self.is_more:
            with on_interruption(self.interrupt):
                if self.workers == 1:
                    self.go_alone()
                else:
                    self.go_side_by_side(min(self.workers, self.trials - self.study.n_counted))
        if self.study.n_counted < self.trials and self.study.is_exhausted:
            self.stopped = self.stopped or "exhausted"

    @property
    def is_more(self) -> bool:
        """Whether to start another trial."""
        return not self.stopped and self.study.n_counted < self.trials and not self.study.is_exhausted

    def ask(self) -> tuple[Any, dict[str, Any]] | None:
        """Start a trial with a candidate to train; return None if there is none.

        A trial with a known candidate ends at once; one with a candidate that is being trained ends with it.
        """
        while self.is_more and self.is_going():
            trial, options = self.study.ask()
            known = self.study.known(options)
            if known is not None:
                self.end(trial, known)
            elif self.study.is_trained_by_another(options):
                self.waiting.append((trial, options))
            else:
                return trial, options
        return None

    def interrupt(self, again: bool) -> None:
        """Stop the search; it ends within moments, so further signals have no effect."""
        self.is_interrupted = True

    def go_alone(self) -> None:
        """Train one candidate after the other in this process, where declarations of a notebook are known."""
        while asked := self.ask():
            self.end(asked[0], self.attempt_here(*asked))
        self.is_going()  # records the reason if the last one was interrupted

    def attempt_here(self, trial: Any, options: Mapping[str, Any]) -> Outcome | Failure:
        """Train a candidate in this process; Ctrl-C and the time limit stop it after the current update."""
        left = self.until - time.monotonic()
        limit = [TimeLimit(max(left, _AT_ONCE))] if math.isfinite(left) else []
        try:
            told = self.plan.attempt(options, partial(self.study.go_on, trial), *limit)
        except KeyboardInterrupt:  # a second one
            self.is_interrupted = True
            return Failure(INTERRUPTED)
        if isinstance(told, Outcome) and told.stopped in ("interrupted", "time"):
            self.is_interrupted = told.stopped == "interrupted"
            return Failure(INTERRUPTED)
        return told

    def go_side_by_side(self, size: int) -> None:
        """Train several candidates in parallel worker processes."""
        with Crew(self.plan, size, own_declarations(self.study.space)) as crew:
            while (crew.busy or self.is_more) and self.is_going():
                for worker, told in crew.told(_LOOK):
                    self.hear(worker, told)
                for worker in crew.idle:
                    if asked := self.ask():
                        worker.begin(*asked)
            for worker in crew.busy:
                trial, worker.trial = worker.trial, None
                self.end(trial, Failure(INTERRUPTED))

    def is_going(self) -> bool:
        """Return whether neither Ctrl-C nor the time limit has stopped the search, and record the reason."""
        if self.stopped:
            return False
        if self.is_interrupted:
            self.stopped = "interrupted"
        elif time.monotonic() > self.until:
            self.stopped = "time"
        return self.stopped is None

    def hear(self, worker: Worker, told: Outcome | Epoch | Failure) -> None:
        """Handle a message of a worker."""
        if isinstance(told, Epoch):
            worker.send(self.study.go_on(worker.trial, told.number, told.figure))
        elif worker.trial is not None:
            trial, worker.trial = worker.trial, None
            self.end(trial, told)

    def end(self, trial: Any, told: Outcome | Failure) -> None:
        """Record the result of a trial, and call the callback, whose errors stop the search."""
        row = self.study.end(trial, told)
        self._call_back(row)
        alike = [other for other in self.waiting if other[0].user_attrs["parameters"] == row["parameters"]]
        self.waiting = [other for other in self.waiting if other not in alike]
        for other, options in alike:
            self.end(other, self.study.known(options) or told)

    def _call_back(self, row: dict[str, Any]) -> None:
        if self.callback is None:
            return
        try:
            self.callback(row, self.study.n_ended)
        except Exception as error:  # any error, since it must not lose hours of trials
            self.callback, self.stopped = None, "failed"
            warnings.warn(
                f"the search was stopped by an error in its callback: {type(error).__name__}: {error};"
                " all trials so far are kept",
                PellucidWarning,
                stacklevel=2,
            )
