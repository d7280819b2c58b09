"""The encoding of arrays: pixels scaled, other numbers standardised, those far out clipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np

from pellucid.data.encoding.column_report import ColumnReport, array_report
from pellucid.data.encoding.far_numbers import far_note, far_numbers, is_usual
from pellucid.data.encoding.input_kind import InputKind, nothing_to_learn, number_rows
from pellucid.data.encoding.standard import FAR, Floats, clipped, far_shares, fit_columns, standardised
from pellucid.data.encoding.stored import Part, check_standardisation, floats
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.data.sparse_rows import SparseRows
from pellucid.described import list_of, number, number_from, text, whole

__all__ = ["ArrayInputs", "PixelInputs"]


@lru_cache(maxsize=8)  # built once, and not for each row that is predicted
def _names_of(height: int, width: int) -> tuple[str, ...]:
    return tuple(f"pixel ({row}, {column})" for row in range(height) for column in range(width))


@dataclass(frozen=True)
class PixelInputs(InputKind):
    """Images: each pixel is an input; bytes stay bytes.

    Parameters
    ----------
    shape : (int, int)
        Height and width.
    scale : float
        The factor by which a pixel is multiplied, 1/255 for bytes.

    Examples
    --------
    >>> import numpy as np
    >>> inputs = PixelInputs((2, 2), 1 / 255)
    >>> inputs.features[1]
    'pixel (0, 1)'
    >>> inputs.encode(np.zeros((5, 2, 2), np.uint8))[0].shape
    (5, 4)
    """

    shape: tuple[int, int]
    scale: float

    kind = "pixels"
    stored: ClassVar[Mapping[str, Part]] = {
        "shape": Part(list_of(whole(1), length=2), tuple),
        "scale": Part(number_from(above=0)),
    }

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: row and column, counted from 0."""
        return _names_of(*self.shape)

    @property
    def n_inputs(self) -> int:
        # Not from the names, of which a damaged file may ask for any number.
        return self.shape[0] * self.shape[1]

    @property
    def image_shape(self) -> tuple[int, int]:
        return self.shape

    @property
    def made(self) -> str:
        factor = f"1/{1 / self.scale:g}" if self.scale < 1 else f"{self.scale:g}"
        return f"{self.n_inputs:,} pixels, {self.shape[0]} x {self.shape[1]}, times {factor}"

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        return number_rows(rows, self.features, place, self.shape), self.scale


@dataclass(frozen=True, eq=False)
class ArrayInputs(InputKind):
    """Numbers, one row per example, each column standardised; numbers far out are clipped smoothly.

    Parameters
    ----------
    names : tuple of str
        The names of the columns.
    mean, scale : array of float64, shape (n_inputs,)
        Mean and population standard deviation of the training set; or median and median deviation, if some
        numbers lie far out. The scale of a constant column is 0, and its input is always 0.
    limit : array of float64, shape (n_inputs,), optional
        Up to this distance, in scales, inputs are not clipped; by default none is.
    far : array of float64, shape (n_inputs,), optional
        The shares of numbers far out in the training set, by default 0 or not known.

    Examples
    --------
    >>> inputs = ArrayInputs.fit(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> inputs.features, inputs.encode(np.array([[5.0, 8.0]]))
    (('column 0', 'column 1'), (array([[3., 0.]]), 1.0))
    """

    names: tuple[str, ...]
    mean: Floats
    scale: Floats
    limit: Floats | None = None
    far: Floats | None = None

    kind = "array"
    stored: ClassVar[Mapping[str, Part]] = {
        "names": Part(list_of(text, least=1), tuple),
        "mean": Part(list_of(number), floats),
        "scale": Part(list_of(number_from(least=0)), floats),
        "limit": Part(list_of(number_from(above=0)), floats, in_all_files=False),
        "far": Part(list_of(number_from(least=0)), floats, in_all_files=False),
    }

    @classmethod
    def fit(cls, rows: Array) -> Self:
        """Fit to the training set.

        Parameters
        ----------
        rows : array of finite numbers, shape (n, n_inputs)

        Raises
        ------
        DataError
            When all columns are constant.
        """
        mean, scale, limit = fit_columns(rows)
        if not scale.any():
            raise nothing_to_learn("all columns are constant", f"{len(rows):,} identical rows")
        far = far_shares(rows, mean, scale) if (limit < FAR).any() else None
        return cls(tuple(f"column {index}" for index in range(rows.shape[1])), mean, scale, limit, far)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: columns counted from 0."""
        return self.names

    def reports(self, rows: Array | SparseRows) -> list[ColumnReport]:
        used, constant = np.flatnonzero(self.scale), np.flatnonzero(self.scale == 0)
        words = "1 number" if len(used) == 1 else f"{len(used):,} numbers"
        found = [array_report(rows, used, f"{words}, standardised")]
        if constant.size:
            always = "0 for the network, because constant in the training set"
            found.append(array_report(rows, constant, always, "constant", "left out"))
        return found

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        numbers = number_rows(rows, self.names, place)
        inputs = standardised(numbers, self.mean, self.scale)
        if self.limit is None:
            return inputs, 1.0
        if notes is not None:
            notes += self._far_out(numbers, inputs, place, self.far)
        return clipped(inputs, self.limit), 1.0

    def far_notes(self, rows: Array, place: Place) -> list[str]:
        """Note the numbers that lie far out, of an array whose training set has some."""
        if self.far is None or not self.far.any():
            return []
        columns = np.flatnonzero(self.far)
        inputs = np.zeros(rows.shape)
        inputs[:, columns] = standardised(rows[:, columns], self.mean[columns], self.scale[columns])
        return self._far_out(rows, inputs, place)

    def _far_out(
        self, numbers: Array, inputs: Floats, place: Place, usual: Floats | None = None
    ) -> list[str]:
        """Note the numbers that lie far out, except for as many as are usual."""
        found = []
        for index in np.flatnonzero((np.abs(inputs) > FAR).any(axis=0)):
            of_column = far_numbers(self.names[index], numbers[:, index], inputs[:, index])
            share = None if usual is None else float(usual[index])
            if of_column and not is_usual(of_column.count, len(numbers), share):
                found.append(of_column)
        return far_note(found, place)

    def check(self, where: str) -> None:
        check_standardisation(where, self.names, self.mean, self.scale)
        for values, what in ((self.limit, "limits"), (self.far, "shares of numbers far out")):
            if values is not None and len(values) != len(self.names):
                raise ValueError(f"{where} has {len(self.names)} names and {len(values)} {what}")
