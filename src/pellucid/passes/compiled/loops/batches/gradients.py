"""Gradients: products of all inputs and errors of a batch, a thread's rows of each layer's weights.

They go straight into the weights, into an update as soon as they are known, or are added up first.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.loops.batches.stopping import ADDING_UP, halted
from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    INDEX_BYTES,
    PACKED_BYTES,
    PACKED_ROWS,
    TILE_ROWS,
    WIDE,
)
from pellucid.passes.compiled.primitives.intrinsics import (
    load_index,
    load_int,
    nth,
    store_index,
    store_int,
)
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["make_gradients"]

# Lists by inputs are written for so many inputs at a time: their ends stay in the first-level cache.
_COLUMNS = 256


def make_gradients(
    tiles: Tiles, sweeps: SimpleNamespace, shares: SimpleNamespace, updating: SimpleNamespace
) -> Callable[..., Any]:
    """Make the function that takes a thread's share of all gradients, and applies or keeps them."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    across, panels, move_entry = sweeps.across, sweeps.panels, tiles.move()
    barrier, sum_of_rows = tiles.barrier(), tiles.product(range(1, WIDE + 1), rows=(1,), across=True)
    step, step_part, update_running = updating.step, updating.step_part, updating.update_running
    pack_tile, pack_block = tiles.pack(TILE_ROWS), tiles.pack(block)
    weight_at, weight_share = shares.weight_at, shares.weight_share
    wide_at, sparse_wide_at = shares.wide_at, shares.sparse_wide_at
    split, part_share, contiguous = shares.split, shares.part_share, shares.contiguous
    half_at, half_share = shares.half_at, shares.half_share

    @part_of_loop
    def list_columns(run, layer, size, start, end):
        """List, for each of some inputs, the rows of the batch where it is not 0."""
        for k in range(start, end):
            store_int(run.column_counts, k, 0)
        for half in range(2 if run.half_in else 1):
            first_in, n_in = half_at(run, layer, half)
            list_half(run, size, half, first_in, max(start - first_in, 0), min(end - first_in, n_in))

    @part_of_loop
    def list_half(run, size, half, first_in, start, end):
        """List them for the inputs of one half, which are counted from its first."""
        last = (end + block - 1) // block
        for first in range(start // block, last, _COLUMNS // block):
            after = min(last, first + _COLUMNS // block)
            for row in range(size):
                number = half * run.rows + row
                at, until = load_int(run.lists, number), run.until + INDEX_BYTES * number * run.until_room
                for place in range(at + load_index(until, first), at + load_index(until, after)):
                    k = first_in + load_index(run.index, place)
                    so_far = load_int(run.column_counts, k)
                    entry = run.column_lists + 2 * item * (k * run.column_room + so_far)
                    store_index(entry, 0, row)
                    move_entry(entry, 1, run.values, place)
                    store_int(run.column_counts, k, so_far + 1)

    @part_of_loop
    def sparse_gradients(run, layer, frame, thread, scratch, goes_on, start, end, first, last):
        """Take the gradients of some rows of the first layer's weights from their lists."""
        weights = layer.weight.whole if run.adds_up else layer.weights
        part, steps = first, run.direct + run.adds_up == 0
        while part < last:
            blocks, b = sparse_wide_at(layer, part, last), layer.weighted_errors + BLOCK_BYTES * part
            for k in range(start, end, TILE_ROWS):
                if run.adds_up and halted(run, ADDING_UP):
                    break
                rows = min(TILE_ROWS, end - k)
                for row in range(k, k + rows):
                    if goes_on and load_int(run.column_counts, row) == 0:
                        continue
                    c, c_panel = weights + item * weight_at(layer, row, part), layer.panel
                    if steps:
                        c, c_panel = scratch + item * columns_wide * (row - k), TILE_ROWS * columns_wide
                    s, s_panel = (c, c_panel) if goes_on else (run.zeros, 0)
                    entries = run.column_lists + 2 * item * row * run.column_room
                    panels(
                        *(c, c_panel, s, s_panel, b, layer.row, columns_wide),
                        *(entries, entries + item, load_int(run.column_counts, row), blocks),
                    )
                if steps:
                    for more in range(0, blocks, WIDE):
                        found, wide = scratch + item * TILE_ROWS * block * more, min(WIDE, blocks - more)
                        step_part(run, layer, frame, thread, found, columns_wide, part + more, wide, k, rows)
            part += blocks

    @part_of_loop
    def panel_gradients(run, layer, frame, thread, scratch, packed, count, goes_on, start, end, part, wide):
        """Take the gradients of some rows of weights in one panel from packed inputs and errors."""
        weights = layer.weight.whole if run.adds_up else layer.weights
        errors, steps = packed + PACKED_BYTES, run.direct + run.adds_up == 0
        for k in range(start, end, TILE_ROWS):
            if run.adds_up and halted(run, ADDING_UP):
                break
            rows, at = min(TILE_ROWS, end - k), item * weight_at(layer, k, part)
            c, c_row = weights + at, layer.weight_row
            if steps:
                c, c_row = scratch, columns_wide
            s, s_row = (c, c_row) if goes_on else (run.zeros, 0)
            ahead = layer.weights + at + item * TILE_ROWS * layer.weight_row
            across(
                *(rows, wide, packed + item * count * (k - start), TILE_ROWS, errors, columns_wide),
                *(s, s_row, c, c_row, count, ahead, contiguous),
            )
            if steps:
                step_part(run, layer, frame, thread, scratch, columns_wide, part, wide, k, rows)

    @part_of_loop
    def packed_gradients(
        run, layer, frame, thread, scratch, packed, row, count, goes_on, start, end, first, last
    ):
        """Take the gradients of some rows of weights from some examples, whose inputs and errors are packed.

        What a product reads is contiguous then, however often it is read.
        """
        many = max(TILE_ROWS, PACKED_BYTES // (item * count) // TILE_ROWS * TILE_ROWS)
        for begin in range(start, end, many):
            until = min(end, begin + many)
            for k in range(begin, until, TILE_ROWS):
                inputs = layer.inputs + item * (row * layer.input_row + k)
                pack_tile(packed + item * count * (k - begin), TILE_ROWS, inputs, layer.input_row, count)
            part = first
            while part < last:
                wide = wide_at(part, last)
                for number in range(wide):
                    errors = layer.weighted_errors + item * row * layer.row + BLOCK_BYTES * (part + number)
                    pack_block(
                        packed + PACKED_BYTES + BLOCK_BYTES * number, columns_wide, errors, layer.row, count
                    )
                panel_gradients(
                    *(run, layer, frame, thread, scratch, packed, count, goes_on),
                    *(begin, until, part, wide),
                )
                part += wide

    @part_of_loop
    def dense_gradients(run, layer, frame, thread, scratch, packed, count, goes_on, start, end, first, last):
        """Take the gradients of some rows of weights, from as many examples at a time as can be packed.

        There are more only where a normalisation compares them.
        """
        for row in range(0, count, PACKED_ROWS):
            many, goes_on = min(PACKED_ROWS, count - row), goes_on or row > 0
            packed_gradients(
                *(run, layer, frame, thread, scratch, packed, row, many, goes_on),
                *(start, end, first, last),
            )

    @part_of_loop
    def row_gradient(run, layer, frame, thread, learned, slopes, scratch, count, goes_on, first, last):
        """Take the gradient of what has one row, such as the biases: a sum over the examples."""
        steps = run.direct + run.adds_up == 0
        for panel in range(first, last, WIDE):
            wide, b = min(WIDE, last - panel), slopes + BLOCK_BYTES * panel
            c = scratch if steps else (learned.whole if run.adds_up else learned.values) + BLOCK_BYTES * panel
            s = c if goes_on else run.zeros
            sum_of_rows(1, wide, run.one, 0, b, layer.row, s, 0, c, 0, count, b, contiguous)
            if steps:
                column = panel * block
                columns = min(block * wide, layer.n_out - column)
                step(run, frame, thread, learned, scratch, 0, column, 0, 1, columns)

    @part_of_loop
    def row_gradients(run, layer, frame, thread, scratch, count, goes_on, first, last):
        which = scratch, count, goes_on, first, last
        row_gradient(run, layer, frame, thread, layer.bias, layer.weighted_errors, *which)
        if layer.normalises:
            row_gradient(run, layer, frame, thread, layer.gain, layer.gain_slopes, *which)
            row_gradient(run, layer, frame, thread, layer.shift, layer.errors, *which)

    @part_of_loop
    def apply_gradients(run, layers, frame, scratch, packed, thread, offset, count):
        """Take and apply a thread's share of all gradients, or add up those of one part of a batch.

        The part has ``count`` examples and begins at the offset. A sum goes on from what is there: from the
        weights, where a gradient goes straight into them, or from the gradient of the parts before.
        """
        goes_on = offset > 0 if run.adds_up else run.direct != 0
        for number in range(run.n_layers):
            layer = nth(layers, number)
            parts = split(run, layer)
            start, end = weight_share(layer, thread // parts, run.threads // parts)
            first, last = part_share(run, layer, thread)
            if number == 0 and run.sparse:
                if run.half_in and run.threads % 2 == 0:
                    start, end = half_share(run, layer, thread)
                begin, until = start, end
                if parts > 1:
                    begin, until = weight_share(layer, thread, run.threads)
                list_columns(run, layer, count, begin, until)
                if parts > 1:
                    barrier(run.barrier, run.threads)
                sparse_gradients(run, layer, frame, thread, scratch, goes_on, start, end, first, last)
            else:
                dense_gradients(
                    *(run, layer, frame, thread, scratch, packed, count, goes_on),
                    *(start, end, first, last),
                )
            if thread // parts == number % (run.threads // parts):
                row_gradients(run, layer, frame, thread, scratch, count, goes_on, first, last)
                if not run.adds_up:
                    update_running(layer, frame, count)

    return apply_gradients
