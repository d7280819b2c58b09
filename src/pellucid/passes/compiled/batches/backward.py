"""The way back: the errors of the outputs, and a thread's rows of them carried back through all layers."""

from collections.abc import Callable
from typing import Any

from pellucid.passes.compiled.batches.places import Places
from pellucid.passes.compiled.layout import WIDE
from pellucid.passes.compiled.loops import part_of_loop
from pellucid.passes.compiled.memory import call, meet, nth, store_double, store_int
from pellucid.passes.compiled.records import TILE_ROWS
from pellucid.passes.compiled.sweeps import Sweeps
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["make_backward", "make_judge"]


def make_judge(tiles: Tiles) -> Callable[..., Any]:
    """Make what gives the errors of some rows' outputs."""
    item, finite = tiles.dtype.itemsize, tiles.finite()

    @part_of_loop
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

    return judge


def make_backward(tiles: Tiles, sweeps: Sweeps, places: Places) -> Callable[..., Any]:
    """Make what carries the errors of some rows back."""
    item, block, columns_wide = tiles.dtype.itemsize, tiles.block, tiles.block * WIDE
    piece, turned, multiplied = sweeps.piece, tiles.turned(), tiles.joined("multiply")
    weight_at, place, column_share = places.weight_at, places.place, places.column_share

    @part_of_loop
    def normalise_back(run, layer, tables, size, start, end, column, columns):
        if end > start and columns > 0:
            row_at = item * start
            at, column_at = row_at * layer.row + item * column, item * column
            place(tables, layer.normalise_back_places, 6, at, row_at, column_at, layer.row)
            program = layer.normalise_back_alone if size == 1 else layer.normalise_back
            call(program, tables, tables + 128, 0, end - start, columns)

    @part_of_loop
    def slope(layer, tables, row, rows, column, columns):
        at = item * (row * layer.row + column)
        store_int(tables, 0, layer.sums + at)
        store_int(tables, 1, layer.outputs + at)
        store_int(tables, 2, layer.output_slopes + at)
        store_int(tables, 3, layer.errors + at)
        for place in range(4):
            store_int(tables, 16 + place, layer.row)
        call(layer.backward, tables, tables + 128, 0, rows, columns)

    @part_of_loop
    def carry_back(run, layer, after, tables, turned_to, start, end):
        """Carry the errors of some rows back through the next layer's weights, turned some rows at a time."""
        for panel in range(0, layer.blocks, WIDE):
            wide = min(WIDE, layer.blocks - panel)
            column = panel * block
            for part in range(wide):
                for k in range(after.blocks):
                    turned(
                        turned_to + 64 * part + item * k * block * columns_wide,
                        columns_wide,
                        after.weights + item * weight_at(after, column + part * block, k),
                        after.weight_row,
                    )
            for row in range(start, end, TILE_ROWS):
                rows = min(TILE_ROWS, end - row)
                a, at = after.weighted_errors + item * row * after.row, item * (row * layer.row + column)
                c = layer.output_slopes + at
                piece(
                    rows,
                    wide,
                    a,
                    after.row,
                    turned_to,
                    columns_wide,
                    run.nothing,
                    0,
                    c,
                    layer.row,
                    after.n_out,
                )
                if after.mask:
                    for k in range(rows):
                        further = item * k * layer.row
                        multiplied(c + further, c + further, after.mask + at + further, block * wide)
                if not layer.acts_on_layer:
                    slope(layer, tables, row, rows, column, min(block * wide, layer.n_out - column))
        if layer.acts_on_layer:
            slope(layer, tables, start, end - start, 0, layer.n_out)

    @part_of_loop
    def all_back(run, layers, tables, turned_to, thread, size, start, end):
        for number in range(run.n_layers - 1, -1, -1):
            layer = nth(layers, number)
            if layer.normalises == 1:
                normalise_back(run, layer, tables, 0, start, end, 0, layer.n_out)
            elif layer.normalises == 2:
                meet(run.meeting, run.threads)
                column, columns = column_share(layer, thread, run.threads)
                normalise_back(run, layer, tables, size, 0, size, column, columns)
                meet(run.meeting, run.threads)
            if number > 0 and end > start:
                carry_back(run, nth(layers, number - 1), layer, tables, turned_to, start, end)

    return all_back
