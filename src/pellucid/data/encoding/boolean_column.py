"""Columns of yes and no, in any spelling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.text_cells import answers_of
from pellucid.data.cells.yes_or_no import PLAIN
from pellucid.data.encoding.column_kind import ColumnKind, write_codes
from pellucid.data.encoding.far_numbers import FarNumbers
from pellucid.data.encoding.stored import Part
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.described import flag, text

__all__ = ["BooleanColumn"]


@dataclass(frozen=True)
class BooleanColumn(ColumnKind):
    """A column of yes and no, one-hot encoded; all spellings of yes, such as True, Y and 1, are the same.

    Parameters
    ----------
    name : str
        Its name in the table.
    no, yes : str
        The most frequent spellings in the training set, for the names of the inputs.
    missing : bool
        Whether the training set had missing values, which are then a category of their own.

    Examples
    --------
    >>> column = BooleanColumn.fit(pl.Series("smoker", ["yes", "no", "Yes", "yes"]))
    >>> column.features
    ('smoker = no', 'smoker = yes')
    >>> column.encode(pl.Series(["TRUE", "0"]), str, [])
    array([[0., 1.],
           [1., 0.]])
    """

    name: str
    no: str
    yes: str
    missing: bool

    kind = "boolean"
    read_as = "yes or no"
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(text),
        "no": Part(text),
        "yes": Part(text),
        "missing": Part(flag),
    }

    @classmethod
    def fit(cls, column: pl.Series) -> Self | None:
        """Fit to the training set; None if all of its cells mean the same."""
        answers = answers_of(column)
        if len(set(answers.tolist())) == 1:
            return None
        no, yes = (_commonest(column.filter(answers == answer), PLAIN[answer]) for answer in (0, 1))
        return cls(column.name, no, yes, column.null_count() > 0)

    @property
    def made(self) -> str:
        return "yes or no, one-hot"

    @property
    def values(self) -> tuple[str, ...]:
        return (f"{self.name} = {self.no}", f"{self.name} = {self.yes}")

    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.int8]:
        """Return the number of the input of each cell, -1 for other words."""
        answers = answers_of(column)
        absent = column.is_null().to_numpy()
        unknown = np.flatnonzero((answers < 0) & ~absent)
        if unknown.size:
            notes += self._note_unknown(len(unknown), "neither yes nor no", column[int(unknown[0])])
        notes += self._note_missing(int(absent.sum()), "encoded as all zeros")
        return np.where(absent, 2, answers).astype(np.int8) if self.missing else answers

    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        write_codes(cells, inputs)


def _commonest(cells: pl.Series, otherwise: str) -> str:
    """Return the most frequent spelling."""
    counts = {str(word): count for word, count in cells.value_counts().iter_rows()}
    return min(counts, key=lambda word: (-counts[word], word), default=otherwise)
