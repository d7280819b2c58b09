"""Constraints on a whole update: gradients clipped to a joint norm, and weights held to a norm."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.memory.frame import NUMBERS_BYTES
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, WIDE
from pellucid.passes.compiled.primitives.calls import call, set_array, set_number, set_operands
from pellucid.passes.compiled.primitives.intrinsics import nth, store_double
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.signatures import LIMIT_NORMS, SQUARES, UPDATE

__all__ = ["make_clipping", "make_norm_limit"]


def make_norm_limit(tiles: Tiles, shares: SimpleNamespace) -> Callable[..., Any]:
    """Make the function that limits the norm of the weights into each neuron."""
    item, block, barrier = tiles.dtype.itemsize, tiles.block, tiles.barrier()
    weight_at, column_share = shares.weight_at, shares.column_share
    slots, count = LIMIT_NORMS.slots, len(LIMIT_NORMS.arrays)

    @part_of_loop
    def limit_norms(run, layers, frame, thread):
        """Scale the weights into each neuron down to the largest norm; the threads share the columns."""
        barrier(run.barrier, run.threads)
        for number in range(run.n_layers):
            layer = nth(layers, number)
            column, columns = column_share(layer, thread, run.threads)
            part = column // block
            while columns > 0:
                wide = min(columns, block * (WIDE - part % WIDE))
                at = item * weight_at(layer, 0, part)
                set_operands(frame, layer.norm_operands, count, at, 0, BLOCK_BYTES * part, layer.weight_row)
                set_number(frame, slots.longest, layer.max_norm)
                call(layer.limit_norms, frame, layer.n_in, wide)
                part, columns = part + WIDE - part % WIDE, columns - wide

    return limit_norms


def make_clipping(tiles: Tiles, shares: SimpleNamespace, update: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that applies gradients clipped to a joint norm, a thread's share of all layers."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    get, weight_at, weight_share = tiles.get(), shares.weight_at, shares.weight_share
    barrier = tiles.barrier()
    slots, square_slots = UPDATE.slots, SQUARES.slots

    @part_of_loop
    def padded_rows(layer):
        return layer.panel // layer.weight_row

    @part_of_loop
    def square_rows(run, frame, gradient, squares, row, rows, columns):
        """Sum the squares of each row of a gradient."""
        set_array(frame, square_slots.gradient, gradient, row)
        set_array(frame, square_slots.square, squares, 0)
        call(run.squares, frame, rows, columns)

    @part_of_loop
    def square_weights(run, layer, frame, start, end):
        """Sum the squares of some rows of a gradient of weights, panel by panel."""
        for panel in range(0, layer.blocks, WIDE):
            gradient = layer.weight.gradient + item * weight_at(layer, start, panel)
            squares = layer.weight.squares + item * (panel // WIDE * padded_rows(layer) + start)
            columns = min(columns_wide, layer.n_out - panel * block)
            square_rows(run, frame, gradient, squares, layer.weight_row, end - start, columns)

    @part_of_loop
    def sum_of_squares(run, layers):
        """Sum the squares of all gradients, in one order whichever thread asks."""
        total = 0.0
        for number in range(run.n_layers):
            layer = nth(layers, number)
            for panel in range((layer.blocks + WIDE - 1) // WIDE):
                for row in range(layer.n_in):
                    total += get(layer.weight.squares, panel * padded_rows(layer) + row)
            for learned in (layer.bias, layer.gain, layer.shift):
                if learned.values:
                    total += get(learned.squares, 0)
        return total

    @part_of_loop
    def apply_kept(run, frame, thread, learned, at, row, rows, columns, shrink):
        """Update some rows from the gradient that was kept for them."""
        store_double(learned.numbers + NUMBERS_BYTES * thread, slots.shrink, shrink)
        update(run, frame, thread, learned, learned.gradient + item * at, row, at, row, rows, columns)

    @part_of_loop
    def apply_clipped(run, layers, frame, thread):
        """Update once all gradients are known: they are clipped to a joint norm."""
        barrier(run.barrier, run.threads)
        for number in range(run.n_layers):
            layer = nth(layers, number)
            start, end = weight_share(layer, thread, run.threads)
            if end > start:
                square_weights(run, layer, frame, start, end)
            if thread == number % run.threads:
                for learned in (layer.bias, layer.gain, layer.shift):
                    if learned.values:
                        square_rows(run, frame, learned.gradient, learned.squares, 0, 1, layer.n_out)
        barrier(run.barrier, run.threads)
        norm = math.sqrt(sum_of_squares(run, layers))
        shrink = run.longest / norm if norm > run.longest else 1.0
        for number in range(run.n_layers):
            layer = nth(layers, number)
            start, end = weight_share(layer, thread, run.threads)
            if end > start:
                for panel in range(0, layer.blocks, WIDE):
                    at, row, rows = weight_at(layer, start, panel), layer.weight_row, end - start
                    columns = min(columns_wide, layer.n_out - panel * block)
                    apply_kept(run, frame, thread, layer.weight, at, row, rows, columns, shrink)
            if thread == number % run.threads:
                for learned in (layer.bias, layer.gain, layer.shift):
                    if learned.values:
                        apply_kept(run, frame, thread, learned, 0, 0, 1, layer.n_out, shrink)

    return apply_clipped
