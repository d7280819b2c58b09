"""The fingerprint of data: equal for equal rows and targets."""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Fingerprint", "is_of_table", "of_table", "with_target"]

# Marks the fingerprints of tables whose numbers count by their values, however they are written.
_TABLE = "table:"

# What separates the cells of a column where they are hashed.
_BETWEEN = "\x1e"


class Fingerprint:
    """A SHA-256 that is computed in parts: the rows, in as many parts as there are, and then the targets.

    Examples
    --------
    >>> fingerprint = Fingerprint()
    >>> fingerprint.add(np.eye(2))
    >>> fingerprint.hexdigest()[:8]
    '7f04869c'
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, values: "Array | SparseRows | pl.DataFrame") -> None:
        """Add an array, sparse rows, or columns of a table."""
        if isinstance(values, SparseRows):
            rows = values[np.arange(len(values))]  # without unused values before or after them
            for part in (np.array(rows.shape), rows.starts, rows.columns, rows.values):
                self._add(part)
        elif isinstance(values, np.ndarray):
            self._add(values)
        else:
            import polars as pl  # takes 0.1 s

            for column in values.iter_columns():
                self._digest.update(f"{column.name}\0{column.dtype}\0".encode())
                if column.dtype == pl.String:
                    self._digest.update(column.fill_null("\0").str.join(_BETWEEN).item().encode())
                else:
                    self._add(column.to_numpy())

    def hexdigest(self) -> str:
        """Return it in hexadecimal."""
        return self._digest.hexdigest()

    def _add(self, values: Array) -> None:
        if values.dtype.kind not in "iuf":
            texts = ("\0" if value is None else str(value) for value in values.ravel().tolist())
            self._digest.update(_BETWEEN.join(texts).encode(errors="surrogatepass"))
            return
        # The size of integers depends on the platform: the same data must have the same hash everywhere.
        kind = np.dtype(np.int64) if values.dtype.kind in "iu" and values.itemsize > 1 else values.dtype
        values = np.ascontiguousarray(values, kind.newbyteorder("<"))
        self._digest.update(f"{values.dtype.str}{values.shape}\0".encode())
        self._digest.update(values.data.cast("B") if values.size else b"")


def of_table(fingerprint: Fingerprint) -> str:
    """Return the fingerprint of a table, marked as such.

    Examples
    --------
    >>> of_table(Fingerprint())[:14]
    'table:e3b0c442'
    """
    return _TABLE + fingerprint.hexdigest()


def with_target(table: str, target: Array) -> str:
    """Return the fingerprint of a table whose targets were given apart from it."""
    fingerprint = Fingerprint()
    fingerprint.add(np.array([table]))
    fingerprint.add(target)
    return of_table(fingerprint)


def is_of_table(fingerprint: str) -> bool:
    """Return whether a fingerprint is that of a table.

    Examples
    --------
    >>> is_of_table("table:7d66"), is_of_table("7d66")
    (True, False)
    """
    return fingerprint.startswith(_TABLE)
