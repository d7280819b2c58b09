"""Stored examples, read whole or as lists of what is not 0, against NumPy."""

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import SOURCES

COUNTS = [0, 1, 15, 16, 17, 40]


def stored(kind, n, zeros=0.0):
    random = np.random.default_rng(n)
    row = random.integers(1, 255, n) if kind == "uint8" else random.standard_normal(n)
    row[random.random(n) < zeros] = 0
    return np.append(row, 7).astype(kind)  # one more, which is not asked for


def as_read(row, scale, dtype):
    return row.astype(dtype) * dtype.type(scale)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_row_is_read_and_scaled(kind, primitives):
    for n in COUNTS:
        row, x = stored(kind, n), primitives.array(np.full(n + 1, 9))
        primitives("read", kind)(row, n, 1 / 255, x)
        np.testing.assert_array_equal(x[:n], as_read(row[:n], 1 / 255, primitives.dtype))
        assert x[n] == 9


@pytest.mark.parametrize("zeros", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_not_0_is_listed(kind, zeros, primitives):
    block = primitives.block
    for n in COUNTS:
        row, room = stored(kind, n, zeros), n + 2 * block  # whole vectors are written
        index, values = np.full(room, -1, np.int32), primitives.array(np.full(room, 9))
        until = np.full(-(-n // block) + 1, -1, np.int32)
        count = primitives("list_nonzero", kind, by_block=True)(row, n, 0.5, index, values, until)
        wanted = np.flatnonzero(row[:n])
        assert count == len(wanted)
        np.testing.assert_array_equal(index[:count], wanted)
        np.testing.assert_array_equal(values[:count], as_read(row[wanted], 0.5, primitives.dtype))
        ends = np.minimum(block * np.arange(1, len(until)), n)
        np.testing.assert_array_equal(until[:-1], np.searchsorted(wanted, ends))
        assert until[-1] == -1


def test_what_is_no_number_is_not_0(primitives):
    row = np.array([0.0, np.nan, -0.0, np.inf])
    index, values = np.zeros(40, np.int32), primitives.array(np.zeros(40))
    assert primitives("list_nonzero", "float64")(row, 4, 1.0, index, values, 0) == 2
    assert index[:2].tolist() == [1, 3]
    np.testing.assert_array_equal(values[:2], [np.nan, np.inf])
