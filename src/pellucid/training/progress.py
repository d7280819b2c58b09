"""How far a run is, and whether it should stop: two numbers that another thread may read and set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pellucid.interruption import on_interruption
from pellucid.passes.flags import Flags

__all__ = ["Progress", "stop_on_interruption"]


@dataclass
class Progress:
    """Where a run stands.

    The loop only ever writes the counters and reads the flag; a progress bar reads the counters and a
    pause button sets the flag, each from its own thread, at no cost to the loop, which may be machine code.

    Parameters
    ----------
    n_epochs, n_examples : int
        How many epochs were asked for, and how many examples each has.
    epoch : int
        The epoch that runs, counted from 1.
    flags : Flags
        The memory in which the counter of examples and the stop flag stand.
    """

    n_epochs: int = 0
    n_examples: int = 0
    epoch: int = 0
    flags: Flags = field(default_factory=Flags)

    @property
    def examples(self) -> int:
        """How many examples of the epoch are done."""
        return self.flags.done

    @examples.setter
    def examples(self, value: int) -> None:
        self.flags.done = value

    @property
    def stop(self) -> bool:
        """Whether the run is to end after the update that runs."""
        return self.flags.stop

    @stop.setter
    def stop(self, value: bool) -> None:
        self.flags.stop = value


@contextmanager
def stop_on_interruption(progress: Progress) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM or SIGHUP end the run after the update that runs.

    Ctrl-C after that breaks it off there, and so does the first signal while nothing is learned yet. Outside
    the main thread, where Python takes no signals, nothing changes.
    """

    def stop(again: bool) -> None:
        if again or not progress.epoch:
            raise KeyboardInterrupt
        progress.stop = True

    with on_interruption(stop):
        yield
