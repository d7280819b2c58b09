"""The update: a thread lets its rows of all weights follow what the whole batch says."""

from collections.abc import Callable
from typing import Any

from pellucid.passes.compiled.batches.places import Places
from pellucid.passes.compiled.layout import PACKED_BYTES, PACKED_ROWS, WIDE
from pellucid.passes.compiled.loops import part_of_loop
from pellucid.passes.compiled.memory import (
    call,
    load_index,
    load_int,
    meet,
    nth,
    store_double,
    store_index,
    store_int,
)
from pellucid.passes.compiled.records import TILE_ROWS
from pellucid.passes.compiled.sweeps import Sweeps
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["make_learning"]

# Lists by columns are written for so many columns at a time: their ends stay in the first cache.
_COLUMNS = 256


def make_learning(tiles: Tiles, sweeps: Sweeps, places: Places) -> Callable[..., Any]:
    """Make what lets a thread's share of a layer follow its gradients, or keeps them until all are known."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    across, panels, move_entry = sweeps.across, sweeps.panels, tiles.moved()
    sum_of_rows = tiles.product(range(1, WIDE + 1), rows=(1,), across=True)
    pack_tile, pack_block = tiles.packed(TILE_ROWS), tiles.packed(block)
    weight_at, place, weight_share = places.weight_at, places.place, places.weight_share
    wide_at, listed_wide_at = places.wide_at, places.listed_wide_at
    split, part_share, in_a_row = places.split, places.part_share, places.in_a_row
    half_at, half_share = places.half_at, places.half_share

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
        """Do so for what one half has of them; they are counted from its first."""
        last = (end + block - 1) // block
        for first in range(start // block, last, _COLUMNS // block):
            after = min(last, first + _COLUMNS // block)
            for row in range(size):
                number = half * run.rows + row
                at, until = load_int(run.lists, number), run.until + 4 * number * run.until_room
                for place in range(at + load_index(until, first), at + load_index(until, after)):
                    k = first_in + load_index(run.index, place)
                    so_far = load_int(run.column_counts, k)
                    entry = run.column_lists + 2 * item * (k * run.column_room + so_far)
                    store_index(entry, 0, row)
                    move_entry(entry, 1, run.values, place)
                    store_int(run.column_counts, k, so_far + 1)

    @part_of_loop
    def step(run, tables, numbers, places, kept, scratch, scratch_row, at, row, rows, columns):
        """Let a piece of what is learned follow its gradient, or keep the gradient until all are known.

        It lies at so many numbers from the beginning, its rows so far apart.
        """
        store_int(tables, 0, scratch)
        store_int(tables, 16, scratch_row)
        if kept:
            store_int(tables, 1, load_int(places, 1) + item * at)
            store_int(tables, 2, kept + item * at)
            for number in range(1, 3):
                store_int(tables, 16 + number, row)
            call(run.gradient, tables, tables + 128, numbers, rows, columns)
            return
        for number in range(1, run.n_places):
            store_int(tables, number, load_int(places, number) + item * at)
            store_int(tables, 16 + number, row)
        call(run.update, tables, tables + 128, numbers, rows, columns)

    @part_of_loop
    def step_part(run, layer, tables, numbers, gradient, gradient_row, part, wide, row, rows):
        """Let some blocks of some rows of weights, all in one panel, follow their gradient."""
        columns = min(block * wide, layer.n_out - part * block)
        step(
            run, tables, numbers, layer.weight_places, layer.weight_gradient, gradient, gradient_row,
            weight_at(layer, row, part), layer.weight_row, rows, columns,
        )  # fmt: skip

    @part_of_loop
    def learn_listed(run, layer, tables, numbers, scratch, start, end, first, last):
        """Let some rows of the first layer's weights follow what their lists name."""
        part = first
        while part < last:
            blocks, b = listed_wide_at(layer, part, last), layer.weighted_errors + 64 * part
            for k in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - k)
                for row in range(k, k + rows):
                    if run.direct and load_int(run.column_counts, row) == 0:
                        continue
                    w = layer.weights + item * weight_at(layer, row, part)
                    to = scratch + item * columns_wide * (row - k)
                    c, c_panel = (w, layer.panel) if run.direct else (to, TILE_ROWS * columns_wide)
                    s, s_panel = (w, layer.panel) if run.direct else (run.nothing, 0)
                    entries = run.column_lists + 2 * item * row * run.column_room
                    panels(
                        *(c, c_panel, s, s_panel, b, layer.row, columns_wide),
                        *(entries, entries + item, load_int(run.column_counts, row), blocks),
                    )
                if not run.direct:
                    for more in range(0, blocks, WIDE):
                        found, wide = scratch + item * TILE_ROWS * block * more, min(WIDE, blocks - more)
                        step_part(
                            run, layer, tables, numbers, found, columns_wide, part + more, wide, k, rows
                        )
            part += blocks

    @part_of_loop
    def learn_panel(run, layer, tables, numbers, scratch, packed, row, count, size, start, end, part, wide):
        """Let what a panel has of some rows of weights follow the packed inputs and errors of some examples.

        Where these are not the whole batch, the gradient is added up, and followed when it is complete.
        """
        whole, errors = size <= PACKED_ROWS, packed + PACKED_BYTES
        for k in range(start, end, TILE_ROWS):
            rows, at = min(TILE_ROWS, end - k), item * weight_at(layer, k, part)
            c, c_row = layer.weights + at, layer.weight_row
            s, s_row = c, c_row
            if not run.direct:
                s, s_row = run.nothing, 0
                if whole:
                    c, c_row = scratch, columns_wide
                else:
                    c = layer.whole_gradient + at
                    if row:
                        s, s_row = c, c_row
            soon = layer.weights + at + item * TILE_ROWS * layer.weight_row
            across(
                *(rows, wide, packed + item * count * (k - start), TILE_ROWS, errors, columns_wide),
                *(s, s_row, c, c_row, count, soon, in_a_row),
            )
            if whole and not run.direct:
                step_part(run, layer, tables, numbers, scratch, columns_wide, part, wide, k, rows)

    @part_of_loop
    def learn_packed(run, layer, tables, numbers, scratch, packed, row, count, size, start, end, first, last):
        """Let some rows of weights follow the products of some examples' inputs and errors.

        Both are packed for it: what a piece reads lies in one run then, as often as it is read.
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
                    errors = layer.weighted_errors + item * row * layer.row + 64 * (part + number)
                    pack_block(packed + PACKED_BYTES + 64 * number, columns_wide, errors, layer.row, count)
                learn_panel(
                    *(run, layer, tables, numbers, scratch, packed, row, count, size),
                    *(begin, until, part, wide),
                )
                part += wide

    @part_of_loop
    def learn_dense(run, layer, tables, numbers, scratch, packed, size, start, end, first, last):
        """Let some rows of weights follow the whole batch, so many examples at a time as can be packed."""
        for row in range(0, size, PACKED_ROWS):
            count = min(PACKED_ROWS, size - row)
            learn_packed(
                *(run, layer, tables, numbers, scratch, packed, row, count, size),
                *(start, end, first, last),
            )
        if size <= PACKED_ROWS or run.direct:
            return
        part = first
        while part < last:
            wide = wide_at(part, last)
            for k in range(start, end, TILE_ROWS):
                gradient = layer.whole_gradient + item * weight_at(layer, k, part)
                rows = min(TILE_ROWS, end - k)
                step_part(run, layer, tables, numbers, gradient, layer.weight_row, part, wide, k, rows)
            part += wide

    @part_of_loop
    def learn_row(run, layer, tables, numbers, places, kept, values, slopes, scratch, size, first, last):
        """Let what there is one row of, such as the biases, follow the sum of the examples' slopes."""
        for panel in range(first, last, WIDE):
            wide, b = min(WIDE, last - panel), slopes + 64 * panel
            s, c = (values + 64 * panel, values + 64 * panel) if run.direct else (run.nothing, scratch)
            sum_of_rows(1, wide, run.one, 0, b, layer.row, s, 0, c, 0, size, b, in_a_row)
            if not run.direct:
                column = panel * block
                columns = min(block * wide, layer.n_out - column)
                step(run, tables, numbers, places, kept, scratch, 0, column, 0, 1, columns)

    @part_of_loop
    def learn_rows(run, layer, tables, scratch, size, own, first, last):
        learn_row(
            run, layer, tables, layer.bias_numbers + own, layer.bias_places, layer.bias_gradient,
            layer.biases, layer.weighted_errors, scratch, size, first, last,
        )  # fmt: skip
        if layer.normalises:
            learn_row(
                run, layer, tables, layer.gain_numbers + own, layer.gain_places, layer.gain_gradient,
                layer.gain, layer.gain_slopes, scratch, size, first, last,
            )  # fmt: skip
            learn_row(
                run, layer, tables, layer.shift_numbers + own, layer.shift_places, layer.shift_gradient,
                layer.shift, layer.errors, scratch, size, first, last,
            )  # fmt: skip

    @part_of_loop
    def set_numbers(run, layer, thread, rate, t):
        for numbers in (layer.weight_numbers, layer.bias_numbers, layer.gain_numbers, layer.shift_numbers):
            if numbers:
                store_double(numbers + 128 * thread, 0, rate)
                store_double(numbers + 128 * thread, 1, t)
                store_double(numbers + 128 * thread, 2, 1.0)

    @part_of_loop
    def learn(run, layers, tables, scratch, packed, thread, size, rate, t):
        own = 128 * thread
        for number in range(run.n_layers):
            layer = nth(layers, number)
            if not run.direct:
                set_numbers(run, layer, thread, rate, t)
            parts, numbers = split(run, layer), layer.weight_numbers + own
            start, end = weight_share(layer, thread // parts, run.threads // parts)
            first, last = part_share(run, layer, thread)
            if number == 0 and run.listed:
                if run.half_in and run.threads % 2 == 0:
                    start, end = half_share(run, layer, thread)
                begin, until = start, end
                if parts > 1:
                    begin, until = weight_share(layer, thread, run.threads)
                list_columns(run, layer, size, begin, until)
                if parts > 1:
                    meet(run.meeting, run.threads)
                learn_listed(run, layer, tables, numbers, scratch, start, end, first, last)
            else:
                learn_dense(run, layer, tables, numbers, scratch, packed, size, start, end, first, last)
            if thread // parts == number % (run.threads // parts):
                learn_rows(run, layer, tables, scratch, size, own, first, last)
                if layer.normalises == 2 and size > 1:
                    place(tables, layer.take_in_places, 8, 0, 0, 0, layer.row)
                    store_double(scratch, 0, float(size))
                    call(layer.take_in, tables, tables + 128, scratch, 1, layer.n_out)

    return learn
