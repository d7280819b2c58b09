"""Columns of words, which are categories."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.text_cells import codes_of, column_of_texts, measured, number_like
from pellucid.data.encoding.column_kind import ColumnKind, write_codes
from pellucid.data.encoding.far_numbers import FarNumbers
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.stored import Part
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.described import flag, list_of, text

__all__ = ["WordColumn"]

# A column with more categories than this keeps the most frequent ones.
MOST_CATEGORIES = 100
# Up to this number, distinct words are categories even where nearly every row has a different one.
FEW_CATEGORIES = 20

_HOW_TO_WRITE = "numbers need . as the decimal point and no other symbols"


@dataclass(frozen=True)
class WordColumn(ColumnKind):
    """A categorical column, one-hot encoded.

    Parameters
    ----------
    name : str
        Its name in the table.
    categories : tuple of str
        The categories of the training set, sorted.
    missing : bool
        Whether the training set had missing values, which are then a category of their own.

    Examples
    --------
    >>> column, _ = WordColumn.fit(pl.Series("sea", ["north", "south", "north"]))
    >>> column.features
    ('sea = north', 'sea = south')
    >>> notes = []
    >>> column.encode(pl.Series(["south", "east"]), str, notes)
    array([[0., 1.],
           [0., 0.]])
    >>> notes
    ["1 row with an unknown category in 'sea', such as 'east': encoded as all zeros"]
    """

    name: str
    categories: tuple[str, ...]
    missing: bool

    kind = "words"
    read_as = "words"
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(text),
        "categories": Part(list_of(text, distinct=True), tuple),
        "missing": Part(flag),
    }

    @classmethod
    def fit(cls, texts: pl.Series) -> tuple[Self | None, list[Finding]]:
        """Fit to the training set; None for a column in which nearly every value is distinct."""
        name = texts.name
        words = texts.drop_nulls().to_frame().group_by(name, maintain_order=True)
        counts: dict[str, int] = dict(words.len().iter_rows())
        findings = []
        number = number_like(counts)
        such = "" if number is None else f"such as {number!r}"
        if len(counts) > FEW_CATEGORIES and 2 * len(counts) > len(texts):
            return None, [_left_out(name, counts, len(texts))]
        if number:
            findings.append(Finding(name, f"categorical, because the values are text; {_HOW_TO_WRITE}", such))
        if len(counts) > MOST_CATEGORIES:
            what = f"the {MOST_CATEGORIES} most frequent categories are kept, others are encoded as all zeros"
            findings.append(Finding(name, what, f"{len(counts):,} categories"))
        frequent = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_CATEGORIES]
        return cls(name, tuple(sorted(frequent)), texts.null_count() > 0), findings

    @property
    def made(self) -> str:
        count = len(self.categories)
        return f"{count} categor{'y' if count == 1 else 'ies'}, one-hot"

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {word}" for word in self.categories)

    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.signedinteger[Any]]:
        """Return the number of the input of each cell, -1 for unknown categories."""
        texts = column_of_texts(column)
        absent = texts.is_null().to_numpy()
        codes = codes_of(texts, self.categories)
        unseen = np.flatnonzero((codes < 0) & ~absent)
        if unseen.size:
            full = len(self.categories) == MOST_CATEGORIES
            unknown = f"a category not among the {MOST_CATEGORIES} kept" if full else "an unknown category"
            notes += self._note_unknown(len(unseen), unknown, texts[int(unseen[0])])
        notes += self._note_missing(int(absent.sum()), "encoded as all zeros")
        if self.missing:
            codes = codes.copy()
            codes[absent] = len(self.categories)
        return codes

    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        write_codes(cells, inputs)

    def check(self, where: str) -> None:
        if not self.categories and not self.missing:
            raise ValueError(f"{where} has neither categories nor missing values")


def _left_out(name: str, words: Collection[str], n_rows: int) -> Finding:
    """Return why a column is left out whose values are nearly all different."""
    what, detail = "names, not categories", f"{len(words):,} distinct values in {n_rows:,} training rows"
    number = number_like(words) or measured(words)
    if number:
        what, detail = f"text, not numbers; {_HOW_TO_WRITE}", f"such as {number!r}"
        other = next((word for word in words if not number_like([word]) and not measured([word])), None)
        if other is not None:
            what = "numbers and text; correct such text, or name it with --missing (missing in Python)"
            detail = f"such as {other!r}"
    return Finding(name, f"left out, because the values are {what}", detail)
