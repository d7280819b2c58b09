"""Steps of weights, and the way back through weights as they lie, against NumPy."""

import numpy as np
import pytest

from pellucid.passes.compiled.primitives.sweeps import AT_ONCE

N_ROWS = 11


@pytest.mark.parametrize("blocks", AT_ONCE)
def test_a_step_for_each_row_that_a_list_names(blocks, primitives):
    columns = blocks * primitives.block
    for count in (0, 1, 6):
        index, values = np.array([3, 0, 10, 3, 5, 9], np.int32), primitives.whole(6, seed=1)
        b, d = primitives.whole(N_ROWS, columns + 3, seed=2), primitives.whole(columns, seed=3)
        wanted = b.copy()
        for k in range(count):  # row 3 twice
            wanted[index[k], :columns] += values[k] * d
        primitives("sparse_add", AT_ONCE)(b, b.shape[1], index, values, count, d, blocks)
        np.testing.assert_array_equal(b, wanted)


@pytest.mark.parametrize("blocks", AT_ONCE)
def test_all_rows_change_and_are_summed_as_they_are_then(blocks, primitives):
    columns = blocks * primitives.block
    for count in (0, 1, N_ROWS):
        b, s, d = (
            primitives.whole(*shape, seed=columns) for shape in ((N_ROWS, columns), (columns,), (columns,))
        )
        u, v, c = primitives.whole(N_ROWS, seed=1), primitives.whole(N_ROWS, seed=2), primitives.array(0 * s)
        wanted = b.copy()
        wanted[:count] += np.outer(u, d)[:count]
        primitives("add_and_sum", AT_ONCE)(c, s, b, columns, u, d, v, count, blocks)
        np.testing.assert_array_equal(b, wanted)
        np.testing.assert_array_equal(c, s + v[:count] @ wanted[:count])


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_products_with_the_rows_of_a_list(blocks, primitives):
    length, block = blocks * primitives.block, primitives.block
    index = np.random.default_rng(0).integers(0, N_ROWS, block).astype(np.int32)
    b, d = primitives.whole(N_ROWS, length + 5, seed=1), primitives.whole(length + 1, seed=2)
    c = primitives.array(np.full(block + 1, 9))
    primitives("dots")(c, b, b.shape[1], index, d, length)
    np.testing.assert_array_equal(c[:block], b[index, :length] @ d[:length])
    assert c[block] == 9
