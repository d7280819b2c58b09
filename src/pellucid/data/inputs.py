"""How raw rows become the network's inputs: learned on the training part, kept with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.data.examples import Array
from pellucid.data.raw import Place, RawData, row_place
from pellucid.data.standard import mean_and_spread
from pellucid.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from pellucid.data.columns import Column

__all__ = ["ArrayInputs", "ColumnInputs", "Inputs", "PixelInputs", "fit_inputs", "inputs_from_dict"]


@dataclass(frozen=True)
class PixelInputs:
    """Images: each pixel an input, bytes left as they are.

    Parameters
    ----------
    shape : (int, int)
        Height and width.
    scale : float
        What a pixel is multiplied by, 1/255 for bytes.

    Examples
    --------
    >>> inputs = PixelInputs((2, 2), 1 / 255)
    >>> inputs.features[1]
    'pixel (0, 1)'
    >>> inputs.encode(np.zeros((5, 2, 2), np.uint8))[0].shape
    (5, 4)
    """

    shape: tuple[int, int]
    scale: float

    kind: ClassVar[str] = "pixels"

    @property
    def n_inputs(self) -> int:
        """How many inputs the network has."""
        return self.shape[0] * self.shape[1]

    @property
    def features(self) -> tuple[str, ...]:
        """What they are called: row and column, counted from 0."""
        height, width = self.shape
        return tuple(f"pixel ({row}, {column})" for row in range(height) for column in range(width))

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.shape

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        """Give the pixels as they are, one row an image, and their scale.

        Parameters
        ----------
        rows : array, shape (n, height, width) or (n, height * width), or a data frame of that width
        place : callable
            Says where a row is found.
        notes : list of str, optional
            Not added to here.

        Raises
        ------
        DataError
            When the size is another, or a pixel is no finite number.
        """
        return _number_rows(rows, self.n_inputs, place, self.shape), self.scale

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {"kind": self.kind, "shape": list(self.shape), "scale": self.scale}

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "PixelInputs":
        """Make it again from `to_dict`."""
        height, width = parts["shape"]
        return cls((height, width), parts["scale"])


@dataclass(frozen=True, eq=False)
class ArrayInputs:
    """Plain numbers, one row an example, each column standardised.

    Parameters
    ----------
    names : tuple of str
        What the columns are called.
    mean, scale : array of float64, shape (n_inputs,)
        Mean and population standard deviation of the training part; 1 for a column of one value.

    Examples
    --------
    >>> inputs = ArrayInputs.fit(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> inputs.features, inputs.encode(np.array([[5.0, 8.0]]))
    (('column 0', 'column 1'), (array([[3., 1.]]), 1.0))
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    kind: ClassVar[str] = "array"
    image_shape: ClassVar[None] = None

    @classmethod
    def fit(cls, rows: Array) -> "ArrayInputs":
        """Learn from the training part, shape (n, n_inputs)."""
        return cls(tuple(f"column {index}" for index in range(rows.shape[1])), *mean_and_spread(rows))

    @property
    def n_inputs(self) -> int:
        """How many inputs the network has."""
        return len(self.names)

    @property
    def features(self) -> tuple[str, ...]:
        """What they are called: columns counted from 0."""
        return self.names

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        """Standardise rows.

        Parameters
        ----------
        rows : array, shape (n, n_inputs), or a data frame of that width
        place : callable
            Says where a row is found.
        notes : list of str, optional
            Not added to here.

        Returns
        -------
        array of float64, shape (n, n_inputs), and the scale 1

        Raises
        ------
        DataError
            When the width is another, or a value is no finite number.
        """
        return (_number_rows(rows, self.n_inputs, place) - self.mean) / self.scale, 1.0

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ArrayInputs":
        """Make it again from `to_dict`."""
        return cls(tuple(parts["names"]), np.array(parts["mean"], float), np.array(parts["scale"], float))


@dataclass(frozen=True)
class ColumnInputs:
    """A table's columns, found by their names.

    Parameters
    ----------
    columns : tuple of NumberColumn and WordColumn
        In the order of the inputs.
    ignored : tuple of str
        Columns that may stand in a table too: the target, the split, those left out.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"size": [1.0, 3.0], "colour": ["red", "blue"]})
    >>> inputs, notes = ColumnInputs.fit(frame, np.array([0, 1]))
    >>> inputs.features
    ('size', 'colour = blue', 'colour = red')
    >>> inputs.encode(pl.DataFrame({"colour": ["blue"], "size": [2.0]}))
    (array([[0., 1., 0.]]), 1.0)
    """

    columns: "tuple[Column, ...]"
    ignored: tuple[str, ...] = ()

    kind: ClassVar[str] = "columns"
    image_shape: ClassVar[None] = None

    @classmethod
    def fit(
        cls,
        frame: "pl.DataFrame",
        train: NDArray[np.intp],
        ignored: Sequence[str] = (),
        place: Place = row_place,
    ) -> "tuple[ColumnInputs, list[str]]":
        """Learn from the training part; what a column holds is told by all of it.

        Parameters
        ----------
        frame : polars.DataFrame
            Columns of float64 and of text.
        train : array of intp
            The rows to learn from.
        ignored : sequence of str
            Columns that may stand in a table too.
        place : callable
            Says where a row is found.

        Returns
        -------
        ColumnInputs, and notes for the user

        Raises
        ------
        DataError
            When a column has one value only, mixes numbers and words, or no column is left.
        """
        from pellucid.data.columns import fit_column  # polars takes 0.1 s to import

        columns, left_out, notes = [], [], []
        for series in frame.iter_columns():
            column, remarks = fit_column(series, train, place)
            notes += remarks
            if column is None:
                left_out.append(series.name)
            else:
                columns.append(column)
        if not columns:
            raise DataError(
                "no column is left to learn from",
                expected="at least one column beside the target",
                received=f"{len(left_out)} left out" if left_out else "none",
                where=f"columns {', '.join(left_out)}" if left_out else None,
            )
        return cls(tuple(columns), (*ignored, *left_out)), notes

    @property
    def n_inputs(self) -> int:
        """How many inputs the network has."""
        return len(self.features)

    @property
    def features(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(feature for column in self.columns for feature in column.features)

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        """Turn a table's rows into inputs.

        Parameters
        ----------
        rows : polars or pandas data frame, or array of shape (n, number of columns) in their order
        place : callable
            Says where a row is found.
        notes : list of str, optional
            Added to: unseen words, missing values that training did not have.

        Returns
        -------
        array of float64, shape (n, n_inputs), and the scale 1

        Raises
        ------
        DataError
            When columns are missing or strange, or a word stands where numbers were.
        """
        from pellucid.data.frames import match_columns  # polars takes 0.1 s to import

        notes = [] if notes is None else notes
        frame = match_columns(rows, [column.name for column in self.columns], self.ignored)
        inputs = np.empty((len(frame), self.n_inputs))
        start = 0
        for column in self.columns:
            end = start + len(column.features)
            inputs[:, start:end] = column.encode(frame[column.name], place, notes)
            start = end
        return inputs, 1.0

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {
            "kind": self.kind,
            "columns": [column.to_dict() for column in self.columns],
            "ignored": list(self.ignored),
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ColumnInputs":
        """Make it again from `to_dict`."""
        from pellucid.data.columns import column_from_dict  # polars takes 0.1 s to import

        return cls(tuple(column_from_dict(column) for column in parts["columns"]), tuple(parts["ignored"]))


Inputs = PixelInputs | ArrayInputs | ColumnInputs


def fit_inputs(raw: RawData, train: NDArray[np.intp]) -> tuple[Inputs, list[str]]:
    """Learn from the training part how rows become inputs.

    Parameters
    ----------
    raw : RawData
        All rows.
    train : array of intp
        The rows to learn from.

    Returns
    -------
    inputs, and notes for the user

    Examples
    --------
    >>> fit_inputs(RawData("x", np.array([[1.0], [3.0], [9.0]])), np.array([0, 1]))[0].mean
    array([2.])
    """
    if not isinstance(raw.rows, np.ndarray):
        return ColumnInputs.fit(raw.rows, train, raw.ignored, raw.place)
    if raw.image_shape is None:
        return ArrayInputs.fit(raw.rows[train]), []
    scale = raw.scale
    if scale is None:
        scale = 1.0 / (float(np.abs(raw.rows[train]).max()) or 1.0)
    return PixelInputs(raw.image_shape, scale), []


def inputs_from_dict(parts: Mapping[str, Any]) -> Inputs:
    """Make inputs again from their `to_dict`.

    Examples
    --------
    >>> inputs_from_dict({"kind": "pixels", "shape": [8, 8], "scale": 0.0625}).n_inputs
    64
    """
    kinds: dict[str, type[Inputs]] = {kind.kind: kind for kind in (PixelInputs, ArrayInputs, ColumnInputs)}
    return kinds[parts["kind"]].from_dict(parts)


def _number_rows(rows: object, width: int, place: Place, image: tuple[int, int] | None = None) -> Array:
    """Check rows of numbers for prediction, flattening images."""
    from pellucid.data.sources.arrays import check_finite, number_array

    array = number_array(rows, "the rows", place)
    if image is not None and array.ndim == 3 and array.shape[1:] == image:
        array = array.reshape(len(array), width)
    if array.ndim != 2 or array.shape[1] != width:
        size = f" ({image[0]} x {image[1]} pixels)" if image else ""
        raise DataError(
            "the rows have another width than those the network was trained on",
            expected=f"{width} columns{size}",
            received=f"{array.shape[1]} columns" if array.ndim == 2 else f"shape {array.shape}",
        )
    check_finite(array, "the rows", place)
    return array
