"""Mini-batches: the threads share a batch's rows on the way forward and back, then the weights' rows.

Each row of examples depends only on the weights, and each row of weights only on the inputs and errors of all
examples. So two barriers for each batch are enough, and no sum is ever shared between two threads. A batch
that is carried in parts takes two barriers for each part. A normalisation over the batch is split by columns
and takes two more, and so do gradients that are clipped to a joint norm. `memory.batch_records` lists all.
"""

from typing import Any

import numba
import numpy as np
from numba import types

from pellucid.passes.compiled.loops.batches.backward import make_backward, make_output_errors
from pellucid.passes.compiled.loops.batches.constraints import make_clipping, make_norm_limit
from pellucid.passes.compiled.loops.batches.forward import make_forward
from pellucid.passes.compiled.loops.batches.gradients import make_gradients
from pellucid.passes.compiled.loops.batches.norms import make_norms
from pellucid.passes.compiled.loops.batches.reading import make_reading
from pellucid.passes.compiled.loops.batches.shares import make_shares
from pellucid.passes.compiled.loops.batches.stopping import ADDING_UP, CARRYING, GOING_ON
from pellucid.passes.compiled.loops.batches.updating import make_updating
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.batch_records import BATCH, BATCH_LAYER
from pellucid.passes.compiled.memory.frame import FRAME_BYTES
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, SPARSE_WIDE, TILE_ROWS
from pellucid.passes.compiled.primitives.intrinsics import (
    load_double,
    load_int,
    nth,
    store_int,
)
from pellucid.passes.compiled.primitives.numba_code import as_text, part_of_loop
from pellucid.passes.compiled.primitives.sources import make_sources
from pellucid.passes.compiled.primitives.sweeps import make_sweeps, share
from pellucid.passes.compiled.primitives.tiles import Tiles

__all__ = ["write_batches"]


def write_batches(dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Compile the loop and return it as LLVM's text, under the name ``batches``.

    It takes the addresses of a `BATCH` record and of the `BATCH_LAYER` records, and the number of the thread.
    Each thread calls it once, and it returns the number of updates that were made: fewer than asked for if it
    was stopped, or if the errors of an update were not finite, which is not made then.
    """
    tiles = Tiles(dtype, machine)
    sweeps, shares = make_sweeps(tiles), make_shares(tiles)
    read_rows, output_errors = make_reading(tiles, make_sources(tiles), shares), make_output_errors(tiles)
    all_forward, all_back = make_forward(tiles, sweeps, shares), make_backward(tiles, sweeps, shares)
    updating = make_updating(tiles, shares)
    set_numbers, apply_added_up = updating.set_numbers, updating.apply_added_up
    apply_gradients = make_gradients(tiles, sweeps, shares, updating)
    apply_clipped, limit_norms = make_clipping(tiles, shares, updating.update), make_norm_limit(tiles, shares)

    square_weights, note_norms = make_norms(tiles, shares)
    barrier = tiles.barrier()
    flush_denormals, restore_denormals = tiles.flush_denormals(), tiles.restore_denormals()

    @part_of_loop
    def carry_part(run, layers, frame, thread, update, offset, size, divisor):
        """Carry a part of a batch forward and back: ``size`` rows, from the offset on."""
        scratch = frame + FRAME_BYTES
        transposed_to = scratch + BLOCK_BYTES * TILE_ROWS * SPARSE_WIDE
        last, rate = nth(layers, run.n_layers - 1), load_double(run.rates, update)
        start, end = share(size, TILE_ROWS, thread, run.threads)
        read_rows(run, layers, frame, update, thread, offset, start, end, size)
        all_forward(run, layers, frame, thread, update, offset, size)
        done = update * run.batch + offset
        if end > start and not output_errors(run, last, frame, start, end, divisor, done, rate):
            store_int(run.status, CARRYING, 0)
        all_back(run, layers, frame, scratch, transposed_to, thread, size)
        barrier(run.barrier, run.threads)
        return load_int(run.status, CARRYING) != 0

    @part_of_loop
    def gradients_of_batch(run, layers, frame, packed, thread, update, batch_size, divisor):
        """Take the gradients of a batch, part by part, and return whether its update may be made.

        Where gradients are applied as soon as they are known, it has been made already.
        """
        offset = 0
        while offset < batch_size:
            size = min(run.part, batch_size - offset)
            if not carry_part(run, layers, frame, thread, update, offset, size, divisor):
                return False
            apply_gradients(run, layers, frame, frame + FRAME_BYTES, packed, thread, offset, size)
            if run.adds_up:
                barrier(run.barrier, run.threads)
                if load_int(run.status, ADDING_UP) == 0:
                    return False
            offset += size
        return True

    def batches(run_at, layers, thread):
        run = nth(run_at, 0)
        # A thread's own memory: the frame of its calls, a piece of a gradient.
        frame = run.scratch + thread * run.scratch_bytes
        packed = run.packed + thread * run.packed_bytes
        before = flush_denormals()
        finished = run.first
        for update in range(run.first, run.last):
            if thread == 0:
                store_int(run.status, GOING_ON, 1 if load_int(run.stop, 0) == 0 else 0)
            barrier(run.barrier, run.threads)
            if load_int(run.status, GOING_ON) == 0:
                break
            if run.squared_norms:
                square_weights(run, layers, thread)
            done = update * run.batch
            size = min(run.batch, run.n_examples - done)
            rate, divisor = load_double(run.rates, update), float(size)
            if run.divisors:
                divisor = load_double(run.divisors, update)
            set_numbers(run, layers, thread, rate, run.before + update + 1.0, divisor)
            if not gradients_of_batch(run, layers, frame, packed, thread, update, size, divisor):
                break
            if run.adds_up:
                apply_added_up(run, layers, frame, thread, size)
            if run.gradient:
                apply_clipped(run, layers, frame, thread)
            if nth(layers, 0).limit_norms:
                limit_norms(run, layers, frame, thread)
            finished = update + 1
            if thread == 0:
                if run.squared_norms:
                    note_norms(run, layers, update)
                store_int(run.done, 0, done + size)
        restore_denormals(before)
        return finished

    kind = types.int64(
        types.CPointer(numba.from_dtype(BATCH)), types.CPointer(numba.from_dtype(BATCH_LAYER)), types.int64
    )
    return as_text(batches, kind)
