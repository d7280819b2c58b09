"""A search while it goes on: trials handed out, figures taken in, until there are enough or it is ended."""

import math
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pellucid.errors import PellucidWarning
from pellucid.interruption import on_interruption
from pellucid.training import TimeLimit
from pellucid.tuning.attempt import Failure, attempt
from pellucid.tuning.candidate import Outcome, Plan
from pellucid.tuning.sending import own_declarations
from pellucid.tuning.study import INTERRUPTED, Study
from pellucid.tuning.workers import Crew, Epoch, Worker

__all__ = ["Running"]

# How long a search waits before it looks at the clock and the flag again.
_LOOK = 0.2  # seconds
_AT_ONCE = 1e-9  # seconds


class Running:
    """A search while it goes on.

    Parameters
    ----------
    plan : Plan
        How candidates are tried.
    study : Study
        Where the trials are kept.
    trials, workers : int
        How many there are to be in all, and how many run at once: one alone runs in this process.
    seconds : float
        How long the search may last.
    callback : callable or None
        Is called with the row of each trial that ends, and how many have ended that count.
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
        """Try candidates until there are enough, or no others, or it is time to end."""
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
        """Whether there is another trial to begin."""
        return not self.stopped and self.study.n_counted < self.trials and not self.study.is_exhausted

    def ask(self) -> tuple[Any, dict[str, Any]] | None:
        """Begin a trial whose candidate has to be trained.

        One of a known candidate ends at once, and one whose like runs when that ends.
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
        """End the search; more signals change nothing, for it ends within moments."""
        self.is_interrupted = True

    def go_alone(self) -> None:
        """Try one candidate after the other in this process, where a notebook's declarations are known."""
        while asked := self.ask():
            self.end(asked[0], self.attempt_here(*asked))
        self.is_going()  # to keep why, where the last one was ended

    def attempt_here(self, trial: Any, options: Mapping[str, Any]) -> Outcome | Failure:
        """Try a candidate in this process; Ctrl-C and the clock end it after the update that runs."""
        left = self.until - time.monotonic()
        limit = [TimeLimit(max(left, _AT_ONCE))] if math.isfinite(left) else []
        try:
            told = attempt(self.plan, options, partial(self.study.go_on, trial), *limit)
        except KeyboardInterrupt:  # a second one
            self.is_interrupted = True
            return Failure(INTERRUPTED)
        if isinstance(told, Outcome) and told.stopped in ("interrupted", "time"):
            self.is_interrupted = told.stopped == "interrupted"
            return Failure(INTERRUPTED)
        return told

    def go_side_by_side(self, size: int) -> None:
        """Try several at once in processes of their own."""
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
        """Tell whether nothing has ended the search, neither Ctrl-C nor the clock, and keep what did."""
        if self.stopped:
            return False
        if self.is_interrupted:
            self.stopped = "interrupted"
        elif time.monotonic() > self.until:
            self.stopped = "time"
        return self.stopped is None

    def hear(self, worker: Worker, told: Outcome | Epoch | Failure) -> None:
        """Act on what a worker tells."""
        if isinstance(told, Epoch):
            worker.answer(self.study.go_on(worker.trial, told.number, told.figure))
        elif worker.trial is not None:
            trial, worker.trial = worker.trial, None
            self.end(trial, told)

    def end(self, trial: Any, told: Outcome | Failure) -> None:
        """Keep what a trial came to, and tell it; a callback that raises an error ends the search."""
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
        except Exception as error:  # whatever it is, hours of trials must not be lost by it
            self.callback, self.stopped = None, "failed"
            warnings.warn(
                f"the search was ended by an error in its callback: {type(error).__name__}: {error};"
                " the trials until then are kept",
                PellucidWarning,
                stacklevel=2,
            )
