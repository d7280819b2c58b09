"""The common part of the kinds of columns."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.encoding.far_numbers import FarNumbers
from pellucid.data.encoding.stored import Stored
from pellucid.data.raw import Place

__all__ = ["ColumnKind", "rows"]


class ColumnKind(Stored):
    """An encoding of one column of a table, fitted to the training set."""

    place = "column"
    tag = "kind"
    kind: ClassVar[str]
    name: str
    missing: bool

    @property
    @abstractmethod
    def values(self) -> tuple[str, ...]:
        """The names of its inputs, without the one for missing values."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return (*self.values, f"{self.name} is missing") if self.missing else self.values

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
            Extended by the numbers that lie far out, and are clipped.

        Returns
        -------
        array of float64, shape (n, number of features)

        Raises
        ------
        DataError
            When a cell of a numeric column contains text.
        """

    def compared(self, column: pl.Series) -> pl.Series:
        """Return the cells as they are compared with other columns and the target."""
        return column

    def _note_missing(self, count: int, filled: str) -> list[str]:
        if self.missing or not count:
            return []
        return [f"{rows(count)} without {self.name!r}, which was never missing in training: {filled}"]


def rows(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"
