"""The common part of the kinds of columns."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.column_notes import ColumnNote
from pellucid.data.encoding.far_numbers import FarNumbers
from pellucid.data.encoding.stored import Stored
from pellucid.data.raw import Place

__all__ = ["ColumnKind", "rows"]


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

    @abstractmethod
    def encode(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.float64]:
        """Encode cells, and note unknown categories and missing values where training had none.

        Parameters
        ----------
        column : polars.Series of float64 or text
        place : callable
            Describes where a row is, for error messages.
        notes : list of str
            Extended by the notes.
        far : list of FarNumbers, optional
            Extended by the numbers that lie far out, and are clipped, if these are more than usual.

        Returns
        -------
        array of float64, shape (n, number of features)

        Raises
        ------
        DataError
            When a cell of a numeric column contains text.
        """

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
