"""Sparse rows beside the arrays that they stand for, and beside SciPy's own."""

import sys

import numpy as np
import pytest
import scipy.sparse

from pellucid.data.sparse_rows import SparseRows, is_sparse


@pytest.fixture
def matrix():
    random = np.random.default_rng(0)
    matrix = random.integers(-9, 9, (12, 7)) * (random.random((12, 7)) < 0.3)
    matrix[[0, 5, 11]] = 0  # empty rows at both ends and between
    return matrix.astype(float)


@pytest.mark.parametrize(
    "kind", ["csr_matrix", "csr_array", "csc_array", "coo_array", "lil_array", "dok_array"]
)
def test_every_kind_of_scipy_is_taken(matrix, kind):
    sparse = getattr(scipy.sparse, kind)(matrix)
    assert is_sparse(sparse)
    rows = SparseRows.of(sparse)
    assert (rows.dense() == matrix).all()
    assert (rows.shape, rows.ndim, rows.dtype, len(rows)) == (matrix.shape, 2, matrix.dtype, 12)
    assert rows.kept == np.count_nonzero(matrix)
    assert (rows.columns.dtype, rows.starts.dtype) == (np.int32, np.int64)


def test_what_stands_twice_is_added_up_and_zeros_are_left_out():
    columns, values = np.array([2, 0, 2, 1]), np.array([1.0, 5.0, 3.0, 0.0])
    given = scipy.sparse.csr_array((values, columns, np.array([0, 4])), shape=(1, 3))
    rows = SparseRows.of(given)
    assert (rows.values.tolist(), rows.columns.tolist()) == ([5, 4], [0, 2])
    assert given.nnz == 4, "what was given was changed"


def test_of_dense_is_the_same(matrix):
    mine, theirs = SparseRows.of_dense(matrix), SparseRows.of(scipy.sparse.csr_array(matrix))
    for name in ("values", "columns", "starts"):
        assert (getattr(mine, name) == getattr(theirs, name)).all()


@pytest.mark.parametrize(
    "index",
    [
        slice(None),
        slice(3, 9),
        slice(5, 5),
        slice(9, 3),
        slice(-3, None),
        slice(None, None, 2),
        0,
        -1,
        np.array([4, 4, 0, 11]),
        np.array([], np.intp),
        np.arange(12) % 3 == 0,
    ],
    ids=str,
)
def test_rows_are_chosen_as_of_an_array(matrix, index):
    whole = SparseRows.of_dense(matrix)
    for rows, numbers in ((whole, matrix), (whole[2:], matrix[2:])):
        if isinstance(index, np.ndarray) and index.dtype == bool:
            chosen = index[: len(rows)]
        else:
            chosen = np.minimum(index, len(rows) - 1) if isinstance(index, np.ndarray) else index
        assert (rows[chosen].dense() == np.atleast_2d(numbers[chosen])).all()


def test_rows_in_one_piece_copy_nothing(matrix):
    rows = SparseRows.of_dense(matrix)
    assert rows[2:7].values is rows.values


@pytest.mark.parametrize("part", [slice(None), slice(3, 8)])
def test_factors_squares_and_products(matrix, part):
    rows, numbers = SparseRows.of_dense(matrix)[part], matrix[part]
    factors = np.array([1.0, 0, 2, -1, 0, 0.5, 3])
    multiplied = rows.multiplied(factors)
    assert (multiplied.dense() == numbers * factors).all()
    assert multiplied.kept == np.count_nonzero(numbers * factors)
    assert (rows.squares() == (numbers**2).sum(axis=1)).all()
    assert (rows.products(slice(1, 4)) == numbers[1:4] @ numbers.T).all()


def test_scipy_is_not_imported_to_ask(monkeypatch):
    monkeypatch.delitem(sys.modules, "scipy.sparse")
    assert not is_sparse(np.zeros((2, 2)))
    assert "scipy.sparse" not in sys.modules
