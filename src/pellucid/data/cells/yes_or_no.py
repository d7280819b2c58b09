"""Yes-or-no columns: the two values, and how they are written."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import MANY, as_numbers, missing_target, short_list
from pellucid.data.examples import Array
from pellucid.data.raw import Place
from pellucid.errors import DataError

__all__ = [
    "PLAIN",
    "Words",
    "are_plain",
    "are_questions",
    "as_text",
    "is_one_question",
    "not_a_question",
    "read_answers",
    "words_of",
]

# The words for no and yes in a column.
Words = tuple[str, str]

# Stands for every spelling below, which all mean the same.
PLAIN: Words = ("no", "yes")

# In lower case, no before yes; the last ones are what Excel writes in German, French, Italian and Spanish.
_PAIRS = (
    ("0", "1"), ("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on"),
    ("falsch", "wahr"), ("faux", "vrai"), ("falso", "vero"), ("falso", "verdadero"),
)  # fmt: skip
_SPELLINGS = {word: bool(index) for pair in _PAIRS for index, word in enumerate(pair)}

# Words that have a meaning of their own beside some others: n, f and y, or off, on and no.
_APART = (({"f", "t"}, {"n", "y", "no", "yes"}), ({"off", "on"}, {"n", "y", "no", "yes", "f", "t"}))


def words_of(column: Array) -> Words | None:
    """Find the two values of a column.

    Examples
    --------
    >>> words_of(np.array(["True", "0", "yes"])), words_of(np.array(["m", "f"])), words_of(np.arange(3))
    (('no', 'yes'), ('f', 'm'), None)
    """
    if are_plain(column):
        return PLAIN
    if column.dtype.kind == "f" and np.isnan(column).any():
        return None
    values = np.unique(column).tolist() if column.dtype.kind in "iuf" else set(column.tolist())
    found = sorted({as_text(value) for value in values if value is not None})
    return (found[0], found[1]) if len(found) == 2 and None not in values else None


def are_plain(column: Array) -> bool:
    """Return whether every cell of a column is yes or no, written as 0 and 1 or in words.

    Examples
    --------
    >>> are_plain(np.array(["T", "F", "true"])), are_plain(np.array(["n", "f", "y"]))
    (True, False)
    """
    if not len(column) or (read_answers(column, PLAIN) < 0).any():
        return False
    return column.dtype.kind in "biuf" or is_one_question(map(as_text, set(column.tolist())))


def is_one_question(words: Iterable[str]) -> bool:
    """Return whether spellings of yes and no go together; n, f and y are three letters."""
    found = {word.lower() for word in words}
    return not any(found & some and found & others for some, others in _APART)


def are_questions(raw: Array) -> bool:
    """Return whether each column is a yes-or-no question: yes and no, or two words that are not numbers.

    Examples
    --------
    >>> are_questions(np.array([[0, 1], [1, 1]])), are_questions(np.array([[0, 2], [1, 3]]))
    (True, False)
    """
    return all(
        are_plain(column) or (as_numbers(column) is None and words_of(column) is not None) for column in raw.T
    )


def read_answers(column: Array, words: Words) -> NDArray[np.int8]:
    """Read a column as 1 for yes, 0 for no, and -1 for any other value."""
    if column.dtype.kind in "biuf" and words == PLAIN:
        return np.where(column == 1, 1, np.where(column == 0, 0, -1)).astype(np.int8)
    values = column.tolist()
    known = _SPELLINGS if words == PLAIN else {words[0]: False, words[1]: True}

    def answer(value: object) -> int:
        text = as_text(value)
        return known.get(text.lower() if words == PLAIN else text, -1)

    if set(map(type, values)) <= {str, type(None)}:  # of a million cells of text there are few different ones
        answers = {value: answer(value) for value in set(values)}
        return np.fromiter(map(answers.__getitem__, values), np.int8, len(values))
    return np.array([answer(value) for value in values], dtype=np.int8)


def as_text(value: object) -> str:
    """Convert a cell to text; a whole number without a decimal point."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def not_a_question(column: Array, name: str, place: Place) -> DataError:
    """Return the error for a column that is not a yes-or-no question."""
    values = column.tolist()
    missing = [row for row, value in enumerate(values) if value is None or value != value]
    if missing:
        return missing_target("a value in every row", f"{place(missing[0])}, target {name!r}")
    found = sorted(set(map(as_text, values)))
    return DataError(
        "a target is not a yes-or-no question",
        expected="two values: 0 and 1, no and yes, false and true, or two words",
        received=short_list(found) if len(found) <= MANY else f"{len(found):,} values, such as {found[0]}",
        where=f"target {name!r}",
        remedy="remove it from the targets, or train a separate network for it",
    )
