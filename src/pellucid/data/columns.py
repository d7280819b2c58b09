"""Columns of a table as inputs: numbers standardised, words one-hot, missing values flagged."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells import is_number_column, number_like, numbers_of, texts_of
from pellucid.data.raw import Place
from pellucid.data.standard import mean_and_spread, standardised
from pellucid.described import Check, fields, flag, list_of, number, number_from, one_of, text
from pellucid.errors import DataError

__all__ = ["Column", "NumberColumn", "WordColumn", "column_from_dict", "fit_column"]

# A column of more words than this keeps its most frequent ones.
MOST_CATEGORIES = 100
# So few words are categories even where nearly every row has another.
FEW_CATEGORIES = 20

_HOW_TO_WRITE = "numbers need . as decimal point and no other signs"


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers.

    Parameters
    ----------
    name : str
        Its name in the table.
    mean, scale : float
        Mean and population standard deviation of the training part, in the column's own units; a scale
        of 0 for one value only, whose input is always 0.
    missing : bool
        Whether values were missing there, so that a 0/1 feature flags them.

    Examples
    --------
    >>> column = NumberColumn.fit("age", np.array([20.0, 40.0, np.nan]))
    >>> column.features
    ('age', 'age is missing')
    >>> column.encode(pl.Series([50.0, None]), str, [])
    array([[2., 0.],
           [0., 1.]])
    """

    name: str
    mean: float
    scale: float
    missing: bool

    kind: ClassVar[str] = "number"
    _described: ClassVar[Check] = fields(
        {
            "kind": one_of(["number"]),
            "name": text,
            "mean": number,
            "scale": number_from(least=0),
            "missing": flag,
        }
    )

    @classmethod
    def fit(cls, name: str, numbers: NDArray[np.float64]) -> "NumberColumn":
        """Learn from the training part, NaN where a value is missing."""
        present = numbers[~np.isnan(numbers)]
        missing = len(present) < len(numbers)
        if not len(present):
            return cls(name, 0.0, 0.0, missing)
        mean, scale = mean_and_spread(present[:, None])
        return cls(name, float(mean[0]), float(scale[0]), missing)

    @property
    def features(self) -> tuple[str, ...]:
        """What its inputs are called."""
        return (self.name, f"{self.name} is missing") if self.missing else (self.name,)

    def encode(self, column: pl.Series, place: Place, notes: list[str]) -> NDArray[np.float64]:
        """Turn cells into inputs, and note what was filled without a flag.

        Parameters
        ----------
        column : polars.Series of float64 or text
        place : callable
            Says where a row is found.
        notes : list of str
            Added to.

        Returns
        -------
        array of float64, shape (n, number of features)

        Raises
        ------
        DataError
            When a cell is a word.
        """
        numbers = numbers_of(column, place)
        absent = np.isnan(numbers)
        inputs = np.zeros((len(numbers), len(self.features)))
        inputs[:, 0] = np.where(absent, 0.0, standardised(numbers, self.mean, self.scale))
        if self.missing:
            inputs[:, 1] = absent
        elif absent.any():
            notes.append(
                f"{_rows(int(absent.sum()))} without {self.name!r}, which no training row lacked: "
                f"filled with the training mean {self.mean:g}"
            )
        return inputs

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class WordColumn:
    """A column of words, one input for each that the training part holds.

    Parameters
    ----------
    name : str
        Its name in the table.
    categories : tuple of str
        The words, sorted.
    missing : bool
        Whether values were missing in the training part: a category of their own.

    Examples
    --------
    >>> column, notes = WordColumn.fit("sea", ["north", "south", "north"])
    >>> column.features
    ('sea = north', 'sea = south')
    >>> column.encode(pl.Series(["south", "east"]), str, notes)
    array([[0., 1.],
           [0., 0.]])
    >>> notes
    ["1 row with a word in 'sea' that the training part does not hold, such as 'east': read as none of them"]
    """

    name: str
    categories: tuple[str, ...]
    missing: bool

    kind: ClassVar[str] = "words"
    _described: ClassVar[Check] = fields(
        {
            "kind": one_of(["words"]),
            "name": text,
            "categories": list_of(text, distinct=True),
            "missing": flag,
        }
    )

    @classmethod
    def fit(cls, name: str, texts: list[str | None]) -> "tuple[WordColumn | None, list[str]]":
        """Learn from the training part; None for a column in which nearly every word is another."""
        counts = Counter(text for text in texts if text is not None)
        notes = []
        number = number_like(counts)
        if len(counts) > FEW_CATEGORIES and 2 * len(counts) > len(texts):
            why = f"are words like {number!r}; {_HOW_TO_WRITE}" if number else "are names, not categories"
            note = (
                f"column {name!r} is left out: {len(counts):,} different words in {len(texts):,} "
                f"training rows {why}"
            )
            return None, [note]
        if number:
            notes.append(f"column {name!r} is read as words, such as {number!r}: {_HOW_TO_WRITE}")
        if len(counts) > MOST_CATEGORIES:
            notes.append(
                f"column {name!r} keeps its {MOST_CATEGORIES} most frequent of {len(counts):,} words; "
                f"the others are read as none of them"
            )
        frequent = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_CATEGORIES]
        return cls(name, tuple(sorted(frequent)), None in texts), notes

    @property
    def features(self) -> tuple[str, ...]:
        """What its inputs are called."""
        words = tuple(f"{self.name} = {word}" for word in self.categories)
        return (*words, f"{self.name} is missing") if self.missing else words

    def encode(self, column: pl.Series, place: Place, notes: list[str]) -> NDArray[np.float64]:
        """Turn words into one-hot inputs, all zeros for an unknown word, and note how many those are.

        Parameters
        ----------
        column : polars.Series of text or float64
        place : callable
            Says where a row is found.
        notes : list of str
            Added to.

        Returns
        -------
        array of float64, shape (n, number of features)
        """
        texts = texts_of(column)
        index: dict[str | None, int] = {word: position for position, word in enumerate(self.categories)}
        if self.missing:
            index[None] = len(index)
        codes = np.array([index.get(text, -1) for text in texts], dtype=np.intp)
        known = np.flatnonzero(codes >= 0)
        inputs = np.zeros((len(texts), len(self.features)))
        inputs[known, codes[known]] = 1
        unseen = [text for text in texts if text is not None and text not in index]
        if unseen:
            notes.append(
                f"{_rows(len(unseen))} with a word in {self.name!r} that the training part does not hold, "
                f"such as {unseen[0]!r}: read as none of them"
            )
        if not self.missing and None in texts:
            notes.append(
                f"{_rows(texts.count(None))} without {self.name!r}, which no training row lacked: "
                f"read as none of its words"
            )
        return inputs

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {"kind": self.kind, **asdict(self), "categories": list(self.categories)}


