"""The way forward: a thread carries its rows of the batch through all layers."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.loops.batches.disturbance import make_masking
from pellucid.passes.compiled.loops.batches.stopping import CARRYING, halted
from pellucid.passes.compiled.memory.batch_records import OVER_BATCH, OVER_LAYER
from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    INDEX_BYTES,
    SPARSE_DEPTH,
    SPARSE_WIDE,
    TILE_ROWS,
    WIDE,
)
from pellucid.passes.compiled.primitives.calls import call, set_array, set_operands
from pellucid.passes.compiled.primitives.intrinsics import load_index, load_int, nth, prefetch
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.expression import BY_COLUMN
from pellucid.passes.compiled.tracing.signatures import FORWARD, normalise_signature

__all__ = ["make_forward"]


def make_forward(tiles: Tiles, sweeps: SimpleNamespace, shares: SimpleNamespace) -> Callable[..., Any]:
    """Make the function that carries some rows forward."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    piece, panels_on, multiplied = sweeps.panel, sweeps.panels_on, tiles.combine("multiply")
    added, barrier = tiles.combine("add"), tiles.barrier()
    weight_at, column_share = shares.weight_at, shares.column_share
    slots, normalised = FORWARD.slots, len(normalise_signature(BY_COLUMN).arrays)
    wide_at, sparse_wide_at = shares.wide_at, shares.sparse_wide_at
    split, row_share, part_share = shares.split, shares.row_share, shares.part_share
    half_at, sparse_share = shares.half_at, shares.sparse_share
    contiguous, draw_mask = shares.contiguous, make_masking(tiles)

    @part_of_loop
    def activate(layer, frame, row, rows, first, last):
        at = item * row * layer.row + BLOCK_BYTES * first
        columns = min(block * last, layer.n_out) - block * first
        set_array(frame, slots.z, layer.sums + at, layer.row)
        set_array(frame, slots.a, layer.outputs + at, layer.row)
        call(layer.forward, frame, rows, columns)

    @part_of_loop
    def normalise(run, layer, frame, size, start, end, column, columns):
        """Normalise the weighted sums of a layer: some rows of all columns, or some columns of all rows."""
        if end > start and columns > 0 and not halted(run, CARRYING):
            row_at = item * start
            at, column_at = row_at * layer.row + item * column, item * column
            set_operands(frame, layer.normalise_operands, normalised, at, row_at, column_at, layer.row)
            program = layer.normalise_alone if size == 1 else layer.normalise
            call(program, frame, end - start, columns)

    @part_of_loop
    def forward_half(run, layer, half, start, end, first_part, last_part):
        """Sum the weights that rows' lists name, some inputs at a time; the next weights are prefetched."""
        first_in, n_in = half_at(run, layer, half)
        input_blocks = (n_in + block - 1) // block
        sums = run.other_sums if half else layer.weighted_sums
        part = first_part
        while part < last_part:
            blocks = sparse_wide_at(layer, part, last_part)
            many = SPARSE_DEPTH // block * (SPARSE_WIDE // blocks)
            for first in range(0, input_blocks, many):
                last = min(first + many, input_blocks)
                ahead = weight_at(layer, first_in + last * block, part)
                if last == input_blocks and part + blocks < last_part:
                    ahead = weight_at(layer, first_in, part + blocks)
                # To prefetch with each row.
                lines = (many * layer.weight_row + end - start - 1) // (end - start)
                for row in range(start, end):
                    if halted(run, CARRYING):
                        break
                    for panel in range((blocks + WIDE - 1) // WIDE):
                        at = ahead + panel * layer.panel + block * lines * (row - start)
                        prefetch(layer.weights + item * at, BLOCK_BYTES * lines)
                    number = half * run.rows + row
                    until = run.until + INDEX_BYTES * number * run.until_room
                    done = load_index(until, first)
                    count = load_index(until, last) - done
                    c = sums + item * row * layer.row + BLOCK_BYTES * part
                    s, s_panel = c, columns_wide
                    if first == 0:
                        biases = layer.biases + BLOCK_BYTES * part
                        s, s_panel = (run.zeros, 0) if half else (biases, columns_wide)
                    at = load_int(run.lists, number) + done
                    weights = layer.weights + item * weight_at(layer, first_in, part)
                    panels_on(
                        *(c, columns_wide, s, s_panel, weights, layer.weight_row, layer.panel),
                        *(run.index + INDEX_BYTES * at, run.values + item * at, count, blocks),
                    )
            part += blocks

    @part_of_loop
    def forward_sparse(run, layer, thread, size, start, end, first, last):
        """Sum the weights that lists name, of both halves where the inputs are listed in two."""
        if run.half_in == 0:
            forward_half(run, layer, 0, start, end, first, last)
            return
        first_half, last_half, first_row, last_row = sparse_share(run, thread, size)
        for half in range(first_half, last_half):
            if last_row > first_row:
                forward_half(run, layer, half, first_row, last_row, 0, layer.blocks)
        if last_half - first_half == 1:
            barrier(run.barrier, run.threads)
        for row in range(start, end):
            at = item * row * layer.row
            sums = layer.weighted_sums + at
            added(sums, sums, run.other_sums + at, block * layer.blocks)

    @part_of_loop
    def forward_dense(run, layer, frame, at_once, start, end, first, last, then):
        """Multiply some rows by weights, panel by panel; the next panel is prefetched, or what comes then."""
        part = first
        while part < last:
            wide = wide_at(part, last)
            b, s = layer.weights + item * weight_at(layer, 0, part), layer.biases + BLOCK_BYTES * part
            ahead = layer.weights + item * weight_at(layer, 0, part + wide) if part + wide < last else then
            pieces = (end - start + TILE_ROWS - 1) // TILE_ROWS
            lines = (item * layer.panel // BLOCK_BYTES + pieces - 1) // pieces  # to prefetch with each
            for row in range(start, end, TILE_ROWS):
                if halted(run, CARRYING):
                    break
                rows = min(TILE_ROWS, end - row)
                a = layer.inputs + item * row * layer.input_row
                c = layer.weighted_sums + item * row * layer.row + BLOCK_BYTES * part
                piece(
                    *(rows, wide, a, layer.input_row, b, layer.weight_row, s, 0, c, layer.row, layer.n_in),
                    *(ahead, contiguous),
                )
                ahead += BLOCK_BYTES * lines
                if at_once:
                    activate(layer, frame, row, rows, part, part + wide)
            part += wide

    @part_of_loop
    def forward(run, layer, frame, number, thread, size, start, end, first, last, then):
        """Carry some rows through some blocks of a layer's columns."""
        listed = number == 0 and run.sparse
        at_once = not (listed or layer.acts_on_layer or layer.normalises)
        if listed:
            forward_sparse(run, layer, thread, size, start, end, first, last)
        elif end > start:
            forward_dense(run, layer, frame, at_once, start, end, first, last, then)
        if not at_once and not layer.normalises and not halted(run, CARRYING):
            activate(layer, frame, start, end - start, first, last)

    @part_of_loop
    def pass_on(run, layer, after, number, update, offset, start, end, first, last):
        """Apply dropout to the outputs of some rows on their way to the next layer."""
        if after.mask:
            for row in range(start, end):
                draw_mask(run, after, number + 1, update, offset, row, first, last)
                at = item * row * layer.row + BLOCK_BYTES * first
                multiplied(after.inputs + at, layer.outputs + at, after.mask + at, block * (last - first))

    @part_of_loop
    def all_forward(run, layers, frame, thread, update, offset, size):
        parts = 1  # in how many the columns of the layer before were shared out
        for number in range(run.n_layers):
            layer = nth(layers, number)
            if parts * split(run, layer) > 1:
                barrier(run.barrier, run.threads)
            parts = split(run, layer)
            start, end = row_share(run, layer, thread, size)
            first, last = part_share(run, layer, thread)
            if end > start or (number == 0 and run.half_in):
                after = nth(layers, min(number + 1, run.n_layers - 1))
                then = after.weights + item * weight_at(after, 0, part_share(run, after, thread)[0])
                forward(run, layer, frame, number, thread, size, start, end, first, last, then)
            if layer.normalises == OVER_LAYER:
                normalise(run, layer, frame, 0, start, end, 0, layer.n_out)
            elif layer.normalises == OVER_BATCH:
                barrier(run.barrier, run.threads)
                column, columns = column_share(layer, thread, run.threads)
                normalise(run, layer, frame, size, 0, size, column, columns)
                barrier(run.barrier, run.threads)
            if layer.normalises and end > start and not halted(run, CARRYING):
                activate(layer, frame, start, end - start, first, last)
            if number + 1 < run.n_layers:
                pass_on(run, layer, nth(layers, number + 1), number, update, offset, start, end, first, last)
        if parts > 1:
            barrier(run.barrier, run.threads)

    return all_forward
