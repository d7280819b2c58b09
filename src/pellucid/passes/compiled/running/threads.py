"""Who does the work: threads that a compiled loop is given to, while Python stays free to be interrupted."""

import os
import threading
from collections.abc import Callable

from pellucid.errors import ConfigurationError

__all__ = ["cores", "share_out"]


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


def share_out(work: Callable[[int], int], threads: int, stop: Callable[[], None]) -> int:
    """Let some threads do a work together, and wait for them, open to signals all the while.

    Parameters
    ----------
    work : callable
        Takes the number of the thread.
    threads : int
    stop : callable
        Asks the work to end early; called if the waiting is broken off. The work is waited for all the same,
        however often that is tried: it uses memory that must not go away under it.

    Returns
    -------
    int
        What the work of the first thread gave.
    """
    if threads == 1 and threading.current_thread() is not threading.main_thread():
        return work(0)  # where Python takes no signals, there is nothing to be open to
    group = _Group(work, threads)
    try:
        group.start()
        group.wait()
    except BaseException:
        stop()
        group.wait_in_any_case()
        raise
    return group.result()


class _Group:
    """Threads that begin together or not at all: each would wait for ever for one that never came."""

    def __init__(self, work: Callable[[int], int], threads: int) -> None:
        self.work, self.results, self.errors = work, [0] * threads, list[BaseException]()
        self.gate, self.complete = threading.Event(), False
        self.threads = [
            threading.Thread(target=self._run, args=(number,), name=f"pellucid-{number}")
            for number in range(threads)
        ]

    def _run(self, number: int) -> None:
        self.gate.wait()
        try:
            if self.complete:
                self.results[number] = self.work(number)
        except BaseException as error:
            self.errors.append(error)

    def start(self) -> None:
        """Start all threads and let them begin; if one cannot be started, the others end."""
        try:
            for thread in self.threads:
                thread.start()
            self.complete = True
        finally:
            self.gate.set()

    def wait(self) -> None:
        """Wait until all that were started have ended."""
        for thread in self.threads:
            if thread.ident is not None:
                thread.join()

    def wait_in_any_case(self) -> None:
        """Do so, and let nothing break it off."""
        while True:
            try:
                return self.wait()
            except BaseException:
                continue

    def result(self) -> int:
        """Give what the first thread's work gave, or raise what went wrong in any."""
        for error in self.errors:
            raise error
        return self.results[0]
