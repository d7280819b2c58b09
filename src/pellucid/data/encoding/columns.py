"""The encoding of columns: which kind each of them is, and those of numbers and of words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.dates import Dates, are_days, find_dates
from pellucid.data.cells.set_names import are_set_names
from pellucid.data.cells.text_cells import (
    OR_DROP,
    codes_of,
    column_of_texts,
    is_number_column,
    is_yes_or_no,
    number_like,
    numbers_of,
)
from pellucid.data.encoding.boolean_column import BooleanColumn
from pellucid.data.encoding.column_kind import ColumnKind, rows, write_codes
from pellucid.data.encoding.date_column import DateColumn, not_a_date
from pellucid.data.encoding.far_numbers import FarNumbers, far_numbers, is_usual
from pellucid.data.encoding.findings import Finding
from pellucid.data.encoding.standard import FAR, clipped, far_shares, fit_columns, standardised
from pellucid.data.encoding.stored import Part, restored
from pellucid.data.examples import Array
from pellucid.data.nested import contents
from pellucid.data.raw import Place
from pellucid.described import flag, list_of, number, number_from, text

__all__ = [
    "BooleanColumn",
    "Column",
    "DateColumn",
    "NumberColumn",
    "WordColumn",
    "column_from_dict",
    "fit_column",
]

# A column with more categories than this keeps the most frequent ones.
MOST_CATEGORIES = 100
# Up to this number, distinct words are categories even where nearly every row has a different one.
FEW_CATEGORIES = 20
_GLANCE = 100

_HOW_TO_WRITE = "numbers need . as the decimal point and no other symbols"


@dataclass(frozen=True)
class NumberColumn(ColumnKind):
    """A numeric column, standardised; numbers far out are clipped smoothly.

    Parameters
    ----------
    name : str
        Its name in the table.
    mean, scale : float
        Mean and population standard deviation of the training set, in the column's units; or median and
        median deviation, if some numbers lie far out. The scale of a constant column is 0, and its input is
        always 0.
    missing : bool
        Whether the training set had missing values, so that a 0/1 feature flags them.
    limit : float, optional
        Up to this distance, in scales, inputs are not clipped; by default none is.
    far : float, optional
        The share of numbers far out in the training set, by default 0 or not known.

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
    limit: float | None = None
    far: float | None = None

    kind = "number"
    read_as = "numbers"
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(text),
        "mean": Part(number, float),
        "scale": Part(number_from(least=0), float),
        "missing": Part(flag),
        "limit": Part(number_from(above=0), float, in_all_files=False),
        "far": Part(number_from(least=0), float, in_all_files=False),
    }

    @classmethod
    def fit(cls, name: str, numbers: NDArray[np.float64]) -> Self:
        """Fit to the training set, NaN for missing values."""
        present = numbers[~np.isnan(numbers)]
        missing = len(present) < len(numbers)
        if not len(present):
            return cls(name, 0.0, 0.0, missing)
        mean, scale, limit = fit_columns(present[:, None])
        far = float(far_shares(present[:, None], mean, scale)[0]) if limit[0] < FAR else None
        return cls(name, float(mean[0]), float(scale[0]), missing, float(limit[0]), far)

    @property
    def made(self) -> str:
        around = "" if self.far is None else " around the median"
        return f"1 number, standardised{around}"

    @property
    def values(self) -> tuple[str, ...]:
        return (self.name,)

    def far_out(self, column: pl.Series) -> FarNumbers | None:
        if self.far is None:
            return None
        numbers = column.cast(pl.Float64, strict=False).to_numpy()
        return far_numbers(self.name, numbers, standardised(numbers, self.mean, self.scale))

    def read(
        self, column: pl.Series, place: Place, notes: list[str], far: list[FarNumbers] | None = None
    ) -> NDArray[np.float64]:
        """Return standardised numbers, NaN for missing values."""
        numbers = numbers_of(column, place)
        scaled = standardised(numbers, self.mean, self.scale)
        if self.limit is not None:
            found = far_numbers(self.name, numbers, scaled)
            if far is not None and found and not is_usual(found.count, len(numbers), self.far):
                far.append(found)
            scaled = clipped(scaled, self.limit)
        absent = np.isnan(numbers)
        if self.scale == 0:
            scaled[absent] = np.nan
        notes += self._note_missing(int(absent.sum()), f"filled with {self.mean:g}, as in training")
        return scaled

    def write(self, cells: Array, inputs: NDArray[np.float64]) -> None:
        inputs[:, 0] = cells
        absent = np.isnan(cells)
        if absent.any():
            inputs[absent, 0] = 0
        if self.missing:
            inputs[:, 1] = absent


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
            what = f"text, not numbers; {_HOW_TO_WRITE}" if number else "names, not categories"
            detail = such or f"{len(counts):,} distinct values in {len(texts):,} training rows"
            return None, [Finding(name, f"left out, because the values are {what}", detail)]
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


