"""How loops take numbers below the smallest ordinary one, and panels of weights."""

import numba
import numpy as np
import pytest

from pellucid.passes.compiled.machine import is_x86
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, WIDE, lay_out, panels_of, read_back
from pellucid.passes.compiled.primitives.intrinsics import flush_denormals, restore_denormals


@pytest.mark.skipif(not is_x86(), reason="it is x86's control register that says so")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tiny_numbers_are_0_in_between_only(dtype):
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


def test_where_there_is_no_such_register_nothing_changes(monkeypatch):
    monkeypatch.setattr("pellucid.passes.compiled.primitives.intrinsics.is_x86", lambda: False)

    @numba.njit
    def halved(values):
        before = flush_denormals()
        values[1] = values[0] * values[2]
        restore_denormals(before)
        return before

    least = np.finfo(np.float32).tiny
    values = np.array([least, 9, 0.5], np.float32)
    assert (halved(values), values[1]) == (0, least / 2)


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
