"""Rows of numbers and single ones, against NumPy."""

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import TILE_ROWS

BLOCKS = [0, 1, 3]


@pytest.mark.parametrize("blocks", BLOCKS)
def test_a_row_is_scaled_combined_and_cleared(blocks, primitives):
    n = blocks * primitives.block
    a, b = primitives.whole(n + 1, seed=1), primitives.whole(n + 1, seed=2)
    for name, how, given, wanted in (
        ("scale", (), (0.5, a), 0.5 * a),
        ("combine", ("add",), (a, b), a + b),
        ("combine", ("multiply",), (a, b), a * b),
        ("clear", (), (), 0 * a),
    ):
        c = primitives.array(np.full(n + 1, 7))
        primitives(name, *how)(c, *given, n)
        np.testing.assert_array_equal(c[:n], wanted[:n])
        assert c[n] == 7, "what lies behind the row has changed"


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_the_same_numbers_of_some_rows_are_packed(rows, primitives):
    for width in (TILE_ROWS, primitives.block):
        b, c = primitives.whole(rows, 2 * width + 3), primitives.array(np.zeros((rows, 2 * width)))
        primitives("pack", width)(c, c.shape[1], b, b.shape[1], rows)
        np.testing.assert_array_equal(c[:, :width], b[:, :width])
        assert not c[:, width:].any()


def test_one_number_that_is_not_finite_is_found_wherever_it_stands(primitives):
    n, finite = 2 * primitives.block, primitives("finite")
    largest = np.finfo(primitives.dtype).max
    assert finite(primitives.array(np.full(n, largest)), n)
    assert finite(primitives.array(np.zeros(1)), 0)
    for place in range(n):
        for value in (np.nan, np.inf, -np.inf):
            x = primitives.array(np.ones(n))
            x[place] = value
            assert not finite(x, n)


@pytest.mark.parametrize("blocks", BLOCKS)
def test_squares_are_summed_in_float64(blocks, primitives):
    n, sum_of_squares = blocks * primitives.block, primitives("sum_of_squares")
    x = primitives.array(np.random.default_rng(0).standard_normal(n))
    np.testing.assert_allclose(sum_of_squares(x, n), np.square(x.astype(float)).sum(), rtol=1e-14)


def test_squares_that_float32_would_lose(primitives):
    x = primitives.array(np.ones(2 * primitives.block))
    x[0] = 2.0**13  # its square is 2^26, beside which float32 has no ones
    assert primitives("sum_of_squares")(x, len(x)) == 2.0**26 + len(x) - 1


@pytest.mark.parametrize("count", [0, 1, 5])
def test_products_go_where_a_list_says(count, primitives):
    index = np.array([6, 0, 3, 2, 5], np.int32)
    a, b, c = primitives.whole(5, seed=1), primitives.whole(5, seed=2), primitives.array(np.full(7, 9))
    wanted = c.copy()
    wanted[index[:count]] = (a * b)[:count]
    primitives("scatter")(c, index, a, b, count)
    np.testing.assert_array_equal(c, wanted)


def test_single_numbers_are_moved_read_and_written(primitives):
    b, c = primitives.array(np.arange(5)), primitives.array(np.zeros(3))
    primitives("move")(c, 2, b, 4)
    primitives("put")(c, 0, 0.1)
    assert c.tolist() == [primitives.dtype.type(0.1), 0, 4]
    assert primitives("get")(c, 0) == c[0]
