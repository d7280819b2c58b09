"""Matrices in panels, as products read them."""

import numpy as np
import pytest

from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, WIDE, lay_out, panels_of, read_back


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 15, 16, 17, 48, 49, 100, 300])
def test_a_matrix_comes_back_from_panels(n, dtype):
    matrix = np.random.default_rng(n).standard_normal((21, n)).astype(dtype)
    panels = panels_of(21, n, matrix.dtype)
    lay_out(matrix, panels)
    block = BLOCK_BYTES // matrix.itemsize
    for row, column in [(0, 0), (20, n - 1), (7, n // 2)]:
        panel, within = divmod(column, min(WIDE, -(-n // block)) * block)
        assert panels[panel, row, within] == matrix[row, column]
    assert np.count_nonzero(panels) == matrix.size  # and nothing but zeros beside
    assert panels.shape[1] % block == 0
    back = np.full_like(matrix, np.nan)
    read_back(panels, back)
    assert (back == matrix).all()
