"""Which rows and columns belong to which thread, and where weights lie in their panels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pellucid.passes.compiled.memory.layout import SPARSE_WIDES, TILE_ROWS, UNROLL, WIDE
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.sweeps import share
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["Shares", "make_shares"]


@dataclass(frozen=True)
class Shares:
    """Functions for the parts of the loop.

    Parameters
    ----------
    weight_at : function
        The place of a row of weights in its panel.
    wide_at, sparse_wide_at : function
        The number of blocks of a row of weights that are taken together: the rest of a panel, or several
        panels where lists name the rows.
    split : function
        Into how many parts the columns of a layer are split among the threads: 1 or 2.
    row_share, part_share : functions
        The rows of a batch, and the blocks of a layer's columns, that belong to a thread on the way forward
        and back.
    weight_share : function
        The rows of a layer's weights that belong to a thread.
    column_share : function
        The columns of a layer that belong to a thread where it has all rows: the first, and the number.
    half_at : function
        The first input of a half of the sparse inputs, and their number.
    sparse_share : function
        What a thread lists and sums: the first half and the one after the last, and the rows of the batch.
    half_share : function
        The rows of weights that belong to a thread in its half of the inputs.
    contiguous : int
        The distance of panels to pass to a product where what it prefetches is contiguous.
    """

    weight_at: Callable[..., Any]
    wide_at: Callable[..., Any]
    sparse_wide_at: Callable[..., Any]
    split: Callable[..., Any]
    row_share: Callable[..., Any]
    part_share: Callable[..., Any]
    weight_share: Callable[..., Any]
    column_share: Callable[..., Any]
    half_at: Callable[..., Any]
    sparse_share: Callable[..., Any]
    half_share: Callable[..., Any]
    contiguous: int


def make_shares(tiles: Tiles) -> Shares:
    """Make these functions for a dtype."""
    block = tiles.block

    @part_of_loop
    def weight_at(layer, row, part):
        """Return the place of a block of a row of weights in its panel, in numbers from the first weight."""
        return part // WIDE * layer.panel + row * layer.weight_row + block * (part % WIDE)

    @part_of_loop
    def wide_at(part, last):
        return min(WIDE - part % WIDE, last - part)

    @part_of_loop
    def sparse_wide_at(layer, part, last):
        # This decides the order of a sum, so it must not depend on how the columns are split.
        end = layer.half if part < layer.half else last
        for wide in SPARSE_WIDES:
            if wide <= end - part:
                return wide
        return 1

    @part_of_loop
    def split(run, layer):
        return 2 if layer.half and run.threads % 2 == 0 else 1

    @part_of_loop
    def row_share(run, layer, thread, size):
        n = split(run, layer)
        member, members = thread // n, run.threads // n
        return share(size, TILE_ROWS, member, members), share(size, TILE_ROWS, member + 1, members)

    @part_of_loop
    def part_share(run, layer, thread):
        if split(run, layer) == 1:
            return 0, layer.blocks
        return (layer.half, layer.blocks) if thread % 2 else (0, layer.half)

    @part_of_loop
    def weight_share(layer, thread, threads):
        return share(layer.n_in, block, thread, threads), share(layer.n_in, block, thread + 1, threads)

    @part_of_loop
    def column_share(layer, thread, threads):
        first = block * (layer.blocks * thread // threads)
        last = block * (layer.blocks * (thread + 1) // threads)
        return first, max(0, min(last, layer.n_out) - first)

    @part_of_loop
    def half_at(run, layer, half):
        if half:
            return run.half_in, layer.n_in - run.half_in
        return 0, run.half_in if run.half_in else layer.n_in

    @part_of_loop
    def sparse_share(run, thread, size):
        # A half stays with the same threads, so that its weights stay in their caches.
        first, last, n = 0, 2 if run.half_in else 1, 1
        if run.half_in and run.threads % 2 == 0:
            first, last, n = thread % 2, thread % 2 + 1, 2
        member, members = thread // n, run.threads // n
        start, end = share(size, TILE_ROWS, member, members), share(size, TILE_ROWS, member + 1, members)
        return first, last, start, end

    @part_of_loop
    def half_share(run, layer, thread):
        first, n = half_at(run, layer, thread % 2)
        member, members = thread // 2, run.threads // 2
        return first + share(n, block, member, members), first + share(n, block, member + 1, members)

    return Shares(
        weight_at, wide_at, sparse_wide_at, split, row_share, part_share, weight_share, column_share,
        half_at, sparse_share, half_share,
        contiguous=block * WIDE // UNROLL * block,
    )  # fmt: skip
