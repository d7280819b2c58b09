"""The common part of trainer and stream: updates in a given order, by one caller at a time, with a pause."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.errors import ConfigurationError, check_type
from pellucid.evaluation import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.engines import engine as chosen_engine
from pellucid.passes.engines import is_compiled
from pellucid.passes.reference import Trace
from pellucid.passes.untraceable import Untraceable
from pellucid.training.blas import one_blas_thread
from pellucid.training.config import TrainingConfig
from pellucid.training.progress import Progress, stop_on_interruption
from pellucid.training.schedule import Schedule, ScheduleStep
from pellucid.training.updates import Updates, make_updates

__all__ = ["Learner"]

# The learning rates of so many updates are worked out together where an epoch has fewer.
_AHEAD = 256


class Learner:
    """A network that learns from examples in a given order.

    With `check_updates` every update is checked, and undone if it leads to a number that is not finite. With
    `divide_penalties` the penalties are divided by what the gradient of an update is divided by. The other
    parameters and the attributes are described with `Trainer`.
    """

    def __init__(
        self,
        network: Network,
        head: OutputHead,
        config: TrainingConfig,
        *,
        check_updates: bool = False,
        progress: Progress | None = None,
        engine: str | None = None,
        track_loss: bool = False,
        divide_penalties: bool = False,
    ) -> None:
        check_type(progress, Progress | None, "the progress", "a Progress")
        self.network, self.head, self.config = network, head, config
        self.progress, self.engine, self._checks = progress or Progress(), engine, check_updates
        self.tracks_loss, self._divides_penalties = track_loss, divide_penalties
        self.rows, self.losses = np.empty(0, np.intp), np.empty(0, network.dtype)
        self.squared_norms = np.empty((0, len(network.layers)))
        self._updates: Updates | None = None
        self._rates_ahead: tuple[float, int, Floats] = (config.rate, 0, np.empty(0))
        self._changed, self._driver, self._n_calls = threading.Condition(), 0, 0
        self._pausing = False

    def __reduce__(self) -> Any:
        """Refuse to be pickled or copied: a trainer has threads and machine code."""
        raise ConfigurationError(
            f"a {type(self).__name__} can neither be pickled nor copied",
            expected="its state: trainer.state(), loaded into another one that is made alike",
        )

    def make_engine(self, batch_size: int, *, watched: bool = False) -> None:
        """Make the engine for batches of this size; `watched` if the trace of each update may be read."""
        with chosen_engine(self.engine):
            self._updates = make_updates(
                *(self.network, self.head, self.config, self.progress.flags),
                batch=batch_size,
                careful=self._checks,
                losses=self.tracks_loss,
                squared_norms=self.tracks_loss,
                divide_penalties=self._divides_penalties,
                watched=watched,
            )

    @property
    def has_engine(self) -> bool:
        """Whether the engine is made."""
        return self._updates is not None

    @property
    def updates(self) -> Updates:
        """The engine, once it is made."""
        assert self._updates is not None
        return self._updates

    @property
    def shown(self) -> Network:
        """The network whose figures are kept: the one that learns, or the average of its weights."""
        return self.network if self._updates is None else self._updates.shown

    @property
    def trace(self) -> Trace | None:
        """The trace of the last update, for callbacks that are called after each update."""
        return None if self._updates is None else self._updates.trace

    @property
    def n_updates_made(self) -> int:
        """The number of updates so far."""
        return 0 if self._updates is None else self._updates.n

    def learn_from(self, examples: Examples, targets: Any, batch_size: int) -> None:
        """Set the examples, their targets as the cost takes them, and how many an update learns from."""
        self.batch_size = batch_size
        self.updates.learn_from(examples, targets, batch_size)

    def rates(self, n: int, n_steps: int | None, per_epoch: int, multiplier: float = 1.0) -> Floats:
        """Return the learning rate of each of the next updates, as the schedule says it."""
        first, schedule = self.n_updates_made, self.config.schedule
        rates = partial(_rates_of, schedule, self.config.rate, n_steps=n_steps, per_epoch=per_epoch)
        if not schedule.built_in:  # what a user's schedule returns may change from call to call
            return rates(range(first, first + n)) * multiplier
        rate, begin, ahead = self._rates_ahead
        if rate != self.config.rate or not begin <= first <= first + n <= begin + len(ahead):
            begin, ahead = first, rates(range(first, first + max(n, _AHEAD)))
            self._rates_ahead = self.config.rate, begin, ahead
        return ahead[first - begin : first - begin + n] * multiplier

    def learn(
        self,
        order: NDArray[np.intp],
        rates: Floats,
        divisors: Floats | None = None,
        tell: Callable[[int], object] | None = None,
    ) -> int:
        """Make one update after the other, until the stop flag is set or a number is not finite.

        Order, rates and divisors are those of `Updates.begin`. After each update, `tell` is called with how
        many were made; that is returned too.
        """
        updates, n = self.updates, len(rates)
        updates.begin(order, rates, divisors)
        made, at_once = 0, n if tell is None else 1
        while made < n:
            before, made = made, updates.learn(made, made + at_once)
            self._look_at(order, made)
            if made < before + at_once:
                break
            if tell is not None:
                tell(made)
        return made

    def _look_at(self, order: NDArray[np.intp], made: int) -> None:
        """Note what was learned from since the order was begun."""
        self.rows = order[: made * self.batch_size]
        if self.updates.keeps_losses:
            self.losses = self.updates.losses[: len(self.rows)]
        if self.tracks_loss:
            self.squared_norms = self.updates.squared_norms[:made]

    def pause(self, *, wait: bool = True) -> None:
        """Make a call that runs in another thread return after its current update.

        Nothing is lost: the next call goes on from there. Without a call that runs, this does nothing.

        Parameters
        ----------
        wait : bool
            Whether to wait until that call has returned; never in the thread that it runs in, as in a
            callback.
        """
        with self._changed:
            if not self._driver:
                return
            self._pausing = self.progress.stop = True
            if wait and self._driver != threading.get_ident():
                n_calls = self._n_calls
                self._changed.wait_for(lambda: self._n_calls != n_calls)

    def _go_on(self) -> None:
        """Clear the stop flag after a pause."""
        self.progress.stop = False

    @property
    def is_driven_here(self) -> bool:
        """Whether a call runs in this thread, as it does for a callback."""
        return self._driver == threading.get_ident()

    @contextmanager
    def driving(self) -> Iterator[None]:
        """Let only one caller at a time make updates; another one is refused."""
        with self.alone(), chosen_engine(self.engine), one_blas_thread(), stop_on_interruption(self.progress):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Refuse other callers for as long as this lasts; see `driving`."""
        with self._changed:
            if self._driver:
                where = "from a callback" if self.is_driven_here else "in another thread"
                raise ConfigurationError(
                    "the trainer is running already",
                    expected="one call at a time",
                    received=f"another one, {where}",
                    remedy="pause it first: trainer.pause()",
                )
            self._driver = threading.get_ident()
            if self._pausing:
                self._pausing = False
                self._go_on()
        try:
            yield
        finally:
            with self._changed:
                self._driver, self._n_calls = 0, self._n_calls + 1
                self._changed.notify_all()


def _rates_of(
    schedule: Schedule, learning_rate: float, updates: range, n_steps: int | None, per_epoch: int
) -> Floats:
    """Return the learning rate of each of some updates, whose numbers are counted from 0.

    Examples
    --------
    >>> from pellucid.training.schedules import schedules
    >>> _rates_of(schedules.get("linear"), 1.0, range(2, 4), n_steps=4, per_epoch=2)
    array([0.5 , 0.25])
    """

    def formula(step: Any, rate: Any = learning_rate, end: Any = n_steps, epoch: Any = per_epoch) -> Any:
        return schedule.rate(rate, ScheduleStep(step, end, epoch))

    if is_compiled():
        numbers = {"rate": learning_rate, "epoch": per_epoch} | ({} if n_steps is None else {"end": n_steps})
        steps = np.arange(updates.start, updates.stop, dtype=np.float64)
        # A schedule with an if is evaluated update by update, as is any schedule without a compiler.
        with suppress(Untraceable, ImportError, OSError):
            from pellucid.passes.compiled.machine import this_machine
            from pellucid.passes.compiled.running.elementwise import evaluate

            return evaluate(formula, steps, numbers, this_machine(), [schedule], ("rates", schedule))
    return np.array([float(formula(update)) for update in updates])
