"""What the targets mean: classes with their names, or values with their units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.data.raw_targets import (
    MANY,
    as_numbers,
    label_texts,
    one_label_a_row,
    short_list,
    value_matrix,
    whole_numbers,
)
from pellucid.data.standard import mean_and_spread
from pellucid.errors import DataError, did_you_mean

__all__ = ["ClassTarget", "Target", "ValueTarget", "target_from_dict"]


@dataclass(frozen=True)
class ClassTarget:
    """Classes: one label an example.

    Parameters
    ----------
    name : str or None
        The column the labels came from.
    labels : tuple of int or tuple of str
        The labels as given, in order; an example's target is its label's index.

    Examples
    --------
    >>> target = ClassTarget.fit(np.array(["cat", "dog", "cat"]), name="animal")
    >>> target.labels, target.encode(np.array(["dog", "cat"]))
    (('cat', 'dog'), array([1, 0]))
    >>> target.matrix(np.array([1, 0]), 2, np.float32)
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """

    name: str | None
    labels: tuple[int, ...] | tuple[str, ...]

    task: ClassVar[str] = "classification"

    @classmethod
    def fit(cls, raw: Array, name: str | None = None, place: Place = row_place) -> "ClassTarget":
        """Find the classes.

        Parameters
        ----------
        raw : array, shape (n,)
            Labels: whole numbers, booleans or text.
        name : str or None
            The column they came from.
        place : callable
            Says where a row is found.

        Raises
        ------
        DataError
            When there is only one class, or a label is missing or no whole number.
        """
        raw = one_label_a_row(raw)
        numbers = as_numbers(raw)
        if numbers is None:
            found: list[Any] = sorted(set(label_texts(raw, place)))
        else:
            found = sorted(set(whole_numbers(numbers, place).tolist()))
        if len(found) < 2:
            raise DataError(
                "the target has one class only",
                expected="at least two classes",
                received=f"{found[0]!r} in all {len(raw):,} rows",
                where=None if name is None else f"column {name!r}",
                remedy="choose another target, or data that holds more than one class",
            )
        return cls(name, tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as text."""
        return tuple(str(label) for label in self.labels)

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return len(self.labels)

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.intp]:
        """Turn labels into class indices.

        Parameters
        ----------
        raw : array, shape (n,)
            Labels as in the data.
        place : callable
            Says where a row is found.

        Returns
        -------
        array of intp, shape (n,)

        Raises
        ------
        DataError
            When a label is none of the classes.
        """
        raw = one_label_a_row(raw)
        known = {name: index for index, name in enumerate(self.names)}
        numbers = as_numbers(raw)
        if numbers is not None and (isinstance(self.labels[0], int) or raw.dtype.kind in "iuf"):
            # Text such as "5.0" is the label 5; a number among labels of text is its own text.
            names = [str(label) for label in whole_numbers(numbers, place).tolist()]
        else:
            names = label_texts(raw, place)
        codes = np.array([known.get(name, -1) for name in names], dtype=np.intp)
        if codes.size and codes.min() < 0:
            row = int(np.argmin(codes))
            raise DataError(
                "a label is outside the classes",
                expected=short_list(self.names),
                received=repr(names[row]),
                where=place(row),
                remedy=did_you_mean(names[row], self.names) if self.n_classes <= MANY else None,
            )
        return codes

    def matrix(self, targets: NDArray[np.intp], n_outputs: int, dtype: DTypeLike) -> Array:
        """Give what the network's outputs should be.

        Parameters
        ----------
        targets : array of intp, shape (n,)
            Class indices.
        n_outputs : int
            One a class for one-hot rows; 1 for a single 0 or 1 where there are two classes.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (n, n_outputs)

        Raises
        ------
        DataError
            When that many outputs do not suit the classes.
        """
        if n_outputs == self.n_classes:
            matrix = np.zeros((len(targets), n_outputs), dtype)
            matrix[np.arange(len(targets)), targets] = 1
            return matrix
        if n_outputs == 1 and self.n_classes == 2:
            return np.asarray(targets, dtype)[:, None]
        fitting = "1 or 2 outputs" if self.n_classes == 2 else f"{self.n_classes} outputs"
        raise DataError(
            f"the network's outputs do not suit {self.n_classes} classes",
            expected=fitting,
            received=str(n_outputs),
            remedy=f"give the last layer {fitting.replace('outputs', 'neurons')}",
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {"task": self.task, "name": self.name, "labels": list(self.labels)}

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ClassTarget":
        """Make it again from `to_dict`."""
        return cls(parts["name"], tuple(parts["labels"]))


@dataclass(frozen=True, eq=False)
class ValueTarget:
    """Values: one or more numbers an example, standardised while the network learns.

    Parameters
    ----------
    names : tuple of str
        What the values are called.
    mean, scale : array of float64, shape (k,)
        Of the training part, in the values' own units.

    Examples
    --------
    >>> target = ValueTarget.fit(np.array([10.0, 30.0]), ("price",))
    >>> target.matrix(np.array([[30.0], [10.0]]), 1, np.float64)
    array([[ 1.],
           [-1.]])
    >>> target.to_units(np.array([[0.5]]))
    array([[25.]])
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    task: ClassVar[str] = "regression"

    @classmethod
    def fit(cls, raw: Array, names: Sequence[str] | None = None, place: Place = row_place) -> "ValueTarget":
        """Learn mean and scale from the training part.

        Parameters
        ----------
        raw : array, shape (n,) or (n, k)
            Numbers, or text that reads as numbers.
        names : sequence of str, optional
            What to call them.
        place : callable
            Says where a row is found.

        Raises
        ------
        DataError
            When a value is no finite number, or all are the same.
        """
        values = value_matrix(raw, place)
        n_values = values.shape[1]
        if names is None:
            names = ("y",) if n_values == 1 else tuple(f"y {index}" for index in range(n_values))
        constant = np.flatnonzero(values.max(axis=0) == values.min(axis=0))
        if constant.size:
            column = int(constant[0])
            raise DataError(
                "the target has one value only",
                expected="values that differ",
                received=f"{values[0, column]:g} in all {len(values):,} rows",
                where=f"target {names[column]!r}",
                remedy="choose another target",
            )
        return cls(tuple(names), *mean_and_spread(values))

    @property
    def n_values(self) -> int:
        """How many numbers an example has as its target."""
        return len(self.names)

    @property
    def name(self) -> str | None:
        """The column the values came from, as for classes."""
        return self.names[0] if len(self.names) == 1 else None

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.float64]:
        """Turn raw values into numbers in their own units.

        Parameters
        ----------
        raw : array, shape (n,) or (n, k)
            Numbers, or text that reads as numbers.
        place : callable
            Says where a row is found.

        Returns
        -------
        array of float64, shape (n, k)

        Raises
        ------
        DataError
            When a value is no finite number, or there are not k an example.
        """
        values = value_matrix(raw, place)
        self._check_width(values.shape[1], "values an example")
        return values

    def matrix(self, targets: Array, n_outputs: int, dtype: DTypeLike) -> Array:
        """Give what the network's outputs should be: the values, standardised.

        Parameters
        ----------
        targets : array of float64, shape (n, k)
            Values in their own units.
        n_outputs : int
            The network's outputs, which must be k.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (n, k)

        Raises
        ------
        DataError
            When there are not k outputs.
        """
        self._check_width(n_outputs, "outputs")
        return ((targets - self.mean) / self.scale).astype(dtype)

    def to_units(self, outputs: Array) -> NDArray[np.float64]:
        """Turn the network's outputs into values in their own units.

        Parameters
        ----------
        outputs : array, shape (n, k)
        """
        return np.asarray(outputs, np.float64) * self.scale + self.mean

    def plain(self) -> "ValueTarget":
        """Give the same without standardising: mean 0, scale 1."""
        return ValueTarget(self.names, np.zeros(self.n_values), np.ones(self.n_values))

    @property
    def how_scaled(self) -> str | None:
        """What is done to the values, in words; None where they stay as they are."""
        if np.any(self.mean):
            return "standardised"
        return "divided by its spread" if np.any(self.scale != 1) else None

    def unshifted(self) -> "ValueTarget":
        """Give the same scaled only: mean 0, so that no sign changes."""
        return ValueTarget(self.names, np.zeros(self.n_values), self.scale)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON."""
        return {
            "task": self.task,
            "names": list(self.names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ValueTarget":
        """Make it again from `to_dict`."""
        return cls(tuple(parts["names"]), np.array(parts["mean"], float), np.array(parts["scale"], float))

    def _check_width(self, received: int, what: str) -> None:
        if received != self.n_values:
            raise DataError(
                "the number of target values does not match",
                expected=f"{self.n_values} {what}, for {', '.join(self.names)}",
                received=str(received),
            )


Target = ClassTarget | ValueTarget


def target_from_dict(parts: Mapping[str, Any]) -> Target:
    """Make a target again from its `to_dict`.

    Examples
    --------
    >>> target_from_dict({"task": "classification", "name": None, "labels": [0, 1]}).n_classes
    2
    """
    kinds: dict[str, type[Target]] = {"classification": ClassTarget, "regression": ValueTarget}
    return kinds[parts["task"]].from_dict(parts)
