"""Who does the work: threads that a compiled loop is given to, while Python stays free to be interrupted."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache

import numpy as np

from pellucid.errors import ConfigurationError
from pellucid.passes.compiled.layout import address, zeros

__all__ = ["Flags", "cores", "share_out"]


class Flags:
    """What Python and a running loop tell each other: whether to stop, and how far it is."""

    def __init__(self) -> None:
        self._numbers = zeros(16, np.int64)

    @property
    def stop_at(self) -> int:
        """The address of the stop flag."""
        return address(self._numbers)

    @property
    def done_at(self) -> int:
        """The address of the counter, on a cache line of its own."""
        return address(self._numbers) + 64

    @property
    def stop(self) -> bool:
        """Whether the loop is to end after the update that runs."""
        return bool(self._numbers[0])

    @stop.setter
    def stop(self, value: bool) -> None:
        self._numbers[0] = int(value)

    def ask_to_stop(self) -> None:
        """Set the flag."""
        self.stop = True

    @property
    def done(self) -> int:
        """How many examples are done."""
        return int(self._numbers[8])

    @done.setter
    def done(self, value: int) -> None:
        self._numbers[8] = value


# So many trainings may go on side by side in a process, each in a thread of its own; no thread is made before
# it is needed.
_MOST_WORKS = 256


def cores() -> int:
    """How many threads a loop may have: as many as this process has cores, or ``PELLUCID_THREADS``.

    Raises
    ------
    ConfigurationError
        If that is no whole number above 0.
    """
    said = os.environ.get("PELLUCID_THREADS")
    if said is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not said.isdecimal() or not 1 <= int(said) <= 1024:
        raise ConfigurationError(
            "there cannot be so many threads",
            expected="a whole number from 1 to 1024",
            received=said,
            where="the environment variable PELLUCID_THREADS",
        )
    return int(said)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """Give the threads of works that take one each; a process that was forked has none of its parent's."""
    return ThreadPoolExecutor(_MOST_WORKS, thread_name_prefix="pellucid")


def share_out(work: Callable[[int], int], threads: int, stop: Callable[[], None]) -> int:
    """Let some threads do a work together, and wait for them, open to signals all the while.

    Parameters
    ----------
    work : callable
        Takes the number of the thread.
    threads : int
    stop : callable
        Asks the work to end early; called if the waiting is broken off. The work is waited for all the same:
        it uses memory that must not go away under it.

    Returns
    -------
    int
        What the work of the first thread gave.
    """
    # Threads that wait for each other must all have begun: nobody else's work may stand between them.
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pellucid") if threads > 1 else _pool(os.getpid())
    futures: list[Future[int]] = [pool.submit(work, number) for number in range(threads)]
    try:
        wait(futures)
    except BaseException:
        stop()
        wait(futures)
        raise
    finally:
        if threads > 1:
            pool.shutdown(wait=False)
    return futures[0].result()
