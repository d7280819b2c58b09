"""NumPy's .npy files: one array, whose columns are those of a table."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from pellucid.data.cells.frames import generated_name, tidy_frame
from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.readers.array_file import checked_array
from pellucid.data.readers.arrays import arrays
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns
from pellucid.data.readers.opening import open_file, size_of
from pellucid.data.readers.table import Table
from pellucid.errors import DataError, FormatError, PellucidError

__all__ = ["npy"]


def npy(path: Path, require_target: bool = True) -> Table | RawData:
    """Read a structured array or a matrix as a table, or for a prediction also images."""
    with open_file(path) as file:
        size = size_of(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on files written by Python 2
            array = checked_array(partial(_open, path), size, str(path))
    except PellucidError:
        raise
    except Exception as error:  # NumPy raises many types of errors for damaged files
        raise FormatError(
            "the file is not a readable NumPy array",
            expected="an array saved with numpy.save, without pickled objects",
            received=excerpt(error) or type(error).__name__,
            where=str(path),
        ) from None
    if array.ndim == 3 and not require_target:
        return arrays(array, None, path.name)
    if array.dtype.names is not None and array.ndim == 1:
        columns = {name: array[name] for name in array.dtype.names}
    elif array.dtype.names is None and array.ndim == 2:
        check_columns(array.shape[1], str(path))
        columns = {generated_name(index): column for index, column in enumerate(array.T, start=1)}
    else:
        raise DataError(
            "the array is not a table",
            expected="a matrix, whose last column is the target, or a structured array",
            received=f"shape {array.shape}" + " of records" * (array.dtype.names is not None),
            where=str(path),
            remedy="save the features and targets together: numpy.savez('data.npz', x=x, y=y)",
        )
    check_cells(len(array) * len(columns), size, str(path), frame=True)
    return Table(tidy_frame(pl.DataFrame([_series(*column, path) for column in columns.items()])))


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """Open a file for NumPy, which would read another kind of file by itself, compressed as it is stored."""
    with open_file(path) as file:
        yield SimpleNamespace(read=file.read)


def _series(name: str, values: Array, path: Path) -> pl.Series:
    """Convert a column to one of polars: numbers, booleans or text; dates become text, durations seconds."""
    kind = values.dtype.kind
    if values.ndim == 1 and kind == "b":
        return pl.Series(name, values)
    if values.ndim == 1 and kind in "iuf":
        return pl.Series(name, values.astype(np.float64))
    if values.ndim == 1 and kind == "m":
        return pl.Series(name, values / np.timedelta64(1, "s"), nan_to_null=True)
    if values.ndim == 1 and kind == "M":
        dates = np.datetime_as_string(values).tolist()
        return pl.Series(name, [None if date == "NaT" else date for date in dates], dtype=pl.String)
    if values.ndim == 1 and kind in "US":
        texts = values.tolist()
        try:
            words = [text.decode() if isinstance(text, bytes) else text for text in texts]
            "".join(words).encode()
            return pl.Series(name, words, dtype=pl.String)
        except UnicodeError as error:
            received = f"text that is not valid Unicode: {excerpt(error)}"
    else:
        received = f"{values.dtype}" + f" with {values.shape[1:]} values in each row" * (values.ndim > 1)
    raise DataError(
        "a column contains neither numbers nor text",
        expected="numbers, booleans, text, dates or durations",
        received=received,
        where=f"column {name!r} of {path}",
        remedy="convert it to numbers or text",
    )
