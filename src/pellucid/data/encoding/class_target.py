"""Class labels as targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.cells.raw_targets import (
    MANY,
    are_booleans,
    as_numbers,
    label_texts,
    short_list,
    single_labels,
    whole_numbers,
)
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import (
    Check,
    anything,
    fields,
    flag,
    list_of,
    one_of,
    or_none,
    text,
    whole,
)
from pellucid.errors import DataError, did_you_mean

__all__ = ["ClassTarget"]

# The check of the labels, by the type of the first one.
_LABELS: Mapping[type, Check] = {bool: flag, int: whole(-(2**63), 2**63 - 1), str: text}


@dataclass(frozen=True)
class ClassTarget:
    """Classes: one label per example.

    Parameters
    ----------
    name : str or None
        The column of the labels.
    labels : tuple of int, of bool or of str
        The labels in order; an example's target is the index of its label.

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
    labels: tuple[int, ...] | tuple[bool, ...] | tuple[str, ...]

    task: ClassVar[str] = "classification"
    # The classes exclude each other, so the outputs may sum to 1.
    shares: ClassVar[bool] = True
    _described: ClassVar[Check] = fields(
        {
            "task": one_of(["classification"]),
            "name": or_none(text),
            "labels": list_of(anything, least=2),
        }
    )

    @classmethod
    def fit(cls, raw: Array, name: str | None = None, place: Place = row_place) -> "ClassTarget":
        """Find the classes.

        Parameters
        ----------
        raw : array, shape (n,)
            Labels: whole numbers, booleans or text.
        name : str or None
            The column of the labels.
        place : callable
            Describes where a row is, for error messages.

        Raises
        ------
        DataError
            When there is only one class, or a label is missing or not a whole number.
        """
        found = cls.found_in(raw, name, place)
        if found.n_classes < 2:
            raise DataError(
                "the target has only one class",
                expected="at least two classes",
                received=f"{found.labels[0]!r} in all {len(raw):,} rows",
                where=None if name is None else f"column {name!r}",
                remedy="choose another target, or data with more than one class",
            )
        return found

    @classmethod
    def found_in(cls, raw: Array, name: str | None = None, place: Place = row_place) -> "ClassTarget":
        """Find the classes that occur in some rows, even a single one, which suffices to split the rows.

        Parameters
        ----------
        raw, name, place
            As for `fit`.

        Raises
        ------
        DataError
            When a label is missing or not a whole number.

        Examples
        --------
        >>> ClassTarget.found_in(np.array(["cat", "cat"])).labels
        ('cat',)
        """
        raw = single_labels(raw)
        numbers = as_numbers(raw)
        if are_booleans(raw):
            found: list[Any] = sorted(set(raw.tolist()))
        elif numbers is None:
            found = sorted(set(label_texts(raw, place)))
        else:
            found = sorted(set(whole_numbers(numbers, place).tolist()))
        return cls(name, tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as strings."""
        return tuple(str(label) for label in self.labels)

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.labels)

    @property
    def n_choices(self) -> int | None:
        """The number of classes over which a target can be smoothed."""
        return self.n_classes

    @property
    def aim(self) -> str:
        """The prediction target, in words."""
        return f"{self.n_classes} classes"

    @property
    def fitting_outputs(self) -> tuple[int, ...]:
        """The possible numbers of output neurons, smallest first: one is enough for two classes."""
        return (1, 2) if self.n_classes == 2 else (self.n_classes,)

    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        """Return the class of each output neuron; a single one stands for the second of two classes."""
        return self.names[1:] if n_outputs == 1 else self.names

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.intp]:
        """Turn labels into class indices.

        Parameters
        ----------
        raw : array, shape (n,)
            The labels as in the data.
        place : callable
            Describes where a row is, for error messages.

        Returns
        -------
        array of intp, shape (n,)

        Raises
        ------
        DataError
            When a label is not one of the classes.
        """
        raw = single_labels(raw)
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
                "unknown class label",
                expected=short_list(self.names),
                received=repr(names[row]),
                where=place(row),
                remedy=did_you_mean(names[row], self.names) if self.n_classes <= MANY else None,
            )
        return codes

    def matrix(self, targets: NDArray[np.intp], n_outputs: int, dtype: DTypeLike) -> Array:
        """Return the target outputs of the network.

        Parameters
        ----------
        targets : array of intp, shape (n,)
            Class indices.
        n_outputs : int
            The number of classes for one-hot encoding, or 1 for a single 0 or 1 for two classes.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (n, n_outputs)

        Raises
        ------
        DataError
            When the number of outputs does not match the classes.
        """
        if n_outputs == self.n_classes:
            matrix = np.zeros((len(targets), n_outputs), dtype)
            matrix[np.arange(len(targets)), targets] = 1
            return matrix
        if n_outputs == 1 and self.n_classes == 2:
            return np.asarray(targets, dtype)[:, None]
        fitting = "1 or 2 outputs" if self.n_classes == 2 else f"{self.n_classes} outputs"
        raise DataError(
            f"the network's outputs do not match {self.n_classes} classes",
            expected=fitting,
            received=str(n_outputs),
            remedy=f"use an output layer of {fitting.replace('outputs', 'neurons')}",
        )

    def answers(self, outputs: Array, threshold: float) -> NDArray[np.intp]:
        """Return class indices: of the largest output, or 1 if a single output is above the threshold."""
        if outputs.shape[1] == 1:
            return (outputs[:, 0] > threshold).astype(np.intp)
        indices: NDArray[np.intp] = outputs.argmax(axis=1)
        return indices

    def decode(self, answers: NDArray[np.intp]) -> Array:
        """Return the labels of class indices, as they were in the data, shape (n,)."""
        labels: Array = np.asarray(self.labels)[answers]
        return labels

    def as_record(self, answer: Any) -> str:
        """Return the name of one example's class, ready for JSON."""
        return self.names[int(answer)]

    def in_words(self, answer: Any) -> str:
        """Name one example's class."""
        return self.as_record(answer)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {"task": self.task, "name": self.name, "labels": list(self.labels)}

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ClassTarget":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "target")
        labels = tuple(parts["labels"])
        list_of(_LABELS.get(type(labels[0]), text))(parts["labels"], "target.labels")
        if len({str(label) for label in labels}) < len(labels):
            raise ValueError("target.labels contains two labels with the same spelling")
        return cls(parts["name"], labels)
