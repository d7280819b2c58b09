"""Tables, and their separation into features, target, split and weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import as_numbers, short_list
from pellucid.data.cells.set_names import SET_NAMES
from pellucid.data.cells.text_cells import (
    clean_text,
    marks_as_null,
    missing_as_null,
    numbers_as_floats,
)
from pellucid.data.cells.written_numbers import Written, read_written_numbers, written_note
from pellucid.data.cells.yes_or_no import PLAIN, words_of
from pellucid.data.examples import Array
from pellucid.data.fingerprint import Fingerprint
from pellucid.data.nested import refuse_nested
from pellucid.data.options import Needs, ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.none_class import NoneClass
from pellucid.data.readers.target_column import as_given, target_of
from pellucid.errors import ConfigurationError, DataError, near_miss

__all__ = ["Cells", "Table", "separate"]


# Columns are read from text a part at a time: this many cells, or a tenth of the table.
_CELLS, _MOST_PARTS = 2_500_000, 10


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
    comma_likely : bool
        Whether a comma is probably the decimal mark, where that is not clear.
    notes : sequence of str
        Notes for the user on guesses, which do not apply to data read like others.
    """

    cells: Cells
    lines: NDArray[np.intp] | None = None
    header: bool | None = None
    notes: Sequence[str] = ()
    comma_likely: bool = False
    usual_target: str | None = None
    of_classes: tuple[str, ...] = ()


def separate(table: Table, name: str, options: ReadOptions, needs: Needs) -> RawData:
    """Separate target, split and weights from the features of a table."""
    cells = table.cells
    if not cells.columns:
        raise DataError("the data have no columns", expected="at least one", received="none", where=name)
    if not len(cells):
        raise DataError("the data have no rows", expected="at least one row", received="none", where=name)
    if needs.patterns:
        options = options.resolved(cells.columns)
    notes = list(table.notes) if needs.columns else []
    features = [column for column in cells.columns if column not in set(options.columns)]
    if not options.target and needs.target and features:
        usual = table.usual_target if table.usual_target in features else features[-1]
        which = "the last column, " * (usual == features[-1])
        features.remove(usual)
        options = replace(options, target=(usual,))
        notes.append(f"the target is {which}{usual!r}; choose another with target (--target)")
    _check_columns(cells.columns, name, options, needs)
    if not features:
        raise DataError(
            "no feature column is left",
            expected="at least one column besides the target",
            received=f"columns {', '.join(cells.columns)}",
            where=name,
        )
    there, targets = set(cells.columns), options.target
    values = (*targets, options.split_column, options.weight_column)
    refuse_nested(cells.select([column for column in values if column in there]))
    used = _read(table, [column for column in options.columns if column in there], options)
    raw = RawData(
        name,
        np.empty((len(cells), 0)),  # until the features are read
        target_name=targets[0] if len(targets) == 1 else None,
        target_names=targets if len(targets) > 1 else (),
        notes=notes,
        lines=table.lines,
        ignored=tuple(used.written.columns),
        dropped=options.drop,
        header=table.header,
        of_classes=bool(targets) and set(targets) <= set(table.of_classes),
        # They would take memory during training, which does not use them.
        others=None if needs.columns else used.cells,
    )
    if options.split_column in there:
        raw.train, raw.validation = _given_split(used.written[options.split_column], raw)
    if options.weight_column in there:
        raw.weights = as_given(used.written[options.weight_column])
    if targets and there.issuperset(targets):
        _set_target(raw, used, options, needs)
    raw = _labelled_rows(raw) if needs.target else raw
    found = [*used.found, *_read_features(raw, table, features, options, needs)]
    raw.notes[len(table.notes) : len(table.notes)] = written_note(found) if needs.columns else []
    return raw


