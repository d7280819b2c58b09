"""A batch at a time: the threads share its rows on the way forward and back, and then the weights' rows.

Rows of examples depend on nothing but the weights, and rows of weights on nothing but all the examples' inputs
and errors; so the threads meet twice in a batch, and no sum is ever shared between two of them.
"""

from typing import Any

import numba
import numpy as np
from numba import carray, types
from numba.extending import register_jitable

from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory import (
    call,
    load_double,
    load_index,
    load_int,
    meet,
    store_double,
    store_index,
    store_int,
)
from pellucid.passes.compiled.online import as_text
from pellucid.passes.compiled.records import BATCH, BATCH_LAYER
from pellucid.passes.compiled.sweeps import TILE_ROWS, WIDE, make_sweeps
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["write_batches"]


def write_batches(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop, and give it as LLVM's text; its name there is ``batches``.

    It takes the addresses of a `BATCH` record and of the `BATCH_LAYER` records, and the number of the thread.
    It is called once by each thread, and each returns how many updates were made; fewer than asked for if it
    was stopped, or if the errors of one were not finite, which it then has not made.
    """
    tiles = Tiles(dtype, machine)
    item, block = dtype.itemsize, tiles.block
    sweeps = make_sweeps(tiles)
    piece, listed = sweeps.piece, sweeps.listed
    finite, put, turned, move_entry = tiles.finite(), tiles.put(), tiles.turned(), tiles.moved()
    added, multiplied = tiles.joined("add"), tiles.joined("multiply")
    read_bytes, read_singles, read_doubles = map(tiles.inputs, ("uint8", "float32", "float64"))
    list_bytes, list_singles, list_doubles = map(tiles.nonzero, ("uint8", "float32", "float64"))
    read_own = read_singles if dtype == np.float32 else read_doubles
    column_bytes = 64 * WIDE
    columns_wide = block * WIDE

    @register_jitable
    def share(n, unit, thread, threads):  # type: ignore[no-untyped-def]
        """Give a thread's share of n rows: where it begins, in whole units."""
        units = (n + unit - 1) // unit
        return min(n, unit * (units * thread // threads))

    @register_jitable
    def read_input(run, layer, row, example):  # type: ignore[no-untyped-def]
        at = run.inputs + example * run.input_row
        if run.listed:
            index, values = run.index + 4 * row * run.list_room, run.values + item * row * run.list_room
            if run.source == 0:
                count = list_bytes(at, layer.n_in, run.scale, index, values)
            elif run.source == 1:
                count = list_singles(at, layer.n_in, run.scale, index, values)
            else:
                count = list_doubles(at, layer.n_in, run.scale, index, values)
            store_int(run.counts, row, count)
            return
        to = layer.inputs + item * row * layer.input_row
        if run.source == 0:
            read_bytes(at, layer.n_in, run.scale, to)
        elif run.source == 1:
            read_singles(at, layer.n_in, run.scale, to)
        else:
            read_doubles(at, layer.n_in, run.scale, to)
        if run.noise:
            added(to, to, run.noise + item * row * layer.input_row, layer.input_row)
        if layer.mask:
            multiplied(to, to, layer.mask + item * row * layer.input_row, layer.input_row)

    @register_jitable
    def read_target(run, last, row, example):  # type: ignore[no-untyped-def]
        to = run.target + item * row * last.row
        if run.target_row:
            read_own(run.targets + example * run.target_row, last.n_out, 1.0, to)
        else:
            for k in range(last.n_out):
                put(to, k, 0.0)
            put(to, load_int(run.targets, example), 1.0)
        put(run.counting, row, load_double(run.weights, example) if run.weights else 1.0)

    @register_jitable
    def activate(layer, tables, row, rows, column, columns):  # type: ignore[no-untyped-def]
        at = item * (row * layer.row + column)
        store_int(tables, 0, layer.sums + at)
        store_int(tables, 1, layer.outputs + at)
        for place in range(2):
            store_int(tables, 16 + place, layer.row)
        call(layer.forward, tables, tables + 128, 0, rows, columns)

    @register_jitable
    def forward(run, layer, tables, number, start, end):  # type: ignore[no-untyped-def]
        """Carry some rows through a layer."""
        if number == 0 and run.listed:
            for row in range(start, end):
                at = item * row * layer.row
                listed(
                    layer.sums + at,
                    layer.biases,
                    layer.weights,
                    layer.row,
                    run.index + 4 * row * run.list_room,
                    run.values + item * row * run.list_room,
                    load_int(run.counts, row),
                    layer.blocks,
                )
            activate(layer, tables, start, end - start, 0, layer.n_out)
            return
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, s, column = layer.weights + 64 * panel, layer.biases + 64 * panel, panel * block
            for row in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - row)
                a = layer.inputs + item * row * layer.input_row
                c = layer.sums + item * row * layer.row + 64 * panel
                piece(rows, wide, a, layer.input_row, 1, b, layer.row, s, 0, c, layer.row, layer.n_in)
                if not layer.acts_on_layer:
                    activate(layer, tables, row, rows, column, min(columns_wide, layer.n_out - column))
        if layer.acts_on_layer:
            activate(layer, tables, start, end - start, 0, layer.n_out)

    @register_jitable
    def pass_on(layer, after, start, end):  # type: ignore[no-untyped-def]
        """Mask the outputs of some rows on their way to the next layer."""
        if after.mask:
            for row in range(start, end):
                at = item * row * layer.row
                multiplied(after.inputs + at, layer.outputs + at, after.mask + at, layer.row)

    @register_jitable
    def judge(run, last, tables, numbers, start, end, size, done, rate):  # type: ignore[no-untyped-def]
        """Work out the errors of the output layer for some rows, and tell whether all are finite."""
        at = item * start * last.row
        store_int(tables, 0, last.sums + at)
        store_int(tables, 1, last.outputs + at)
        store_int(tables, 2, run.target + at)
        for place in range(5):
            store_int(tables, 16 + place, last.row)
        if run.losses:
            store_int(tables, 3, run.losses_to + item * (done + start))
            call(run.losses, tables, tables + 128, 0, end - start, last.n_out)
        store_int(tables, 3, run.counting + item * start)
        store_int(tables, 4, last.errors + at)
        store_double(numbers, 0, -rate / size if run.direct else 1.0 / size)
        call(run.judge, tables, tables + 128, numbers, end - start, last.n_out)
        return finite(last.errors + at, (end - start) * last.row)

    @register_jitable
    def carry_back(run, layer, after, tables, turned_to, start, end):  # type: ignore[no-untyped-def]
        """Carry the errors of some rows back through the next layer's weights, turned some rows at a time."""
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            column = panel * block
            for part in range(wide):
                for k in range(0, after.n_out, block):
                    turned(
                        turned_to + 64 * part + item * k * columns_wide,
                        columns_wide,
                        after.weights + item * ((column + part * block) * after.row + k),
                        after.row,
                    )
            for row in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - row)
                a, at = after.errors + item * row * after.row, item * (row * layer.row + column)
                c = layer.output_slopes + at
                piece(
                    rows, wide, a, after.row, 1, turned_to, columns_wide, run.nothing, 0, c, layer.row, after.n_out
                )  # fmt: skip
                if after.mask:
                    for k in range(rows):
                        further = item * k * layer.row
                        multiplied(c + further, c + further, after.mask + at + further, block * wide)
                if not layer.acts_on_layer:
                    slope(layer, tables, row, rows, column, min(columns_wide, layer.n_out - column))
        if layer.acts_on_layer:
            slope(layer, tables, start, end - start, 0, layer.n_out)

    @register_jitable
    def slope(layer, tables, row, rows, column, columns):  # type: ignore[no-untyped-def]
        at = item * (row * layer.row + column)
        store_int(tables, 0, layer.sums + at)
        store_int(tables, 1, layer.outputs + at)
        store_int(tables, 2, layer.output_slopes + at)
        store_int(tables, 3, layer.errors + at)
        for place in range(4):
            store_int(tables, 16 + place, layer.row)
        call(layer.backward, tables, tables + 128, 0, rows, columns)

    @register_jitable
    def list_columns(run, layer, size, start, end):  # type: ignore[no-untyped-def]
        """List, for each of some inputs, the rows of the batch where it is not 0."""
        for k in range(start, end):
            store_int(run.column_counts, k, 0)
        for row in range(size):
            index, values = run.index + 4 * row * run.list_room, run.values + item * row * run.list_room
            count = load_int(run.counts, row)
            first, last = 0, count
            while first < last:  # where the list reaches this thread's inputs
                middle = (first + last) // 2
                if load_index(index, middle) < start:
                    first = middle + 1
                else:
                    last = middle
            while first < count:
                k = load_index(index, first)
                if k >= end:
                    break
                so_far = load_int(run.column_counts, k)
                store_index(run.column_index, k * run.batch + so_far, row)
                move_entry(run.column_values, k * run.batch + so_far, values, first)
                store_int(run.column_counts, k, so_far + 1)
                first += 1

    @register_jitable
    def step(run, layer, tables, numbers, places, scratch, scratch_row, row, rows, column, columns):  # type: ignore[no-untyped-def]
        """Let a piece of the weights, or of the biases, follow its gradient."""
        store_int(tables, 0, scratch)
        store_int(tables, 16, scratch_row)
        at = item * (row * layer.row + column)
        for place in range(1, run.n_places):
            store_int(tables, place, load_int(places, place) + at)
            store_int(tables, 16 + place, layer.row)
        call(run.update, tables, tables + 128, numbers, rows, columns)

    @register_jitable
    def learn_listed(run, layer, tables, numbers, scratch, start, end):  # type: ignore[no-untyped-def]
        for k in range(start, end):
            w = layer.weights + item * k * layer.row
            index, values = run.column_index + 4 * k * run.batch, run.column_values + item * k * run.batch
            count = load_int(run.column_counts, k)
            if run.direct:
                listed(w, w, layer.errors, layer.row, index, values, count, layer.blocks)
                continue
            for done in range(0, layer.blocks, 8):
                blocks = min(8, layer.blocks - done)
                listed(
                    scratch, run.nothing, layer.errors + 64 * done, layer.row, index, values, count, blocks
                )
                columns = min(block * blocks, layer.n_out - block * done)
                step(
                    run, layer, tables, numbers, layer.weight_places, scratch, 8 * block, k, 1, block * done, columns
                )  # fmt: skip

    @register_jitable
    def learn_dense(run, layer, tables, numbers, scratch, size, start, end):  # type: ignore[no-untyped-def]
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, column = layer.errors + 64 * panel, panel * block
            for k in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - k)
                a = layer.inputs + item * k
                if run.direct:
                    w = layer.weights + item * k * layer.row + 64 * panel
                    piece(rows, wide, a, 1, layer.input_row, b, layer.row, w, layer.row, w, layer.row, size)
                    continue
                piece(
                    rows, wide, a, 1, layer.input_row, b, layer.row, run.nothing, 0, scratch, columns_wide, size
                )  # fmt: skip
                columns = min(columns_wide, layer.n_out - column)
                step(
                    run, layer, tables, numbers, layer.weight_places, scratch, columns_wide, k, rows, column, columns
                )  # fmt: skip

    @register_jitable
    def learn_biases(run, layer, tables, numbers, scratch, size):  # type: ignore[no-untyped-def]
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, column = layer.errors + 64 * panel, panel * block
            if run.direct:
                to = layer.biases + 64 * panel
                piece(1, wide, run.one, 0, 0, b, layer.row, to, 0, to, 0, size)
                continue
            piece(1, wide, run.one, 0, 0, b, layer.row, run.nothing, 0, scratch, 0, size)
            columns = min(columns_wide, layer.n_out - column)
            step(run, layer, tables, numbers, layer.bias_places, scratch, 0, 0, 1, column, columns)

    def batches(run_at, layers_at, thread):  # type: ignore[no-untyped-def]
        run = carray(run_at, 1)[0]
        layers = carray(layers_at, (run.n_layers,))
        last = layers[run.n_layers - 1]
        # A thread's own memory: the programs' addresses and strides, their numbers, a piece of a gradient.
        tables = run.scratch + thread * run.scratch_bytes
        numbers = tables + 256
        scratch = tables + 512
        turned_to = scratch + TILE_ROWS * column_bytes + 1024
        finished = run.first
        for update in range(run.first, run.last):
            if thread == 0:
                store_int(run.sound, 0, 1 if load_int(run.stop, 0) == 0 else 0)
            meet(run.meeting, run.threads)
            if load_int(run.sound, 0) == 0:
                break
            done = update * run.batch
            size = min(run.batch, run.n_examples - done)
            rate = load_double(run.rates, update)
            start = share(size, TILE_ROWS, thread, run.threads)
            end = share(size, TILE_ROWS, thread + 1, run.threads)
            if end > start:
                for row in range(start, end):
                    example = load_int(run.order, done + row)
                    read_input(run, layers[0], row, example)
                    read_target(run, last, row, example)
                for number in range(run.n_layers):
                    forward(run, layers[number], tables, number, start, end)
                    if number + 1 < run.n_layers:
                        pass_on(layers[number], layers[number + 1], start, end)
                if not judge(run, last, tables, numbers, start, end, size, done, rate):
                    store_int(run.sound, 8, 0)
                for number in range(run.n_layers - 1, 0, -1):
                    carry_back(run, layers[number - 1], layers[number], tables, turned_to, start, end)
            meet(run.meeting, run.threads)
            if load_int(run.sound, 8) == 0:
                break
            for number in range(run.n_layers):
                layer = layers[number]
                if not run.direct:
                    for numbers_of in (layer.weight_numbers, layer.bias_numbers):
                        store_double(numbers_of + 128 * thread, 0, rate)
                        store_double(numbers_of + 128 * thread, 1, run.before + update + 1.0)
                first = share(layer.n_in, TILE_ROWS, thread, run.threads)
                end_row = share(layer.n_in, TILE_ROWS, thread + 1, run.threads)
                own = layer.weight_numbers + 128 * thread
                if number == 0 and run.listed:
                    list_columns(run, layer, size, first, end_row)
                    learn_listed(run, layer, tables, own, scratch, first, end_row)
                else:
                    learn_dense(run, layer, tables, own, scratch, size, first, end_row)
                if thread == number % run.threads:
                    learn_biases(run, layer, tables, layer.bias_numbers + 128 * thread, scratch, size)
            finished = update + 1
            if thread == 0:
                store_int(run.done, 0, done + size)
        return finished

    kind = types.int64(
        types.CPointer(numba.from_dtype(BATCH)), types.CPointer(numba.from_dtype(BATCH_LAYER)), types.int64
    )
    return as_text(batches, kind)
