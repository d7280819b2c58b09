"""One example at a time: forward, errors at the old weights, a step, as one loop over the examples.

The step of an example waits until the next example goes forward, which reads the same weights: where all
inputs are used, a row of weights is changed and used in one sweep then. That changes no number: nothing reads
the weights in between.
"""

from typing import Any

import numba
import numpy as np
from numba import types

from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, INDEX_BYTES, SOURCES
from pellucid.passes.compiled.memory.online_records import ONLINE, ONLINE_LAYER
from pellucid.passes.compiled.primitives.intrinsics import (
    call_program,
    load_double,
    load_int,
    nth,
    prefetch,
    store_index,
    store_int,
)
from pellucid.passes.compiled.primitives.numba_code import as_text, part_of_loop
from pellucid.passes.compiled.primitives.sources import make_sources
from pellucid.passes.compiled.primitives.sweeps import AT_ONCE, at_once, make_sweeps
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.signatures import ERRORS, FORWARD, LOSSES

__all__ = ["write_online"]


def write_online(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop and return it as LLVM's text, under the name ``online``.

    It takes the addresses of an `ONLINE` record and of the `ONLINE_LAYER` records, and returns the number of
    examples that were learned from: fewer than asked for if it was stopped, or if the errors of one were not
    finite, which it then has not learned from.
    """
    tiles = Tiles(dtype, machine)
    item, block = dtype.itemsize, tiles.block
    add_sparse, sources = make_sweeps(tiles).sparse, make_sources(tiles)
    read, list_nonzero, list_example = sources.read, sources.list_nonzero, sources.list_example
    read_whole = sources.read_example
    sparse_add, add_and_sum = tiles.sparse_add(AT_ONCE), tiles.add_and_sum(AT_ONCE)
    dots, scaled, finite, scattered = tiles.dots(), tiles.scale(), tiles.finite(), tiles.scatter()
    put, cleared = tiles.put(), tiles.clear()
    flush_denormals, restore_denormals = tiles.flush_denormals(), tiles.restore_denormals()
    added, multiplied = tiles.combine("add"), tiles.combine("multiply")
    own_source = SOURCES.index(str(dtype))
    forward_slots, error_slots, loss_slots = FORWARD.slots, ERRORS.slots, LOSSES.slots

    @part_of_loop
    def step_sparse(layer):
        """Take the waiting step in the rows that the list of the example before names."""
        done = 0
        while done < layer.blocks:
            at, many = BLOCK_BYTES * done, at_once(layer.blocks - done)
            sparse_add(
                *(layer.weights + at, layer.row, layer.index_before, layer.values_before),
                *(layer.count_before, layer.step + at, many),
            )
            done += many

    @part_of_loop
    def step_and_sum(layer):
        """Take the waiting step in every row and sum the rows as they are then, in one sweep."""
        done = 0
        while done < layer.blocks:
            at, many = BLOCK_BYTES * done, at_once(layer.blocks - done)
            add_and_sum(
                *(layer.sums + at, layer.biases + at, layer.weights + at, layer.row),
                *(layer.values_before, layer.step + at, layer.values, layer.n_in, many),
            )
            done += many

    @part_of_loop
    def exchange(layer):
        """Make the current inputs those of the example before."""
        layer.index, layer.index_before = layer.index_before, layer.index
        layer.values, layer.values_before = layer.values_before, layer.values
        layer.count_before = layer.count

    @part_of_loop
    def read_example(run, layer, example):
        if layer.sparse:
            layer.count = list_example(run, example, layer.n_in, layer.index, layer.values)
        else:
            read_whole(run, example, layer.n_in, layer.values)

    @part_of_loop
    def forward(run, layers, example):
        for number in range(run.n_layers):
            layer = nth(layers, number)
            exchange(layer)
            if number == 0:
                read_example(run, layer, example)
            else:
                before = nth(layers, number - 1)
                if not layer.sparse:
                    before.outputs = layer.values
                    store_int(before.operands, forward_slots.a, layer.values)
                call_program(before.forward, before.operands, run.strides, 0, 1, before.n_out)
                if layer.sparse:
                    layer.count = list_nonzero(
                        own_source, before.outputs, layer.n_in, 1.0, layer.index, layer.values
                    )
            added(layer.biases, layer.biases, layer.step, block * layer.blocks)
            if layer.sparse:
                step_sparse(layer)
                add_sparse(
                    *(layer.sums, layer.biases, layer.weights, layer.row),
                    *(layer.index, layer.values, layer.count, layer.blocks),
                )
            else:
                step_and_sum(layer)
        last = nth(layers, run.n_layers - 1)
        call_program(last.forward, last.operands, run.strides, 0, 1, last.n_out)

    @part_of_loop
    def output_errors(run, last, update, example, class_before):
        """Compute the errors of the output layer, and return the example's class if it has one."""
        number = class_before
        if run.target_row:
            read(own_source, run.targets + example * run.target_row, last.n_out, 1.0, run.target)
        else:
            number = load_int(run.targets, example)
            put(run.target, class_before, 0.0)
            put(run.target, number, 1.0)
        if run.loss_program:
            store_int(run.loss_operands, loss_slots.loss, run.losses + item * update)
            call_program(run.loss_program, run.loss_operands, run.strides, 0, 1, last.n_out)
        store_int(
            run.error_operands, error_slots.weight, run.sample_weights + example * run.sample_weight_bytes
        )
        call_program(run.error_program, run.error_operands, run.strides, 0, 1, last.n_out)
        return number

    @part_of_loop
    def carry_back(run, layer, after):
        """Carry the errors of a layer back through its weights to the layer before it."""
        length, count = block * after.blocks, layer.n_out
        if not layer.whole_backward:
            call_program(layer.backward, layer.operands, run.strides, 0, 1, layer.n_out)
            if layer.sparse_slopes:
                count = list_nonzero(
                    own_source, layer.slopes, layer.n_out, 1.0, layer.live, layer.live_slopes
                )
        for k in range(count, (count + block - 1) // block * block):
            store_index(layer.live, k, 0)
        for k in range(0, count, block):
            live = layer.live + INDEX_BYTES * k
            dots(layer.products + item * k, after.weights, after.row, live, after.errors, length)
        if layer.whole_backward:
            call_program(layer.backward, layer.operands, run.strides, 0, 1, layer.n_out)
        elif layer.sparse_slopes:
            cleared(layer.errors, block * layer.blocks)
            scattered(layer.errors, layer.live, layer.live_slopes, layer.products, count)
        else:
            multiplied(layer.errors, layer.slopes, layer.products, block * layer.blocks)

    def online(run_at, layers):
        run = nth(run_at, 0)
        last = nth(layers, run.n_layers - 1)
        before = flush_denormals()
        number, finished, finite_errors = 0, run.first, True
        for update in range(run.first, run.last):
            if load_int(run.stop, 0) != 0:
                break
            example = load_int(run.order, update)
            if update + 1 < run.last:
                ahead = load_int(run.order, update + 1)
                prefetch(run.inputs + ahead * run.input_row, run.input_bytes)
                prefetch(run.targets + ahead * (run.target_row if run.target_row else 8), 1)
            forward(run, layers, example)
            number = output_errors(run, last, update, example, number)
            finite_errors = finite(last.errors, block * last.blocks)
            rate = load_double(run.rates, update) if finite_errors else 0.0
            for back in range(run.n_layers - 1, 0, -1):
                carry_back(run, nth(layers, back - 1), nth(layers, back))
            for place in range(run.n_layers):
                layer = nth(layers, place)
                scaled(layer.step, -rate, layer.errors, block * layer.blocks)
            if not finite_errors:
                break
            finished = update + 1
            store_int(run.done, 0, finished)
        for place in range(run.n_layers):  # the step that still waits
            layer = nth(layers, place)
            if finite_errors and finished > run.first:
                exchange(layer)
                added(layer.biases, layer.biases, layer.step, block * layer.blocks)
                if layer.sparse:
                    step_sparse(layer)
                else:
                    step_and_sum(layer)
            # No step waits any more. NaN times 0 is NaN, so values are cleared as well.
            cleared(layer.step, block * layer.blocks)
            cleared(layer.values, (layer.n_in + block - 1) // block * block)
            layer.count = 0
        put(run.target, number, 0.0)
        restore_denormals(before)
        return finished

    kind = types.int64(
        types.CPointer(numba.from_dtype(ONLINE)), types.CPointer(numba.from_dtype(ONLINE_LAYER))
    )
    return as_text(online, kind)
