"""What is learned follows its gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pellucid.passes.compiled.loops.batches.shares import Places
from pellucid.passes.compiled.memory.layout import WIDE
from pellucid.passes.compiled.primitives.intrinsics import call, load_int, nth, store_double, store_int
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["Following", "make_following"]


@dataclass(frozen=True)
class Following:
    """Functions for the parts of the loop.

    Parameters
    ----------
    set_numbers : function
        Notes what an update's formula takes beside the gradient.
    step, step_part : functions
        Let a piece of what is learned follow its gradient: any piece, and some blocks of some rows of
        weights.
    take_in : function
        Lets the running statistics of a normalisation follow a batch's.
    follow : function
        Lets a thread's share of all layers follow gradients that were added up.
    """

    set_numbers: Callable[..., Any]
    step: Callable[..., Any]
    step_part: Callable[..., Any]
    take_in: Callable[..., Any]
    follow: Callable[..., Any]


def make_following(tiles: Tiles, places: Places) -> Following:
    """Make them for a dtype."""
    item, block, added = tiles.dtype.itemsize, tiles.block, tiles.joined("add")
    weight_at, place, weight_share = places.weight_at, places.place, places.weight_share

    @part_of_loop
    def set_numbers(run, layers, thread, rate, t):
        """Note what an update's formula takes beside the gradient."""
        for number in range(run.n_layers):
            layer = nth(layers, number)
            for numbers in (
                layer.weight_numbers,
                layer.bias_numbers,
                layer.gain_numbers,
                layer.shift_numbers,
            ):
                if numbers:
                    store_double(numbers + 128 * thread, 0, rate)
                    store_double(numbers + 128 * thread, 1, t)
                    store_double(numbers + 128 * thread, 2, 1.0)

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
    def take_in(run, layer, tables, scratch, size):
        """Let the running statistics of a normalisation follow a batch's."""
        if layer.normalises == 2 and size > 1:
            place(tables, layer.take_in_places, 8, 0, 0, 0, layer.row)
            store_double(scratch, 0, float(size))
            call(layer.take_in, tables, tables + 128, scratch, 1, layer.n_out)

    @part_of_loop
    def add_rows(run, layer, at, start, end, listed):
        """Add to some rows of a panel what was added up. What no list names is left alone, as everywhere."""
        if not listed:
            added(
                layer.weights + at,
                layer.weights + at,
                layer.weight_whole + at,
                (end - start) * layer.weight_row,
            )
            return
        for row in range(start, end):
            if load_int(run.column_counts, row):
                here = at + item * (row - start) * layer.weight_row
                added(layer.weights + here, layer.weights + here, layer.weight_whole + here, layer.weight_row)

    @part_of_loop
    def follow_row(run, layer, tables, numbers, places, kept, values, added_up):
        if run.direct:
            added(values, values, added_up, block * layer.blocks)
        else:
            step(run, tables, numbers, places, kept, added_up, 0, 0, 0, 1, layer.n_out)

    @part_of_loop
    def follow_rows(run, layer, tables, own):
        follow_row(
            run, layer, tables, layer.bias_numbers + own, layer.bias_places, layer.bias_gradient,
            layer.biases, layer.bias_whole,
        )  # fmt: skip
        if layer.normalises:
            follow_row(
                run, layer, tables, layer.gain_numbers + own, layer.gain_places, layer.gain_gradient,
                layer.gain, layer.gain_whole,
            )  # fmt: skip
            follow_row(
                run, layer, tables, layer.shift_numbers + own, layer.shift_places, layer.shift_gradient,
                layer.shift, layer.shift_whole,
            )  # fmt: skip

    @part_of_loop
    def follow(run, layers, tables, scratch, thread, size):
        """Let a thread's share of all layers follow what was added up of a batch."""
        own = 128 * thread
        for number in range(run.n_layers):
            layer = nth(layers, number)
            start, end = weight_share(layer, thread, run.threads)
            listed = number == 0 and run.listed and size <= run.part  # the lists are those of the last part
            for part in range(0, layer.blocks, WIDE):
                wide, at = min(WIDE, layer.blocks - part), item * weight_at(layer, start, part)
                if run.direct:
                    add_rows(run, layer, at, start, end, listed)
                elif end > start:
                    step_part(
                        run, layer, tables, layer.weight_numbers + own, layer.weight_whole + at,
                        layer.weight_row, part, wide, start, end - start,
                    )  # fmt: skip
            if thread == number % run.threads:
                follow_rows(run, layer, tables, own)
                take_in(run, layer, tables, scratch, size)

    return Following(set_numbers, step, step_part, take_in, follow)
