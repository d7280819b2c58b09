"""The common part of the kinds of inputs."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.arrays import check_finite, number_array, wrong_width
from pellucid.data.encoding.column_report import ColumnReport, array_report
from pellucid.data.encoding.stored import Stored
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError

__all__ = ["InputKind", "nothing_to_learn", "number_rows", "slice_if_one"]


class InputKind(Stored):
    """An encoding of features, fitted to the training set."""

    place = "inputs"
    tag = "kind"
    kind: ClassVar[str]

    @property
    @abstractmethod
    def features(self) -> tuple[str, ...]:
        """The names of the inputs."""

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network."""
        return len(self.features)

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Height and width, if each row is an image."""
        return None

    @property
    def widths(self) -> dict[str, int]:
        """The number of inputs that each column becomes, in the order of the inputs."""
        return dict.fromkeys(self.features, 1)

    @property
    def made(self) -> str:
        """What is made of the columns of an array, in a few words."""
        return f"{self.n_inputs:,} inputs"

    def reports(self, rows: Array | SparseRows) -> list[ColumnReport]:
        """Describe the columns of an array, those that are alike together.

        Parameters
        ----------
        rows : array or SparseRows, shape (n, number of columns)
        """
        return [array_report(rows, np.arange(rows.shape[1]), self.made)]

    @abstractmethod
    def encode(
        self, rows: object, place: Place = row_place, notes: list[str] | None = None
    ) -> tuple[Any, float]:
        """Encode rows.

        Parameters
        ----------
        rows : array of shape (n, number of columns), or a data frame, whose columns are found by name if the
            names are those of the training data; for a table they must be. Images may have the shape
            (n, height, width), and sparse rows may be a SciPy matrix.
        place : callable
            Describes where a row is, for error messages.
        notes : list of str, optional
            Extended by unknown categories and columns, and missing values where training had none.

        Returns
        -------
        array or SparseRows, shape (n, n_inputs), and the factor by which they are multiplied: pixels stay as
        they are, and have a scale; all other numbers are float64 with the scale 1

        Raises
        ------
        DataError
            When columns are missing, their number differs, or a value is not a finite number.
        """

    def encode_sets(
        self, rows: Any, sets: Sequence[NDArray[np.intp]], place: Place, notes: list[str]
    ) -> tuple[list[Any], float]:
        """Encode raw data for several sets of their rows.

        Parameters
        ----------
        rows : array, SparseRows or polars.DataFrame
            Features as raw data contain them.
        sets : sequence of arrays of intp
            The rows of each set.
        place, notes
            As in `encode`.

        Returns
        -------
        list of arrays or SparseRows, one for each set, and the factor by which they are multiplied
        """
        inputs, scale = self.encode(rows, place, notes)
        return [inputs[slice_if_one(chosen)] for chosen in sets], scale


def slice_if_one(rows: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return contiguous rows as a slice, which copies nothing."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows


def number_rows(
    rows: object, names: tuple[str, ...], place: Place, image: tuple[int, int] | None = None
) -> Array:
    """Check rows of numbers for prediction, and flatten images."""
    if isinstance(rows, SparseRows):
        rows = rows.dense()
    array = number_array(rows, "the rows", place, names)
    width = len(names)
    if image is not None and array.ndim == 3 and array.shape[1:] == image:
        array = array.reshape(len(array), width)
    if array.ndim != 2 or array.shape[1] != width:
        size = f" ({image[0]} x {image[1]} pixels)" if image else ""
        raise wrong_width(f"{width} columns{size}", array)
    check_finite(array, "the rows", place)
    return array


def nothing_to_learn(what: str, received: str) -> DataError:
    """Return the error for rows that do not differ."""
    return DataError(
        f"{what} in the training set, so nothing can be learned from it",
        expected="rows that differ",
        received=received,
        remedy="check how x was made; if there are few rows, make the test set smaller",
    )
