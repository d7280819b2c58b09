"""The squared norm of each layer's weights, as they are before an update."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.memory.layout import WIDE
from pellucid.passes.compiled.primitives.intrinsics import load_double, nth, store_double
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["make_norms"]


def make_norms(tiles: Tiles, shares: SimpleNamespace) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Make two functions: one sums the squares of a thread's share of the weights, one adds up all shares.

    A sum of squares is taken for each block of rows in each panel, whoever takes it, and one thread adds them
    up in their order: the bits do not depend on the number of threads.
    """
    item, block, sum_of_squares = tiles.dtype.itemsize, tiles.block, tiles.sum_of_squares()
    weight_at, weight_share = shares.weight_at, shares.weight_share

    @part_of_loop
    def square_weights(run, layers, thread):
        """Sum the squares of a thread's share; all must have passed a barrier before they are added up."""
        for number in range(run.n_layers):
            layer = nth(layers, number)
            in_panel = layer.panel // (block * layer.weight_row)
            start, end = weight_share(layer, thread, run.threads)
            for panel in range(0, layer.blocks, WIDE):
                for row in range(start, end, block):
                    at = layer.weights + item * weight_at(layer, row, panel)
                    part = panel // WIDE * in_panel + row // block
                    store_double(layer.norm_parts, part, sum_of_squares(at, block * layer.weight_row))

    @part_of_loop
    def note_norms(run, layers, update):
        """Note the squared norms of all layers for an update."""
        for number in range(run.n_layers):
            layer, total = nth(layers, number), 0.0
            parts = layer.panel // (block * layer.weight_row) * ((layer.blocks + WIDE - 1) // WIDE)
            for part in range(parts):
                total += load_double(layer.norm_parts, part)
            store_double(run.squared_norms, update * run.n_layers + number, total)

    return square_weights, note_norms
