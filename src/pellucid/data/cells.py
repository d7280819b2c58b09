"""Cells of a table: what is missing, what is a number, what is a word."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.raw import Place
from pellucid.errors import DataError

__all__ = [
    "MISSING_MARKS",
    "clean_text",
    "is_number_column",
    "is_number_or_missing",
    "numbers_of",
    "texts_of",
]

MISSING_MARKS = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})

# From this share of numbers on, a word among them is taken for a slip rather than for a category.
MOSTLY = 0.9


def clean_text(column: pl.Series) -> pl.Series:
    """Take the blanks off every cell and turn missing marks into null.

    Examples
    --------
    >>> clean_text(pl.Series([" a ", "N/A", "?", "0"])).to_list()
    ['a', None, None, '0']
    """
    stripped = column.str.strip_chars()
    missing = stripped.str.to_lowercase().is_in(list(MISSING_MARKS))
    return stripped.set(missing, None)


def is_number_or_missing(cell: str) -> bool:
    """Tell whether one cell of text is a finite number or stands for a missing value."""
    text = cell.strip()
    return text.lower() in MISSING_MARKS or not _words(_parse(pl.Series([text])), pl.Series([text])).any()


def is_number_column(column: pl.Series, place: Place, *, slips: bool = True) -> bool:
    """Tell whether a column holds numbers.

    Parameters
    ----------
    column : polars.Series of float64, or of text with null where a value is missing
    place : callable
        Says where a row is found.
    slips : bool
        Whether a few words among numbers are an error rather than a sign of a column of words.

    Raises
    ------
    DataError
        When at least 90 % of the cells are numbers, but not all.
    """
    if column.dtype != pl.String:
        return True
    words = _words(_parse(column), column)
    n_words, n_cells = int(words.sum()), len(column) - column.null_count()
    if slips and 0 < n_words <= round((1 - MOSTLY) * n_cells, 9):
        raise _word_among_numbers(column, words, place, f"{n_cells - n_words:,} of {n_cells:,} are")
    return n_cells > 0 and n_words == 0


def numbers_of(column: pl.Series, place: Place) -> NDArray[np.float64]:
    """Read a column as numbers, NaN where one is missing.

    Parameters
    ----------
    column : polars.Series of float64, or of text with null where a value is missing
    place : callable
        Says where a row is found.

    Raises
    ------
    DataError
        When a cell is a word.
    """
    numbers = column
    if column.dtype == pl.String:
        numbers = _parse(column)
        words = _words(numbers, column)
        if words.any():
            raise _word_among_numbers(column, words, place, "all were when the network was trained")
    return numbers.fill_null(float("nan")).to_numpy()


def texts_of(column: pl.Series) -> list[str | None]:
    """Read a column as words, None where one is missing; whole numbers without a decimal point."""
    if column.dtype == pl.String:
        return column.to_list()
    return [
        None if value is None else str(int(value)) if value.is_integer() else str(value)
        for value in column.to_list()
    ]


def _parse(column: pl.Series) -> pl.Series:
    return column.cast(pl.Float64, strict=False)


def _words(numbers: pl.Series, column: pl.Series) -> pl.Series:
    """Which cells are neither missing nor finite numbers."""
    return column.is_not_null() & ~numbers.is_finite().fill_null(False)


def _word_among_numbers(column: pl.Series, words: pl.Series, place: Place, known: str) -> DataError:
    row = words.arg_max() or 0
    return DataError(
        "a word stands where numbers are",
        expected=f"numbers in column {column.name!r} ({known})",
        received=repr(column[row]),
        where=f"{place(row)}, column {column.name!r}",
        remedy="correct the cell, or leave it empty when the value is missing",
    )
