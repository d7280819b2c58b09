"""Class labels as targets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

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
from pellucid.data.cells.set_names import are_set_names
from pellucid.data.cells.yes_or_no import PLAIN, are_plain, read_answers
from pellucid.data.encoding.stored import Part
from pellucid.data.encoding.target_kind import TargetKind
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import Check, anything, flag, list_of, or_none, text, whole
from pellucid.errors import DataError, did_you_mean

__all__ = ["ClassTarget"]

# The check of the labels, by the type of the first one.
_LABELS: Mapping[type, Check] = {bool: flag, int: whole(-(2**63), 2**63 - 1), str: text}


@dataclass(frozen=True)
class ClassTarget(TargetKind):
    """Classes: one label per example; if they are yes and no, in any spelling.

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

    task = "classification"
    shares = True  # the classes exclude each other
    stored: ClassVar[Mapping[str, Part]] = {
        "name": Part(or_none(text)),
        "labels": Part(list_of(anything, least=2), tuple),
    }

    @classmethod
    def fit(cls, raw: Array, name: str | None = None, place: Place = row_place) -> Self:
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
    def found_in(cls, raw: Array, name: str | None = None, place: Place = row_place) -> Self:
        """Find the classes that occur in some rows, even a single one, which suffices to split the rows.

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
            texts = label_texts(raw, place)
            found = sorted(set(texts))
            if len(found) > 2 and are_plain(np.array(found, dtype=object)):
                found = _usual_answers(texts)
        else:
            found = sorted(set(whole_numbers(numbers, place).tolist()))
        return cls(name, tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as strings."""
        return tuple(str(label) for label in self.labels)

    @property
    def n_classes(self) -> int:
        return len(self.labels)

    @property
    def n_choices(self) -> int:
        return self.n_classes

    @property
    def aim(self) -> str:
        return f"{self.n_classes} classes"

    @property
    def fitting_outputs(self) -> tuple[int, ...]:
        return (1, 2) if self.n_classes == 2 else (self.n_classes,)

    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        # A single output stands for the second of two classes.
        return self.names[1:] if n_outputs == 1 else self.names

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.intp]:
        raw = single_labels(raw)
        codes = self._answers(raw)
        if codes is not None:
            return codes
        known = {name: index for index, name in enumerate(self.names)}
        numbers = as_numbers(raw)
        if numbers is not None and (isinstance(self.labels[0], int) or raw.dtype.kind in "iuf"):
            # Text such as "5.0" is the label 5; a number among labels of text is its own text.
            whole = whole_numbers(numbers, place)
            distinct = np.unique(whole)
            codes_of_distinct = np.array([known.get(str(label), -1) for label in distinct.tolist()], np.intp)
            codes = codes_of_distinct[np.searchsorted(distinct, whole)]
            if codes.size and codes.min() < 0:
                row = int(np.argmin(codes))
                raise self._unknown(str(whole[row]), place(row))
            return codes
        names = label_texts(raw, place)
        try:
            return np.fromiter(map(known.__getitem__, names), np.intp, len(names))
        except KeyError as error:
            raise self._unknown(error.args[0], place(names.index(error.args[0]))) from None

    def _answers(self, raw: Array) -> NDArray[np.intp] | None:
        """Encode yes and no in any spelling; None if the classes, or some labels, are others."""
        meanings = read_answers(np.array(self.names, dtype=object), PLAIN).tolist()
        if sorted(meanings) != [0, 1]:
            return None
        answers = read_answers(raw, PLAIN)
        return None if (answers < 0).any() else np.array(meanings, np.intp)[answers]

    def _unknown(self, name: str, where: str) -> DataError:
        return DataError(
            "unknown class label",
            expected=short_list(self.names),
            received=repr(name),
            where=where,
            remedy=did_you_mean(name, self.names) if self.n_classes <= MANY else None,
        )

    def matrix(self, targets: NDArray[np.intp], n_outputs: int, dtype: DTypeLike) -> Array:
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
        if outputs.shape[1] == 1:
            return (outputs[:, 0] > threshold).astype(np.intp)
        indices: NDArray[np.intp] = outputs.argmax(axis=1)
        return indices

    def decode(self, answers: NDArray[np.intp]) -> Array:
        labels: Array = np.asarray(self.labels)[answers]
        return labels

    def as_record(self, answer: Any) -> str:
        return self.names[int(answer)]

    def in_words(self, answer: Any) -> str:
        return self.as_record(answer)

    def remarks(self, raw: Array, train: Array) -> list[str]:
        spellings: dict[str, list[str]] = {}
        for name in self.names:
            spellings.setdefault("".join(name.casefold().split()), []).append(repr(name))
        alike = [" and ".join(names) for names in spellings.values() if len(names) > 1]
        notes = []
        written = sorted(set(map(str, raw.tolist()))) if raw.dtype.kind in "OU" else []
        if self.n_classes == 2 < len(written):
            answers = read_answers(np.array(written, dtype=object), PLAIN).tolist()
            spellings_of = [
                " and ".join(
                    repr(word) for word, answer in zip(written, answers, strict=True) if answer == meant
                )
                for meant in (0, 1)
            ]
            notes.append(f"yes and no are two classes in any spelling: {', '.join(spellings_of)}")
        if alike:
            notes.append(
                "classes differ only in capitals or blanks, so perhaps they are the same: "
                + short_list(alike)
            )
        if are_set_names(self.names):
            notes.append(
                "the target names the training set and others: to split the data by this column, use "
                "--split-column, and another --target"
            )
        return notes

    def check(self, where: str) -> None:
        list_of(_LABELS.get(type(self.labels[0]), text))(list(self.labels), f"{where}.labels")
        if len(set(self.names)) < len(self.labels):
            raise ValueError(f"{where}.labels contains two labels with the same spelling")


def _usual_answers(texts: Sequence[str]) -> list[str]:
    """Return the most frequent spelling of no and of yes, those that occur."""
    counts = Counter(texts)
    usual: dict[int, str] = {}
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        usual.setdefault(int(read_answers(np.array([word], dtype=object), PLAIN)[0]), word)
    return [usual[answer] for answer in sorted(usual)]
