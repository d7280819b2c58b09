"""Threads that share the work of a compiled loop, while Python stays free to be interrupted."""

import os
import threading
from collections.abc import Callable

from pellucid.errors import ConfigurationError

__all__ = ["cores", "share_out"]


def cores() -> int:
    """Return how many threads a loop may have: ``PELLUCID_THREADS``, by default the cores of this process.

    By default at most ``OMP_NUM_THREADS``, by which joblib shares the cores out to its workers.
    """
    said = os.environ.get("PELLUCID_THREADS")
    if said is None:
        there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        most = os.environ.get("OMP_NUM_THREADS", "")
        return min(there, max(int(most), 1)) if most.isdecimal() else there
    if not said.isdecimal() or not 1 <= int(said) <= 1024:
        raise ConfigurationError(
            "there cannot be so many threads",
            expected="a whole number from 1 to 1024",
            received=said,
            where="the environment variable PELLUCID_THREADS",
        )
    return int(said)


def share_out(
    work: Callable[[int], int], threads: int, stop: Callable[[], None], *, brief: bool = False
) -> int:
    """Run a function in several threads at once, heeding signals meanwhile; return the first one's result.

    Parameters
    ----------
    work : callable
        Takes the number of the thread.
    threads : int
    stop : callable
        Asks the work to end early; called if the waiting is interrupted. The work is waited for all the same,
        however often that happens: it uses memory that must not be freed meanwhile.
    brief : bool
        Whether the work of one thread is over so soon that a signal can wait for it: it is done right here.
    """
    # Outside the main thread Python takes no signals, so there is nothing to be open to.
    if threads == 1 and (brief or threading.current_thread() is not threading.main_thread()):
        return work(0)
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
    """Threads that begin together or not at all: each would wait for ever at a barrier for a missing one."""

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
        """Wait, whatever interrupts it."""
        while True:
            try:
                return self.wait()
            except BaseException:
                continue

    def result(self) -> int:
        """Return the result of the first thread, or raise the error of any."""
        for error in self.errors:
            raise error
        return self.results[0]