Column = NumberColumn | WordColumn | BooleanColumn | DateColumn
_KINDS: tuple[type[Column], ...] = (NumberColumn, WordColumn, BooleanColumn, DateColumn)


def column_from_dict(parts: Mapping[str, Any], where: str = "column") -> Column:
    """Rebuild a column from the result of its `to_dict`."""
    return restored(_KINDS, parts, where)


def fit_column(
    series: pl.Series, train: NDArray[np.intp], place: Place, *, are_words: bool = False
) -> tuple[Column | None, list[Finding]]:
    """Detect the type of a column from all of its cells, and fit to those of the training set.

    With `are_words`, a column of text that looks like numbers or dates is not read as such.

    Return None for a column that is left out, and findings for the user.
    """
    if what := contents(series):
        return None, [Finding(series.name, f"left out, because the cells are {what}")]
    if _is_constant(series):
        return None, [_constant(series.name, series[0], "every row")]
    if is_yes_or_no(series):
        cells = series.gather(train)
        column = BooleanColumn.fit(cells)
        return (column, []) if column else (None, [_constant(series.name, cells[0])])
    labels: list[str] = []
    if not are_words and is_number_column(series, place, labels):
        numbers = numbers_of(series, place, OR_DROP)[train]
        if np.array_equal(numbers, np.full_like(numbers, numbers[0]), equal_nan=True):
            return None, [_constant(series.name, numbers[0])]
        return NumberColumn.fit(series.name, numbers), _note_days(series.name, numbers)
    if not are_words and (dates := find_dates(series)):
        return _fit_dates(series, dates, train, place)
    cells = series.gather(train)
    if _is_constant(cells):
        return None, [_constant(series.name, cells[0])]
    words, findings = WordColumn.fit(cells)
    if labels:
        findings = _note_label(words, findings, labels[0])
    if words is not None and are_set_names(words.categories):
        what = "names the training set and others; use it with --split-column, or drop it (--drop)"
        findings.append(Finding(series.name, what))
    return words, findings


def _is_constant(series: pl.Series) -> bool:
    """Return whether all cells are equal, or all missing."""
    # The first cells suffice to tell most columns.
    return all(cells.n_unique() == 1 for cells in (series.head(_GLANCE), series))


def _note_label(words: WordColumn | None, findings: list[Finding], label: str) -> list[Finding]:
    """Add a label that is the reason why a column of numbers is not numeric."""
    if words is None:
        return [replace(finding, detail=f"{finding.detail}, such as {label!r}") for finding in findings]
    what = (
        "categorical, because there are labels among the numbers; to have numbers, leave such cells empty, "
        "or name the labels with --missing (missing in Python)"
    )
    return [*findings, Finding(words.name, what, f"such as {label!r}")]


def _note_days(name: str, numbers: NDArray[np.float64]) -> list[Finding]:
    if not are_days(pl.Series(numbers, nan_to_null=True)):
        return []
    example = f"{numbers[~np.isnan(numbers)][0]:.0f}"
    written = f"{example[:4]}-{example[4:6]}-{example[6:]}"
    what = f"read as numbers, though they may be dates; to have them read as dates, write {written}"
    return [Finding(name, what, f"such as {example}")]


def _fit_dates(
    series: pl.Series, dates: Dates, train: NDArray[np.intp], place: Place
) -> tuple[DateColumn | None, list[Finding]]:
    unread = dates.moments.unread
    if unread.any():
        n_cells, n_others = len(series) - series.null_count(), int(unread.sum())
        known = f"as in {n_cells - n_others:,} of {n_cells:,} cells"
        raise not_a_date(series, unread.arg_max() or 0, place, known)
    column = DateColumn.fit(series, dates, train)
    if column is None:
        return None, [_constant(series.name, series[int(train[0])])]
    findings = [column.finding(series, dates)]
    n_void = int(dates.moments.absent.sum()) - series.null_count()
    if n_void:
        what = "the years 0, 1 and 9999 stand for a missing date"
        findings.append(Finding(series.name, what, f"in {rows(n_void)}"))
    return column, findings


def _constant(name: str, value: object, where: str = "every row of the training set") -> Finding:
    same = "the cell is empty" if value is None or value != value else "there is the same value"
    return Finding(name, f"left out, because {same} in {where}")
