"""Labels as targets: any number of them per example, each a yes-or-no question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.cells.raw_targets import as_numbers, check_target_names, columns_of, missing_target
from pellucid.data.cells.yes_or_no import PLAIN, Words, not_a_question, read_answers, words_of
from pellucid.data.encoding.label_cells import (
    SEPARATORS,
    encode_cells,
    find_separator,
    separator_notes,
    split_cells,
)
from pellucid.data.encoding.stored import Part
from pellucid.data.encoding.target_kind import ColumnsTarget, numbered
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import list_of, one_of, or_none, text
from pellucid.errors import DataError

__all__ = ["LabelTarget"]


def _pairs(words: Sequence[Sequence[str]]) -> tuple[Words, ...]:
    return tuple((no, yes) for no, yes in words)


@dataclass(frozen=True)
class LabelTarget(ColumnsTarget):
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

    task = "multilabel"
    shares = False  # the outputs are independent
    mismatch = "the number of columns does not match the labels"
    stored: ClassVar[Mapping[str, Part]] = {
        "names": Part(list_of(text, least=1, distinct=True), tuple),
        "words": Part(list_of(list_of(text, length=2, distinct=True), least=1), _pairs),
        "separator": Part(or_none(one_of(SEPARATORS))),
    }

    def __post_init__(self) -> None:
        if not self.words:
            object.__setattr__(self, "words", (PLAIN,) * len(self.names))

    @classmethod
    def fit(cls, raw: Array, names: Sequence[str] | None = None, place: Place = row_place) -> Self:
        if raw.ndim == 1 and words_of(raw) != PLAIN and as_numbers(raw) is None:
            return cls._of_cells(raw, place)
        columns = columns_of(raw).T
        names = numbered(names, "label", len(columns))
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
    def _of_cells(cls, raw: Array, place: Place) -> Self:
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
    def n_choices(self) -> int:
        return 2  # yes and no

    @property
    def aim(self) -> str:
        return f"{self.n_labels} label{'s' * (self.n_labels > 1)}"

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.bool_]:
        if raw.ndim == 1 and self.separator is not None:
            return encode_cells(raw, self.separator, self.names, place)
        columns = columns_of(raw).T
        self._check_width(len(columns), "values per example")
        answers = np.empty((len(raw), self.n_labels), dtype=np.bool_)
        for k, (column, words) in enumerate(zip(columns, self.words, strict=True)):
            found = read_answers(column, words)
            if len(found) and found.min() < 0:
                row = int(np.argmin(found))
                where = f"{place(row)}, label {self.names[k]!r}"
                expected = "0 or 1, no or yes, false or true" if words == PLAIN else " or ".join(words)
                if column[row] is None or column[row] != column[row]:
                    raise missing_target(expected, where)
                raise DataError(
                    "a label is neither yes nor no",
                    expected=expected,
                    received=repr(column.tolist()[row]),
                    where=where,
                )
            answers[:, k] = found == 1
        return answers

    def matrix(self, targets: NDArray[np.bool_], n_outputs: int, dtype: DTypeLike) -> Array:
        self._check_width(n_outputs, "outputs")
        return np.asarray(targets, dtype)

    def answers(self, outputs: Array, threshold: float) -> NDArray[np.bool_]:
        above: NDArray[np.bool_] = outputs > threshold
        return above

    def decode(self, answers: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return answers

    def as_record(self, answer: NDArray[np.bool_]) -> dict[str, bool]:
        return dict(zip(self.names, answer.tolist(), strict=True))

    def in_words(self, answer: NDArray[np.bool_]) -> str:
        present = [name for name, yes in self.as_record(answer).items() if yes]
        return ", ".join(present) or "(no label)"

    def remarks(self, raw: Array, train: NDArray[np.bool_]) -> list[str]:
        looks = [] if self.separator is None else separator_notes(raw, self.separator, self.names)
        same = (train == train[0]).all(axis=0)
        return looks + [
            f"label {name!r} is {PLAIN[int(yes)]} in all {len(train):,} rows of the training set, "
            "so nothing else can be learned about it"
            for name, yes, constant in zip(self.names, train[0], same, strict=True)
            if constant
        ]

    def check(self, where: str) -> None:
        if len(self.words) != len(self.names):
            raise ValueError(f"{where} has {len(self.names)} names and words for {len(self.words)}")

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
