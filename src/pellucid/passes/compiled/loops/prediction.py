"""Predictions: rows carried forward, a few at a time, so that the numbers between layers stay in the caches.

A row's outputs depend on no other row. Eight consecutive rows are all multiplied, or all summed by lists of
their nonzero inputs, as the first of them decides; both ways give the same bits, so that the outputs do not
depend on the rows around or on the number of threads.
"""

from typing import Any

import numba
import numpy as np
from numba import types

from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, INDEX_BYTES, SOURCES, TILE_ROWS, UNROLL, WIDE
from pellucid.passes.compiled.memory.prediction_records import (
    IN_PANELS,
    OF_OUTPUTS,
    OF_SUMS,
    PREDICTION,
    PREDICTION_LAYER,
)
from pellucid.passes.compiled.primitives.calls import call, set_array
from pellucid.passes.compiled.primitives.intrinsics import load_index, load_int, nth
from pellucid.passes.compiled.primitives.numba_code import as_text, part_of_loop
from pellucid.passes.compiled.primitives.sources import make_sources
from pellucid.passes.compiled.primitives.sweeps import make_sweeps, share, wide_of
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.signatures import LOSSES

__all__ = ["write_prediction"]


def write_prediction(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop and return it as LLVM's text, under the name ``prediction``.

    It takes the addresses of a `PREDICTION` record and of the `PREDICTION_LAYER` records, and the number of
    the thread. Each thread calls it once, and it returns the number of rows that were done: fewer than the
    thread's share if it was stopped.
    """
    tiles = Tiles(dtype, machine)
    item, block, columns_wide = dtype.itemsize, tiles.block, tiles.block * WIDE
    sweeps, sources = make_sweeps(tiles), make_sources(tiles)
    # In order: whether a row is listed depends on the rows beside it, and its outputs must not.
    piece, panel, sparse = sweeps.piece, sweeps.panel, sweeps.sparse_in_order
    read, read_example, list_example = sources.read, sources.read_example, sources.list_example
    # For a row alone, the sums of several blocks at once: in one of them, each addition waits for the last.
    contiguous = block * WIDE // UNROLL * block
    single = tiles.product((8, 4), rows=(1,))
    own_source, slots, barrier = SOURCES.index(str(dtype)), LOSSES.slots, tiles.barrier()

    @part_of_loop
    def bring_panels(run, layer, thread):
        """Copy a thread's share of the rows of weights into panels."""
        for k in range(*share(layer.n_in, 1, thread, run.threads)):
            for first in range(0, layer.n_out, columns_wide):
                at = layer.weights + item * (k * layer.weights_row + first)
                to = layer.panels + item * (first * layer.n_in + columns_wide * k)
                read(own_source, at, min(columns_wide, layer.n_out - first), 1.0, to)

    @part_of_loop
    def bring(run, layer, thread):
        """Copy rows of weights, biases and other vectors that do not lie on whole blocks to where they do."""
        if run.packs == IN_PANELS:
            bring_panels(run, layer, thread)
        if layer.n_out == layer.row:
            return
        if thread == 0:
            for place in range(layer.n_vectors):
                lies, goes = load_int(layer.vectors, 2 * place), load_int(layer.vectors, 2 * place + 1)
                read(own_source, lies, layer.n_out, 1.0, goes)
        first = 0 if run.packs else layer.body
        start, end = share(layer.n_in - first, 1, thread, run.threads)
        for k in range(first + start, first + end):
            at = layer.weights + item * k * layer.weights_row
            read(own_source, at, layer.n_out, 1.0, layer.packed + item * k * layer.row)

    @part_of_loop
    def is_packed(run, layer):
        return run.packs != 0 and layer.n_out != layer.row

    @part_of_loop
    def multiply_one(a, b, b_row, s, c, depth, blocks):
        """Compute some blocks of a single row's weighted sums, and return how many."""
        done = 8 if blocks >= 8 else 4
        single(1, done, a, 0, b, b_row, s, 0, c, 0, depth, b, 0)
        return done

    @part_of_loop
    def multiply_panels(layer, a, a_row, c, rows, then):
        """Compute the weighted sums of some rows, panel by panel of the weights.

        During the last two, what is needed next is prefetched: a block every few turns of each piece.
        """
        depth, more = layer.body, layer.n_in - layer.body
        lines, ahead = depth // UNROLL, then
        for first in range(0, layer.blocks, WIDE):
            wide, s = min(WIDE, layer.blocks - first), layer.biases + BLOCK_BYTES * first
            b = layer.panels + item * block * first * layer.n_in
            rest = b + item * columns_wide * depth
            for row in range(0, rows, TILE_ROWS):
                many = min(TILE_ROWS, rows - row)
                at, to = a + item * row * a_row, c + item * row * layer.row + BLOCK_BYTES * first
                if then and first + 2 * WIDE >= layer.blocks:
                    panel(
                        many, wide, at, a_row, b, columns_wide, s, 0, to, layer.row, depth, ahead, contiguous
                    )
                    ahead += BLOCK_BYTES * lines
                else:
                    panel(many, wide, at, a_row, b, columns_wide, s, 0, to, layer.row, depth, b, 0)
                if more > 0:
                    at += item * depth
                    panel(many, wide, at, a_row, rest, columns_wide, to, layer.row, to, layer.row, more, b, 0)

    @part_of_loop
    def multiply(run, layer, a, a_row, c, rows, then):
        """Compute the weighted sums of some rows, a piece of the product at a time."""
        if run.packs == IN_PANELS:
            multiply_panels(layer, a, a_row, c, rows, then)
            return
        weights, weights_row, depth = layer.weights, layer.weights_row, layer.body
        if is_packed(run, layer):
            weights, weights_row = layer.packed, layer.row
        # In two parts wherever the weights lie, so that sums are taken in one order.
        rest = layer.packed + item * depth * layer.row  # the last rows, which end with the array
        biases = layer.biases
        done = 0
        while done < layer.blocks:
            at, left = BLOCK_BYTES * done, layer.blocks - done
            b, s, r, to = weights + at, biases + at, rest + at, c + at
            if rows == 1 and left >= 4:
                done += multiply_one(a, b, weights_row, s, to, depth, left)
                if depth < layer.n_in:
                    multiply_one(a + item * depth, r, layer.row, to, to, layer.n_in - depth, left)
                continue
            wide = wide_of(left)
            for row in range(0, rows, TILE_ROWS):
                many = min(TILE_ROWS, rows - row)
                a_at, c_at = a + item * row * a_row, to + item * row * layer.row
                piece(many, wide, a_at, a_row, b, weights_row, s, 0, c_at, layer.row, depth, b, 0)
                if depth < layer.n_in:
                    more = layer.n_in - depth
                    a_at += item * depth
                    piece(many, wide, a_at, a_row, r, layer.row, c_at, layer.row, c_at, layer.row, more, r, 0)
            done += wide

    @part_of_loop
    def add_up(run, layer, index, values, count, c):
        """Compute the weighted sums of a row whose nonzero inputs are listed."""
        weights, weights_row = layer.weights, layer.weights_row
        if is_packed(run, layer):
            weights, weights_row = layer.packed, layer.row
        most = count  # in two parts too
        while most > 0 and load_index(index, most - 1) >= layer.body:
            most -= 1
        sparse(c, layer.biases, weights, weights_row, index, values, most, layer.blocks)
        if most < count:
            index, values = index + INDEX_BYTES * most, values + item * most
            sparse(c, c, layer.packed, layer.row, index, values, count - most, layer.blocks)

    @part_of_loop
    def read_and_multiply(run, layer, inputs, c, first, rows):
        """Compute the first layer's weighted sums of some rows, which are read in place if they can be."""
        if run.source == own_source and run.scale == 1.0 and run.input_row % item == 0:
            a = run.inputs + first * run.input_row
            multiply(run, layer, a, run.input_row // item, c, rows, a + rows * run.input_row)
            return
        for row in range(rows):
            read_example(run, first + row, layer.n_in, inputs + item * row * layer.n_in)
        multiply(run, layer, inputs, layer.n_in, c, rows, 0)

    @part_of_loop
    def enter(run, layer, memory, sums, first, rows):
        """Compute the first layer's weighted sums, from all inputs of a row or from a list of them."""
        inputs, index, values = memory + run.input_rows, memory + run.index, memory + run.values
        waiting = 0  # from here on, rows are yet to be multiplied out
        for row in range(0, rows, TILE_ROWS):
            if run.few < 0:
                break
            count = list_example(run, first + row, layer.n_in, index, values)
            if count > run.few:
                continue
            if waiting < row:
                c = sums + item * waiting * layer.row
                read_and_multiply(run, layer, inputs, c, first + waiting, row - waiting)
            waiting = min(row + TILE_ROWS, rows)
            add_up(run, layer, index, values, count, sums + item * row * layer.row)
            for other in range(row + 1, waiting):
                count = list_example(run, first + other, layer.n_in, index, values)
                add_up(run, layer, index, values, count, sums + item * other * layer.row)
        if waiting < rows:
            c = sums + item * waiting * layer.row
            read_and_multiply(run, layer, inputs, c, first + waiting, rows - waiting)

    @part_of_loop
    def activate(layer, frame, sums, outputs, rows):
        """Compute a layer's outputs, its normalisation included."""
        for slot in range(layer.n_operands):
            kind, address = load_int(layer.operands, 2 * slot + 1), load_int(layer.operands, 2 * slot)
            address = sums if kind == OF_SUMS else outputs if kind == OF_OUTPUTS else address
            set_array(frame, slot, address, layer.row)
        call(layer.forward, frame, rows, layer.n_out)

    @part_of_loop
    def find_losses(run, last, frame, sums, outputs, target, first, rows):
        """Compute the losses of some rows."""
        for row in range(rows):
            at = run.targets + (first + row) * run.target_row
            read(own_source, at, last.n_out, 1.0, target + item * row * last.row)
        set_array(frame, slots.z, sums, last.row)
        set_array(frame, slots.a, outputs, last.row)
        set_array(frame, slots.y, target, last.row)
        set_array(frame, slots.loss, run.losses + item * first, 0)
        call(run.loss_program, frame, rows, last.n_out)

    def prediction(run_at, layers, thread):
        run = nth(run_at, 0)
        last = nth(layers, run.n_layers - 1)
        # A thread's own memory begins with the frame of its calls.
        memory = run.memory + thread * run.memory_bytes
        sums = memory + run.sums
        for number in range(run.n_layers):
            bring(run, nth(layers, number), thread)
        barrier(run.barrier, run.threads)
        start, end = share(run.n_rows, TILE_ROWS, thread, run.threads)
        for first in range(start, end, run.chunk):
            if load_int(run.stop, 0) != 0:
                return first - start
            rows = min(run.chunk, end - first)
            outputs = memory + run.outputs
            for number in range(run.n_layers):
                layer = nth(layers, number)
                if number == 0:
                    enter(run, layer, memory, sums, first, rows)
                else:
                    multiply(run, layer, outputs, nth(layers, number - 1).row, sums, rows, 0)
                if number == run.n_layers - 1 and layer.n_out == layer.row:
                    outputs = run.results + item * first * layer.n_out
                activate(layer, memory, sums, outputs, rows)
            if run.loss_program:
                find_losses(run, last, memory, sums, outputs, memory + run.target, first, rows)
            if last.n_out != last.row:
                for row in range(rows):
                    to = run.results + item * (first + row) * last.n_out
                    read(own_source, outputs + item * row * last.row, last.n_out, 1.0, to)
        return end - start

    kind = types.int64(
        types.CPointer(numba.from_dtype(PREDICTION)),
        types.CPointer(numba.from_dtype(PREDICTION_LAYER)),
        types.int64,
    )
    return as_text(prediction, kind)
