"""The progress of training and its stop flag, which other threads may read and set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pellucid.interruption import on_interruption
from pellucid.passes.flags import Flags

__all__ = ["Progress", "stop_on_interruption"]


@dataclass
class Progress:
    """The progress of training.

    The training loop only writes the counters and reads the flag; a progress bar reads the counters and a
    pause button sets the flag, each in its own thread, at no cost to the loop, which may be machine code.

    Parameters
    ----------
    n_epochs, n_examples : int
        The number of epochs, and the number of examples in each.
    epoch : int
        The current epoch, counted from 1.
    before : int
        The number of examples of the epoch done before the current updates.
    flags : Flags
        The memory of the example counter and the stop flag.
    """

    n_epochs: int = 0
    n_examples: int = 0
    epoch: int = 0
    before: int = 0
    flags: Flags = field(default_factory=Flags)

    @property
    def examples(self) -> int:
        """The number of examples of the epoch done."""
        return self.before + self.flags.done

    @examples.setter
    def examples(self, value: int) -> None:
        self.before, self.flags.done = 0, value

    @property
    def stop(self) -> bool:
        """Whether training should end after the current update."""
        return self.flags.stop

    @stop.setter
    def stop(self, value: bool) -> None:
        self.flags.stop = value


@contextmanager
def stop_on_interruption(progress: Progress) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM or SIGHUP end training after the current update.

    A second Ctrl-C interrupts it at once, and so does the first signal while nothing is learned yet. Outside
    the main thread, where Python handles no signals, nothing changes.
    """

    def stop(again: bool) -> None:
        if again or not progress.epoch:
            raise KeyboardInterrupt
        progress.stop = True

    with on_interruption(stop):
        yield