def _read_features(
    raw: RawData, table: Table, features: list[str], options: ReadOptions, needs: Needs
) -> list[Written]:
    """Read the features, a part of the columns at a time; data read like others keep their text."""
    fingerprint, found = Fingerprint(), list[Written]()
    taken = None if len(raw) == len(table.cells) else raw.origin

    def part(names: list[str]) -> pl.DataFrame:
        read = _read(table, names, options)
        found.extend(read.found)
        if not needs.columns:
            return _rows(read.written, taken)
        fingerprint.add(_rows(read.written, taken))
        return _rows(read.numbers, taken)

    n_parts = min(_MOST_PARTS, -(-len(table.cells) * len(features) // _CELLS))
    width = -(-len(features) // n_parts)
    parts = [part(features[first : first + width]) for first in range(0, len(features), width)]
    raw.rows = pl.concat(parts, how="horizontal")
    if needs.columns:
        if raw.target is not None:
            fingerprint.add(raw.target)
        raw.written_fingerprint = fingerprint.hexdigest()
        # Numbers are read once for all that follows.
        if raw.target is not None and raw.target.dtype == object:
            numbers = as_numbers(raw.target)
            raw.target = raw.target if numbers is None else numbers
    return found


def _rows(frame: pl.DataFrame, rows: NDArray[np.intp] | None) -> pl.DataFrame:
    return frame if rows is None else frame[rows]


@dataclass(frozen=True, eq=False)
class _Read:
    """Some columns, in each step of reading.

    The cells as they are written; the same with null for missing values, and numbers where people wrote all
    of them; the same with numbers where all cells are.
    """

    cells: pl.DataFrame
    written: pl.DataFrame
    numbers: pl.DataFrame
    found: list[Written]


def _read(table: Table, names: list[str], options: ReadOptions) -> _Read:
    frame = table.cells.select(names)
    numbers = numbers_as_floats(frame)
    # Numbers are neither surrounded by blanks nor marks of missing values: only other columns need cleaning.
    texts = _texts(numbers)
    cells = missing_as_null(frame.with_columns(clean_text(frame.select(texts))), options.missing)
    frame = cells.with_columns(marks_as_null(cells.select(texts)))
    numbers = numbers_as_floats(frame if options.missing else numbers.with_columns(frame.select(texts)))
    found = read_written_numbers(
        frame.select(_texts(numbers)), options.decimal, comma_likely=table.comma_likely
    )
    columns = [each.numbers for each in found]
    return _Read(cells, frame.with_columns(columns), numbers.with_columns(columns), found)


def _texts(frame: pl.DataFrame) -> list[str]:
    return [column.name for column in frame.iter_columns() if column.dtype == pl.String]


def _check_columns(there: Sequence[str], name: str, options: ReadOptions, needs: Needs) -> None:
    """Check that the named columns are there, and that each has one use."""
    for column in options.columns:
        required = needs.target if column in options.target else needs.columns
        if column not in there and required:
            raise DataError(
                f"there is no column {column!r}",
                expected=f"one of {len(there)} columns: {short_list(there)}"
                if needs.columns
                else f"the model's target, {column!r}, besides its features",
                received=repr(column),
                where=name,
                remedy=near_miss(column, there),
            )
        if options.columns.count(column) > 1:
            raise ConfigurationError(
                f"column {column!r} is named twice",
                expected="one use for each column: target, split, weights or dropped",
                received=f"target={options.plain('target')!r}, split_column={options.split_column!r},"
                f" weights={options.weight_column!r}, drop={list(options.drop)!r}",
            )


def _given_split(column: pl.Series, raw: RawData) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """Return the rows for training and, if there are any, those for validation."""
    texts = [None if value is None else str(value) for value in column.to_list()]
    parts = np.array(
        [None if value is None else SET_NAMES.get(value.lower()) for value in texts], dtype=object
    )
    other = np.flatnonzero(parts == np.array(None))
    if other.size:
        found = sorted({value or "(empty)" for value in texts})
        raise DataError(
            f"column {column.name!r} is not a split column",
            expected="train, validation or test in every row",
            received=short_list(found),
            where=f"the first one at {raw.place(int(other[0]))}",
        )
    validation: NDArray[np.bool_] = parts == "validation"
    return parts == "train", validation if validation.any() else None


def _stacked(columns: Sequence[Array]) -> Array:
    """Stack columns; with text or booleans among them, None also stands for a missing number."""
    if any(column.dtype.kind == "O" for column in columns):
        columns = [
            np.array([None if value != value else value for value in column.tolist()], dtype=object)
            for column in columns
        ]
    return np.column_stack(columns)


def _cells_of_labels(column: Array) -> Array:
    """Replace missing cells, which have no labels, by empty ones if the cells contain all labels of a row."""
    empty = column == np.array(None)
    if column.dtype.kind != "O" or words_of(column[~empty]) == PLAIN:
        return column
    return np.where(empty, "", column)


def _set_target(raw: RawData, read: _Read, options: ReadOptions, needs: Needs) -> None:
    """Set the targets."""
    columns = [target_of(read.written[column], options.task, raw.place) for column in options.target]
    raw.target = columns[0] if len(columns) == 1 else _stacked(columns)
    if len(columns) == 1 and options.task == "multilabel":
        raw.target = _cells_of_labels(raw.target)
    elif len(columns) == 1 and options.task != "regression":
        _decide_on_none(raw, read.cells[options.target[0]], options.none_as_class, needs)


def _decide_on_none(raw: RawData, written: pl.Series, given: bool | None, needs: Needs) -> None:
    """Decide whether None or NA in a target of words is a class, unless that is given."""
    assert raw.target is not None
    cells = NoneClass(raw.target, written)
    raw.none_as_class = cells.reason is not None if given is None else given
    if raw.none_as_class:
        raw.target = cells.as_labels()
    if cells.count and given is None and needs.columns:
        rows = f"{cells.word!r} in {cells.count:,} of {len(raw):,} rows"
        raw.notes.append(
            f"{rows} is a class of {raw.target_name!r}, because it is {cells.reason}; "
            "if it means a missing value, use none_as_class=False (--no-none-as-class)"
            if raw.none_as_class
            else f"{rows} means a missing value of {raw.target_name!r}, because other classes are more than "
            "twice as frequent; if it is a class, use none_as_class=True (--none-as-class)"
        )


def _labelled_rows(raw: RawData) -> RawData:
    """Drop the rows with a missing target."""
    labelled = raw.labelled()
    if len(labelled) == len(raw):
        return raw
    if not len(labelled):
        raise DataError(
            "the target is missing in every row",
            expected=f"a value in column {_target_words(raw)}",
            received="empty cells",
            where=raw.name,
        )
    raw.notes.append(
        f"{len(raw) - len(labelled):,} of {len(raw):,} rows have no value in {_target_words(raw)} "
        f"and are dropped"
    )
    return raw.take(labelled)


def _target_words(raw: RawData) -> str:
    return " or ".join(map(repr, raw.target_names)) or repr(raw.target_name)
