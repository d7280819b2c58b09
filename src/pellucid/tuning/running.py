"""A search while it goes on: trials handed out, figures taken in, until there are enough or it is ended."""

import time
from collections.abc import Callable
from typing import Any

from pellucid.training.progress import Progress, stop_on_interrupt
from pellucid.tuning.candidate import Outcome, Plan
from pellucid.tuning.study import INTERRUPTED, Study
from pellucid.tuning.workers import Crew, Epoch, Failure, Worker

__all__ = ["Running"]

# How long a search waits before it looks at the clock and the flag again.
_LOOK = 0.2  # seconds


class Running:
    """A search while it goes on.

    Parameters
    ----------
    plan : Plan
        How candidates are tried.
    study : Study
        Where the trials are kept.
    trials, workers : int
        How many there are to be in all, and how many run at once.
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
        self.progress = Progress()
        self.stopped: str | None = None

    def go(self) -> None:
        """Try candidates until there are enough, or it is time to end."""
        missing = self.trials - self.study.n_counted
        if missing <= 0:
            return
        with stop_on_interrupt(self.progress), Crew(self.plan, min(self.workers, missing)) as crew:
            while (crew.busy or self.study.n_counted < self.trials) and self.is_going():
                for worker, told in crew.told(_LOOK):
                    self.hear(worker, told)
                for worker in crew.idle:
                    if self.study.n_counted < self.trials:
                        worker.begin(*self.study.ask())
            for worker in crew.busy:
                self.end(worker, Failure(INTERRUPTED))

    def is_going(self) -> bool:
        """Tell whether neither Ctrl-C nor the clock has ended the search, and keep which did."""
        if self.progress.stop:
            self.stopped = "interrupted"
        elif time.monotonic() > self.until:
            self.stopped = "time"
        return self.stopped is None

    def hear(self, worker: Worker, told: Outcome | Epoch | Failure) -> None:
        """Act on what a worker tells."""
        if isinstance(told, Epoch):
            worker.answer(self.study.go_on(worker.trial, told.number, told.figure))
        elif worker.trial is not None:
            self.end(worker, told)

    def end(self, worker: Worker, told: Outcome | Failure) -> None:
        """Keep what a trial came to."""
        trial, worker.trial = worker.trial, None
        row = self.study.end(trial, told)
        if self.callback is not None:
            self.callback(row, self.study.n_ended)
