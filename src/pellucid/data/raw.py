"""Raw data: rows and targets as they were given, before anything was learned from them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array
from pellucid.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Place", "RawData", "row_place"]

Place = Callable[[int], str]


def row_place(row: int) -> str:
    """Say where a row stands when nothing is known but its number."""
    return f"row {row} (counted from 0)"


@dataclass(eq=False)
class RawData:
    """Data as it came: what a source gives, and what a split and an encoding are made from.

    Parameters
    ----------
    name : str
        What to call it.
    rows : array of uint8 or float, shape (n, n_columns), SparseRows or polars.DataFrame
        The features. A frame holds columns of float64, of text and of booleans, null where a value is
        missing.
    target : array or None
        Labels or values as given: numbers, booleans or text, shape (n,) or (n, k).
    target_name : str or None
        The column that the target came from.
    train : array of bool, shape (n,), or None
        Which rows the source itself sets aside for training; None where it says nothing.
    notes : list of str
        What the user should know about the reading.
    origin : array of intp, shape (n,)
        The rows' numbers in the data as given, counted from 0.
    lines : array of int, shape (n,), or None
        The rows' lines in their file, counted from 1.
    image_shape : (int, int) or None
        Height and width, when each row is an image.
    scale : float or None
        What pixels are multiplied by; None to learn it from the training part.
    ignored : tuple of str
        Columns of the file or frame that are no features.
    header : bool or None
        Whether the first line of a text file named its columns.
    weights : array or None
        How much each row counts while a network learns, as given: numbers or text, shape (n,).
    target_names : tuple of str
        The columns that the targets came from, where there are several.

    Examples
    --------
    >>> raw = RawData("two", np.array([[1.0], [2.0]]), np.array([0, 1]))
    >>> len(raw), raw.place(1), len(raw.fingerprint())
    (2, 'row 1 (counted from 0)', 64)
    """

    name: str
    rows: "Array | SparseRows | pl.DataFrame"
    target: Array | None = None
    target_name: str | None = None
    train: NDArray[np.bool_] | None = None
    notes: list[str] = field(default_factory=list)
    origin: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    lines: NDArray[np.intp] | None = None
    image_shape: tuple[int, int] | None = None
    scale: float | None = None
    ignored: tuple[str, ...] = ()
    header: bool | None = None
    weights: Array | None = None
    target_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.origin.size == 0:
            self.origin = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> str:
        """Say where a row is found in what the user gave.

        Parameters
        ----------
        row : int
            Its position in `rows`, counted from 0.
        """
        if self.lines is not None:
            return f"line {self.lines[row]} of {self.name} (the first line is 1)"
        return row_place(int(self.origin[row]))

    def labelled(self) -> NDArray[np.intp]:
        """Give the positions of the rows whose target is known; of all of them where none is given at all."""
        if self.target is None:
            return np.arange(len(self))
        values = self.target.reshape(len(self), -1)
        missing = np.isnan(values) if values.dtype.kind == "f" else values == np.array(None)
        return np.flatnonzero(~missing.any(axis=1))

    def take(self, positions: NDArray[np.intp]) -> "RawData":
        """Give some rows as raw data of their own, which share the notes.

        Parameters
        ----------
        positions : array of intp
            Which rows, by their places in `rows`.
        """
        return replace(
            self,
            rows=self.rows[positions],
            target=None if self.target is None else self.target[positions],
            train=None if self.train is None else self.train[positions],
            origin=self.origin[positions],
            lines=None if self.lines is None else self.lines[positions],
            weights=None if self.weights is None else self.weights[positions],
        )

    def fingerprint(self) -> str:
        """Give the SHA-256 of the rows whose target is known: equal for equal data, in hexadecimal."""
        labelled = self.labelled()
        known = self if len(labelled) == len(self) else self.take(labelled)
        digest = hashlib.sha256()
        if isinstance(known.rows, SparseRows):
            rows = known.rows[np.arange(len(known))]  # as if nothing had stood before or behind
            for part in (np.array(rows.shape), rows.starts, rows.columns, rows.values):
                _add(digest, part)
        elif isinstance(known.rows, np.ndarray):
            _add(digest, known.rows)
        else:
            for column in known.rows.iter_columns():
                digest.update(f"{column.name}\0{column.dtype}\0".encode())
                _add(digest, column.to_numpy())
        if known.target is not None:
            _add(digest, known.target)
        return digest.hexdigest()


def _add(digest: "hashlib._Hash", values: Array) -> None:
    if values.dtype.kind not in "iuf":
        texts = ("\0" if value is None else str(value) for value in values.ravel().tolist())
        digest.update("\x1e".join(texts).encode(errors="surrogatepass"))
        return
    # Whole numbers are as long as the platform has them: the same data must have the same sum everywhere.
    kind = np.dtype(np.int64) if values.dtype.kind in "iu" and values.itemsize > 1 else values.dtype
    values = np.ascontiguousarray(values, kind.newbyteorder("<"))
    digest.update(f"{values.dtype.str}{values.shape}\0".encode())
    digest.update(values.data.cast("B") if values.size else b"")
