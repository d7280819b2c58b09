"""How far a run is, and whether it should stop: two numbers that another thread may read and set."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = ["Progress", "stop_on_interrupt"]


@dataclass
class Progress:
    """Where a run stands.

    The loop only ever writes the counters and reads the flag; a progress bar reads the counters and a
    pause button sets the flag, each from its own thread, at no cost to the loop.

    Parameters
    ----------
    n_epochs, n_examples : int
        How many epochs were asked for, and how many examples each has.
    epoch, examples : int
        The epoch that runs, counted from 1, and how many of its examples are done.
    stop : bool
        Set to end the run after the update that runs.
    """

    n_epochs: int = 0
    n_examples: int = 0
    epoch: int = 0
    examples: int = 0
    stop: bool = False


@contextmanager
def stop_on_interrupt(progress: Progress) -> Iterator[None]:
    """Let Ctrl-C end the run after the update that runs; a second Ctrl-C ends it at once.

    Outside the main thread, where Python takes no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if progress.stop:
            raise KeyboardInterrupt
        progress.stop = True

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
