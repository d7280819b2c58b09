"""Products of whole matrices, piece by piece, as Numba's loops call them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numba.extending import register_jitable

from pellucid.passes.compiled.records import SOURCES
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["WIDE", "Sweeps", "make_sweeps", "share"]

# A piece of a product is so many blocks wide. Its sums fill half of the registers of a processor with 32 of
# 64 bytes.
WIDE = 2


@register_jitable
def share(n, unit, thread, threads):
    """Give a thread's share of n rows: where it begins, in whole units."""
    units = (n + unit - 1) // unit
    return min(n, unit * (units * thread // threads))


@dataclass(frozen=True)
class Sweeps:
    """Functions for Numba's loops; all take addresses.

    Parameters
    ----------
    piece : function
        `Tiles.product` for so many rows (1 to 8) and blocks (1 or 2), which come first.
    listed : function
        `Tiles.listed_sum` over any number of blocks, which comes last.
    read, list_nonzero : functions
        `Tiles.inputs` and `Tiles.nonzero` for a row stored as the number of its kind says, which comes first.
    """

    piece: Callable[..., Any]
    listed: Callable[..., Any]
    read: Callable[..., Any]
    list_nonzero: Callable[..., Any]


def _fitting(tiles: Tiles, rows: int, blocks: int) -> Callable[..., Any]:
    """Make a piece of a product, in halves where its sums would not fit into the registers."""
    item = tiles.dtype.itemsize
    if 4 * rows * blocks * tiles.parts <= 3 * tiles.machine.registers or rows * blocks == 1:
        piece: Callable[..., Any] = tiles.product(rows, blocks)
        return piece
    half = _fitting(tiles, rows, 1) if blocks == 2 else _fitting(tiles, rows // 2, 1)
    columns, down = (64, 0) if blocks == 2 else (0, item * (rows // 2))

    @register_jitable
    def halves(a, a_row, a_column, b, b_row, s, s_row, c, c_row, depth):
        half(a, a_row, a_column, b, b_row, s, s_row, c, c_row, depth)
        half(
            *(a + down * a_row, a_row, a_column, b + columns, b_row),
            *(s + columns + down * s_row, s_row, c + columns + down * c_row, c_row, depth),
        )

    return halves


def make_sweeps(tiles: Tiles) -> Sweeps:
    """Put the pieces of a machine together."""
    wide = [_fitting(tiles, rows, 2) for rows in (8, 4, 2, 1)]
    narrow = [_fitting(tiles, rows, 1) for rows in (8, 4, 2, 1)]
    wide_8, wide_4, wide_2, wide_1 = wide
    narrow_8, narrow_4, narrow_2, narrow_1 = narrow
    sum_1, sum_2, sum_4, sum_8 = (tiles.listed_sum(blocks) for blocks in (1, 2, 4, 8))
    item = tiles.dtype.itemsize

    @register_jitable
    def piece(rows, blocks, a, a_row, a_column, b, b_row, s, s_row, c, c_row, depth):
        done = 0
        while done < rows:
            left = rows - done
            a_at, s_at, c_at = a + item * done * a_row, s + item * done * s_row, c + item * done * c_row
            if blocks == 2:
                if left >= 8:
                    wide_8(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                    done += 8
                elif left >= 4:
                    wide_4(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                    done += 4
                elif left >= 2:
                    wide_2(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                    done += 2
                else:
                    wide_1(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                    done += 1
            elif left >= 8:
                narrow_8(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                done += 8
            elif left >= 4:
                narrow_4(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                done += 4
            elif left >= 2:
                narrow_2(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                done += 2
            else:
                narrow_1(a_at, a_row, a_column, b, b_row, s_at, s_row, c_at, c_row, depth)
                done += 1

    @register_jitable
    def listed(c, s, b, b_row, index, values, count, blocks):
        done = 0
        while done < blocks:
            at, left = 64 * done, blocks - done
            if left >= 8:
                sum_8(c + at, s + at, b + at, b_row, index, values, count)
                done += 8
            elif left >= 4:
                sum_4(c + at, s + at, b + at, b_row, index, values, count)
                done += 4
            elif left >= 2:
                sum_2(c + at, s + at, b + at, b_row, index, values, count)
                done += 2
            else:
                sum_1(c + at, s + at, b + at, b_row, index, values, count)
                done += 1

    read_bytes, read_singles, read_doubles = map(tiles.inputs, SOURCES)
    list_bytes, list_singles, list_doubles = map(tiles.nonzero, SOURCES)

    @register_jitable
    def read(source, row, count, scale, x):
        if source == 0:
            read_bytes(row, count, scale, x)
        elif source == 1:
            read_singles(row, count, scale, x)
        else:
            read_doubles(row, count, scale, x)

    @register_jitable
    def list_nonzero(source, row, count, scale, index, values):
        if source == 0:
            return list_bytes(row, count, scale, index, values)
        if source == 1:
            return list_singles(row, count, scale, index, values)
        return list_doubles(row, count, scale, index, values)

    return Sweeps(piece, listed, read, list_nonzero)
