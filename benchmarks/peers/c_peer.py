"""C by hand, for 784-128-10 alone: the yardstick of one example at a time."""

import ctypes
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import of_updates, order_of
from benchmarks.compiler import compile_c
from benchmarks.work import Floats, Work

__all__ = ["Training"]


class Training:
    """An epoch of a work.

    Parameters
    ----------
    work : Work
        784-128-10, ReLU, one at a time.
    skip : bool
        Whether inputs that are 0 are left out.
    """

    def __init__(self, work: Work, skip: bool) -> None:
        self.work, self.skip = work, skip
        self.library = compile_c("online", "-ffast-math")
        self.library.learn.restype = ctypes.c_double
        self.parameters = _in_rows(work.start())
        self.rng = np.random.default_rng(0)
        self.run()

    def disagreement(self) -> float:
        """Compare a few updates with the reference."""
        return of_updates(self.work, self._few)

    def run(self) -> float:
        """Give the seconds an example of one epoch, the drawing of its order included."""
        began = time.perf_counter()
        self._learn(self.work, self.rng.permutation(self.work.examples), self.parameters)
        return (time.perf_counter() - began) / self.work.examples

    def details(self) -> dict[str, Any]:
        """Say nothing more."""
        return {}

    def _few(self, work: Work) -> list[Floats]:
        parameters = _in_rows(work.start())
        self._learn(work, order_of(work), parameters)
        W1, b1, W2, b2 = parameters
        return [W1, b1, np.ascontiguousarray(W2.T), b2]

    def _learn(self, work: Work, order: NDArray[np.intp], parameters: list[Floats]) -> None:
        rows, labels = order.astype(np.int32), work.labels.astype(np.int32)
        self.library.learn(
            *map(_pointer, (work.x, labels, rows)),
            ctypes.c_int(len(rows)),
            *map(_pointer, parameters),
            ctypes.c_float(work.rate),
            ctypes.c_int(self.skip),
        )


def _in_rows(start: list[Floats]) -> list[Floats]:
    """Give W2 with a row for each output."""
    W1, b1, W2, b2 = start
    return [W1, b1, np.ascontiguousarray(W2.T), b2]


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
