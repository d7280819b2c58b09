"""Memory as the loops want it: rows on whole blocks of 64 bytes, with zeros between."""

from ctypes import addressof, c_char
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_BYTES", "address", "blocks_of", "rows_of", "zeros"]

# A block is what is taken at a time, whatever the vectors' width: the lanes of a sum, the padding of a row.
BLOCK_BYTES = 64


def blocks_of(n: int, dtype: "np.dtype[Any]") -> int:
    """How many blocks a row of n numbers takes."""
    return -(-n * dtype.itemsize // BLOCK_BYTES)


def zeros(shape: tuple[int, ...] | int, dtype: Any) -> NDArray[Any]:
    """Make an array of zeros that begins on a whole block, with a block to spare behind it."""
    kind = np.dtype(dtype)
    n = int(np.prod(shape)) * kind.itemsize
    memory = np.zeros(n + 2 * BLOCK_BYTES, np.uint8)
    start = -memory.ctypes.data % BLOCK_BYTES
    whole: NDArray[Any] = memory[start : start + n].view(kind).reshape(shape)
    return whole


def rows_of(n_rows: int, n: int, dtype: "np.dtype[Any]") -> NDArray[Any]:
    """Make rows of n numbers, each on whole blocks."""
    return zeros((n_rows, blocks_of(n, dtype) * BLOCK_BYTES // dtype.itemsize), dtype)


def address(array: NDArray[Any]) -> int:
    """Where an array begins."""
    try:
        return addressof(c_char.from_buffer(array.data))  # in half the time
    except (TypeError, ValueError):  # read-only, with gaps, or empty
        return int(array.ctypes.data)
