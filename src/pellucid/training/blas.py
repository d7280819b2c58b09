"""BLAS on one thread, so that its sums come out the same on any machine."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread: it adds up in another order where several share a sum.

    The limit is the process's. It holds until the last of those who need it is done, in whichever thread, and
    then everything is as it was. NumPy's warnings of overflow and the like are silenced too, in this thread
    alone: a trainer looks for numbers that are not finite itself.
    """
    _limit.acquire()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _limit.release()


class _Limit:
    """Counts who needs one thread: the first sets the limit, the last takes it back."""

    def __init__(self) -> None:
        self._lock, self._users, self._here = threading.Lock(), 0, threading.local()
        self._before: list[int] = []

    def acquire(self) -> None:
        with self._lock:
            if not self._users:
                self._before = [library.get_num_threads() for library in _blas()]
                _set_threads([1] * len(self._before))
            self._users += 1
            self._here.users = getattr(self._here, "users", 0) + 1

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            self._here.users -= 1
            if not self._users:
                _set_threads(self._before)

    def forked(self) -> None:
        """Forget the users in other threads, which the fork of a process does not have."""
        self._lock = threading.Lock()
        others = self._users - getattr(self._here, "users", 0)
        self._users -= others
        if others and not self._users:
            _set_threads(self._before)


@cache
def _blas() -> list[Any]:
    # NumPy's library is there as soon as NumPy is. Looking for it takes longer than many an update.
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def _set_threads(numbers: list[int]) -> None:
    """Set how many threads each library has, from whatever thread this is called in.

    From threadpoolctl 3.8 on, `set_num_threads` does nothing in all threads but the first that called it, as
    long as that one lives: training in another thread would not be limited, nor what it found be restored.
    """
    for library, number in zip(_blas(), numbers, strict=True):
        getattr(library, "_real_set_num_threads", library.set_num_threads)(number)


_limit = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_limit.forked)
