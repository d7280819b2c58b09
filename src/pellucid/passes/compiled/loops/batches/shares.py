"""Which rows and columns belong to which thread, and where weights lie in their panels."""

from types import SimpleNamespace

from pellucid.passes.compiled.memory.layout import SPARSE_WIDES, TILE_ROWS, UNROLL, WIDE
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.sweeps import share
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["make_shares"]


def make_shares(tiles: Tiles) -> SimpleNamespace:
    """Make these functions for a dtype, for all parts of the loop."""
    block = tiles.block

    @part_of_loop
    def weight_at(layer, row, part):
        """Return the place of a block of a row of weights in its panel, in numbers from the first weight."""
        return part // WIDE * layer.panel + row * layer.weight_row + block * (part % WIDE)

    @part_of_loop
    def wide_at(part, last):
        """Return how many blocks of a row of weights are taken together: the rest of a panel."""
        return min(WIDE - part % WIDE, last - part)

    @part_of_loop
    def sparse_wide_at(layer, part, last):
        """Return the same where lists name the rows: several panels."""
        # This decides the order of a sum, so it must not depend on how the columns are split.
        end = layer.half if part < layer.half else last
        for wide in SPARSE_WIDES:
            if wide <= end - part:
                return wide
        return 1

    @part_of_loop
    def split(run, layer):
        """Return into how many parts the columns of a layer are split among the threads: 1 or 2."""
        return 2 if layer.half and run.threads % 2 == 0 else 1

    @part_of_loop
    def row_share(run, layer, thread, size):
        """Return the rows of a batch that belong to a thread on the way forward and back."""
        n = split(run, layer)
        return share(size, TILE_ROWS, thread // n, run.threads // n)

    @part_of_loop
    def part_share(run, layer, thread):
        """Return the blocks of a layer's columns that belong to it there."""
        if split(run, layer) == 1:
            return 0, layer.blocks
        return (layer.half, layer.blocks) if thread % 2 else (0, layer.half)

    @part_of_loop
    def weight_share(layer, thread, threads):
        """Return the rows of a layer's weights that belong to a thread."""
        return share(layer.n_in, block, thread, threads)

    @part_of_loop
    def column_share(layer, thread, threads):
        """Return a thread's columns of a layer of which it has all rows: the first, and the number."""
        first = block * (layer.blocks * thread // threads)
        last = block * (layer.blocks * (thread + 1) // threads)
        return first, max(0, min(last, layer.n_out) - first)

    @part_of_loop
    def half_at(run, layer, half):
        """Return the first input of a half of the sparse inputs, and their number."""
        if half:
            return run.half_in, layer.n_in - run.half_in
        return 0, run.half_in if run.half_in else layer.n_in

    @part_of_loop
    def sparse_share(run, thread, size):
        """Return what a thread lists and sums: the halves, and the rows of the batch."""
        # A half stays with the same threads, so that its weights stay in their caches.
        first, last, n = 0, 2 if run.half_in else 1, 1
        if run.half_in and run.threads % 2 == 0:
            first, last, n = thread % 2, thread % 2 + 1, 2
        start, end = share(size, TILE_ROWS, thread // n, run.threads // n)
        return first, last, start, end

    @part_of_loop
    def half_share(run, layer, thread):
        """Return the rows of weights that belong to a thread in its half of the inputs."""
        first, n = half_at(run, layer, thread % 2)
        start, end = share(n, block, thread // 2, run.threads // 2)
        return first + start, first + end

    return SimpleNamespace(
        **{
            each.__name__: each for each in (weight_at, wide_at, sparse_wide_at, split, row_share, part_share)
        },
        **{each.__name__: each for each in (weight_share, column_share, half_at, sparse_share, half_share)},
        # The distance of panels to pass to a product where what it prefetches is contiguous.
        contiguous=block * WIDE // UNROLL * block,
    )
