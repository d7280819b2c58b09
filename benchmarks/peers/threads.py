"""The number of threads that suits a peer best."""

import os
import time
from collections.abc import Callable
from math import inf

__all__ = ["available", "fastest"]

# How often each number of threads is tried.
_TURNS = 3


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
    numbers = sorted({2**k for k in range(cores.bit_length()) if 2**k <= cores} | {cores})
    times = dict.fromkeys(numbers, inf)
    # By turns, and the best of each: one slow moment must not decide.
    for _ in range(_TURNS):
        for n in numbers:
            set_threads(n)
            work()  # threads are started, caches filled
            began = time.perf_counter()
            work()
            times[n] = min(times[n], time.perf_counter() - began)
    best = min(times, key=lambda n: times[n])
    set_threads(best)
    return best
