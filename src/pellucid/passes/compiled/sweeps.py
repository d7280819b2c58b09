"""Products of whole matrices, piece by piece, as Numba's loops call them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pellucid.passes.compiled.layout import BLOCK_BYTES, LISTED_WIDES, TURNS, WIDE
from pellucid.passes.compiled.loops import part_of_loop
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["Sweeps", "make_sweeps", "share", "wide_of"]


@part_of_loop
def share(n, unit, thread, threads):
    """Give a thread's share of n rows: where it begins, in whole units."""
    units = (n + unit - 1) // unit
    return min(n, unit * (units * thread // threads))


@dataclass(frozen=True)
class Sweeps:
    """Functions for Numba's loops; all take addresses.

    Parameters
    ----------
    piece, panel, across : functions
        `Tiles.product` for so many rows and blocks (1 to 3), which come first: with B in rows, with B in a
        panel, and with A turned.
    listed : function
        `Tiles.listed_sum` over any number of blocks, which comes last, of rows that lie in one piece.
    panels, panels_on : functions
        The same of rows that may lie in panels, over as many blocks as one of `LISTED_WIDES`
        says, which comes last; the second goes on from s.
    """

    piece: Callable[..., Any]
    panel: Callable[..., Any]
    across: Callable[..., Any]
    listed: Callable[..., Any]
    panels: Callable[..., Any]
    panels_on: Callable[..., Any]


def _fitting(tiles: Tiles, rows: int, blocks: int, across: bool, at_once: int) -> Callable[..., Any]:
    """Make a piece of a product, in halves where its sums would not fit into the registers."""
    if 4 * rows * blocks * tiles.parts <= 3 * tiles.machine.registers or rows == 1:
        piece: Callable[..., Any] = tiles.product(rows, blocks, across=across, at_once=at_once)
        return piece
    half, item = _fitting(tiles, rows // 2, blocks, across, at_once), tiles.dtype.itemsize
    down, a_rows, a_numbers = item * (rows // 2), int(not across), int(across)

    @part_of_loop
    def halves(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far):
        half(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
        a += down * (a_rows * a_step + a_numbers)
        half(a, a_step, b, b_row, s + down * s_row, s_row, c + down * c_row, c_row, depth, soon, far)

    return halves


def _any_rows(tiles: Tiles, blocks: int, across: bool) -> Callable[..., Any]:
    """Make a piece of a product of so many rows as are said."""
    # Most pieces have all rows: these are written out furthest.
    eight = _fitting(tiles, 8, blocks, across, at_once=TURNS)
    four, two, one = (_fitting(tiles, rows, blocks, across, at_once=1) for rows in (4, 2, 1))
    item, a_rows, a_numbers = tiles.dtype.itemsize, int(not across), int(across)

    @part_of_loop
    def piece(rows, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far):
        while rows > 0:
            if rows >= 8:
                eight(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
                done = 8
            elif rows >= 4:
                four(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
                done = 4
            elif rows >= 2:
                two(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
                done = 2
            else:
                one(a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
                done = 1
            rows -= done
            a += item * done * (a_rows * a_step + a_numbers)
            s += item * done * s_row
            c += item * done * c_row

    return piece


def _any_piece(tiles: Tiles, *, across: bool, in_panels: bool) -> Callable[..., Any]:
    three, two, one = (_any_rows(tiles, blocks, across) for blocks in (3, 2, 1))
    columns_wide = tiles.block * WIDE

    @part_of_loop
    def piece(rows, blocks, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far):
        if blocks == 3:
            b_step = columns_wide if in_panels else b_row  # what LLVM knows needs no register
            three(rows, a, a_step, b, b_step, s, s_row, c, c_row, depth, soon, far)
        elif blocks == 2:
            two(rows, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)
        else:
            one(rows, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far)

    return piece


@part_of_loop
def wide_of(blocks):
    """Say how many of the blocks that are left the next piece takes."""
    return 2 if blocks == 4 else min(WIDE, blocks)


def _listed(tiles: Tiles, blocks: int, *, goes_on: bool = False, pairs: bool = False) -> Callable[..., Any]:
    """Make a sum of listed rows, of so many blocks."""
    # Where one sum would wait for itself, several run side by side: as many on every machine, for the bits.
    ways = 8 if blocks == 1 else 4 if blocks < 4 else 2 if blocks < 8 else 1
    return _listed_parts(tiles, 0, blocks, ways, goes_on, pairs)


def _listed_parts(
    tiles: Tiles, first: int, last: int, ways: int, goes_on: bool, pairs: bool
) -> Callable[..., Any]:
    """Make the sum of some of the blocks, one part after the other where not all fit into the registers."""
    most = max(1, 3 * tiles.machine.registers // (4 * ways * tiles.parts))
    fits = last - first <= most
    many = last - first if fits and first % WIDE == 0 else min(most, WIDE - first % WIDE, last - first)
    piece: Callable[..., Any] = tiles.listed_sum(many, ways, goes_on=goes_on, pairs=pairs)
    if first == 0 and many == last:
        return piece
    far, near = tiles.dtype.itemsize * (first // WIDE), BLOCK_BYTES * (first % WIDE)

    @part_of_loop
    def part(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count):
        piece(
            *(c + far * c_panel + near, c_panel, s + far * s_panel + near, s_panel),
            *(b + far * b_panel + near, b_row, b_panel, index, values, count),
        )

    if first + many == last:
        return part
    others = _listed_parts(tiles, first + many, last, ways, goes_on, pairs)

    @part_of_loop
    def parts(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count):
        part(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count)
        others(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count)

    return parts


def _any_listed(tiles: Tiles) -> Callable[..., Any]:
    """Make a sum of listed rows that lie in one piece, of any number of blocks."""
    sum_1, sum_2, sum_4, sum_8 = (_listed(tiles, blocks) for blocks in (1, 2, 4, 8))
    panel = WIDE * tiles.block

    @part_of_loop
    def listed(c, s, b, b_row, index, values, count, blocks):
        done = 0
        while done < blocks:
            at, left = 64 * done, blocks - done
            c_at, s_at, b_at = c + at, s + at, b + at
            if left >= 8:
                sum_8(c_at, panel, s_at, panel, b_at, b_row, panel, index, values, count)
                done += 8
            elif left >= 4:
                sum_4(c_at, panel, s_at, panel, b_at, b_row, panel, index, values, count)
                done += 4
            elif left >= 2:
                sum_2(c_at, panel, s_at, panel, b_at, b_row, panel, index, values, count)
                done += 2
            else:
                sum_1(c_at, panel, s_at, panel, b_at, b_row, panel, index, values, count)
                done += 1

    return listed


def _of_panels(tiles: Tiles, sizes: Sequence[int] = LISTED_WIDES, **how: bool) -> Callable[..., Any]:
    """Make a sum of listed rows in panels, of as many blocks as are said: one of the sizes."""
    blocks, *smaller = sizes
    whole = _listed(tiles, blocks, **how)
    if not smaller:

        @part_of_loop
        def last(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count, many):
            whole(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count)

        return last
    less = _of_panels(tiles, smaller, **how)

    @part_of_loop
    def listed(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count, many):
        if many == blocks:
            whole(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count)
        else:
            less(c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count, many)

    return listed


def make_sweeps(tiles: Tiles) -> Sweeps:
    """Put the pieces of a machine together."""
    return Sweeps(
        piece=_any_piece(tiles, across=False, in_panels=False),
        panel=_any_piece(tiles, across=False, in_panels=True),
        across=_any_piece(tiles, across=True, in_panels=False),
        listed=_any_listed(tiles),
        panels=_of_panels(tiles, pairs=True),
        panels_on=_of_panels(tiles, goes_on=True),
    )
