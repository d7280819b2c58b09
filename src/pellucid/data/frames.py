"""Data frames: any of them as columns of float64 and of text, target and split taken out by name."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells import clean_text, is_number_column, numbers_of
from pellucid.data.raw import Place, RawData, row_place
from pellucid.data.raw_targets import MANY, short_list
from pellucid.errors import ConfigurationError, DataError, did_you_mean

__all__ = ["match_columns", "number_matrix", "separate", "tidy_frame"]


def tidy_frame(frame: Any) -> pl.DataFrame:
    """Turn a polars or pandas data frame into columns of float64 and of text, null where missing.

    Parameters
    ----------
    frame : polars.DataFrame or pandas.DataFrame

    Raises
    ------
    DataError
        When two columns have one name, or a column holds neither numbers nor words.

    Examples
    --------
    >>> tidy_frame(pl.DataFrame({"a": [1, None], "b": [" x", "?"], "c": [True, False]})).rows()
    [(1.0, 'x', 'True'), (None, None, 'False')]
    """
    names = [str(name) for name in frame.columns]
    check_names(names)
    if isinstance(frame, pl.DataFrame):
        columns = frame.get_columns()
    else:
        columns = [_from_pandas(name, frame.iloc[:, index]) for index, name in enumerate(names)]
    return pl.DataFrame([_tidy(column) for column in columns])


def check_names(names: Sequence[str]) -> None:
    """Refuse two columns of one name."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DataError(
                "two columns have the same name",
                expected="each name once",
                received=f"{name!r} for columns {names.index(name)} and {index} (counted from 0)",
                remedy="rename one of them",
            )


def separate(
    frame: pl.DataFrame,
    name: str,
    *,
    target: str | None,
    split_column: str | None,
    drop: Sequence[str],
    task: str | None,
    require_target: bool,
    strict: bool,
    lines: NDArray[np.intp] | None = None,
) -> RawData:
    """Take target and split out of a tidy frame.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of float64 and of text.
    name : str
        What to call the data.
    target, split_column : str or None
        Columns; without a target the last one is taken when one is required.
    drop : sequence of str
        Columns to leave out.
    task : str or None
        What the targets are for, when that was said.
    require_target : bool
        Whether there must be a target.
    strict : bool
        Whether the other columns that are named must be there.
    lines : array of int, optional
        The rows' lines in their file, counted from 1.

    Raises
    ------
    DataError
        When a column is not there, no row is left, or the split column says something else.
    """
    if not len(frame):
        raise DataError("the data has no rows", expected="at least one row", received="none", where=name)
    notes: list[str] = []
    others = [column for column in frame.columns if column not in {split_column, *drop}]
    if target is None and require_target and others:
        target = others[-1]
        notes.append(f"the target is the last column, {target!r}; choose another with target (--target)")
    wanted = [column for column in (target, split_column, *drop) if column is not None]
    for column in wanted:
        if column not in frame.columns and (require_target if column == target else strict):
            raise _no_such_column(column, frame.columns, name)
        if wanted.count(column) > 1:
            raise ConfigurationError(
                f"column {column!r} is named twice",
                expected="one use for each column: target, split or dropped",
                received=f"target={target!r}, split_column={split_column!r}, drop={list(drop)!r}",
            )
    raw = RawData(
        name,
        frame.drop(wanted, strict=False),
        target_name=target,
        notes=notes,
        lines=lines,
        ignored=tuple(column for column in wanted if column in frame.columns),
    )
    if not raw.rows.shape[1]:
        raise DataError(
            "no column is left to learn from",
            expected="at least one column beside the target",
            received=f"columns {', '.join(frame.columns)}",
            where=name,
        )
    if split_column in frame.columns:
        raw.train = _train_rows(frame[split_column], raw)
    if target in frame.columns:
        _set_target(raw, frame[target], task, require_target)
    return raw


def match_columns(rows: object, names: Sequence[str], ignored: Sequence[str]) -> pl.DataFrame:
    """Find a model's columns in rows for prediction.

    Parameters
    ----------
    rows : data frame, or array of shape (n, number of names) in their order
    names : sequence of str
        The columns that the network was trained on.
    ignored : sequence of str
        Others that may stand there.

    Raises
    ------
    DataError
        When some are missing or strange.
    """
    if not hasattr(rows, "columns"):
        rows = _named_columns(rows, names)
    frame = tidy_frame(rows)
    missing = [name for name in names if name not in frame.columns]
    strange = [name for name in frame.columns if name not in {*names, *ignored}]
    if missing or strange:
        said = [
            f"{what} {', '.join(map(repr, found))}"
            for what, found in (("missing:", missing), ("not known to the model:", strange))
            if found
        ]
        raise DataError(
            "the columns are not those the network was trained on",
            expected=f"{len(names)} columns: {short_list(names)}",
            received="; ".join(said),
            remedy=did_you_mean(strange[0], missing)
            if missing and strange
            else "add the missing columns (their cells may be empty)"
            if missing
            else "leave out the strange columns",
        )
    return frame


