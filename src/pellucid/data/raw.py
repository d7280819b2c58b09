"""Raw data: features and targets as they were read, before anything is fitted to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.data.column_names import columns_named
from pellucid.data.examples import Array
from pellucid.data.fingerprint import Fingerprint, is_of_table
from pellucid.data.nested import refuse_nested
from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError, near_miss

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Place", "RawData", "row_place"]

Place = Callable[[int], str]


def row_place(row: int) -> str:
    """Describe where a row is by its number."""
    return f"row {row} (counted from 0)"


@dataclass(eq=False)
class RawData:
    """Data as they were read from a source, before they are split and encoded.

    Parameters
    ----------
    name : str
        The name of the data.
    rows : array of uint8 or float, shape (n, n_columns), SparseRows or polars.DataFrame
        The features. A frame has columns of float64, of text and of booleans, null for missing values.
        Columns of lists or the like are empty, and are not used.
    target : array or None
        The original labels or values: numbers, booleans or text, shape (n,) or (n, k).
    target_name : str or None
        The target column.
    train : array of bool, shape (n,), or None
        The rows of the source's own training set; None if it has no split.
    validation : array of bool, shape (n,), or None
        The rows of its own validation set; all other rows that are not for training are the test set.
    notes : list of str
        Notes for the user about the reading.
    origin : array of intp, shape (n,)
        The row numbers in the original data, counted from 0.
    lines : array of int, shape (n,), or None
        The line of each row in its file, counted from 1.
    image_shape : (int, int) or None
        Height and width, if each row is an image.
    scale : float or None
        The factor for pixels; None to fit it to the training set.
    ignored : tuple of str
        Columns of the file or frame that are not features.
    dropped : tuple of str
        The columns to drop, whose names replace lists and patterns.
    header : bool or None
        Whether the first line of a text file contained the column names.
    weights : array or None
        The original sample weights: numbers or text, shape (n,).
    target_names : tuple of str
        The target columns, if there are several.
    others : polars.DataFrame or None
        The columns of the table that are not features, if they were kept: for predictions.
    table_fingerprint : str or None
        The fingerprint of a table as numbers and text, even if the rows here are all text.
    of_classes : bool
        Whether the targets are classes whatever their number, as the labels of a set of images are.
    decimal : str or None
        The decimal mark, where numbers can be read only if it is known.
    zero_based : bool or None
        Whether the columns of an svmlight file are counted from 0.
    words : tuple of str
        Columns of text that are words, even if they look like numbers, as the file declares.
    none_as_class : bool or None
        Whether None, NA, N/A and null in a target of words are classes; None if there is no such target.

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
    others: "pl.DataFrame | None" = None
    validation: NDArray[np.bool_] | None = None
    dropped: tuple[str, ...] = ()
    table_fingerprint: str | None = field(default=None, repr=False)
    of_classes: bool = False
    none_as_class: bool | None = None
    words: tuple[str, ...] = ()
    decimal: str | None = None
    zero_based: bool | None = None

    def __post_init__(self) -> None:
        if self.origin.size == 0:
            self.origin = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> str:
        """Describe where a row is in the original data.

        Parameters
        ----------
        row : int
            Its position in `rows`, counted from 0.
        """
        if self.lines is not None:
            return f"line {self.lines[row]} of {self.name} (counted from 1)"
        return row_place(int(self.origin[row]))

    def own_parts(self) -> dict[str, NDArray[np.intp]]:
        """Return the positions of the rows of each set of the source's own split; empty if it has none."""
        if self.train is None:
            return {}
        if self.validation is None:
            return {"train": np.flatnonzero(self.train), "test": np.flatnonzero(~self.train)}
        return {
            "train": np.flatnonzero(self.train),
            "test": np.flatnonzero(~(self.train | self.validation)),
            "validation": np.flatnonzero(self.validation),
        }

    def labelled(self) -> NDArray[np.intp]:
        """Return the positions of the rows with a target; of all rows if there are no targets."""
        if self.target is None:
            return np.arange(len(self))
        values = self.target.reshape(len(self), -1)
        missing = np.isnan(values) if values.dtype.kind == "f" else values == np.array(None)
        return np.flatnonzero(~missing.any(axis=1))

    def take(self, positions: NDArray[np.intp]) -> "RawData":
        """Return a subset of the rows, with the same notes.

        Parameters
        ----------
        positions : array of intp
            The positions in `rows`.
        """
        return replace(
            self,
            rows=self.rows[positions],
            target=None if self.target is None else self.target[positions],
            train=None if self.train is None else self.train[positions],
            validation=None if self.validation is None else self.validation[positions],
            origin=self.origin[positions],
            lines=None if self.lines is None else self.lines[positions],
            weights=None if self.weights is None else self.weights[positions],
            others=None if self.others is None else self.others[positions],
            table_fingerprint=None,
        )

    def given_up(self) -> "Array | SparseRows | pl.DataFrame":
        """Return the rows, and keep none of them: for their last use, during which their memory is needed."""
        rows, self.rows = self.rows, np.empty((0, 0))
        return rows

    def columns(self, *named: str) -> "pl.DataFrame":
        """Return columns of a table as they were read: features, and others if they were kept.

        Parameters
        ----------
        *named : str
            Names; several in one are separated by commas, and ``*`` stands for any text.

        Raises
        ------
        DataError
            If a column does not exist or contains lists or the like, or the columns have no names.

        Examples
        --------
        >>> import polars as pl
        >>> from pellucid.data import read_data
        >>> rows = pl.DataFrame({"client": ["007", "008"], "size_a": [1, 2], "size_b": [3, 4]})
        >>> read_data(rows, require_target=False).columns("client", "size*").rows()
        [('007', 1.0, 3.0), ('008', 2.0, 4.0)]
        """
        if isinstance(self.rows, np.ndarray | SparseRows):
            raise DataError(
                "the columns of these data have no names",
                expected="a table",
                received=f"the columns {', '.join(map(repr, named))}",
                where=self.name,
            )
        table = self.rows if self.others is None else self.rows.hstack(self.others)
        columns = columns_named(named, table.columns)
        for column in columns:
            if column not in table.columns:
                raise DataError(
                    f"there is no column {column!r}",
                    expected=f"among {len(table.columns)} columns",
                    received=repr(column),
                    where=self.name,
                    remedy=near_miss(column, table.columns),
                )
        refuse_nested(table.select(columns))
        return table.select(columns)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the rows with a target, in hexadecimal: equal for equal data."""
        return self.table_fingerprint or self._fingerprint_as_written()

    def has_fingerprint(self, stored: str | None) -> bool:
        """Return whether these are the data of a stored fingerprint.

        Earlier versions computed the fingerprint of a table from all of its cells as text.
        """
        if stored is None:
            return False
        if is_of_table(stored):
            return stored == self.table_fingerprint
        return stored == self._fingerprint_as_written()

    def _fingerprint_as_written(self) -> str:
        labelled = self.labelled()
        known = self if len(labelled) == len(self) else self.take(labelled)
        fingerprint = Fingerprint()
        for part in (known.rows, known.target):
            if part is not None:
                fingerprint.add(part)
        return fingerprint.hexdigest()
