"""The number of threads that suits a peer best."""

import os
import time
from collections.abc import Callable

__all__ = ["fastest"]


def available() -> int:
    """Give how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fastest(work: Callable[[], object], set_threads: Callable[[int], object]) -> int:
    """Try 1, 2, 4, ... threads up to all cores, and leave the number set that was fastest.

    Parameters
    ----------
    work : function
        A short piece of the work.
    set_threads : function
        Told the number.

    Returns
    -------
    int
    """
    cores = available()
    times: dict[int, float] = {}
    for n in sorted({2**k for k in range(cores.bit_length()) if 2**k <= cores} | {cores}):
        set_threads(n)
        work()  # threads are started, caches filled
        began = time.perf_counter()
        work()
        times[n] = time.perf_counter() - began
    best = min(times, key=lambda n: times[n])
    set_threads(best)
    return best
