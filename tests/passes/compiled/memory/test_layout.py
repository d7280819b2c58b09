"""Pieces of memory, and matrices in panels, as products read them."""

from ctypes import c_char
from itertools import pairwise

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    WIDE,
    Room,
    lay_out,
    panels_of,
    read_back,
)


def test_pieces_of_a_room_lie_on_blocks_apart():
    room, sizes = Room(), [1, 64, 65, 1000, 100_000, 0, 60_000, 5_000, 1, 2_000_000]
    pieces = sorted((room.take(size), size) for size in sizes * 3)
    assert all(at % BLOCK_BYTES == 0 for at, _ in pieces)
    # Behind each there is a spare block, which vectors may read, before the next one begins.
    assert all(at + size + BLOCK_BYTES <= after for (at, size), (after, _) in pairwise(pieces))
    for at, size in pieces:
        whole = (c_char * (size + BLOCK_BYTES)).from_address(at)
        assert not any(whole.raw)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 15, 16, 17, 48, 49, 100, 300])
def test_a_matrix_comes_back_from_panels(n, dtype):
    matrix = np.random.default_rng(n).standard_normal((21, n)).astype(dtype)
    panels = panels_of(21, n, matrix.dtype)
    lay_out(matrix, panels)
    block = BLOCK_BYTES // matrix.itemsize
    for row, column in [(0, 0), (20, n - 1), (7, n // 2)]:
        panel, within = divmod(column, min(WIDE, -(-n // block)) * block)
        assert panels[panel, row, within] == matrix[row, column]
    assert np.count_nonzero(panels) == matrix.size  # and nothing but zeros beside
    assert panels.shape[1] % block == 0
    back = np.full_like(matrix, np.nan)
    read_back(panels, back)
    assert (back == matrix).all()