def number_matrix(frame: Any, place: Place) -> NDArray[np.float64]:
    """Turn a data frame of numbers into an array, by position."""
    return np.column_stack([numbers_of(column, place) for column in tidy_frame(frame).iter_columns()])


def _named_columns(rows: object, names: Sequence[str]) -> pl.DataFrame:
    array = np.asarray(rows)
    if array.ndim != 2 or array.shape[1] != len(names):
        raise DataError(
            "the rows have another width than those the network was trained on",
            expected=f"{len(names)} columns: {short_list(names)}",
            received=f"{array.shape[1]} columns" if array.ndim == 2 else f"shape {array.shape}",
        )
    return pl.DataFrame([_from_values(name, array[:, index].tolist()) for index, name in enumerate(names)])


def _from_pandas(name: str, column: Any) -> pl.Series:
    if getattr(column.dtype, "kind", "O") in "iuf":
        return pl.Series(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    missing = column.isna().tolist()
    return _from_values(
        name, [None if absent else value for value, absent in zip(column.tolist(), missing, strict=True)]
    )


def _from_values(name: str, values: list[Any]) -> pl.Series:
    """Make a column of Python's own values; a mixture of numbers and text becomes text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds <= {int, float}:
        return pl.Series(
            name, [None if value is None else float(value) for value in values], dtype=pl.Float64
        )
    if kinds <= {int, float, bool, str}:
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    raise _unusable(name, ", ".join(sorted(kind.__name__ for kind in kinds - {int, float, bool, str})))


def _tidy(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind == pl.Boolean:
        return column.cast(pl.String).str.to_titlecase()
    if kind.is_numeric():
        numbers = column.cast(pl.Float64).fill_nan(None)
        infinite = numbers.is_infinite().fill_null(False)
        if infinite.any():
            row = infinite.arg_max() or 0
            raise DataError(
                "a number is infinite",
                expected="finite numbers",
                received=str(numbers[row]),
                where=f"{row_place(row)}, column {column.name!r}",
            )
        return numbers
    if kind in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return clean_text(column.cast(pl.String))
    raise _unusable(column.name, str(kind))


def _unusable(name: str, kind: str) -> DataError:
    return DataError(
        "a column holds neither numbers nor words",
        expected="numbers, booleans or text",
        received=kind,
        where=f"column {name!r}",
        remedy="turn it into numbers or words, or leave it out with drop",
    )


def _train_rows(column: pl.Series, raw: RawData) -> NDArray[np.bool_]:
    said = [None if value is None else str(value) for value in column.to_list()]
    lowered = np.array([None if value is None else value.lower() for value in said], dtype=object)
    train: NDArray[np.bool_] = lowered == "train"
    other = np.flatnonzero(~train & (lowered != "test"))
    if other.size:
        found = sorted({value or "(empty)" for value in said})
        raise DataError(
            f"column {column.name!r} does not say which rows are for training",
            expected="train or test in every row",
            received=short_list(found),
            where=f"first at {raw.place(int(other[0]))}",
        )
    return train


def _set_target(raw: RawData, column: pl.Series, task: str | None, require_target: bool) -> None:
    if require_target:
        _leave_out_unlabelled(raw, column)
        column = column.drop_nulls()
    if task != "classification" and column.n_unique() > MANY:
        is_number_column(column, raw.place)
    if column.dtype == pl.String:
        raw.target = np.array(column.to_list(), dtype=object)
    else:
        raw.target = column.fill_null(float("nan")).to_numpy()


def _leave_out_unlabelled(raw: RawData, column: pl.Series) -> None:
    known = column.is_not_null().to_numpy()
    n_missing = int(len(known) - known.sum())
    if not n_missing:
        return
    if n_missing == len(known):
        raise DataError(
            "the target is missing in every row",
            expected=f"a value in column {column.name!r}",
            received="empty cells",
            where=raw.name,
        )
    raw.notes.append(
        f"{n_missing:,} of {len(known):,} rows have no value in {column.name!r} and are left out"
    )
    raw.rows = raw.rows.filter(known) if isinstance(raw.rows, pl.DataFrame) else raw.rows[known]
    raw.origin = raw.origin[known]
    raw.lines = None if raw.lines is None else raw.lines[known]
    raw.train = None if raw.train is None else raw.train[known]


def _no_such_column(name: str, columns: Sequence[str], where: str) -> DataError:
    hint = did_you_mean(name, columns)
    return DataError(
        f"there is no column {name!r}",
        expected=f"one of {len(columns)} columns: {short_list(columns)}",
        received=repr(name),
        where=where,
        remedy=hint if hint.startswith("did") else None,
    )