Column = NumberColumn | WordColumn


def column_from_dict(parts: Mapping[str, Any], where: str = "column") -> Column:
    """Make a column again from its `to_dict`.

    Raises
    ------
    ValueError
        If it is not such a description, naming what does not fit and where it stands.
    """
    if parts.get("kind") == NumberColumn.kind:
        NumberColumn._described(parts, where)
        mean, scale = float(parts["mean"]), float(parts["scale"])
        return NumberColumn(parts["name"], mean, scale, parts["missing"])
    WordColumn._described(parts, where)
    if not parts["categories"] and not parts["missing"]:
        raise ValueError(f"{where} has neither a word nor missing values")
    return WordColumn(parts["name"], tuple(parts["categories"]), parts["missing"])


def fit_column(series: pl.Series, train: NDArray[np.intp], place: Place) -> tuple[Column | None, list[str]]:
    """Tell what a column holds by all of its cells, and learn from those of the training part.

    Parameters
    ----------
    series : polars.Series of float64 or text
        The whole column.
    train : array of intp
        The rows to learn from.
    place : callable
        Says where a row is found.

    Returns
    -------
    the column, or None for one that is left out, and notes for the user

    Raises
    ------
    DataError
        When it has one value only in all rows, or a few words among numbers.
    """
    if series.n_unique() == 1 and len(series) > 1:
        value = "no value" if series[0] is None else f"{series[0]!r}"
        raise DataError(
            "a column has one and the same value in all rows, so nothing can be learned from it",
            expected="values that differ",
            received=f"{value} in all {len(series):,} rows",
            where=f"column {series.name!r}",
            remedy=f"leave it out: --drop {shlex.quote(series.name)} on the command line, "
            f"drop=[{series.name!r}] in Python",
        )
    if is_number_column(series, place):
        numbers = numbers_of(series, place)[train]
        if len(np.unique(numbers)) == 1:
            return None, [_constant_in_training(series.name, numbers[0], len(train))]
        return NumberColumn.fit(series.name, numbers), []
    texts = texts_of(series.gather(train))
    if len(set(texts)) == 1:
        return None, [_constant_in_training(series.name, texts[0], len(train))]
    return WordColumn.fit(series.name, texts)


def _constant_in_training(name: str, value: float | str | None, n_rows: int) -> str:
    what = "no value" if value is None or value != value else "one and the same value"
    return (
        f"column {name!r} is left out: it has {what} in all {n_rows:,} rows of the training part, "
        f"so nothing can be learned from it"
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
