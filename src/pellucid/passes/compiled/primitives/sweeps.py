"""Products and sums of any number of rows or blocks, piece by piece, as loops call them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, SPARSE_WIDES, WIDE
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["AT_ONCE", "at_once", "make_sweeps", "share", "wide_of"]

# So many rows or blocks are taken at once; each number has machine code of its own.
AT_ONCE = (8, 4, 2, 1)


@part_of_loop
def share(n, unit, thread, threads):
    """Return where a thread's share of n rows begins and ends, in whole units."""
    units = (n + unit - 1) // unit
    return min(n, unit * (units * thread // threads)), min(n, unit * (units * (thread + 1) // threads))


@part_of_loop
def wide_of(blocks):
    """Return how many of the blocks that are left the next piece takes."""
    return 2 if blocks == 4 else min(WIDE, blocks)


@part_of_loop
def at_once(n):
    """Return how many of n rows or blocks are taken at once: the first of `AT_ONCE` that is not more."""
    return 8 if n >= 8 else 4 if n >= 4 else 2 if n >= 2 else 1


def _any_rows(tiles: Tiles, *, across: bool = False, in_panels: bool = False) -> Callable[..., Any]:
    """Make a piece of a product of any number of rows."""
    some = tiles.product(range(1, WIDE + 1), across=across, in_panels=in_panels)
    item, a_rows, a_numbers = tiles.dtype.itemsize, int(not across), int(across)

    @part_of_loop
    def piece(rows, blocks, a, a_step, b, b_row, s, s_row, c, c_row, depth, ahead, far):
        while rows > 0:
            done = at_once(rows)
            some(done, blocks, a, a_step, b, b_row, s, s_row, c, c_row, depth, ahead, far)
            rows -= done
            a += item * done * (a_rows * a_step + a_numbers)
            s += item * done * s_row
            c += item * done * c_row

    return piece


def _any_blocks(tiles: Tiles, *, in_order: bool = False) -> Callable[..., Any]:
    """Make a sum of sparse rows of any number of blocks, each row contiguous."""
    some, panel = tiles.sparse_sum(AT_ONCE, in_order=in_order), WIDE * tiles.block

    @part_of_loop
    def listed(c, s, b, b_row, index, values, count, blocks):
        while blocks > 0:
            done = at_once(blocks)
            some(c, panel, s, panel, b, b_row, panel, index, values, count, done)
            blocks -= done
            c += BLOCK_BYTES * done
            s += BLOCK_BYTES * done
            b += BLOCK_BYTES * done

    return listed


def make_sweeps(tiles: Tiles) -> SimpleNamespace:
    """Make functions for Numba's loops from the primitives of a machine; all take addresses."""
    return SimpleNamespace(
        # `Tiles.product` for any number of rows, and 1 to 3 blocks: with B in rows, with B in panels, and
        # with both in panels and A transposed.
        piece=_any_rows(tiles),
        panel=_any_rows(tiles, in_panels=True),
        across=_any_rows(tiles, across=True, in_panels=True),
        # `Tiles.sparse_sum` over any number of blocks, of rows that are contiguous; the second with the bits
        # of the products.
        sparse=_any_blocks(tiles),
        sparse_in_order=_any_blocks(tiles, in_order=True),
        # The same of rows that lie in panels, over one of `SPARSE_WIDES` blocks; the second goes on from s.
        panels=tiles.sparse_sum(SPARSE_WIDES, pairs=True),
        panels_on=tiles.sparse_sum(SPARSE_WIDES, goes_on=True),
    )
