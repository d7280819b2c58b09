"""Reading examples into the rows of a batch: all their inputs, or lists of the nonzero ones."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pellucid.passes.compiled.loops.batches.disturbance import make_masking, make_noise
from pellucid.passes.compiled.loops.batches.stopping import CARRYING, halted
from pellucid.passes.compiled.memory.layout import INDEX_BYTES, SOURCES
from pellucid.passes.compiled.primitives.intrinsics import load_double, load_int, nth, prefetch, store_int
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["make_reading"]

# Examples lie anywhere in memory: they are prefetched so many rows ahead.
_AHEAD = 4


def make_reading(tiles: Tiles, sources: SimpleNamespace, shares: SimpleNamespace) -> Callable[..., Any]:
    """Make the function that reads some rows of a batch."""
    item, block = tiles.dtype.itemsize, tiles.block
    read, read_example, list_part = sources.read, sources.read_example, sources.list_part
    added, multiplied, put = tiles.combine("add"), tiles.combine("multiply"), tiles.put()
    half_at, sparse_share = shares.half_at, shares.sparse_share
    own_source = SOURCES.index(str(tiles.dtype))
    draw_mask, draw_noise = make_masking(tiles), make_noise(tiles)

    @part_of_loop
    def prefetch_ahead(run, done, row, end, at, count):
        """Prefetch some bytes of an example that is read a little later."""
        if row + _AHEAD < end:
            later = load_int(run.order, done + row + _AHEAD)
            prefetch(run.inputs + later * run.input_row + at, count)

    @part_of_loop
    def list_rows(run, layer, thread, size, done):
        """List the nonzero inputs of a thread's share; the lists lie one behind the other, as the rows do."""
        first_half, last_half, start, end = sparse_share(run, thread, size)
        for half in range(first_half, last_half):
            first, n = half_at(run, layer, half)
            list_at = (half * run.rows + start) * run.list_room
            for row in range(start, end):
                if halted(run, CARRYING):
                    break
                prefetch_ahead(run, done, row, end, first * run.input_width, n * run.input_width)
                number = half * run.rows + row
                store_int(run.lists, number, list_at)
                until = run.until + INDEX_BYTES * (number * run.until_room + 1)
                index, values = run.index + INDEX_BYTES * list_at, run.values + item * list_at
                count = list_part(run, load_int(run.order, done + row), first, n, index, values, until)
                list_at += (count + block - 1) // block * block

    @part_of_loop
    def read_input(run, layer, update, offset, row, example):
        """Read all inputs of an example."""
        to = layer.inputs + item * row * layer.input_row
        read_example(run, example, layer.n_in, to)
        if run.noise:
            added(to, to, run.noise + item * row * layer.input_row, layer.input_row)
        if layer.mask:
            draw_mask(run, layer, 0, update, offset, row, 0, layer.input_row // block)
            multiplied(to, to, layer.mask + item * row * layer.input_row, layer.input_row)

    @part_of_loop
    def read_target(run, last, row, example):
        to = run.target + item * row * last.row
        if run.target_row:
            read(own_source, run.targets + example * run.target_row, last.n_out, 1.0, to)
        else:
            for k in range(last.n_out):
                put(to, k, 0.0)
            put(to, load_int(run.targets, example), 1.0)
        put(run.sample_weight, row, load_double(run.sample_weights, example) if run.sample_weights else 1.0)

    @part_of_loop
    def read_rows(run, layers, frame, update, thread, offset, start, end, size):
        """Read a thread's share of some rows of a batch, which begin at the offset in it."""
        first, last, done = nth(layers, 0), nth(layers, run.n_layers - 1), update * run.batch + offset
        if run.noise and end > start:
            draw_noise(run, first, frame, update, offset, start, end)
        if run.sparse:
            list_rows(run, first, thread, size, done)
        for row in range(start, end):
            if halted(run, CARRYING):
                break
            example = load_int(run.order, done + row)
            if row + _AHEAD < end:
                later = load_int(run.order, done + row + _AHEAD)
                prefetch(run.targets + later * (run.target_row if run.target_row else 8), 1)
            if not run.sparse:
                prefetch_ahead(run, done, row, end, 0, run.input_bytes)
                read_input(run, first, update, offset, row, example)
            read_target(run, last, row, example)

    return read_rows
