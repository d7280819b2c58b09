"""The encoding of sparse rows: each column scaled by its largest absolute value, zeros left as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from pellucid.data.cells.arrays import check_finite, wrong_width
from pellucid.data.encoding.input_kind import InputKind, nothing_to_learn, number_rows
from pellucid.data.encoding.standard import Floats
from pellucid.data.encoding.stored import Part, floats
from pellucid.data.raw import Place, row_place
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.described import list_of, number_from

__all__ = ["SparseInputs"]


@dataclass(frozen=True, eq=False)
class SparseInputs(InputKind):
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

    largest: Floats

    kind = "sparse"
    stored: ClassVar[Mapping[str, Part]] = {"largest": Part(list_of(number_from(least=0), least=1), floats)}

    @classmethod
    def fit(cls, rows: SparseRows) -> Self:
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
            raise nothing_to_learn("all values are 0", f"{len(rows):,} rows of zeros")
        return cls(largest)

    @property
    def made(self) -> str:
        return f"{self.n_inputs:,} numbers, divided by their largest"

    @property
    def n_inputs(self) -> int:
        return len(self.largest)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: columns counted from 0."""
        return tuple(f"column {index}" for index in range(self.n_inputs))

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[SparseRows, float]:
        if is_sparse(rows):
            rows = SparseRows.of(rows)
        if not isinstance(rows, SparseRows):
            rows = SparseRows.of_dense(number_rows(rows, self.features, place))
        if rows.width != self.n_inputs:
            raise wrong_width(f"{self.n_inputs} columns", rows)
        check_finite(rows, "the rows", place)
        factors = np.divide(1.0, self.largest, out=np.zeros(self.n_inputs), where=self.largest > 0)
        return rows.multiplied(factors), 1.0
