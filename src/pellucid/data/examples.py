"""Examples: inputs and targets side by side, one row each, bytes as long as they are not used."""

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
    """Rows that a network can take, with what it should answer where that is known.

    Parameters
    ----------
    inputs : array of uint8 or float, shape (n, n_inputs), or SparseRows
        As stored; `rows` turns them into what the network sees.
    targets : array or None
        Class indices, intp, shape (n,); answers to labels, bool, shape (n, k); or values in their own
        units, float64, shape (n, k); None where they are not known.
    scale : float
        What a stored input is multiplied by on its way into the network: 1/255 for bytes.
    origin : array of intp, shape (n,)
        The rows' numbers in the data as it was given, counted from 0; by default 0 to n - 1.
    weights : array of float, shape (n,), or None
        How much each row counts while a network learns and in weighted figures, 1 on average; None where all
        count alike.

    Raises
    ------
    DataError
        When the parts differ in length, or the inputs are not one row an example.

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
                "the inputs are not one row an example",
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
        """The targets, for a use that cannot do without.

        Raises
        ------
        DataError
            When they are not known.
        """
        if self.targets is None:
            raise DataError(
                "the examples have no targets",
                expected="examples with what the network should answer",
                received="inputs only",
                remedy="give the data with their targets",
            )
        return self.targets

    def rows(self, index: Index, dtype: DTypeLike) -> Array:
        """Give some rows as the network sees them.

        Parameters
        ----------
        index : int, slice or array of int
            Which rows.
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
        """Give some rows as examples of their own.

        Parameters
        ----------
        index : slice or array of int
            Which rows; a slice copies nothing.
        """
        targets = None if self.targets is None else self.targets[index]
        weights = None if self.weights is None else self.weights[index]
        return Examples(self.inputs[index], targets, self.scale, self.origin[index], weights)
