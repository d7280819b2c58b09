"""The encoding of arrays: pixels scaled, other numbers standardised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.arrays import check_finite, number_array
from pellucid.data.encoding.standard import mean_and_spread, standardised
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import Check, fields, list_of, number, number_from, one_of, text, whole
from pellucid.errors import DataError

__all__ = ["ArrayInputs", "PixelInputs", "number_rows", "wrong_width"]


@lru_cache(maxsize=8)  # built once, and not for each row that is predicted
def _names_of(height: int, width: int) -> tuple[str, ...]:
    return tuple(f"pixel ({row}, {column})" for row in range(height) for column in range(width))


@dataclass(frozen=True)
class PixelInputs:
    """Images: each pixel is an input; bytes stay bytes.

    Parameters
    ----------
    shape : (int, int)
        Height and width.
    scale : float
        The factor by which a pixel is multiplied, 1/255 for bytes.

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
    _described: ClassVar[Check] = fields(
        {"kind": one_of(["pixels"]), "shape": list_of(whole(1), length=2), "scale": number_from(above=0)}
    )

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network."""
        return self.shape[0] * self.shape[1]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: row and column, counted from 0."""
        return _names_of(*self.shape)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.shape

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        """Return the unchanged pixels, one row per image, and their scale.

        Parameters
        ----------
        rows : array, shape (n, height, width) or (n, height * width), or a data frame of that width,
            whose columns are found by name if the names are those of the inputs
        place : callable
            Describes where a row is, for error messages.
        notes : list of str, optional
            Not used.

        Raises
        ------
        DataError
            When the size differs, or a pixel is not a finite number.
        """
        return number_rows(rows, self.features, place, self.shape), self.scale

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {"kind": self.kind, "shape": list(self.shape), "scale": self.scale}

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "PixelInputs":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "inputs")
        height, width = parts["shape"]
        return cls((height, width), parts["scale"])


@dataclass(frozen=True, eq=False)
class ArrayInputs:
    """Numbers, one row per example, each column standardised.

    Parameters
    ----------
    names : tuple of str
        The names of the columns.
    mean, scale : array of float64, shape (n_inputs,)
        Mean and population standard deviation of the training set; the scale of a constant column is 0, and
        its input is always 0.

    Examples
    --------
    >>> inputs = ArrayInputs.fit(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> inputs.features, inputs.encode(np.array([[5.0, 8.0]]))
    (('column 0', 'column 1'), (array([[3., 0.]]), 1.0))
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    kind: ClassVar[str] = "array"
    image_shape: ClassVar[None] = None
    _described: ClassVar[Check] = fields(
        {
            "kind": one_of(["array"]),
            "names": list_of(text, least=1),
            "mean": list_of(number),
            "scale": list_of(number_from(least=0)),
        }
    )

    @classmethod
    def fit(cls, rows: Array) -> "ArrayInputs":
        """Fit to the training set.

        Parameters
        ----------
        rows : array of finite numbers, shape (n, n_inputs)

        Raises
        ------
        DataError
            When all columns are constant.
        """
        mean, scale = mean_and_spread(rows)
        if not scale.any():
            raise DataError(
                "all columns are constant in the training set, so nothing can be learned from it",
                expected="rows that differ",
                received=f"{len(rows):,} identical rows",
                remedy="check how x was made; if there are few rows, make the test set smaller",
            )
        return cls(tuple(f"column {index}" for index in range(rows.shape[1])), mean, scale)

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network."""
        return len(self.names)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the inputs: columns counted from 0."""
        return self.names

    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Array, float]:
        """Standardise rows.

        Parameters
        ----------
        rows : array, shape (n, n_inputs), or a data frame of that width, whose columns are found by name if
            the names are those of the inputs
        place : callable
            Describes where a row is, for error messages.
        notes : list of str, optional
            Not used.

        Returns
        -------
        array of float64, shape (n, n_inputs), and the scale 1

        Raises
        ------
        DataError
            When the number of columns differs, or a value is not a finite number.
        """
        return standardised(number_rows(rows, self.names, place), self.mean, self.scale), 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ArrayInputs":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "inputs")
        names, mean, scale = tuple(parts["names"]), parts["mean"], parts["scale"]
        if not len(names) == len(mean) == len(scale):
            raise ValueError(f"inputs has {len(names)} names, {len(mean)} means and {len(scale)} scales")
        return cls(names, np.array(mean, float), np.array(scale, float))


def number_rows(
    rows: object, names: Sequence[str], place: Place, image: tuple[int, int] | None = None
) -> Array:
    """Check rows of numbers for prediction, and flatten images."""
    array = number_array(rows, "the rows", place, names)
    width = len(names)
    if image is not None and array.ndim == 3 and array.shape[1:] == image:
        array = array.reshape(len(array), width)
    if array.ndim != 2 or array.shape[1] != width:
        size = f" ({image[0]} x {image[1]} pixels)" if image else ""
        received = f"{array.shape[1]} columns" if array.ndim == 2 else f"shape {array.shape}"
        raise wrong_width(f"{width} columns{size}", received)
    check_finite(array, "the rows", place)
    return array


def wrong_width(expected: str, received: str) -> DataError:
    """Return the error for rows with another number of columns than in training."""
    return DataError(
        "the rows do not have as many columns as those the network was trained on",
        expected=expected,
        received=received,
    )
