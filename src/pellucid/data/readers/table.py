"""Tables, and their separation into features, target, split and weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import MANY, as_numbers, short_list
from pellucid.data.cells.text_cells import (
    is_number_column,
    missing_as_null,
    number_like,
    numbers_as_floats,
)
from pellucid.data.cells.written_numbers import read_written_numbers
from pellucid.data.cells.yes_or_no import PLAIN, words_of
from pellucid.data.examples import Array
from pellucid.data.options import Needs, ReadOptions
from pellucid.data.raw import RawData
from pellucid.errors import ConfigurationError, DataError, near_miss

__all__ = ["Table", "separate"]

# What a split column can say, in lower case.
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    "test": "test",
}


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of float64, of text and of booleans, null for missing values.
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

    frame: pl.DataFrame
    lines: NDArray[np.intp] | None = None
    header: bool | None = None
    notes: Sequence[str] = ()
    comma_likely: bool = False
    usual_target: str | None = None
    of_classes: tuple[str, ...] = ()


def separate(table: Table, name: str, options: ReadOptions, needs: Needs) -> RawData:
    """Separate target, split and weights from the features of a table."""
    frame = missing_as_null(table.frame, options.missing)
    if not len(frame):
        raise DataError("the data have no rows", expected="at least one row", received="none", where=name)
    frame, numbers = read_written_numbers(frame, options.decimal, comma_likely=table.comma_likely)
    notes = [*table.notes, *numbers] if needs.columns else []
    if needs.patterns:
        options = options.resolved(frame.columns)
    named = set(options.columns)
    others = [column for column in frame.columns if column not in named]
    if not options.target and needs.target and others:
        usual = table.usual_target if table.usual_target in others else others[-1]
        options = replace(options, target=(usual,))
        which = "the last column, " * (usual == others[-1])
        notes.append(f"the target is {which}{usual!r}; choose another with target (--target)")
    _check_columns(frame.columns, name, options, needs)
    there, targets = set(frame.columns), options.target
    raw = RawData(
        name,
        frame.drop(options.columns, strict=False),
        target_name=targets[0] if len(targets) == 1 else None,
        target_names=targets if len(targets) > 1 else (),
        notes=notes,
        lines=table.lines,
        ignored=tuple(column for column in options.columns if column in there),
        dropped=options.drop,
        header=table.header,
        of_classes=bool(targets) and set(targets) <= set(table.of_classes),
        # They would take memory during training, which does not use them.
        others=None if needs.columns else frame.select(name for name in options.columns if name in there),
    )
    if not raw.rows.shape[1]:
        raise DataError(
            "no feature column is left",
            expected="at least one column besides the target",
            received=f"columns {', '.join(frame.columns)}",
            where=name,
        )
    if options.split_column in there:
        raw.train, raw.validation = _given_split(frame[options.split_column], raw)
    if options.weight_column in there:
        raw.weights = _as_given(frame[options.weight_column])
    if targets and there.issuperset(targets):
        columns = [_target(frame[column], options.task, raw) for column in targets]
        raw.target = columns[0] if len(columns) == 1 else _stacked(columns)
        if options.task == "multilabel" and len(columns) == 1:
            raw.target = _cells_of_labels(raw.target)
    raw = _labelled_rows(raw) if needs.target else raw
    if needs.columns:
        _read_numbers(raw)
    return raw


def _read_numbers(raw: RawData) -> None:
    """Read numbers from text, once for all that follows; data read like others are read by their encoding."""
    assert isinstance(raw.rows, pl.DataFrame)
    raw.remember_fingerprint()
    raw.rows = numbers_as_floats(raw.rows)
    if raw.target is not None and raw.target.dtype == object:
        numbers = as_numbers(raw.target)
        raw.target = raw.target if numbers is None else numbers


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
    parts = np.array([None if value is None else _PARTS.get(value.lower()) for value in texts], dtype=object)
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


def _target(column: pl.Series, task: str | None, raw: RawData) -> Array:
    """Return the targets as numbers, booleans or text; NaN or None for missing values."""
    if task != "classification" and column.drop_nulls().n_unique() > MANY:
        number = (
            None if is_number_column(column, raw.place) else number_like(column.drop_nulls().unique().sort())
        )
        if number:
            raise _written_for_people(column, number, raw)
    return _as_given(column)


def _written_for_people(column: pl.Series, number: str, raw: RawData) -> DataError:
    row = column.to_list().index(number)
    return DataError(
        "the target contains numbers as text",
        expected="numbers with . as the decimal point and no other symbols",
        received=repr(number),
        where=f"{raw.place(row)}, column {column.name!r}",
        remedy="remove currencies, per cent signs and separators of thousands; "
        "if these are classes, choose the task 'classification'",
    )


def _as_given(column: pl.Series) -> Array:
    return np.array(column.to_list(), dtype=object) if column.dtype == pl.String else column.to_numpy()


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
