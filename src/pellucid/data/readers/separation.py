"""The separation of a table into features, target, split and weights."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.number_marks import Marked
from pellucid.data.cells.raw_targets import as_numbers, short_list
from pellucid.data.cells.set_names import SET_NAMES
from pellucid.data.cells.written_numbers import Written
from pellucid.data.cells.yes_or_no import PLAIN, words_of
from pellucid.data.examples import Array
from pellucid.data.fingerprint import Fingerprint, of_table
from pellucid.data.needs import Needs
from pellucid.data.nested import refuse_nested
from pellucid.data.options import ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.none_class import NoneClass
from pellucid.data.readers.table import ReadColumns, Table, plain_numbers, read_columns, reading_notes
from pellucid.data.readers.target_column import as_given, target_of
from pellucid.errors import ConfigurationError, DataError, near_miss

__all__ = ["separate"]

# Columns are read from text a part at a time: this many cells, or a tenth of the table.
_CELLS, _MOST_PARTS = 2_500_000, 10


def separate(table: Table, name: str, options: ReadOptions, needs: Needs) -> RawData:
    """Separate target, split and weights from the features of a table."""
    cells = table.cells
    if not cells.columns:
        raise DataError("the data have no columns", expected="at least one", received="none", where=name)
    if not len(cells):
        raise DataError("the data have no rows", expected="at least one row", received="none", where=name)
    if needs.patterns:
        options = options.resolved(cells.columns)
    options = options.as_named(cells.columns)
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
    used = read_columns(table, [column for column in options.columns if column in there], options)
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
        of_classes=len(targets) == 1 and targets[0] in table.of_classes,
        words=table.words,
        # They would take memory during training, which does not use them.
        others=None if needs.columns else used.cells,
    )
    if options.split_column in there:
        raw.train, raw.validation = _given_split(used.written[options.split_column], raw)
    if options.weight_column in there:
        raw.weights = as_given(used.written[options.weight_column])
    known = list(targets) if there.issuperset(targets) else []
    if known:
        _set_target(raw, used, options, needs)
    raw = _labelled_rows(raw) if needs.target else raw
    found = [each for each in used.found if each.name not in options.drop]
    found += _read_features(raw, table, features, used.numbers.select(known), options, needs)
    raw.decimal = "," if any(isinstance(each, Written) and each.thousands for each in found) else None
    raw.notes[len(table.notes) : len(table.notes)] = reading_notes(found) if needs.columns else []
    return raw


def _read_features(
    raw: RawData,
    table: Table,
    features: list[str],
    target: pl.DataFrame,
    options: ReadOptions,
    needs: Needs,
) -> list[Written | Marked]:
    """Read the features; data read like others keep their text."""
    fingerprint, found, labelled = Fingerprint(), list[Written | Marked](), raw.labelled()
    taken = None if len(raw) == len(table.cells) else raw.origin
    # Text takes time and memory: what are plain numbers need not become text first.
    numbers = plain_numbers(table, features, options) if needs.columns else pl.DataFrame()
    frames = [_rows(numbers, taken)] if numbers.width else []
    rest = [name for name in features if name not in numbers.columns]
    n_parts = min(_MOST_PARTS, -(-len(table.cells) * len(rest) // _CELLS))
    width = max(1, -(-len(rest) // max(n_parts, 1)))
    for first in range(0, len(rest), width):
        read = read_columns(table, rest[first : first + width], options)
        found.extend(read.found)
        frames.append(_rows(read.numbers if needs.columns else read.written, taken))
        if not needs.columns:
            fingerprint.add(_rows(read.numbers, taken)[labelled])
    raw.rows = pl.concat(frames, how="horizontal").select(features)
    if needs.columns:
        fingerprint.add(raw.rows)
        # Numbers are read once for all that follows.
        if raw.target is not None and raw.target.dtype == object:
            as_floats = as_numbers(raw.target)
            raw.target = raw.target if as_floats is None else as_floats
    if target.width:
        fingerprint.add(_rows(target, taken)[labelled])
    raw.table_fingerprint = of_table(fingerprint)
    return found


def _rows(frame: pl.DataFrame, rows: NDArray[np.intp] | None) -> pl.DataFrame:
    return frame if rows is None else frame[rows]


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
        found = sorted({texts[row] or "(empty)" for row in other.tolist()})
        raise DataError(
            f"column {column.name!r} is not a split column",
            expected="train, validation or test in every row",
            received=short_list(found),
            where=f"the first one at {raw.place(int(other[0]))}",
            remedy="write train, validation or test in each row, or draw the sets at random, without a split "
            "column",
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


def _set_target(raw: RawData, read: ReadColumns, options: ReadOptions, needs: Needs) -> None:
    """Set the targets."""
    written = read.written.with_columns(read.without_marks)
    one = read.numbers[options.target[0]]
    if (
        needs.columns
        and len(options.target) == 1
        and one.dtype == pl.Float64
        and options.task != "multilabel"
    ):
        raw.target = one.to_numpy()
        return
    columns = [target_of(written[column], options.task, raw.place) for column in options.target]
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
