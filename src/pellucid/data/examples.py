"""Examples: inputs and targets, one row each; bytes stay bytes until they are used."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError

__all__ = ["Array", "Examples", "Index"]

Array = NDArray[Any]
Index = int | slice | NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Examples:
    """Encoded inputs of a network, with their targets if these are known.

    Parameters
    ----------
    inputs : array of uint8 or float, shape (n, n_inputs), or SparseRows
        As stored; `rows` returns them as the network receives them.
    targets : array or None
        Class indices, intp, shape (n,); labels, bool, shape (n, k); or values in their own units, float64,
        shape (n, k); None if they are not known.
    scale : float
        The factor by which a stored input is multiplied: 1/255 for bytes.
    origin : array of intp, shape (n,)
        The row numbers in the original data, counted from 0; by default 0 to n - 1.
    weights : array of float, shape (n,), or None
        The sample weights for training and weighted metrics, 1 on average; None for equal weights.

    Raises
    ------
    DataError
        When the arrays differ in length, or the inputs are not two-dimensional.

    Examples
    --------
    >>> examples = Examples(np.array([[0, 255], [51, 102]], dtype=np.uint8), np.array([1, 0]), scale=1 / 255)
    >>> len(examples)
    2
    >>> examples.rows(1, np.float64).round(1)
    array([[0.2, 0.4]])
    """

    inputs: Array | SparseRows
    targets: Array | None = None
    scale: float = 1.0
    origin: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    weights: Array | None = None

    def __post_init__(self) -> None:
        if self.inputs.ndim != 2:
            raise DataError(
                "the inputs do not have one row per example",
                expected="an array of shape (n, n_inputs)",
                received=f"shape {self.inputs.shape}",
            )
        n = len(self.inputs)
        if self.origin.size == 0:
            object.__setattr__(self, "origin", np.arange(n))
        for name, part in (("targets", self.targets), ("origin", self.origin), ("weights", self.weights)):
            if part is not None and len(part) != n:
                raise DataError(
                    f"inputs and {name} differ in length", expected=f"{n} {name}", received=f"{len(part)}"
                )

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def known_targets(self) -> Array:
        """The targets, where they are required.

        Raises
        ------
        DataError
            When they are not known.
        """
        if self.targets is None:
            raise DataError(
                "the examples have no targets",
                expected="examples with targets",
                received="inputs only",
                remedy="pass the data with their targets",
            )
        return self.targets

    def rows(self, index: Index, dtype: DTypeLike) -> Array:
        """Return some rows as the network receives them.

        Parameters
        ----------
        index : int, slice or array of int
            The rows.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (number of rows, n_inputs)
        """
        chosen = self.inputs[index]
        if isinstance(chosen, SparseRows):
            chosen = chosen.dense()
        if chosen.ndim == 1:
            chosen = chosen[None]
        if self.scale == 1.0:
            return chosen.astype(dtype, copy=False)
        return np.multiply(chosen, self.scale, dtype=dtype)

    def take(self, index: slice | NDArray[np.intp]) -> "Examples":
        """Return a subset of the examples.

        Parameters
        ----------
        index : slice or array of int
            The rows; a slice copies nothing.
        """
        targets = None if self.targets is None else self.targets[index]
        weights = None if self.weights is None else self.weights[index]
        return Examples(self.inputs[index], targets, self.scale, self.origin[index], weights)
