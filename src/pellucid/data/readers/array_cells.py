"""Arrays whose values are read like the cells of a table: missing ones, and numbers as people write them."""

import numpy as np
import polars as pl

from pellucid.data.cells.arrays import is_frame, label_array, number_array
from pellucid.data.cells.frames import column_of, tidy_frame
from pellucid.data.cells.raw_targets import columns_of
from pellucid.data.cells.text_cells import missing_as_null
from pellucid.data.cells.written_numbers import read_written_numbers
from pellucid.data.examples import Array
from pellucid.data.raw import RawData

__all__ = ["as_columns", "read_written_target", "without_missing"]


def as_columns(x: object) -> pl.DataFrame | None:
    """Return a matrix of numbers as columns that are named by their numbers; None for images.

    Examples
    --------
    >>> as_columns([[1, -999], [2, 3]]).columns
    ['column 0', 'column 1']
    """
    array = number_array(x, "x")
    if array.ndim != 2:
        return None
    columns = array.T.astype(np.float64)
    return pl.DataFrame({f"column {index}": column for index, column in enumerate(columns)})


def without_missing(y: object, marks: tuple[str, ...]) -> object:
    """Return targets with NaN or None for values that stand for missing ones.

    Examples
    --------
    >>> without_missing([1, -999], ("-999",)).tolist(), without_missing(["a", "b"], ("b",)).tolist()
    ([1.0, nan], ['a', None])
    """
    if is_frame(y):
        return missing_as_null(tidy_frame(y), marks)
    array = label_array(y)
    cells = column_of("y", array.ravel().tolist())
    missing = missing_as_null(cells.to_frame(), marks).to_series().is_null() & cells.is_not_null()
    if not missing.any():
        return array
    cleaned: Array = array.astype(np.float64 if array.dtype.kind in "iuf" else object)
    cleaned[missing.to_numpy().reshape(array.shape)] = np.nan if array.dtype.kind in "iuf" else None
    return cleaned


def read_written_target(raw: RawData, decimal: str | None) -> list[str]:
    """Read targets of text as numbers where people wrote all of them, such as $1,177.22; return a note."""
    if raw.target is None or raw.target.dtype.kind not in "OU":
        return []
    columns = columns_of(raw.target)
    names = raw.target_names or tuple(f"y{index}" if index else "y" for index in range(columns.shape[1]))
    values = [column.tolist() for column in columns.T]
    if not all(isinstance(value, str | None) for column in values for value in column):
        return []
    found = read_written_numbers(pl.DataFrame(dict(zip(names, values, strict=True))), decimal)
    if len(found) < len(names):
        return []
    raw.target = np.column_stack([each.numbers.to_numpy() for each in found]).reshape(raw.target.shape)
    return [f"the targets are read as numbers: {', '.join(each.read for each in found)}"]
