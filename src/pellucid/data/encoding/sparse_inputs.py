"""The encoding of sparse rows: each column scaled by its largest absolute value, zeros left as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.arrays import check_finite
from pellucid.data.encoding.number_inputs import number_rows, wrong_width
from pellucid.data.raw import Place, row_place
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.described import Check, fields, list_of, number_from, one_of
from pellucid.errors import DataError

__all__ = ["SparseInputs"]


@dataclass(frozen=True, eq=False)
class SparseInputs:
    """Sparse numbers, one row per example.

    Columns are divided by their largest absolute value in the training set and not shifted, because
    subtracting a mean would make every zero nonzero.

    Parameters
    ----------
    largest : array of float64, shape (n_inputs,)
        The largest absolute values; 0 for a column of zeros, whose input is always 0.

    Examples
    --------
    >>> rows = SparseRows.of_dense(np.array([[0.0, 4.0, 0.0], [-2.0, 1.0, 0.0]]))
    >>> inputs = SparseInputs.fit(rows)
    >>> inputs.encode(rows)[0].dense()
    array([[ 0.  ,  1.  ,  0.  ],
           [-1.  ,  0.25,  0.  ]])
    """

    largest: NDArray[np.float64]

    kind: ClassVar[str] = "sparse"
    image_shape: ClassVar[None] = None
    _described: ClassVar[Check] = fields(
        {"kind": one_of(["sparse"]), "largest": list_of(number_from(least=0), least=1)}
    )

    @classmethod
    def fit(cls, rows: SparseRows) -> "SparseInputs":
        """Fit to the training set.

        Raises
        ------
        DataError
            When all numbers are 0.
        """
        largest = np.zeros(rows.width)
        first, last = rows.starts[0], rows.starts[-1]
        np.maximum.at(largest, rows.columns[first:last], np.abs(rows.values[first:last].astype(np.float64)))
        if not largest.any():
            raise DataError(
                "all values are 0 in the training set, so nothing can be learned from it",
                expected="rows that differ",
                received=f"{len(rows):,} rows of zeros",
                remedy="check how x was made; if there are few rows, make the test set smaller",
            )
        return cls(largest)

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network."""
        return len(self.largest)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: columns counted from 0."""
        return tuple(f"column {index}" for index in range(self.n_inputs))

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[SparseRows, float]:
        """Scale rows.

        Parameters
        ----------
        rows : SparseRows, a sparse matrix, an array of shape (n, n_inputs), or a data frame of that width
        place : callable
            Describes where a row is, for error messages.
        notes : list of str, optional
            Not used.

        Returns
        -------
        SparseRows of float64, and the scale 1

        Raises
        ------
        DataError
            When the number of columns differs, or a value is not a finite number.
        """
        if is_sparse(rows):
            rows = SparseRows.of(rows)
        if not isinstance(rows, SparseRows):
            rows = SparseRows.of_dense(number_rows(rows, self.features, place))
        if rows.width != self.n_inputs:
            raise wrong_width(f"{self.n_inputs} columns", f"{rows.width} columns")
        check_finite(rows, "the rows", place)
        factors = np.divide(1.0, self.largest, out=np.zeros(self.n_inputs), where=self.largest > 0)
        return rows.multiplied(factors), 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {"kind": self.kind, "largest": self.largest.tolist()}

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "SparseInputs":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "inputs")
        return cls(np.array(parts["largest"], float))
