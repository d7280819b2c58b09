"""The layout of memory: rows on whole blocks of 64 bytes, padded with zeros."""

import math
from collections.abc import Iterator
from ctypes import addressof, c_char
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLOCK_BYTES",
    "CSR",
    "INDEX_BYTES",
    "KEY_BYTES",
    "LINE_INTS",
    "PACKED_BYTES",
    "PACKED_ROWS",
    "SOURCES",
    "SPARSE_DEPTH",
    "SPARSE_WIDE",
    "SPARSE_WIDES",
    "TILE_ROWS",
    "UNROLL",
    "WIDE",
    "Room",
    "address",
    "blocks_of",
    "lay_out",
    "panels_of",
    "read_back",
    "rows_of",
    "views_of",
    "width_of",
    "zeros",
]

# A block is the unit of all loops, whatever the vectors' width: the lanes of a sum, the padding of a row.
BLOCK_BYTES = 64

# An entry of a list of indices, a random key, and how many int64 a cache line holds.
INDEX_BYTES, KEY_BYTES, LINE_INTS = 4, 8, 8

# A piece of a product is so many blocks wide at most. With 8 rows its sums fill three quarters of the
# registers of a processor with 32 of 64 bytes, and each number that is read takes part in 3 or 8 products.
WIDE = 3

# And so many rows high at most; batches have room for whole pieces.
TILE_ROWS = 8

# So many turns of the loop of a piece with all rows are unrolled.
UNROLL = 4

# Where lists name the rows of a matrix, so many blocks of each are summed at a time: the first of these
# numbers that is not more than are left. Each has machine code of its own. 8 blocks are a layer of 128.
SPARSE_WIDES = (3 * WIDE, 8, 2 * WIDE, WIDE, 2, 1)
SPARSE_WIDE = max(SPARSE_WIDES)

# So many rows of such a matrix are summed at a time: they stay in the caches, and the next are prefetched.
SPARSE_DEPTH = 128

# So many bytes of inputs are packed at a time, and read again and again: they fit into the second-level
# cache.
PACKED_BYTES = 1 << 18

# So many rows of a batch are packed at a time, and carried together: they stay in the caches.
PACKED_ROWS = 512

# How inputs are stored, by the number that the loops know it by: whole rows of these dtypes, or compressed
# sparse rows (CSR) of the network's dtype.
SOURCES = ("uint8", "float32", "float64")
CSR = len(SOURCES)

# Rows of no more blocks than these fit into the caches at any distance.
_FEW_BLOCKS = 4

# The memory that is asked for at a time, in bytes, where many small pieces are needed.
_CHUNK_BYTES = 1 << 16


class Room:
    """Memory of zeros that is given out piece by piece, for what only machine code reads and writes.

    To make an array takes several times as long.
    """

    def __init__(self) -> None:
        self._chunks: list[NDArray[np.uint8]] = []
        self._next = self._end = 0

    def take(self, n_bytes: int) -> int:
        """Return the address of a piece, on whole blocks, with a spare block behind it."""
        size = (-(-n_bytes // BLOCK_BYTES) + 1) * BLOCK_BYTES
        if self._next + size > self._end:
            chunk = np.zeros(max(size, _CHUNK_BYTES) + BLOCK_BYTES, np.uint8)
            self._chunks.append(chunk)
            start = address(chunk)
            self._next, self._end = start + -start % BLOCK_BYTES, start + len(chunk)
        at, self._next = self._next, self._next + size
        return at


def blocks_of(n: int, dtype: "np.dtype[Any]") -> int:
    """Return the number of blocks of a row of n numbers."""
    return -(-n * dtype.itemsize // BLOCK_BYTES)


def zeros(shape: tuple[int, ...] | int, dtype: Any) -> NDArray[Any]:
    """Make an array of zeros that begins on a whole block, with a spare block behind it."""
    kind = np.dtype(dtype)
    n = (math.prod(shape) if isinstance(shape, tuple) else shape) * kind.itemsize
    memory = np.zeros(n + 2 * BLOCK_BYTES, np.uint8)
    start = -address(memory) % BLOCK_BYTES
    whole: NDArray[Any] = memory[start : start + n].view(kind).reshape(shape)
    return whole


def width_of(n: int, dtype: "np.dtype[Any]", *, apart: bool = False) -> int:
    """Return the numbers in a row with room for n, on whole blocks.

    Rows that are read a few columns at a time may be an odd number of blocks apart: at a power of 2 they
    would all share the same few lines of a cache.
    """
    blocks = blocks_of(n, dtype)
    if apart and blocks > _FEW_BLOCKS:
        blocks |= 1
    return blocks * BLOCK_BYTES // dtype.itemsize


def rows_of(n_rows: int, n: int, dtype: "np.dtype[Any]", *, apart: bool = False) -> NDArray[Any]:
    """Make rows of n numbers, each as wide as `width_of` says."""
    return zeros((n_rows, width_of(n, dtype, apart=apart)), dtype)


def panels_of(n_rows: int, n: int, dtype: "np.dtype[Any]") -> NDArray[Any]:
    """Make a matrix of n columns in panels, as products read it: a few blocks of all rows in turn.

    What a product reads of it is contiguous then, and processors prefetch it by themselves. The shape is
    (panels, rows, columns of a panel); the rows are padded with 0 to a whole block of them.
    """
    block, blocks = BLOCK_BYTES // dtype.itemsize, blocks_of(n, dtype)
    return zeros((-(-blocks // WIDE), -(-n_rows // block) * block, block * min(WIDE, blocks)), dtype)


def lay_out(array: NDArray[Any], memory: NDArray[Any]) -> None:
    """Copy an array into memory made for it: a vector or a matrix into rows, or a matrix into panels."""
    for here, there in views_of(array, memory):
        there[...] = here


def read_back(memory: NDArray[Any], array: NDArray[Any]) -> None:
    """Copy what was laid out back into an array."""
    for here, there in views_of(array, memory):
        here[...] = there


def views_of(array: NDArray[Any], memory: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield views of an array, each with that of the memory in which the same numbers are laid out."""
    n_rows, n = array.shape if array.ndim == 2 else (1, array.size)
    rows = array.reshape(n_rows, n)
    if memory.ndim == 2:
        yield rows, memory[:n_rows, :n]
        return
    width = memory.shape[2]
    for number, first in enumerate(range(0, n, width)):
        yield rows[:, first : first + width], memory[number, :n_rows, : n - first]


def address(array: NDArray[Any]) -> int:
    """Return the address of an array."""
    try:
        return addressof(c_char.from_buffer(array.data))  # in half the time
    except (TypeError, ValueError):  # read-only, with gaps, or empty
        return int(array.ctypes.data)
