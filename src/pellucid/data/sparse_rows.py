"""Sparse rows: only the nonzero values are stored, with their columns."""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["SparseRows", "is_sparse"]


def is_sparse(values: object) -> bool:
    """Return whether something is a SciPy sparse matrix or array, without importing SciPy."""
    scipy = sys.modules.get("scipy.sparse")
    return scipy is not None and bool(scipy.issparse(values))


@dataclass(frozen=True, eq=False)
class SparseRows:
    """A matrix in compressed sparse row format (CSR).

    Parameters
    ----------
    values : array of numbers, shape (n_values,)
        The nonzero values, row after row.
    columns : array of int32, shape (n_values,)
        The column of each value, ascending in each row.
    starts : array of int64, shape (n + 1,)
        The start of each row's values, and the end of the last row's.
    width : int
        The number of columns.

    Examples
    --------
    >>> rows = SparseRows.of_dense(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]]))
    >>> rows.values, rows.columns, rows.starts
    (array([2., 1., 3.]), array([1, 0, 2], dtype=int32), array([0, 1, 3]))
    >>> rows[1:].dense()
    array([[1., 0., 3.]])
    """

    values: NDArray[Any]
    columns: NDArray[np.int32]
    starts: NDArray[np.int64]
    width: int

    @classmethod
    def of(cls, matrix: Any) -> "SparseRows":
        """Convert a SciPy sparse matrix; duplicates are added up and zeros are removed."""
        rows = matrix.tocsr()
        if rows is matrix or not rows.has_canonical_format or not rows.data.all():
            rows = rows.copy()
            rows.sum_duplicates()
            rows.eliminate_zeros()
        columns, starts = rows.indices.astype(np.int32, copy=False), rows.indptr.astype(np.int64, copy=False)
        return cls(rows.data, columns, starts, rows.shape[1])

    @classmethod
    def of_dense(cls, matrix: NDArray[Any]) -> "SparseRows":
        """Convert an array of shape (n, width)."""
        rows, columns = np.nonzero(matrix)
        starts = np.searchsorted(rows, np.arange(len(matrix) + 1)).astype(np.int64)
        return cls(matrix[rows, columns], columns.astype(np.int32), starts, matrix.shape[1])

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and columns."""
        return len(self), self.width

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return 2

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The dtype of the values."""
        return self.values.dtype

    @property
    def size(self) -> int:
        """The number of matrix entries, zeros included."""
        return len(self) * self.width

    @property
    def kept(self) -> int:
        """The number of stored values."""
        return int(self.starts[-1] - self.starts[0])

    def __getitem__(self, index: int | slice | NDArray[np.intp]) -> "SparseRows":
        """Return some rows; a slice copies nothing."""
        if isinstance(index, slice) and index.step in (None, 1):
            first, last, _ = index.indices(len(self))
            return SparseRows(
                self.values, self.columns, self.starts[first : max(first, last) + 1], self.width
            )
        chosen = np.atleast_1d(np.arange(len(self))[index])
        counts = self.starts[chosen + 1] - self.starts[chosen]
        starts = np.concatenate([[0], np.cumsum(counts)])
        # The position of each value here: the start of its row, plus its position in the row.
        places = np.repeat(self.starts[chosen] - starts[:-1], counts) + np.arange(starts[-1])
        return SparseRows(self.values[places], self.columns[places], starts, self.width)

    def dense(self, dtype: DTypeLike | None = None) -> NDArray[Any]:
        """Return the dense array, shape (n, width)."""
        whole = np.zeros(self.shape, self.dtype if dtype is None else dtype)
        first, last = self.starts[0], self.starts[-1]
        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        whole[rows, self.columns[first:last]] = self.values[first:last]
        return whole

    def multiplied(self, factors: NDArray[np.float64]) -> "SparseRows":
        """Multiply each column by a factor; columns with the factor 0 are removed.

        Parameters
        ----------
        factors : array of float64, shape (width,)
        """
        first, last = self.starts[0], self.starts[-1]
        columns = self.columns[first:last]
        values, stays = self.values[first:last] * factors[columns], factors[columns] != 0
        before = np.concatenate([[0], np.cumsum(stays)])
        return SparseRows(values[stays], columns[stays], before[self.starts - first], self.width)

    def squares(self) -> NDArray[np.float64]:
        """Return the sum of squares of each row."""
        first, last = self.starts[0], self.starts[-1]
        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        values = self.values[first:last].astype(np.float64)
        return np.bincount(rows, values * values, minlength=len(self)).astype(np.float64)

    def products(self, rows: slice) -> NDArray[np.float64]:
        """Return the dot products of some rows with all rows, shape (number of rows, n)."""
        from scipy.sparse import csr_array

        first, last = self.starts[0], self.starts[-1]
        values = self.values[first:last].astype(np.float64)
        matrix = csr_array((values, self.columns[first:last], self.starts - first), shape=self.shape)
        found: NDArray[np.float64] = (matrix[rows] @ matrix.T).toarray()
        return found
