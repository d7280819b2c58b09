"""The way back: the errors of the output layer, carried back through all layers, a thread's rows of them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.loops.batches.stopping import CARRYING, halted
from pellucid.passes.compiled.memory.batch_records import OVER_BATCH, OVER_LAYER
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, TILE_ROWS, WIDE
from pellucid.passes.compiled.primitives.calls import call, set_array, set_number, set_operands
from pellucid.passes.compiled.primitives.intrinsics import nth, prefetch
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.expression import BY_COLUMN
from pellucid.passes.compiled.tracing.signatures import (
    BACKWARD,
    LOSSES,
    SHARED_ERRORS,
    normalise_back_signature,
)

__all__ = ["make_backward", "make_output_errors"]


def make_output_errors(tiles: Tiles) -> Callable[..., Any]:
    """Make the function that computes the output layer's errors for some rows."""
    item, finite = tiles.dtype.itemsize, tiles.finite()
    slots, loss_slots = SHARED_ERRORS.slots, LOSSES.slots

    @part_of_loop
    def output_errors(run, last, frame, start, end, divisor, done, rate):
        """Compute the errors of the output layer for some rows, and return whether all are finite.

        Where a gradient goes straight into the weights, the errors are steps already: the slopes of the loss
        are multiplied here by minus the learning rate, and divided by the batch's divisor. So are all errors
        further back, and the products of inputs and errors are what is added to the weights. Elsewhere they
        are divided alone, and the products are gradients.
        """
        at = item * start * last.row
        if run.loss_program:
            set_array(frame, loss_slots.z, last.sums + at, last.row)
            set_array(frame, loss_slots.a, last.outputs + at, last.row)
            set_array(frame, loss_slots.y, run.target + at, last.row)
            set_array(frame, loss_slots.loss, run.losses + item * (done + start), 0)
            call(run.loss_program, frame, end - start, last.n_out)
        set_array(frame, slots.z, last.sums + at, last.row)
        set_array(frame, slots.a, last.outputs + at, last.row)
        set_array(frame, slots.y, run.target + at, last.row)
        set_array(frame, slots.weight, run.sample_weight + item * start, 0)
        set_array(frame, slots.delta, last.errors + at, last.row)
        set_number(frame, slots.share, -rate / divisor if run.direct else 1.0 / divisor)
        call(run.error_program, frame, end - start, last.n_out)
        return finite(last.errors + at, (end - start) * last.row)

    return output_errors


