"""Tables, and the reading of their cells: missing values, numbers and text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.number_marks import Marked, marked_note, without_marks
from pellucid.data.cells.text_cells import (
    clean_text,
    marks_as_null,
    missing_as_null,
    numbers_as_floats,
)
from pellucid.data.cells.written_numbers import (
    Written,
    are_thousands,
    read_written_numbers,
    written_note,
)
from pellucid.data.options import ReadOptions
from pellucid.data.readers.plain_csv import PlainCsv

__all__ = ["Cells", "ReadColumns", "Table", "plain_numbers", "read_columns", "reading_notes"]


_GLANCE = 100


class Cells(Protocol):
    """The columns of a table: a data frame, or a file whose columns are read when they are asked for."""

    @property
    def columns(self) -> list[str]:
        """The names."""

    def __len__(self) -> int: ...

    def select(self, names: list[str], /) -> pl.DataFrame:
        """Return some columns: of float64, of text and of booleans; null or a mark for missing values."""

    def drop(self, name: str, /) -> Self:
        """Return the table without a column."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read.

    Parameters
    ----------
    cells : polars.DataFrame or other Cells
        Columns of float64, of text and of booleans; text need not be clean. Marks of missing values stay as
        they are written, because they may be classes of a target.
    lines : array of intp, optional
        The line of each row in its file, counted from 1.
    header : bool or None
        Whether the first line of a text file contains the column names.
    usual_target : str, optional
        The column that is usually the target, if it is not the last one.
    of_classes : tuple of str
        The columns whose values are classes whatever their number.
    words : tuple of str
        The columns of text that stay text, even if it looks like numbers.
    comma_likely : bool
        Whether a comma is probably the decimal mark, where that is not clear.
    decimal_comma : bool
        Whether there are numbers with a decimal comma, so that a point stands between thousands.
    notes : sequence of str
        Notes for the user on guesses, which do not apply to data read like others.
    """

    cells: Cells
    lines: NDArray[np.intp] | None = None
    header: bool | None = None
    notes: Sequence[str] = ()
    comma_likely: bool = False
    decimal_comma: bool = False
    usual_target: str | None = None
    of_classes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ReadColumns:
    """Some columns, in each step of reading.

    The cells as they are written; the same with null for missing values, and numbers where people wrote all
    of them; the same with numbers where all cells are, or all but marks of missing numbers; and the columns
    of the latter, with null for the marks.
    """

    cells: pl.DataFrame
    written: pl.DataFrame
    numbers: pl.DataFrame
    without_marks: pl.DataFrame
    found: list[Written | Marked]


def read_columns(table: Table, names: list[str], options: ReadOptions) -> ReadColumns:
    """Read the cells of some columns.

    Examples
    --------
    >>> table = Table(pl.DataFrame({"a": ["1", "?"], "b": ["1,5", "2"], "c": ["7", "."], "d": ["x", "."]}))
    >>> read_columns(table, ["a", "b", "c", "d"], ReadOptions()).numbers.rows()
    [(1.0, 1.5, 7.0, 'x'), (None, 2.0, None, '.')]
    """
    frame = table.cells.select(names)
    words = [name for name in table.words if name in names]
    thousands = _with_thousands(frame.drop(words), table, options)
    numbers = _numbers_as_floats(frame, words + thousands)
    # Numbers are neither surrounded by blanks nor marks of missing values: only other columns need cleaning.
    texts = _texts(numbers)
    cells = missing_as_null(frame.with_columns(clean_text(frame.select(texts))), options.missing)
    frame = cells.with_columns(marks_as_null(cells.select(texts)))
    frame_of_texts = frame if options.missing else numbers.with_columns(frame.select(texts))
    numbers = _numbers_as_floats(frame_of_texts, words + thousands)
    # Marks are missing values only where all other cells are numbers, plain or as people write them.
    others = frame.select(_texts(numbers)).drop(words, strict=False)
    bare = without_marks(others)
    with_marks = numbers_as_floats(bare)
    with_marks = with_marks.drop(_texts(with_marks))
    others = others.drop(with_marks.columns).with_columns(bare.drop(with_marks.columns))
    found = read_written_numbers(
        others, options.decimal, comma_likely=table.comma_likely, thousands=thousands
    )
    columns = [each.numbers for each in found]
    read_bare = {*with_marks.columns, *(each.name for each in found)}
    return ReadColumns(
        cells,
        frame.with_columns(columns),
        numbers.with_columns(*with_marks, *columns),
        bare.select(with_marks.columns),
        [*found, *(Marked.of(frame[name]) for name in bare.columns if name in read_bare)],
    )


def plain_numbers(table: Table, names: list[str], options: ReadOptions) -> pl.DataFrame:
    """Return those of some columns that a file reads as numbers at once, without text in between.

    Examples
    --------
    >>> plain_numbers(Table(pl.DataFrame({"a": ["1", "?"]})), ["a"], ReadOptions()).width
    0
    """
    if not isinstance(table.cells, PlainCsv):
        return pl.DataFrame()
    numbers = table.cells.numbers([name for name in names if name not in table.words])
    if options.decimal == "," or (options.decimal is None and (table.decimal_comma or table.comma_likely)):
        broken = [column.name for column in numbers.iter_columns() if not (column % 1 == 0).all()]
        # To read the text of all columns would take as long as to read it in the first place.
        head = clean_text(table.cells.head(broken)).iter_columns() if broken else []
        likely = [column.name for column in head if are_thousands(column)]
        numbers = numbers.drop(_with_thousands(table.cells.select(likely), table, options))
    return missing_as_null(numbers, options.missing)


def _with_thousands(frame: pl.DataFrame, table: Table, options: ReadOptions) -> list[str]:
    """Return the columns of text in which points stand between thousands: a comma is the decimal mark."""
    comma = options.decimal == "," or (options.decimal is None and table.decimal_comma)
    if not comma and (options.decimal is not None or not table.comma_likely):
        return []
    found = []
    for column in frame.select(_texts(frame)).iter_columns():
        has_points = column.str.contains(".", literal=True)
        # Where a comma is only likely: decimals would be 597.66 beside 628, or 628.000 beside 597.660.
        clear = comma or ((has_points & column.str.ends_with("0")).any() and not has_points.all())
        # The first cells suffice to tell most columns.
        parts = (missing_as_null(clean_text(part), options.missing) for part in _head_and_all(column))
        if (
            has_points.any()
            and clear
            and all(are_thousands(marks_as_null(part).to_series()) for part in parts)
        ):
            found.append(column.name)
    return found


def _head_and_all(column: pl.Series) -> Iterator[pl.DataFrame]:
    yield column.head(_GLANCE).to_frame()
    yield column.to_frame()


def _numbers_as_floats(frame: pl.DataFrame, words: list[str]) -> pl.DataFrame:
    """Turn text into numbers where all of it is, except for some columns."""
    numbers = numbers_as_floats(frame.drop(words))
    return frame.with_columns(numbers) if words else numbers


def _texts(frame: pl.DataFrame) -> list[str]:
    return [column.name for column in frame.iter_columns() if column.dtype == pl.String]


def reading_notes(found: Sequence[Written | Marked]) -> list[str]:
    """Return notes on cells that were read as numbers and as missing values."""
    return [
        *written_note([each for each in found if isinstance(each, Written)]),
        *marked_note([each for each in found if isinstance(each, Marked)]),
    ]
