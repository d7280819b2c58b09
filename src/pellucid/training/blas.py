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
    """Limit BLAS to one thread: several threads would add up the terms of a sum in another order.

    The limit applies to the process. It holds until its last user is done, in whichever thread, and is then
    lifted. NumPy's warnings of overflow and the like are silenced too, in this thread only: a trainer checks
    for values that are not finite itself.
    """
    _limit.acquire()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _limit.release()


class _Limit:
    """Counts the users of the limit: the first sets it, the last lifts it."""

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
        """Forget the users in other threads, which a forked process does not have."""
        self._lock = threading.Lock()
        others = self._users - getattr(self._here, "users", 0)
        self._users -= others
        if others and not self._users:
            _set_threads(self._before)


@cache
def _blas() -> list[Any]:
    # NumPy's library is loaded with NumPy. Searching for it takes longer than many an update.
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def _set_threads(numbers: list[int]) -> None:
    """Set the number of threads of each library, from any thread.

    From threadpoolctl 3.8 on, `set_num_threads` does nothing except in the first thread that called it, as
    long as that thread lives: training in another thread would not be limited, nor the limit be lifted.
    """
    for library, number in zip(_blas(), numbers, strict=True):
        getattr(library, "_real_set_num_threads", library.set_num_threads)(number)


_limit = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_limit.forked)
