"""A batch at a time: the threads share its rows on the way forward and back, and then the weights' rows.

Rows of examples depend on nothing but the weights, and rows of weights on nothing but all the examples'
inputs and errors; so the threads meet twice in a batch, and no sum is ever shared between two of them. A
normalisation over the batch is shared out by columns, and takes two meetings more; so does what looks at all
gradients.
"""

import math
from typing import Any

import numba
import numpy as np
from numba import types
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
from pellucid.passes.compiled.records import BATCH, BATCH_LAYER, SOURCES, TILE_ROWS
from pellucid.passes.compiled.sweeps import WIDE, make_sweeps, share
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["write_batches"]

# So many blocks of each row are taken at a time where a list names the rows: what they are added up from
# stays in a cache.
_LISTED_WIDE = 8


def write_batches(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop, and give it as LLVM's text; its name there is ``batches``.

    It takes the addresses of a `BATCH` record and of the `BATCH_LAYER` records, and the number of the thread.
    It is called once by each thread, and each returns how many updates were made; fewer than asked for if it
    was stopped, or if the errors of one were not finite, which it then has not made.
    """
    tiles = Tiles(dtype, machine)
    item, block = dtype.itemsize, tiles.block
    sweeps = make_sweeps(tiles)
    piece, listed, read, list_nonzero = sweeps.piece, sweeps.listed, sweeps.read, sweeps.list_nonzero
    finite, put, get = tiles.finite(), tiles.put(), tiles.got()
    turned, move_entry = tiles.turned(), tiles.moved()
    added, multiplied = tiles.joined("add"), tiles.joined("multiply")
    own_source = SOURCES.index(str(dtype))
    column_bytes = 64 * WIDE
    columns_wide = block * WIDE

    @register_jitable
    def read_input(run, layer, row, example):
        at = run.inputs + example * run.input_row
        if run.listed:
            index, values = run.index + 4 * row * run.list_room, run.values + item * row * run.list_room
            count = list_nonzero(run.source, at, layer.n_in, run.scale, index, values)
            store_int(run.counts, row, count)
            return
        to = layer.inputs + item * row * layer.input_row
        read(run.source, at, layer.n_in, run.scale, to)
        if run.noise:
            added(to, to, run.noise + item * row * layer.input_row, layer.input_row)
        if layer.mask:
            multiplied(to, to, layer.mask + item * row * layer.input_row, layer.input_row)

    @register_jitable
    def read_target(run, last, row, example):
        to = run.target + item * row * last.row
        if run.target_row:
            read(own_source, run.targets + example * run.target_row, last.n_out, 1.0, to)
        else:
            for k in range(last.n_out):
                put(to, k, 0.0)
            put(to, load_int(run.targets, example), 1.0)
        put(run.counting, row, load_double(run.weights, example) if run.weights else 1.0)

    @register_jitable
    def activate(layer, tables, row, rows, column, columns):
        at = item * (row * layer.row + column)
        store_int(tables, 0, layer.sums + at)
        store_int(tables, 1, layer.outputs + at)
        for place in range(2):
            store_int(tables, 16 + place, layer.row)
        call(layer.forward, tables, tables + 128, 0, rows, columns)

    @register_jitable
    def place(tables, places, count, at, row_at, row):
        """Copy a list of addresses, moved on to where a piece is.

        In the list stand an address and its kind by turns: 0 for rows and columns, 1 for a number a row, 2
        for a number a column.
        """
        for number in range(count):
            kind = load_int(places, 2 * number + 1)
            moved = at if kind == 0 else row_at if kind == 1 else at - row_at * row
            store_int(tables, number, load_int(places, 2 * number) + moved)
            store_int(tables, 16 + number, row if kind == 0 else 0)

    @register_jitable
    def normalise(run, layer, tables, size, start, end, column, columns):
        """Normalise the weighted sums of a layer: some rows of all columns, or the other way."""
        if end > start and columns > 0:
            row_at = item * start
            place(tables, layer.normalise_places, 10, row_at * layer.row + item * column, row_at, layer.row)
            program = layer.normalise_alone if size == 1 else layer.normalise
            call(program, tables, tables + 128, 0, end - start, columns)

    @register_jitable
    def normalise_back(run, layer, tables, size, start, end, column, columns):
        if end > start and columns > 0:
            row_at = item * start
            place(
                tables, layer.normalise_back_places, 6, row_at * layer.row + item * column, row_at, layer.row
            )
            program = layer.normalise_back_alone if size == 1 else layer.normalise_back
            call(program, tables, tables + 128, 0, end - start, columns)

    @register_jitable
    def column_share(layer, thread, threads):
        first = block * (layer.blocks * thread // threads)
        last = block * (layer.blocks * (thread + 1) // threads)
        return first, max(0, min(last, layer.n_out) - first)

    @register_jitable
    def forward(run, layer, tables, number, start, end):
        """Carry some rows through a layer."""
        if number == 0 and run.listed:
            for panel in range(0, layer.blocks, _LISTED_WIDE):
                blocks, at = min(_LISTED_WIDE, layer.blocks - panel), 64 * panel
                for row in range(start, end):
                    listed(
                        layer.weighted_sums + item * row * layer.row + at,
                        layer.biases + at,
                        layer.weights + at,
                        layer.row,
                        run.index + 4 * row * run.list_room,
                        run.values + item * row * run.list_room,
                        load_int(run.counts, row),
                        blocks,
                    )
            if not layer.normalises:
                activate(layer, tables, start, end - start, 0, layer.n_out)
            return
        at_once = not layer.acts_on_layer and not layer.normalises
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, s, column = layer.weights + 64 * panel, layer.biases + 64 * panel, panel * block
            for row in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - row)
                a = layer.inputs + item * row * layer.input_row
                c = layer.weighted_sums + item * row * layer.row + 64 * panel
                piece(rows, wide, a, layer.input_row, 1, b, layer.row, s, 0, c, layer.row, layer.n_in)
                if at_once:
                    activate(layer, tables, row, rows, column, min(columns_wide, layer.n_out - column))
        if not at_once and not layer.normalises:
            activate(layer, tables, start, end - start, 0, layer.n_out)

    @register_jitable
    def pass_on(layer, after, start, end):
        """Mask the outputs of some rows on their way to the next layer."""
        if after.mask:
            for row in range(start, end):
                at = item * row * layer.row
                multiplied(after.inputs + at, layer.outputs + at, after.mask + at, layer.row)

    @register_jitable
    def judge(run, last, tables, numbers, start, end, size, done, rate):
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
    def carry_back(run, layer, after, tables, turned_to, start, end):
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
                a, at = after.weighted_errors + item * row * after.row, item * (row * layer.row + column)
                c = layer.output_slopes + at
                piece(
                    rows, wide, a, after.row, 1, turned_to, columns_wide, run.nothing, 0, c, layer.row,
                    after.n_out
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
    def slope(layer, tables, row, rows, column, columns):
        at = item * (row * layer.row + column)
        store_int(tables, 0, layer.sums + at)
        store_int(tables, 1, layer.outputs + at)
        store_int(tables, 2, layer.output_slopes + at)
        store_int(tables, 3, layer.errors + at)
        for place in range(4):
            store_int(tables, 16 + place, layer.row)
        call(layer.backward, tables, tables + 128, 0, rows, columns)

    @register_jitable
    def list_columns(run, layer, size, start, end):
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
    def step(run, layer, tables, numbers, places, kept, scratch, scratch_row, row, rows, column, columns):
        """Let a piece of what is learned follow its gradient, or keep the gradient until all are known."""
        at = item * (row * layer.row + column)
        store_int(tables, 0, scratch)
        store_int(tables, 16, scratch_row)
        if kept:
            store_int(tables, 1, load_int(places, 1) + at)
            store_int(tables, 2, kept + at)
            for number in range(1, 3):
                store_int(tables, 16 + number, layer.row)
            call(run.gradient, tables, tables + 128, numbers, rows, columns)
            return
        for number in range(1, run.n_places):
            store_int(tables, number, load_int(places, number) + at)
            store_int(tables, 16 + number, layer.row)
        call(run.update, tables, tables + 128, numbers, rows, columns)

    @register_jitable
    def learn_listed(run, layer, tables, numbers, scratch, start, end):
        for panel in range(0, layer.blocks, _LISTED_WIDE):
            blocks, column = min(_LISTED_WIDE, layer.blocks - panel), block * panel
            columns = min(block * blocks, layer.n_out - column)
            b = layer.weighted_errors + 64 * panel
            for k in range(start, end):
                w = layer.weights + item * (k * layer.row + column)
                index, values = run.column_index + 4 * k * run.batch, run.column_values + item * k * run.batch
                s, c = (w, w) if run.direct else (run.nothing, scratch)
                listed(c, s, b, layer.row, index, values, load_int(run.column_counts, k), blocks)
                if not run.direct:
                    step(
                        run, layer, tables, numbers, layer.weight_places, layer.weight_gradient, scratch,
                        block * _LISTED_WIDE, k, 1, column, columns,
                    )  # fmt: skip

    @register_jitable
    def learn_dense(run, layer, tables, numbers, scratch, size, start, end):
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, column = layer.weighted_errors + 64 * panel, panel * block
            for k in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - k)
                a = layer.inputs + item * k
                if run.direct:
                    w = layer.weights + item * k * layer.row + 64 * panel
                    piece(rows, wide, a, 1, layer.input_row, b, layer.row, w, layer.row, w, layer.row, size)
                    continue
                piece(
                    rows, wide, a, 1, layer.input_row, b, layer.row, run.nothing, 0, scratch, columns_wide,
                    size
                )  # fmt: skip
                columns = min(columns_wide, layer.n_out - column)
                step(
                    run, layer, tables, numbers, layer.weight_places, layer.weight_gradient, scratch,
                    columns_wide, k, rows, column, columns,
                )  # fmt: skip

    @register_jitable
    def learn_row(run, layer, tables, numbers, places, kept, values, slopes, scratch, size):
        """Let what there is one row of, such as the biases, follow the sum of the examples' slopes."""
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            b, column = slopes + 64 * panel, panel * block
            if run.direct:
                to = values + 64 * panel
                piece(1, wide, run.one, 0, 0, b, layer.row, to, 0, to, 0, size)
                continue
            piece(1, wide, run.one, 0, 0, b, layer.row, run.nothing, 0, scratch, 0, size)
            columns = min(columns_wide, layer.n_out - column)
            step(run, layer, tables, numbers, places, kept, scratch, 0, 0, 1, column, columns)

    @register_jitable
    def learn_rows(run, layer, tables, scratch, size, own):
        learn_row(
            run, layer, tables, layer.bias_numbers + own, layer.bias_places, layer.bias_gradient,
            layer.biases, layer.weighted_errors, scratch, size,
        )  # fmt: skip
        if layer.normalises:
            learn_row(
                run, layer, tables, layer.gain_numbers + own, layer.gain_places, layer.gain_gradient,
                layer.gain, layer.gain_slopes, scratch, size,
            )  # fmt: skip
            learn_row(
                run, layer, tables, layer.shift_numbers + own, layer.shift_places, layer.shift_gradient,
                layer.shift, layer.errors, scratch, size,
            )  # fmt: skip

    @register_jitable
    def square_rows(run, layer, tables, gradient, squares, row, rows):
        """Add up the squares of each row of a gradient."""
        store_int(tables, 0, gradient + item * row * layer.row)
        store_int(tables, 1, squares + item * row)
        store_int(tables, 16, layer.row)
        call(run.squares, tables, tables + 128, 0, rows, layer.n_out)

    @register_jitable
    def sum_of_squares(run, layers):
        """Add up the squares of all gradients, in one order whoever asks."""
        total = 0.0
        for number in range(run.n_layers):
            layer = layers[number]
            for row in range(layer.n_in):
                total += get(layer.weight_squares, row)
            total += get(layer.bias_squares, 0)
            if layer.normalises:
                total += get(layer.gain_squares, 0)
                total += get(layer.shift_squares, 0)
        return total

    @register_jitable
    def follow(run, layer, tables, numbers, places, gradient, row, rows, shrink):
        """Let some rows follow the gradient that was kept of them."""
        at = item * row * layer.row
        store_double(numbers, 2, shrink)
        store_int(tables, 0, gradient + at)
        store_int(tables, 16, layer.row)
        for number in range(1, run.n_places):
            store_int(tables, number, load_int(places, number) + at)
            store_int(tables, 16 + number, layer.row)
        call(run.update, tables, tables + 128, numbers, rows, layer.n_out)

    @register_jitable
    def follow_together(run, layers, tables, thread):
        """Make the update where all gradients had to be known before it: they are shortened together."""
        own = 128 * thread
        for number in range(run.n_layers):
            layer = layers[number]
            first = share(layer.n_in, TILE_ROWS, thread, run.threads)
            end = share(layer.n_in, TILE_ROWS, thread + 1, run.threads)
            if end > first:
                square_rows(
                    run, layer, tables, layer.weight_gradient, layer.weight_squares, first, end - first
                )
            if thread == number % run.threads:
                square_rows(run, layer, tables, layer.bias_gradient, layer.bias_squares, 0, 1)
                if layer.normalises:
                    square_rows(run, layer, tables, layer.gain_gradient, layer.gain_squares, 0, 1)
                    square_rows(run, layer, tables, layer.shift_gradient, layer.shift_squares, 0, 1)
        meet(run.meeting, run.threads)
        norm = math.sqrt(sum_of_squares(run, layers))
        shrink = run.longest / norm if norm > run.longest else 1.0
        for number in range(run.n_layers):
            layer = layers[number]
            first = share(layer.n_in, TILE_ROWS, thread, run.threads)
            end = share(layer.n_in, TILE_ROWS, thread + 1, run.threads)
            if end > first:
                follow(
                    run, layer, tables, layer.weight_numbers + own, layer.weight_places,
                    layer.weight_gradient, first, end - first, shrink,
                )  # fmt: skip
            if thread == number % run.threads:
                follow(
                    run, layer, tables, layer.bias_numbers + own, layer.bias_places, layer.bias_gradient,
                    0, 1, shrink,
                )  # fmt: skip
                if layer.normalises:
                    follow(
                        run, layer, tables, layer.gain_numbers + own, layer.gain_places, layer.gain_gradient,
                        0, 1, shrink,
                    )  # fmt: skip
                    follow(
                        run, layer, tables, layer.shift_numbers + own, layer.shift_places,
                        layer.shift_gradient, 0, 1, shrink,
                    )  # fmt: skip

    @register_jitable
    def shorten(run, layers, tables, thread):
        """Scale down what comes into each neuron to its longest; shared out by columns."""
        meet(run.meeting, run.threads)
        for number in range(run.n_layers):
            layer = layers[number]
            column, columns = column_share(layer, thread, run.threads)
            if columns > 0:
                place(tables, layer.shorten_places, 4, item * column, 0, layer.row)
                call(layer.shorten, tables, tables + 128, layer.shorten_numbers, layer.n_in, columns)

    @register_jitable
    def set_numbers(run, layer, thread, rate, t):
        for numbers in (layer.weight_numbers, layer.bias_numbers, layer.gain_numbers, layer.shift_numbers):
            if numbers:
                store_double(numbers + 128 * thread, 0, rate)
                store_double(numbers + 128 * thread, 1, t)
                store_double(numbers + 128 * thread, 2, 1.0)

    @register_jitable
    def all_forward(run, layers, tables, thread, size, start, end):
        for number in range(run.n_layers):
            layer = layers[number]
            if end > start:
                forward(run, layer, tables, number, start, end)
            if layer.normalises == 1:
                normalise(run, layer, tables, 0, start, end, 0, layer.n_out)
            elif layer.normalises == 2:
                meet(run.meeting, run.threads)
                column, columns = column_share(layer, thread, run.threads)
                normalise(run, layer, tables, size, 0, size, column, columns)
                meet(run.meeting, run.threads)
            if layer.normalises and end > start:
                activate(layer, tables, start, end - start, 0, layer.n_out)
            if number + 1 < run.n_layers:
                pass_on(layer, layers[number + 1], start, end)

    @register_jitable
    def all_back(run, layers, tables, turned_to, thread, size, start, end):
        for number in range(run.n_layers - 1, -1, -1):
            layer = layers[number]
            if layer.normalises == 1:
                normalise_back(run, layer, tables, 0, start, end, 0, layer.n_out)
            elif layer.normalises == 2:
                meet(run.meeting, run.threads)
                column, columns = column_share(layer, thread, run.threads)
                normalise_back(run, layer, tables, size, 0, size, column, columns)
                meet(run.meeting, run.threads)
            if number > 0 and end > start:
                carry_back(run, layers[number - 1], layer, tables, turned_to, start, end)

    @register_jitable
    def learn(run, layers, tables, scratch, thread, size, rate, t):
        """Let a thread's share of all that is learned follow its gradients."""
        own = 128 * thread
        for number in range(run.n_layers):
            layer = layers[number]
            if not run.direct:
                set_numbers(run, layer, thread, rate, t)
            first = share(layer.n_in, TILE_ROWS, thread, run.threads)
            end = share(layer.n_in, TILE_ROWS, thread + 1, run.threads)
            if number == 0 and run.listed:
                list_columns(run, layer, size, first, end)
                learn_listed(run, layer, tables, layer.weight_numbers + own, scratch, first, end)
            else:
                learn_dense(run, layer, tables, layer.weight_numbers + own, scratch, size, first, end)
            if thread == number % run.threads:
                learn_rows(run, layer, tables, scratch, size, own)
                if layer.normalises == 2 and size > 1:
                    place(tables, layer.take_in_places, 8, 0, 0, layer.row)
                    store_double(scratch, 0, float(size))
                    call(layer.take_in, tables, tables + 128, scratch, 1, layer.n_out)
        if run.gradient:
            follow_together(run, layers, tables, thread)
        if layers[0].shorten:
            shorten(run, layers, tables, thread)

    def batches(run_at, layers_at, thread):
        run = numba.carray(run_at, 1)[0]
        layers = numba.carray(layers_at, (run.n_layers,))
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
            for row in range(start, end):
                example = load_int(run.order, done + row)
                read_input(run, layers[0], row, example)
                read_target(run, last, row, example)
            all_forward(run, layers, tables, thread, size, start, end)
            if end > start and not judge(run, last, tables, numbers, start, end, size, done, rate):
                store_int(run.sound, 8, 0)
            all_back(run, layers, tables, turned_to, thread, size, start, end)
            meet(run.meeting, run.threads)
            if load_int(run.sound, 8) == 0:
                break
            learn(run, layers, tables, scratch, thread, size, rate, run.before + update + 1.0)
            finished = update + 1
            if thread == 0:
                store_int(run.done, 0, done + size)
        return finished

    kind = types.int64(
        types.CPointer(numba.from_dtype(BATCH)), types.CPointer(numba.from_dtype(BATCH_LAYER)), types.int64
    )
    return as_text(batches, kind)
