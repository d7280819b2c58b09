"""A batch at a time: the threads share its rows on the way forward and back, and then the weights' rows.

Rows of examples depend on nothing but the weights, and rows of weights on nothing but all the examples'
inputs and errors; so the threads meet twice in a batch, and no sum is ever shared between two of them. A
normalisation over the batch is shared out by columns, and takes two meetings more; so does what looks at all
gradients.
"""

from typing import Any

import numba
import numpy as np
from numba import types

from pellucid.passes.compiled.batches.backward import make_backward, make_judge
from pellucid.passes.compiled.batches.forward import make_forward
from pellucid.passes.compiled.batches.learning import make_learning
from pellucid.passes.compiled.batches.places import make_places
from pellucid.passes.compiled.batches.reading import make_reading
from pellucid.passes.compiled.batches.together import make_clipping, make_shortening
from pellucid.passes.compiled.layout import LISTED_WIDE
from pellucid.passes.compiled.loops import as_text
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory import (
    flush_tiny,
    load_double,
    load_int,
    meet,
    nth,
    restore_tiny,
    store_int,
)
from pellucid.passes.compiled.records import BATCH, BATCH_LAYER, TILE_ROWS
from pellucid.passes.compiled.sources import make_sources
from pellucid.passes.compiled.sweeps import make_sweeps, share
from pellucid.passes.compiled.tiles import Tiles

__all__ = ["write_batches"]


def write_batches(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop, and give it as LLVM's text; its name there is ``batches``.

    It takes the addresses of a `BATCH` record and of the `BATCH_LAYER` records, and the number of the thread.
    It is called once by each thread, and each returns how many updates were made; fewer than asked for if it
    was stopped, or if the errors of one were not finite, which it then has not made.
    """
    tiles = Tiles(dtype, machine)
    sweeps, places = make_sweeps(tiles), make_places(tiles)
    read_rows, judge = make_reading(tiles, make_sources(tiles), places), make_judge(tiles)
    all_forward, all_back = make_forward(tiles, sweeps, places), make_backward(tiles, sweeps, places)
    learn, follow_together = make_learning(tiles, sweeps, places), make_clipping(tiles, places)
    shorten = make_shortening(tiles, places)

    def batches(run_at, layers, thread):
        run = nth(run_at, 0)
        last = nth(layers, run.n_layers - 1)
        # A thread's own memory: the programs' addresses and strides, their numbers, a piece of a gradient.
        tables = run.scratch + thread * run.scratch_bytes
        numbers = tables + 256
        scratch = tables + 512
        turned_to = scratch + 64 * TILE_ROWS * LISTED_WIDE
        packed = run.packed + thread * run.packed_bytes
        before = flush_tiny()
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
            read_rows(run, layers, tables, update, thread, start, end, size, done)
            all_forward(run, layers, tables, thread, size, update)
            if end > start and not judge(run, last, tables, numbers, start, end, size, done, rate):
                store_int(run.sound, 8, 0)
            all_back(run, layers, tables, scratch, turned_to, thread, size)
            meet(run.meeting, run.threads)
            if load_int(run.sound, 8) == 0:
                break
            learn(run, layers, tables, scratch, packed, thread, size, rate, run.before + update + 1.0)
            if run.gradient:
                follow_together(run, layers, tables, thread)
            if nth(layers, 0).shorten:
                shorten(run, layers, tables, thread)
            finished = update + 1
            if thread == 0:
                store_int(run.done, 0, done + size)
        restore_tiny(before)
        return finished

    kind = types.int64(
        types.CPointer(numba.from_dtype(BATCH)), types.CPointer(numba.from_dtype(BATCH_LAYER)), types.int64
    )
    return as_text(batches, kind)
