"""Data frames, converted to columns of float64, of text and of booleans."""

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from pellucid.data.cells.arrays import is_interval, names_of, wrong_width
from pellucid.data.cells.raw_targets import short_list
from pellucid.data.cells.text_cells import clean_text, is_number_or_missing, marks_as_null, numbers_of
from pellucid.data.column_names import same_names
from pellucid.data.nested import contents, refuse_nested
from pellucid.data.raw import Place
from pellucid.errors import DataError, did_you_mean

__all__ = [
    "SKIP_HEADER",
    "check_names",
    "column_of",
    "generated_name",
    "is_generated",
    "match_columns",
    "number_matrix",
    "tidy_frame",
]

# For data with a header, and a model whose data had none.
SKIP_HEADER = "; if the first line contains column names, use --skip-lines 1 (skip_lines=1 in Python)"
_WORDS = (pl.Categorical, pl.Enum, pl.Null)
_SINGLE = {type(None), bool, int, float, str}


def tidy_frame(frame: Any) -> pl.DataFrame:
    """Convert a data frame, or a table of pyarrow, to columns of float64, of text and of booleans.

    Dates and times become text, durations seconds. Marks of missing values in text stay. Of lists and the
    like only the type is kept, because such columns are refused only where they are used.

    Examples
    --------
    >>> tidy_frame(pl.DataFrame({"a": [1, None], "b": [" x", "?"], "c": [True, False]})).rows()
    [(1.0, 'x', True), (None, '?', False)]
    """
    names = names_of(frame)
    check_names(names)
    if hasattr(frame, "items"):  # of pandas
        columns = zip(names, frame.items(), strict=True)
        # By name: in a list, polars would name a column without a name.
        frame = pl.DataFrame({name: _from_pandas(name, column) for name, (_, column) in columns})
    elif not isinstance(frame, pl.DataFrame):
        frame = pl.DataFrame(frame)
        frame.columns = names  # polars names those without a name
    # One expression for all columns of a type: a call for each takes seconds for thousands of columns.
    tidy = frame.with_columns(
        cs.numeric().cast(pl.Float64).fill_nan(None),
        (cs.by_dtype(*_WORDS) | cs.date() | cs.datetime()).cast(pl.String),
        cs.time().dt.to_string("%H:%M:%S%.f"),
        cs.duration().dt.total_microseconds().cast(pl.Float64) / 1e6,
        *(
            pl.Series(column.name, [None] * len(column), dtype=column.dtype)
            for column in frame.iter_columns()
            if contents(column)
        ),
    )
    return clean_text(tidy)


def check_names(names: Sequence[str], remedy: str = "rename one of them") -> None:
    """Check that no two columns have the same name."""
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if first.setdefault(name, index) != index:
            raise DataError(
                "two columns have the same name",
                expected="each name once",
                received=f"{name!r} for columns {first[name]} and {index} (counted from 0)",
                remedy=remedy,
            )


def generated_name(index: int) -> str:
    """Return the generated name of a column without one, by its position counted from 1."""
    return f"column_{index}"


def is_generated(name: str) -> bool:
    """Return whether a column name was generated."""
    return re.fullmatch(r"column_\d+", name) is not None


def match_columns(rows: Any, names: Sequence[str], ignored: Sequence[str], notes: list[str]) -> pl.DataFrame:
    """Find a model's columns in tidy rows or an array, with a note on columns that it does not know."""
    frame = rows if isinstance(rows, pl.DataFrame) else tidy_frame(_named_columns(rows, names))
    others = set(frame.columns) - {*names, *ignored}
    meant = same_names(set(names) - set(frame.columns), others)
    frame = frame.rename({column: name for name, column in meant.items()})
    there, known = set(frame.columns), {*names, *ignored}
    missing = [name for name in names if name not in there]
    unknown = [name for name in frame.columns if name not in known]
    if missing:
        differences = [
            f"{what} {', '.join(map(repr, found))}"
            for what, found in (("missing:", missing), ("unknown:", unknown))
            if found
        ]
        raise DataError(
            "the columns are not those the network was trained on",
            expected=f"{len(names)} columns: {short_list(names)}",
            received="; ".join(differences),
            remedy="the table seems to have no header: put the column names in its first line"
            if not there & set(names) and any(map(_is_unlike_name, unknown))
            else "the model was trained on columns without names: leave out the first line with "
            "--skip-lines 1, without --header (in Python pass an array, or give the columns these names)"
            if unknown and not there & set(names) and all(map(is_generated, names))
            else did_you_mean(unknown[0], missing)
            if unknown
            else "add the missing columns (their cells may be empty)",
        )
    if unknown:
        notes.append(f"the model does not use {_columns_in_words(unknown)}")
    used = frame.select(names)
    refuse_nested(used)
    return marks_as_null(used)


def number_matrix(frame: Any, place: Place, names: Sequence[str] | None = None) -> NDArray[np.float64]:
    """Convert a data frame of numbers to an array: by name if these are its names, else by position."""
    tidy = marks_as_null(tidy_frame(frame))
    if names is not None and set(tidy.columns) == set(names):
        tidy = tidy.select(cs.by_name(*names))
    refuse_nested(tidy)
    return np.column_stack([numbers_of(column, place) for column in tidy.iter_columns()])


def _columns_in_words(names: Sequence[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {short_list(names)}"


def _is_unlike_name(name: str) -> bool:
    return is_number_or_missing(name) or is_generated(name)


def _named_columns(rows: object, names: Sequence[str]) -> pl.DataFrame:
    array = np.asanyarray(rows)  # tolist of a masked array gives None for masked values
    numbered = [f"column {index}" for index in range(array.shape[1] if array.ndim == 2 else 0)]
    if set(names) < set(numbered):  # the columns of an array, of which the model does not use all
        names = numbered
    if array.ndim != 2 or array.shape[1] != len(names):
        raise wrong_width(f"{len(names)} columns: {short_list(names)}", array)
    return pl.DataFrame([column_of(name, array[:, index].tolist()) for index, name in enumerate(names)])


def _from_pandas(name: str, column: Any) -> pl.Series:
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iuf":
        return pl.Series(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind in "mM":  # dates with an offset are converted to UTC
        offset = kind == "M" and column.dt.tz is not None
        unit = "datetime64[us]" if kind == "M" else "timedelta64[us]"
        moments = pl.Series(name, column.to_numpy(dtype=unit))
        return moments.dt.replace_time_zone("UTC") if offset else moments
    missing = column.isna().tolist()
    return column_of(
        name, [None if absent else value for value, absent in zip(column.tolist(), missing, strict=True)]
    )


def column_of(name: str, values: list[Any]) -> pl.Series:
    """Make a column of Python objects; a mixture of numbers and text becomes text."""
    values = [value if type(value) in _SINGLE else _plain(value) for value in values]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds <= {int, float}:
        return pl.Series(
            name, [None if value is None else float(value) for value in values], dtype=pl.Float64
        )
    if kinds <= {int, float, bool, str}:
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    nested = pl.List(pl.Null) if kinds <= {list} else pl.Struct([]) if kinds <= {dict} else pl.Object
    return pl.Series(name, [None] * len(values), dtype=nested)


def _plain(value: Any) -> Any:
    """Return dates and intervals as text, and other numbers as Python's; anything else unchanged."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]")
    if isinstance(value, np.generic):
        value = value.item()
    if type(value).__name__ == "Period":  # of pandas, which may not be there
        value = value.to_timestamp()
    if is_interval(value):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, Decimal) else value
