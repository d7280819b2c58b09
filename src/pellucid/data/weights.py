"""Sample weights for training and weighted metrics."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.arrays import is_frame, label_array
from pellucid.data.cells.raw_targets import as_numbers
from pellucid.data.raw import RawData
from pellucid.data.sparse_rows import is_sparse
from pellucid.errors import ConfigurationError, DataError

__all__ = [
    "checked_weights",
    "one_on_average",
    "relative_weights",
    "set_weights",
    "training_weights",
    "within_one",
]


def set_weights(raw: RawData, weights: object, source: Any) -> None:
    """Set the sample weights of raw data from an array."""
    if not (isinstance(source, tuple) or is_frame(source)):
        raise ConfigurationError(
            "an array of weights can only be used with arrays or a data frame",
            expected="the name of the weight column",
            received=f"weights of type {type(weights).__name__} for {raw.name}",
        )
    first = source[0] if isinstance(source, tuple) else source
    n = first.shape[0] if is_sparse(first) else len(first)
    sized: Any = weights if hasattr(weights, "__len__") else ()
    given = label_array(weights) if len(sized) == n else np.empty(len(sized))
    if given.shape != (n,):
        raise DataError(
            "the weights do not match the rows",
            expected=f"{n:,} numbers, one for each row",
            received=f"shape {given.shape}",
        )
    raw.weights = given[raw.origin]


def checked_weights(raw: RawData) -> NDArray[np.float64] | None:
    """Return the sample weights; None for equal weights.

    Examples
    --------
    >>> checked_weights(RawData("three", np.ones((3, 1)), weights=np.array(["1", "3", "0"])))
    array([1., 3., 0.])
    """
    if raw.weights is None:
        return None
    numbers = as_numbers(raw.weights)
    if numbers is None:
        values = raw.weights.tolist()
        row = next(row for row, value in enumerate(values) if as_numbers(_alone(value)) is None)
        raise _unsound(raw, row, repr(values[row]))
    unsound = ~(np.isfinite(numbers) & (numbers >= 0))
    if unsound.any():
        row = int(unsound.argmax())
        raise _unsound(raw, row, "no weight" if np.isnan(numbers[row]) else f"{numbers[row]:g}")
    return numbers


def training_weights(weights: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Scale the weights of the training rows to a mean of 1, and check that at least one is above 0.

    Examples
    --------
    >>> training_weights(np.array([1.0, 3.0]), "two")
    array([0.5, 1.5])
    """
    if not weights.any():
        raise DataError(
            "the weights of all training rows are 0",
            expected="a weight above 0",
            received=f"{len(weights):,} zeros",
            where=name,
        )
    return one_on_average(weights)


def one_on_average(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide weights, at least one of which is above 0, by their mean.

    Examples
    --------
    >>> one_on_average(np.array([1e308, 1e308, 1e307])).round(3)
    array([1.429, 1.429, 0.143])
    """
    scaled = within_one(weights)
    normal: NDArray[np.float64] = scaled / scaled.mean()
    return normal


def relative_weights(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights divided by their mean; weights that are all 0 stay 0.

    Examples
    --------
    >>> relative_weights(np.array([1.0, 3.0])), relative_weights(np.zeros(2))
    (array([0.5, 1.5]), array([0., 0.]))
    """
    return one_on_average(weights) if weights.any() else weights


def within_one(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale weights so that none is above 1 and no sum or product of them overflows.

    The factor is a power of two, so the scaling is exact.

    Examples
    --------
    >>> within_one(np.array([3.0, 12.0]))
    array([0.1875, 0.75  ])
    """
    scaled: NDArray[np.float64] = np.ldexp(weights, -np.frexp(weights.max())[1])
    return scaled


def _alone(value: object) -> NDArray[Any]:
    alone = np.empty(1, dtype=object)
    alone[0] = value
    return alone


def _unsound(raw: RawData, row: int, received: str) -> DataError:
    return DataError(
        "invalid sample weight",
        expected="a finite number, 0 or more",
        received=received,
        where=raw.place(row),
    )
