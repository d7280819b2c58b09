"""Labels as targets: any number of them per example, each a yes-or-no question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.cells.raw_targets import as_numbers, check_target_names, short_list
from pellucid.data.cells.yes_or_no import PLAIN, Words, not_a_question, read_answers, words_of
from pellucid.data.encoding.label_cells import (
    SEPARATORS,
    encode_cells,
    find_separator,
    separator_notes,
    split_cells,
)
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import Check, fields, list_of, one_of, or_none, text
from pellucid.errors import DataError

__all__ = ["LabelTarget"]


@dataclass(frozen=True)
class LabelTarget:
    """Labels: any number of them per example, each predicted by its own output.

    Parameters
    ----------
    names : tuple of str
        The names of the labels.
    words : tuple of (str, str), optional
        The words for no and yes in each label's column; ("no", "yes") also stands for 0 and 1, false and
        true, n and y.
    separator : str or None
        The separator where one cell contains all labels of an example; None if each label has its own column.

    Examples
    --------
    >>> target = LabelTarget.fit(np.array([[0, 1], [1, 1], [1, 0]]), ["loop", "even"])
    >>> target.encode(np.array([[1, 0]]))
    array([[ True, False]])
    >>> genres = LabelTarget.fit(np.array(["comedy;drama", "", "drama"]))
    >>> genres.names, genres.encode(np.array(["drama", ""])).tolist()
    (('comedy', 'drama'), [[False, True], [False, False]])
    """

    names: tuple[str, ...]
    words: tuple[Words, ...] = ()
    separator: str | None = None

    task: ClassVar[str] = "multilabel"
    n_classes: ClassVar[None] = None
    # A target can be smoothed between yes and no.
    n_choices: ClassVar[int | None] = 2
    # The outputs are independent: they need not sum to 1.
    shares: ClassVar[bool] = False
    _described: ClassVar[Check] = fields(
        {
            "task": one_of(["multilabel"]),
            "names": list_of(text, least=1, distinct=True),
            "words": list_of(list_of(text, length=2, distinct=True)),
            "separator": or_none(one_of(SEPARATORS)),
        }
    )

    def __post_init__(self) -> None:
        if not self.words:
            object.__setattr__(self, "words", (PLAIN,) * len(self.names))

    @classmethod
    def fit(cls, raw: Array, names: Sequence[str] | None = None, place: Place = row_place) -> "LabelTarget":
        """Find the labels.

        Parameters
        ----------
        raw : array, shape (n, k) or (n,)
            Two values per column: 0 and 1, booleans, or two words. A single column of text contains all
            labels of an example, separated by ; or |.
        names : sequence of str, optional
            The names of the columns.
        place : callable
            Describes where a row is, for error messages.

        Raises
        ------
        DataError
            When there is no column, a column has more than two values, a label is constant, or two labels
            would have the same name.
        """
        if raw.ndim == 1 and words_of(raw) != PLAIN and as_numbers(raw) is None:
            return cls._of_cells(raw, place)
        columns = _columns(raw)
        if names is None:
            names = [f"label {k}" for k in range(len(columns))] if len(columns) != 1 else ["label"]
        check_target_names(names, len(columns))
        found, called = [], []
        for column, name in zip(columns, names, strict=True):
            words = words_of(column)
            if words is None:
                raise not_a_question(column, name, place)
            called.append(name if words == PLAIN else f"{name} = {words[1]}")
            found.append(words)
        # With its word added, a label's name may clash with that of another column.
        check_target_names(called, len(columns))
        target = cls(tuple(called), tuple(found))
        target._refuse_constant(target.encode(raw, place))
        return target

    @classmethod
    def _of_cells(cls, raw: Array, place: Place) -> "LabelTarget":
        separator = find_separator(raw)
        names = tuple(sorted({label for cell in split_cells(raw, separator, place) for label in cell}))
        if not names:
            raise DataError("no row has a label", expected="labels in some rows", received="empty cells")
        target = cls(names, separator=separator)
        target._refuse_constant(target.encode(raw, place))
        return target

    @property
    def n_labels(self) -> int:
        """The number of labels."""
        return len(self.names)

    @property
    def aim(self) -> str:
        """The prediction target, in words."""
        return f"{self.n_labels} label{'s' * (self.n_labels > 1)}"

    @property
    def fitting_outputs(self) -> tuple[int, ...]:
        """The possible numbers of output neurons: one per label."""
        return (self.n_labels,)

    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        """Return the label of each output neuron."""
        return self.names

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.bool_]:
        """Encode raw labels as booleans.

        Parameters
        ----------
        raw : array, shape (n, k), or (n,) for one label, or for cells that contain all labels
            As in the data.
        place : callable
            Describes where a row is, for error messages.

        Returns
        -------
        array of bool, shape (n, k)

        Raises
        ------
        DataError
            When a cell is neither of the column's two values, contains an unknown label, or is missing.
        """
        if raw.ndim == 1 and self.separator is not None:
            return encode_cells(raw, self.separator, self.names, place)
        columns = _columns(raw)
        self._check_width(len(columns), "values per example")
        answers = np.empty((len(raw), self.n_labels), dtype=np.bool_)
        for k, (column, words) in enumerate(zip(columns, self.words, strict=True)):
            found = read_answers(column, words)
            if len(found) and found.min() < 0:
                row = int(np.argmin(found))
                missing = column[row] is None or column[row] != column[row]
                raise DataError(
                    "a target is missing" if missing else "a label is neither yes nor no",
                    expected="0 or 1, no or yes, false or true" if words == PLAIN else " or ".join(words),
                    received="an empty cell" if missing else repr(column.tolist()[row]),
                    where=f"{place(row)}, label {self.names[k]!r}",
                )
            answers[:, k] = found == 1
        return answers

    def matrix(self, targets: NDArray[np.bool_], n_outputs: int, dtype: DTypeLike) -> Array:
        """Return the target outputs of the network: 1 for yes, 0 for no.

        Parameters
        ----------
        targets : array of bool, shape (n, k)
        n_outputs : int
            The number of outputs, which must be k.
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
        return np.asarray(targets, dtype)

    def answers(self, outputs: Array, threshold: float) -> NDArray[np.bool_]:
        """Return whether each output is above the threshold, shape (n, k)."""
        above: NDArray[np.bool_] = outputs > threshold
        return above

    def decode(self, answers: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the labels as they are, a column for each of `names`."""
        return answers

    def as_record(self, answer: NDArray[np.bool_]) -> dict[str, bool]:
        """Return one example's labels as a dict of booleans, ready for JSON."""
        return dict(zip(self.names, answer.tolist(), strict=True))

    def in_words(self, answer: NDArray[np.bool_]) -> str:
        """Name the labels of one example."""
        present = [name for name, yes in self.as_record(answer).items() if yes]
        return ", ".join(present) or "(no label)"

    def remarks(self, raw: Array, train: NDArray[np.bool_]) -> list[str]:
        """Return notes on labels that look like several, or are constant in the training set."""
        looks = [] if self.separator is None else separator_notes(raw, self.separator, self.names)
        same = (train == train[0]).all(axis=0)
        return looks + [
            f"label {name!r} is {PLAIN[int(yes)]} in all {len(train):,} rows of the training set, "
            "so nothing else can be learned about it"
            for name, yes, constant in zip(self.names, train[0], same, strict=True)
            if constant
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {
            "task": self.task,
            "names": list(self.names),
            "words": [list(pair) for pair in self.words],
            "separator": self.separator,
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "LabelTarget":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "target")
        if len(parts["words"]) != len(parts["names"]):
            raise ValueError(f"target has {len(parts['names'])} names and words for {len(parts['words'])}")
        words = tuple((no, yes) for no, yes in parts["words"])
        return cls(tuple(parts["names"]), words, parts["separator"])

    def _check_width(self, received: int, what: str) -> None:
        if received != self.n_labels:
            raise DataError(
                "the number of columns does not match the labels",
                expected=f"{self.n_labels} {what}, for {short_list(self.names)}",
                received=str(received),
            )

    def _refuse_constant(self, answers: NDArray[np.bool_]) -> None:
        constant = np.flatnonzero((answers == answers[0]).all(axis=0))
        if constant.size:
            k = int(constant[0])
            raise DataError(
                "a label is constant, so there is nothing to predict",
                expected="yes in some rows and no in others",
                received=f"{PLAIN[int(answers[0, k])]} in all {len(answers):,} rows",
                where=f"label {self.names[k]!r}",
                remedy="drop that label"
                + (f"; {len(constant) - 1} more are constant" if len(constant) > 1 else ""),
            )


def _columns(raw: Array) -> Array:
    """Return the columns, shape (k, n); a single one may be one-dimensional."""
    if raw.ndim not in (1, 2):
        raise DataError(
            "targets have too many dimensions", expected="shape (n,) or (n, k)", received=f"shape {raw.shape}"
        )
    return raw.reshape(len(raw), -1).T