def make_backward(tiles: Tiles, sweeps: SimpleNamespace, shares: SimpleNamespace) -> Callable[..., Any]:
    """Make the function that carries the errors of some rows back."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    piece, transpose_block, barrier = sweeps.panel, tiles.transpose(), tiles.barrier()
    added, multiplied = tiles.combine("add"), tiles.combine("multiply")
    weight_at, column_share = shares.weight_at, shares.column_share
    slots, normalised = BACKWARD.slots, len(normalise_back_signature(BY_COLUMN).arrays)
    split, row_share, part_share = shares.split, shares.row_share, shares.part_share

    @part_of_loop
    def normalise_back(run, layer, frame, size, start, end, column, columns):
        if end > start and columns > 0 and not halted(run, CARRYING):
            row_at = item * start
            at, column_at = row_at * layer.row + item * column, item * column
            set_operands(frame, layer.normalise_back_operands, normalised, at, row_at, column_at, layer.row)
            program = layer.normalise_back_alone if size == 1 else layer.normalise_back
            call(program, frame, end - start, columns)

    @part_of_loop
    def slope(layer, frame, slopes, slopes_row, row, rows, first, last):
        """Carry the slopes of some outputs back through the activation."""
        at = item * row * layer.row + BLOCK_BYTES * first
        columns = min(block * last, layer.n_out) - block * first
        set_array(frame, slots.z, layer.sums + at, layer.row)
        set_array(frame, slots.a, layer.outputs + at, layer.row)
        set_array(frame, slots.slope_in_a, slopes, slopes_row)
        set_array(frame, slots.delta, layer.errors + at, layer.row)
        call(layer.backward, frame, rows, columns)

    @part_of_loop
    def transpose(layer, transposed_to, panel, wide, first, last):
        """Transpose some blocks of columns of some rows of weights, a panel's width of rows."""
        for part in range(wide):
            for k in range(first, last):
                to = transposed_to + BLOCK_BYTES * part + item * block * columns_wide * (k - first)
                at = weight_at(layer, block * (panel + part), k)
                transpose_block(to, columns_wide, layer.weights + item * at, layer.weight_row)

    @part_of_loop
    def multiply(run, after, transposed_to, wide, row, rows, first, last, s, s_row, c, c_row, ahead, far):
        """Multiply blocks of the next layer's errors by transposed weights: slopes in a panel of outputs.

        The weights to be transposed next are prefetched meanwhile.
        """
        depth = min(block * last, after.n_out) - block * first
        a = after.weighted_errors + item * row * after.row + BLOCK_BYTES * first
        piece(
            *(rows, wide, a, after.row, transposed_to, columns_wide, s, s_row, c, c_row, depth),
            *(ahead, far),
        )

    @part_of_loop
    def prefetched_before(row, start, end):
        """Return how many bytes of the weights to be transposed next the rows before this one prefetch."""
        pieces = (end - start + TILE_ROWS - 1) // TILE_ROWS
        lines = (WIDE * WIDE * block + pieces - 1) // pieces
        return BLOCK_BYTES * lines * ((row - start) // TILE_ROWS)

    @part_of_loop
    def transposed_next(layer, after, panel, first):
        """Return the address of the weights to be transposed next, and the distance of their panels."""
        if panel < layer.blocks:
            return after.weights + item * weight_at(after, block * panel, first), after.panel
        return layer.weights, layer.panel

    @part_of_loop
    def mask_slopes(layer, after, slopes, slopes_row, row, rows, first, last):
        if after.mask:
            for k in range(rows):
                to = slopes + item * k * slopes_row
                mask = after.mask + item * (row + k) * layer.row + BLOCK_BYTES * first
                multiplied(to, to, mask, block * (last - first))

    @part_of_loop
    def carry_back(run, layer, after, frame, scratch, transposed_to, start, end):
        """Carry the errors of some rows back through the next layer's weights and the activation.

        Where the columns of the next layer may be split, each half is summed by itself even where they are
        not, so that the bits do not depend on the number of threads.
        """
        half = after.half if after.half else after.blocks
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            transpose(after, transposed_to, panel, wide, 0, after.blocks)
            second = transposed_to + item * block * columns_wide * half
            ahead, far = transposed_next(layer, after, panel + wide, 0)
            ahead_second = transposed_next(layer, after, panel + wide, half)[0]
            for row in range(start, end, TILE_ROWS):
                if halted(run, CARRYING):
                    break
                rows, done = min(TILE_ROWS, end - row), prefetched_before(row, start, end)
                c, c_row = scratch, columns_wide  # used at once, while it is in the cache
                if layer.acts_on_layer:
                    c, c_row = layer.output_slopes + item * row * layer.row + BLOCK_BYTES * panel, layer.row
                to = 0, half, run.zeros, 0, c, c_row, ahead + done, far
                multiply(run, after, transposed_to, wide, row, rows, *to)
                if half < after.blocks:
                    to = half, after.blocks, c, c_row, c, c_row, ahead_second + done, far
                    multiply(run, after, second, wide, row, rows, *to)
                mask_slopes(layer, after, c, c_row, row, rows, panel, panel + wide)
                if not layer.acts_on_layer:
                    slope(layer, frame, c, c_row, row, rows, panel, panel + wide)
        if layer.acts_on_layer and not halted(run, CARRYING):
            slopes = layer.output_slopes + item * start * layer.row
            slope(layer, frame, slopes, layer.row, start, end - start, 0, layer.blocks)

    @part_of_loop
    def carry_half_back(run, layer, after, transposed_to, start, end, first, last):
        """Carry one half of some rows' errors back through the next layer's weights."""
        slopes = layer.other_slopes if first else layer.output_slopes
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            transpose(after, transposed_to, panel, wide, first, last)
            ahead, far = transposed_next(layer, after, panel + wide, first)
            for row in range(start, end, TILE_ROWS):
                if halted(run, CARRYING):
                    break
                rows = min(TILE_ROWS, end - row)
                c = slopes + item * row * layer.row + BLOCK_BYTES * panel
                to = first, last, run.zeros, 0, c, layer.row, ahead + prefetched_before(row, start, end), far
                multiply(run, after, transposed_to, wide, row, rows, *to)

    @part_of_loop
    def join_halves(run, layer, after, frame, start, end, first, last):
        """Add the slopes from both halves, and carry them back through the activation."""
        for tile in range(start, end, TILE_ROWS):
            if halted(run, CARRYING):
                break
            rows = min(TILE_ROWS, end - tile)
            for row in range(tile, tile + rows):
                at = item * row * layer.row + BLOCK_BYTES * first
                to = layer.output_slopes + at
                added(to, to, layer.other_slopes + at, block * (last - first))
                prefetch(layer.other_slopes + at + item * TILE_ROWS * layer.row, BLOCK_BYTES * (last - first))
            slopes = layer.output_slopes + item * tile * layer.row + BLOCK_BYTES * first
            mask_slopes(layer, after, slopes, layer.row, tile, rows, first, last)
            slope(layer, frame, slopes, layer.row, tile, rows, first, last)

    @part_of_loop
    def all_back(run, layers, frame, scratch, transposed_to, thread, size):
        if split(run, nth(layers, run.n_layers - 1)) > 1:
            barrier(run.barrier, run.threads)
        for number in range(run.n_layers - 1, -1, -1):
            layer = nth(layers, number)
            start, end = row_share(run, layer, thread, size)
            if layer.normalises == OVER_LAYER:
                normalise_back(run, layer, frame, 0, start, end, 0, layer.n_out)
            elif layer.normalises == OVER_BATCH:
                barrier(run.barrier, run.threads)
                column, columns = column_share(layer, thread, run.threads)
                normalise_back(run, layer, frame, size, 0, size, column, columns)
                barrier(run.barrier, run.threads)
            if number == 0:
                continue
            before = nth(layers, number - 1)
            if split(run, layer) == 1:
                if end > start:
                    carry_back(run, before, layer, frame, scratch, transposed_to, start, end)
                if split(run, before) > 1 and number > 1:
                    barrier(run.barrier, run.threads)
                continue
            first, last = part_share(run, layer, thread)
            if end > start:
                carry_half_back(run, before, layer, transposed_to, start, end, first, last)
            barrier(run.barrier, run.threads)
            start, end = row_share(run, before, thread, size)
            first, last = part_share(run, before, thread)
            if end > start:
                join_halves(run, before, layer, frame, start, end, first, last)

    return all_back
