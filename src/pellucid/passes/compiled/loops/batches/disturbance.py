"""Dropout and noise on the inputs, drawn where they are needed."""

from collections.abc import Callable
from typing import Any

from pellucid.passes.compiled.loops.batches.stopping import CARRYING, halted
from pellucid.passes.compiled.memory.layout import KEY_BYTES
from pellucid.passes.compiled.primitives.calls import call, set_array, set_number
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles
from pellucid.passes.compiled.tracing.signatures import NOISE

__all__ = ["make_masking", "make_noise"]


def make_masking(tiles: Tiles) -> Callable[..., Any]:
    """Make the function that draws some blocks of a row of a layer's dropout mask.

    The rows that are carried together are counted from 0, and begin at ``offset`` in the batch.
    """
    item, block, masked = tiles.dtype.itemsize, tiles.block, tiles.mask()

    @part_of_loop
    def draw_mask(run, layer, number, update, offset, row, first, last):
        key = run.mask_keys + KEY_BYTES * (update * run.n_layers + number)
        column = block * first
        to = layer.mask + item * (row * layer.input_row + column)
        place = (offset + row) * layer.n_in + column
        masked(to, block * (last - first), place, key, layer.threshold, layer.keep_scale)

    return draw_mask


def make_noise(tiles: Tiles) -> Callable[..., Any]:
    """Make the function that draws the noise on the inputs of some rows; rows as for masks."""
    item, drawn, slots = tiles.dtype.itemsize, tiles.draw(), NOISE.slots

    @part_of_loop
    def draw_noise(run, layer, frame, update, offset, start, end):
        key, at = run.noise_keys + 2 * KEY_BYTES * update, item * start * layer.input_row
        for row in range(start, end):
            if halted(run, CARRYING):
                return
            to, place = item * row * layer.input_row, (offset + row) * layer.n_in
            drawn(run.noise + to, layer.n_in, place, key)
            drawn(run.second_noise + to, layer.n_in, place, key + KEY_BYTES)
        set_array(frame, slots.first, run.noise + at, layer.input_row)
        set_array(frame, slots.second, run.second_noise + at, layer.input_row)
        set_array(frame, slots.noise, run.noise + at, layer.input_row)
        set_number(frame, slots.size, run.noise_size)
        call(run.noise_program, frame, end - start, layer.n_in)

    return draw_noise
