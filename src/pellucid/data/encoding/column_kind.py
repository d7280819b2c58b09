"""The common part of the kinds of columns."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.column_notes import ColumnNote
from pellucid.data.encoding.far_numbers import FarNumbers
from pellucid.data.encoding.stored import Stored
from pellucid.data.examples import Array
from pellucid.data.raw import Place

__all__ = ["ColumnKind", "rows", "write_codes"]


class ColumnKind(Stored):
    """An encoding of one column of a table, fitted to the training set."""

    place = "column"
    tag = "kind"
    kind: ClassVar[str]
    # What its cells are, in the table of the columns.
    read_as: ClassVar[str]
    name: str
    missing: bool

    @property
    @abstractmethod
    def made(self) -> str:
        """What is made of it, in a few words."""

    @property
    def becomes(self) -> str:
        """What is made of it and of its missing values, in a few words."""
        return f"{self.made} + missing flag" if self.missing else self.made

    @property
    @abstractmethod
    def values(self) -> tuple[str, ...]:
        """The names of its inputs, without the one for missing values."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return (*self.values, f"{self.name} is missing") if self.missing else self.values

    def far_out(self, column: pl.Series) -> FarNumbers | None:
        """Return the numbers that lie far out, of a column whose training set has some."""
        return None

    def encode(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.float64]:
        """Encode cells as inputs, shape (n, number of features); parameters and errors as in `read`."""
        cells = self.read(column, place, notes, far)
        inputs = np.zeros((len(cells), len(self.features)))
        self.write(cells, inputs)
        return inputs

    @abstractmethod
    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> Array:
        """Read cells, and note unknown categories and missing values where training had none.

        Parameters
        ----------
        column : polars.Series of float64, text or booleans
        place : callable
            Describes where a row is, for error messages.
        notes : list of str
            Extended by the notes.
        far : list of FarNumbers, optional
            Extended by the numbers that lie far out, and are clipped, if these are more than usual.

        Returns
        -------
        array, shape (n, ...)
            What `write` takes, in less memory than the inputs need.

        Raises
        ------
        DataError
            When a cell of a numeric column contains text.
        """

    @abstractmethod
    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        """Write some of the cells that were read to their inputs.

        Parameters
        ----------
        cells : array, shape (m, ...)
        inputs : array of zeros, shape (m, number of features)
        """

    def compared(self, column: pl.Series) -> pl.Series:
        """Return the cells as they are compared with other columns and the target."""
        return column

    def _note_missing(self, count: int, filled: str) -> list[str]:
        if self.missing or not count:
            return []
        why = f"never missing in training: {filled}"
        return [
            ColumnNote(
                f"{rows(count)} without {self.name!r}, which was {why}",
                {self.name: f"missing in {rows(count)}, but {why}"},
            )
        ]

    def _note_unknown(self, count: int, what: str, example: str) -> list[str]:
        """Note cells with a value that training did not have."""
        such = f"such as {example!r}: encoded as all zeros"
        return [
            ColumnNote(
                f"{rows(count)} with {what} in {self.name!r}, {such}",
                {self.name: f"{rows(count)} with {what}, {such}"},
            )
        ]


def rows(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def write_codes(codes: Array, inputs: NDArray[np.float64]) -> None:
    """Write codes one-hot: 1 for the input of each code, none for -1."""
    known = np.flatnonzero(codes >= 0)
    inputs[known, codes[known]] = 1
