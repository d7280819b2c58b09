"""Products of any number of rows, 1 to 3 blocks wide and of any depth, against NumPy."""

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import TILE_ROWS, WIDE

ROWS, DEPTHS = [0, 1, 2, 7, 8, 13], [0, 1, 4, 7, 9]
# The distance of panels for what is prefetched; it changes no number.
FAR = 48


def arrays(primitives, rows, blocks, depth, *, panels=False):
    """Give A, B, S and C: B as wide as a panel, S and C wider than what is asked for."""
    columns = WIDE * primitives.block
    a, b = primitives.whole(rows, depth, seed=1), primitives.whole(max(depth, 1), columns, seed=2)
    return (
        a,
        b,
        primitives.whole(rows + 1, columns, seed=3),
        primitives.array(np.full((rows + 1, columns), 9)),
    )


def assert_is_product(c, a, b, s, rows, columns):
    np.testing.assert_array_equal(c[:rows, :columns], (s[:rows] + a @ b[: a.shape[1]])[:, :columns])
    assert (c[rows:] == 9).all(), "a row too many"
    assert (c[:, columns:] == 9).all(), "a column too many"


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("blocks", [1, 2, 3])
@pytest.mark.parametrize("layout", ["piece", "panel"])
def test_a_product_and_what_is_added_to_it(layout, blocks, depth, some_primitives):
    primitives, columns = some_primitives, blocks * some_primitives.block
    for rows in ROWS:
        a, b, s, c = arrays(primitives, rows, blocks, depth)
        given = a, max(depth, 1), b, b.shape[1]
        primitives(layout)(rows, blocks, *given, s, s.shape[1], c, c.shape[1], depth, b, FAR)
        assert_is_product(c, a, b, s, rows, columns)
        c[...] = 9
        primitives(layout)(rows, blocks, *given, s, 0, c, c.shape[1], depth, b, FAR)
        assert_is_product(c, a, b, np.broadcast_to(s[0], s.shape), rows, columns)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_product_whose_left_side_lies_transposed(blocks, depth, some_primitives):
    primitives, columns = some_primitives, blocks * some_primitives.block
    for rows in (0, 1, 2, 7, TILE_ROWS):
        a, b, s, c = arrays(primitives, rows, blocks, depth)
        packed = primitives.array(np.zeros((depth + 1, TILE_ROWS)))
        packed[:depth, :rows] = a.T
        given = packed, TILE_ROWS, b, b.shape[1]
        primitives("across")(rows, blocks, *given, s, s.shape[1], c, c.shape[1], depth, b, FAR)
        assert_is_product(c, a, b, s, rows, columns)


def test_what_is_added_is_added_last(some_primitives):
    # Large weights would take the small products one by one; they take their sum whole.
    depth, large = 64, 1 / np.finfo(some_primitives.dtype).eps
    a, b = (some_primitives.array(np.full(shape, 0.5)) for shape in ((1, depth), (depth, 48)))
    s, c = some_primitives.array(np.full((1, 48), large)), some_primitives.array(np.zeros((1, 48)))
    some_primitives("piece")(1, 1, a, depth, b, 48, s, 48, c, 48, depth, b, FAR)
    assert (c[0, : some_primitives.block] == large + depth / 4).all()


def test_real_numbers_but_for_rounding(some_primitives):
    random, (rows, depth) = np.random.default_rng(0), (13, 37)
    columns = WIDE * some_primitives.block
    a, b = (
        some_primitives.array(random.standard_normal(shape)) for shape in ((rows, depth), (depth, columns))
    )
    s, c = some_primitives.array(np.zeros(columns)), some_primitives.array(np.zeros((rows, columns)))
    some_primitives("panel")(rows, WIDE, a, depth, b, columns, s, 0, c, columns, depth, b, FAR)
    tolerance = depth * np.finfo(some_primitives.dtype).eps
    np.testing.assert_allclose(c, a.astype(float) @ b.astype(float), rtol=0, atol=10 * tolerance)


def test_a_block_is_transposed(primitives):
    n = primitives.block
    b, c = primitives.array(np.arange(n * (n + 8)).reshape(n, n + 8)), primitives.array(np.zeros((n, n + 16)))
    primitives("transpose")(c, c.shape[1], b, b.shape[1])
    np.testing.assert_array_equal(c[:, :n], b[:, :n].T)
    assert not c[:, n:].any()


@pytest.mark.parametrize("rows", [1, 9])
def test_errors_are_carried_back_through_transposed_weights(rows, some_primitives):
    """As the batch loop does: weights are transposed block by block, and multiplied with errors."""
    primitives, block = some_primitives, some_primitives.block
    n_in, n_out = block, 2 * block  # one block of inputs, the weights' rows
    weights, errors = primitives.whole(n_in, n_out, seed=1), primitives.whole(rows, n_out, seed=2)
    transposed = primitives.array(np.zeros((n_out, WIDE * block)))
    for k in range(n_out // block):
        to = transposed[k * block :]
        primitives("transpose")(to, transposed.shape[1], weights[:, k * block :], n_out)
    slopes, nothing = primitives.array(np.zeros((rows, WIDE * block))), primitives.array(np.zeros(block))
    given = errors, n_out, transposed, transposed.shape[1], nothing, 0, slopes, slopes.shape[1]
    primitives("panel")(rows, 1, *given, n_out, transposed, FAR)
    np.testing.assert_array_equal(slopes[:, :block], errors @ weights.T)
