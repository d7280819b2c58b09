"""Memory as the loops want it: rows on whole blocks of 64 bytes, with zeros between."""

from ctypes import addressof, c_char
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_BYTES", "address", "blocks_of", "rows_of", "zeros"]

# A block is what is taken at a time, whatever the vectors' width: the lanes of a sum, the padding of a row.
BLOCK_BYTES = 64

# Rows of no more blocks than these find room in the caches however they lie.
_FEW_BLOCKS = 4


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


def rows_of(n_rows: int, n: int, dtype: "np.dtype[Any]", *, apart: bool = False) -> NDArray[Any]:
    """Make rows of n numbers, each on whole blocks.

    Rows that are read a few columns at a time may be an odd number of blocks apart: at a power of 2 they
    would all crowd into the same few places of a cache.
    """
    blocks = blocks_of(n, dtype)
    if apart and blocks > _FEW_BLOCKS:
        blocks |= 1
    return zeros((n_rows, blocks * BLOCK_BYTES // dtype.itemsize), dtype)


def address(array: NDArray[Any]) -> int:
    """Where an array begins."""
    try:
        return addressof(c_char.from_buffer(array.data))  # in half the time
    except (TypeError, ValueError):  # read-only, with gaps, or empty
        return int(array.ctypes.data)
