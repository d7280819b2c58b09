"""The separation of a table into features, target, split and weights."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.frames import is_generated
from pellucid.data.cells.raw_targets import MANY, short_list
from pellucid.data.cells.text_cells import is_number_column
from pellucid.data.cells.yes_or_no import PLAIN, words_of
from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.errors import ConfigurationError, DataError, did_you_mean

__all__ = ["separate"]


def separate(
    frame: pl.DataFrame,
    name: str,
    *,
    targets: Sequence[str],
    split_column: str | None,
    weight_column: str | None,
    drop: Sequence[str],
    task: str | None,
    require_target: bool,
    strict: bool,
    lines: NDArray[np.intp] | None = None,
    notes: Sequence[str] = (),
) -> RawData:
    """Separate target, split and weights from the features of a tidy frame.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of float64, of text and of booleans.
    name : str
        The name of the data.
    targets : sequence of str
        Columns to predict; if there are none and a target is required, the last column is used.
    split_column, weight_column : str or None
    drop : sequence of str
        Columns to drop.
    task : str or None
        The task, if it was given.
    require_target : bool
        Whether there must be a target.
    strict : bool
        Whether the other named columns must be present.
    lines : array of int, optional
        The line of each row in its file, counted from 1.
    notes : sequence of str
        Notes for the user about the reading.

    Raises
    ------
    DataError
        When a column is missing, no row is left, or the split column contains something other than train and
        test.
    """
    if not len(frame):
        raise DataError("the data have no rows", expected="at least one row", received="none", where=name)
    notes = list(notes)
    there, left_out = set(frame.columns), {split_column, weight_column, *drop}
    others = [column for column in frame.columns if column not in left_out]
    if not targets and require_target and others:
        targets = others[-1:]
        notes.append(f"the target is the last column, {others[-1]!r}; choose another with target (--target)")
    wanted = [column for column in (*targets, split_column, weight_column, *drop) if column is not None]
    for column in wanted:
        if column not in there and (require_target if column in targets else strict):
            raise _no_such_column(column, frame.columns, name, again=not strict)
        if wanted.count(column) > 1:
            raise ConfigurationError(
                f"column {column!r} is named twice",
                expected="one use for each column: target, split, weights or dropped",
                received=f"target={_as_setting(targets)!r}, split_column={split_column!r},"
                f" weights={weight_column!r}, drop={list(drop)!r}",
            )
    raw = RawData(
        name,
        frame.drop(wanted, strict=False),
        target_name=targets[0] if len(targets) == 1 else None,
        target_names=tuple(targets) if len(targets) > 1 else (),
        notes=notes,
        lines=lines,
        ignored=tuple(column for column in wanted if column in there),
    )
    if not raw.rows.shape[1]:
        raise DataError(
            "no feature column is left",
            expected="at least one column besides the target",
            received=f"columns {', '.join(frame.columns)}",
            where=name,
        )
    if split_column in there:
        raw.train = _train_rows(frame[split_column], raw)
    if weight_column in there:
        raw.weights = _as_given(frame[weight_column])
    if targets and there.issuperset(targets):
        columns = [_target(frame[column], task, raw) for column in targets]
        raw.target = columns[0] if len(columns) == 1 else _stacked(columns)
        if task == "multilabel" and len(columns) == 1:
            raw.target = _cells_of_labels(raw.target)
    return _labelled_rows(raw) if require_target else raw


def _train_rows(column: pl.Series, raw: RawData) -> NDArray[np.bool_]:
    texts = [None if value is None else str(value) for value in column.to_list()]
    lowered = np.array([None if value is None else value.lower() for value in texts], dtype=object)
    train: NDArray[np.bool_] = lowered == "train"
    other = np.flatnonzero(~train & (lowered != "test"))
    if other.size:
        found = sorted({value or "(empty)" for value in texts})
        raise DataError(
            f"column {column.name!r} is not a split column",
            expected="train or test in every row",
            received=short_list(found),
            where=f"the first one at {raw.place(int(other[0]))}",
        )
    return train


def _target(column: pl.Series, task: str | None, raw: RawData) -> Array:
    """Return the targets as numbers, booleans or text; NaN or None for missing values."""
    if task != "classification" and column.drop_nulls().n_unique() > MANY:
        is_number_column(column, raw.place)
    return _as_given(column)


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


def _as_setting(targets: Sequence[str]) -> str | list[str] | None:
    return list(targets) if len(targets) > 1 else targets[0] if targets else None


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
            remedy=_drop_last(raw.target_name),
        )
    raw.notes.append(
        f"{len(raw) - len(labelled):,} of {len(raw):,} rows have no value in {_target_words(raw)} "
        f"and are dropped"
    )
    return raw.take(labelled)


def _target_words(raw: RawData) -> str:
    return " or ".join(map(repr, raw.target_names)) or repr(raw.target_name)


def _drop_last(name: str | None) -> str | None:
    if name is None or not is_generated(name):
        return None
    return (
        f"if each line ends with a delimiter, drop the empty last column: "
        f"--drop {name} on the command line, drop=[{name!r}] in Python"
    )


def _no_such_column(name: str, columns: Sequence[str], where: str, *, again: bool) -> DataError:
    hint = did_you_mean(name, columns)
    return DataError(
        f"there is no column {name!r}",
        expected=f"the model's target, {name!r}, besides its features"
        if again
        else f"one of {len(columns)} columns: {short_list(columns)}",
        received=repr(name),
        where=where,
        remedy=hint if hint.startswith("did") else None,
    )
