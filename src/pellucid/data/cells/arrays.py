"""Arrays and their values: whether they are numbers, and finite."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError

__all__ = [
    "check_finite",
    "check_lengths",
    "is_frame",
    "is_interval",
    "label_array",
    "names_of",
    "number_array",
    "wrong_width",
]


_FRAMES = (("polars", "DataFrame"), ("pandas", "DataFrame"), ("pyarrow", "Table"))


def is_frame(source: object) -> bool:
    """Return whether something is a data frame of polars or pandas or a table of pyarrow, without imports."""
    return any(
        name in sys.modules and isinstance(source, getattr(sys.modules[name], kind)) for name, kind in _FRAMES
    )


def is_interval(value: object) -> bool:
    """Return whether a value is an interval, as `pandas.cut` returns them, without imports."""
    return type(value).__name__ == "Interval"


def names_of(frame: Any) -> list[str]:
    """Return the names of the columns of a data frame."""
    is_arrow = "pyarrow" in sys.modules and isinstance(frame, sys.modules["pyarrow"].Table)
    return [str(name) for name in (frame.column_names if is_arrow else frame.columns)]


def number_array(
    values: object, what: str, place: Place = row_place, names: Sequence[str] | None = None
) -> Array:
    """Convert values to an array of numbers; columns of a data frame in the order of `names`."""
    if is_frame(values):
        from pellucid.data.cells.frames import number_matrix  # polars takes 0.1 s to import

        return number_matrix(values, place, names)
    array = _as_array(values, what)
    if array.dtype.kind in "iuf":
        # Longer floats differ between platforms, and networks do not use them.
        return array.astype(np.float64) if array.dtype.itemsize > 8 else array
    if array.dtype.kind in "bOU":
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError):
            pass
    raise DataError(
        f"{what} contains values that are not numbers",
        expected="numbers",
        received=f"an array of {array.dtype} with shape {array.shape}",
        remedy="pass categories and dates as columns of a polars or pandas data frame",
    )


def label_array(values: object) -> Array:
    """Convert targets to an array of numbers, booleans or text, None for missing values."""
    array = _as_array(values, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "O":
        flat = [None if _is_missing(value) else value for value in array.ravel().tolist()]
        flat = [str(value) if is_interval(value) else value for value in flat]
        kinds = {type(value) for value in flat if value is not None}
        if kinds == {bool} and None not in flat:
            return np.array(flat).reshape(array.shape)
        if kinds <= {bool, int, float, str, np.str_}:
            cleaned = np.empty(len(flat), dtype=object)
            cleaned[:] = flat
            return cleaned.reshape(array.shape)
    if array.dtype.kind not in "biufU" or array.ndim == 0:
        raise DataError(
            "y contains neither labels nor values",
            expected="numbers, booleans or text, one for each row of x",
            received=f"an array of {array.dtype} with shape {array.shape}",
            remedy="calculate numbers from the dates, such as the days since another date"
            if array.dtype.kind in "mM"
            else None,
        )
    return array


def check_lengths(n_inputs: int, n_targets: int, where: str | None = None) -> None:
    """Check that the numbers of inputs and targets match."""
    if n_inputs != n_targets:
        raise DataError(
            "x and y differ in length",
            expected=f"{n_inputs:,} targets, one for each row of x",
            received=f"{n_targets:,}",
            where=where,
        )


_FILLED = "remove the row, or pass a data frame, whose missing values are filled"


def check_finite(
    array: Array | SparseRows, what: str, place: Place = row_place, remedy: str = _FILLED
) -> None:
    """Check that all values are finite; the error names the first row and column that are not."""
    if array.dtype.kind != "f":
        return
    if isinstance(array, SparseRows):
        first, last = array.starts[0], array.starts[-1]
        for at in (first + np.flatnonzero(~np.isfinite(array.values[first:last]))).tolist():
            row = int(np.searchsorted(array.starts, at, side="right")) - 1
            raise _not_finite(what, array.values[at], place(row), array.columns[at], remedy)
        return
    rows = array.reshape(len(array), -1)
    # A quick first test: the sum of a row is finite unless a value is not, or many are huge.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = np.flatnonzero(~np.isfinite(rows.sum(axis=1)))
    for row in suspects.tolist():
        wrong = np.flatnonzero(~np.isfinite(rows[row]))
        if wrong.size:
            raise _not_finite(what, rows[row, wrong[0]], place(row), wrong[0], remedy)


def wrong_width(expected: str, received: Array | SparseRows) -> DataError:
    """Return the error for rows with another number of columns than in training."""
    return DataError(
        "the rows do not have as many columns as those the network was trained on",
        expected=expected,
        received=f"{received.shape[1]} columns" if received.ndim == 2 else f"shape {received.shape}",
    )


def _not_finite(what: str, number: Any, place: str, column: int, remedy: str) -> DataError:
    return DataError(
        f"{what} contains a value that is not finite",
        expected="finite numbers",
        received="NaN (a missing value)" if np.isnan(number) else str(number),
        where=f"{place}, column {column} (counted from 0)",
        remedy=remedy,
    )


def _as_array(values: object, what: str) -> Array:
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        return _filled(values)
    try:
        array: Array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{what} is not an array",
            expected="rows of the same length",
            received=f"{type(values).__name__} ({error})",
        ) from None
    return array


def _filled(masked: np.ma.MaskedArray[Any, Any]) -> Array:
    """Convert a masked array to a plain one with NaN or None for masked values."""
    numbers = masked.dtype.kind in "iuf"
    array: Array = np.array(masked.data, dtype=np.float64 if numbers else object)
    array[np.ma.getmaskarray(masked)] = np.nan if numbers else None
    return array


def _is_missing(value: Any) -> bool:
    # pandas' NA cannot be compared, so it is recognised by the name of its type.
    return (
        value is None
        or type(value).__name__ in {"NAType", "NaTType"}
        or (value is not True and value != value)
    )
