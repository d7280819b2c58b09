"""Denormals are taken as 0 while a loop trains, and threads wait for each other at a barrier."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numba
import numpy as np
import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.memory.layout import LINE_INTS, address, zeros
from pellucid.passes.compiled.primitives.tiles import Tiles

TILES = Tiles(np.dtype("float32"), this_machine())


@pytest.mark.skipif(not this_machine().is_x86, reason="it is x86's control register that says so")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tiny_numbers_are_0_in_between_only(dtype):
    flush_denormals, restore_denormals = TILES.flush_denormals(), TILES.restore_denormals()

    @numba.njit
    def halved(values):
        before = flush_denormals()
        values[1] = values[0] * values[4]
        restore_denormals(before)
        values[2] = values[0] * values[4]
        values[3] = values[0] + values[0]

    least = np.finfo(dtype).tiny
    values = np.array([least, 9, 9, 9, 0.5], dtype)
    halved(values)
    assert values.tolist() == [least, 0, least / 2, 2 * least, 0.5]


def test_where_there_is_no_such_register_nothing_changes():
    other = Tiles(TILES.dtype, replace(TILES.machine, triple="aarch64-unknown-linux-gnu"))
    flush_denormals, restore_denormals = other.flush_denormals(), other.restore_denormals()

    @numba.njit
    def halved(values):
        before = flush_denormals()
        values[1] = values[0] * values[2]
        restore_denormals(before)
        return before

    least = np.finfo(np.float32).tiny
    values = np.array([least, 9, 0.5], np.float32)
    assert (halved(values), values[1]) == (0, least / 2)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_what_a_thread_writes_before_a_barrier_all_read_after_it(threads):
    barrier = TILES.barrier()

    @numba.njit(nogil=True)
    def count(at, numbers, thread, threads):
        """Write a number for each round, and return how often another thread's was not there yet."""
        missing = 0
        for turn in range(1, 201):
            numbers[thread] = turn
            barrier(at, threads)
            for other in range(threads):
                missing += numbers[other] != turn
            barrier(at, threads)
        return missing

    state, numbers = zeros(2 * LINE_INTS, np.int64), np.zeros(threads, np.int64)
    count(address(zeros(2 * LINE_INTS, np.int64)), np.zeros(1, np.int64), 0, 1)  # compiled before they start
    with ThreadPoolExecutor(threads) as pool:
        found = [pool.submit(count, address(state), numbers, thread, threads) for thread in range(threads)]
        assert [each.result() for each in found] == [0] * threads
