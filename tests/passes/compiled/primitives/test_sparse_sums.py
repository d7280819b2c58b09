"""Sums of the rows that a list names, against NumPy; a list may be empty, and may name a row again."""

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import SPARSE_WIDES, WIDE

COUNTS = [0, 1, 2, 7, 8, 9, 17]
N_ROWS = 11


def a_list(primitives, count, seed=5):
    index = np.random.default_rng(seed).integers(0, N_ROWS, count + 1).astype(np.int32)
    return index, primitives.whole(count + 1, seed=seed)


def summed(index, values, b, count):
    return sum((values[k] * b[index[k]] for k in range(count)), np.zeros(b.shape[1], b.dtype))


@pytest.mark.parametrize("name", ["sparse", "sparse_in_order"])
@pytest.mark.parametrize("blocks", [1, 3, 9, 15])
def test_rows_that_lie_in_one_piece(blocks, name, some_primitives):
    primitives, columns = some_primitives, blocks * some_primitives.block
    b, s = primitives.whole(N_ROWS, columns, seed=1), primitives.whole(columns, seed=2)
    for count in COUNTS:
        index, values = a_list(primitives, count)
        c = primitives.array(np.full(columns + 1, 9))
        primitives(name)(c, s, b, columns, index, values, count, blocks)
        np.testing.assert_array_equal(c[:columns], s + summed(index, values, b, count))
        assert c[columns] == 9


def in_panels(primitives, rows):
    """Lay rows out in panels: give the memory, its distances, and the rows of all panels side by side."""
    width = WIDE * primitives.block
    n_rows, columns = rows.shape
    memory = primitives.array(np.zeros((-(-columns // width), n_rows, width)))
    for number, panel in enumerate(memory):
        panel[:, : columns - number * width] = rows[:, number * width : (number + 1) * width]
    return memory, width, n_rows * width


@pytest.mark.parametrize("blocks", SPARSE_WIDES)
@pytest.mark.parametrize("name", ["panels", "panels_on"])
def test_rows_that_lie_in_panels(name, blocks, some_primitives):
    primitives, columns = some_primitives, blocks * some_primitives.block
    rows, start = primitives.whole(N_ROWS, columns, seed=1), primitives.whole(1, columns, seed=2)
    b, b_row, b_panel = in_panels(primitives, rows)
    s, _, s_panel = in_panels(primitives, start)
    for count in COUNTS:
        index, values = a_list(primitives, count)
        c = primitives.array(np.full(s.shape, 9))
        entries, first = index, values
        if name == "panels":  # an entry has its value behind it, in as much room
            entries = np.zeros((count + 1, 2), primitives.dtype)
            entries.view(np.int32).reshape(count + 1, -1)[:, 0] = index
            entries[:, 1] = values
            first = entries.reshape(-1)[1:]
        primitives(name)(c, s_panel, s, s_panel, b, b_row, b_panel, entries, first, count, blocks)
        found = np.concatenate(list(c[:, 0]))
        np.testing.assert_array_equal(found[:columns], start[0] + summed(index, values, rows, count))
        assert (found[columns:] == 9).all()


def test_a_sum_goes_on_where_another_ended(some_primitives):
    """The bits are those of one list: where a list is cut changes nothing."""
    primitives, blocks = some_primitives, 8
    random, columns = np.random.default_rng(0), blocks * some_primitives.block
    rows = primitives.array(random.standard_normal((N_ROWS, columns)))
    b, b_row, b_panel = in_panels(primitives, rows)
    s, _, panel = in_panels(primitives, np.zeros((1, columns)))
    index, values = (
        random.integers(0, N_ROWS, 17).astype(np.int32),
        primitives.array(random.standard_normal(17)),
    )
    whole, cut = (primitives.array(np.zeros(s.shape)) for _ in range(2))
    go_on = primitives("panels_on")
    go_on(whole, panel, s, panel, b, b_row, b_panel, index, values, 17, blocks)
    go_on(cut, panel, s, panel, b, b_row, b_panel, index, values, 6, blocks)
    go_on(cut, panel, cut, panel, b, b_row, b_panel, index[6:], values[6:], 11, blocks)
    assert whole.any()
    np.testing.assert_array_equal(whole, cut)


def test_a_list_of_all_but_zeros_has_the_bits_of_the_product(some_primitives):
    primitives, blocks = some_primitives, 2
    random, columns = np.random.default_rng(0), blocks * some_primitives.block
    x = random.standard_normal(N_ROWS) * (random.random(N_ROWS) < 0.5)
    b = primitives.array(random.standard_normal((N_ROWS, columns)))
    s, listed, product = (
        primitives.array(each) for each in (random.standard_normal(columns), *np.zeros((2, columns)))
    )
    index = np.flatnonzero(x).astype(np.int32)
    primitives("sparse_in_order")(
        listed, s, b, columns, index, primitives.array(x[index]), len(index), blocks
    )
    given = primitives.array(x), N_ROWS, b, columns, s, 0, product, columns
    primitives("piece")(1, blocks, *given, N_ROWS, b, 48)
    np.testing.assert_array_equal(listed, product)
