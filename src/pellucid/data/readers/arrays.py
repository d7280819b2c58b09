"""Arrays as raw data: a pair of x and y, or x alone for prediction."""

from typing import Any

import numpy as np

from pellucid.data.cells.arrays import (
    check_finite,
    check_lengths,
    is_frame,
    label_array,
    names_of,
    number_array,
)
from pellucid.data.examples import Array
from pellucid.data.fingerprint import with_target
from pellucid.data.raw import RawData
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.errors import DataError

__all__ = ["arrays", "set_target"]


def arrays(x: object, y: object | None, name: str = "arrays") -> RawData:
    """Convert arrays to raw data: images become pixels, and so do bytes if the number of columns is a square.

    Examples
    --------
    >>> arrays(np.zeros((3, 28, 28), np.uint8), [0, 1, 2]).image_shape
    (28, 28)
    """
    raw = _sparse(x, name) if is_sparse(x) else features_of(number_array(x, "x"), name)
    if y is not None:
        set_target(raw, y)
    return raw


def _sparse(x: Any, name: str) -> RawData:
    """Convert a sparse matrix to raw data."""
    if x.ndim != 2 or x.dtype.kind not in "biuf" or 0 in x.shape:
        raise DataError(
            "x is not a matrix of numbers",
            expected="a sparse matrix of numbers with at least one row, one per example",
            received=f"{type(x).__name__} of {x.dtype} with shape {x.shape}",
        )
    rows = SparseRows.of(x if x.dtype.kind in "iuf" else x.astype(np.uint8))
    check_finite(rows, "x")
    return RawData(name, rows)


def set_target(raw: RawData, y: Any) -> None:
    """Set the targets of raw data, with their names if they are several columns of a data frame."""
    raw.target = label_array(y)
    check_lengths(len(raw), len(raw.target))
    if raw.table_fingerprint is not None:
        raw.table_fingerprint = with_target(raw.table_fingerprint, raw.target)
    if is_frame(y) and raw.target.ndim > 1:
        raw.target_names = tuple(names_of(y))


def features_of(x: Array, name: str) -> RawData:
    """Convert an array of numbers to raw data: pixels or columns."""
    if x.ndim not in (2, 3):
        raise DataError(
            "x has the wrong number of dimensions",
            expected="one row per example, shape (n, n_columns), or images, shape (n, height, width)",
            received=f"shape {x.shape}",
            remedy="x.reshape(-1, 1) for a single column, x.reshape(len(x), -1) for anything else",
        )
    if x.size == 0:
        least = "at least one row and one column"
        raise DataError("x is empty", expected=least, received=f"shape {x.shape}", where=name)
    check_finite(x, "x")
    scale = 1 / 255 if x.dtype == np.uint8 else None
    if x.ndim == 3:
        return RawData(name, x.reshape(len(x), -1), image_shape=x.shape[1:], scale=scale)
    side = round(x.shape[1] ** 0.5)
    if scale is not None and side > 1 and side * side == x.shape[1]:
        return RawData(name, x, image_shape=(side, side), scale=scale)
    return RawData(name, x)
