"""Cells of a table: missing values, numbers and text."""

import re
from collections.abc import Collection, Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from pellucid.data.cells.number_marks import are_marks
from pellucid.data.cells.yes_or_no import PLAIN, as_text, is_one_question, read_answers
from pellucid.data.raw import Place
from pellucid.errors import DataError

__all__ = [
    "MISSING_MARKS",
    "OR_DROP",
    "answers_of",
    "clean_text",
    "codes_of",
    "column_of_texts",
    "count_numbers",
    "is_number",
    "is_number_column",
    "is_number_or_missing",
    "is_yes_or_no",
    "marks_as_null",
    "measured",
    "missing_as_null",
    "number_like",
    "numbers_as_floats",
    "numbers_of",
]

# In lower case; the last ones are what workbooks show instead of a value.
MISSING_MARKS = frozenset(
    {"", "?", "na", "n/a", "nan", "null", "none", "<na>"}
    | {"#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"}
)

# With all combinations of small and capital letters: to make all cells lower-case would take far longer.
_MISSING_SPELLINGS = [
    "".join(letters)
    for mark in sorted(MISSING_MARKS)
    for letters in product(*({letter.lower(), letter.upper()} for letter in mark))
]

# Cells at the beginning of a column that tell most kinds of columns.
_GLANCE = 100

# At this share of numbers or more, text among them is taken for a mistake rather than for a category.
MOSTLY = 0.9

_LABEL = r"^(\d+[A-Za-z]{1,2}|[A-Za-z]{1,2}\d+)$"
_AS_TRAINED = "as when the network was trained"
OR_DROP = "; or drop the column with --drop (drop in Python)"

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# Thousands separators, a decimal comma, a currency or a per cent sign.
_WRITTEN_NUMBER = re.compile(
    r"[+-]?\s?[$€£¥]?\s?[+-]?(\d{1,3}([.,'\s]\d{3})+|\d+)([.,]\d+)?\s?([%$€£¥]|[A-Z]{3})?"
)


# A number with a sign such as ~ before it, or a unit behind.
_MEASURED = re.compile(r"([^\w\s]?)\s?\d[\d.,]*\s?([^\W\d_][^\s\d]{0,7}|\+)?")


def clean_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Strip every text cell, and turn empty ones into null.

    Examples
    --------
    >>> clean_text(pl.DataFrame({"a": [" a ", " ", "?", "0"]}))["a"].to_list()
    ['a', None, '?', '0']
    """
    cell = pl.col(pl.String)
    return frame.with_columns(cell.str.strip_chars()).with_columns(pl.when(cell != "").then(cell))


def marks_as_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn the marks of missing values into null.

    Examples
    --------
    >>> marks_as_null(pl.DataFrame({"a": ["a", "N/A", "?", "0"]}))["a"].to_list()
    ['a', None, None, '0']
    """
    cell = pl.col(pl.String)
    return frame.with_columns(pl.when(~cell.is_in(_MISSING_SPELLINGS)).then(cell))


def missing_as_null(frame: pl.DataFrame, marks: Sequence[str]) -> pl.DataFrame:
    """Turn further values that stand for missing ones into null.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1.0, -999.0], "b": ["-999", "x"]})
    >>> missing_as_null(frame, ["-999"]).rows()
    [(1.0, None), (None, 'x')]
    """
    if not marks:
        return frame
    numbers = [number for number in pl.Series(marks).cast(pl.Float64, strict=False) if number is not None]
    text = pl.col(pl.String)
    number = cs.numeric()
    # A number may be written in several ways: -999 and -999.0.
    as_number = text.cast(pl.Float64, strict=False)
    missing = text.is_in(list(marks)) | as_number.is_in(numbers).fill_null(False)
    return frame.with_columns(pl.when(~missing).then(text), pl.when(~number.is_in(numbers)).then(number))


def is_number(cell: str) -> bool:
    """Return whether one cell of text is a finite number."""
    return bool(np.isfinite(_parse(pl.Series([cell.strip()]))[0][0]))


def is_number_or_missing(cell: str) -> bool:
    """Return whether one cell of text is a finite number or a mark of a missing value."""
    return cell.strip().lower() in MISSING_MARKS or is_number(cell)


def count_numbers(cells: Collection[str]) -> int:
    """Return how many cells of text are finite numbers.

    Examples
    --------
    >>> count_numbers(["1", " 2.5", "x", "inf"])
    2
    """
    return int(np.isfinite(_parse(pl.Series([cell.strip() for cell in cells], dtype=pl.String))[0]).sum())


def number_like(words: Collection[str]) -> str | None:
    """Return the first word that only people read as a number, if nearly all words look like numbers.

    Examples
    --------
    >>> number_like(["1", "1,5", "2,25"]), number_like(["$ 1,000.50", "12 %"]), number_like(["1", "A,5"])
    ('1,5', '$ 1,000.50', None)
    """
    written = [word for word in words if _WRITTEN_NUMBER.fullmatch(word)]
    if len(written) < MOSTLY * len(words):
        return None
    return next((word for word in written if not _PLAIN_NUMBER.fullmatch(word)), None)


def measured(words: Collection[str]) -> str | None:
    """Return the first word if nearly all are numbers with the same unit, or the same sign before them.

    Examples
    --------
    >>> measured(["1.5 kg", "2 kg"]), measured(["~12", "~15.5"]), measured(["5a", "5b"]), measured(["1", "2"])
    ('1.5 kg', '~12', None, None)
    """
    found = [match for match in map(_MEASURED.fullmatch, words) if match]
    if not found or len(found) < MOSTLY * len(words) or len({match.groups() for match in found}) > 1:
        return None
    return found[0][0] if any(found[0].groups()) else None


def is_number_column(
    column: pl.Series, place: Place, labels: list[str] | None = None, otherwise: str = OR_DROP
) -> bool:
    """Return whether a column is numeric, apart from marks of missing numbers.

    Parameters
    ----------
    column : polars.Series
    place : callable
        Describes where a row is, for error messages.
    labels : list of str, optional
        Extended by a label such as 136A if there are a few among whole numbers, and some come again. The
        column is then not numeric; by default that is an error.
    otherwise : str
        The last remedy in an error.

    Raises
    ------
    DataError
        If there is a little text among numbers, or an infinite number.

    Examples
    --------
    >>> [is_number_column(pl.Series(cells), str) for cells in (["1", "."], ["1", "x"], ["."])]
    [True, False, False]
    """
    if column.dtype != pl.String:
        return column.dtype.is_numeric()
    numbers, words = _parse(column)
    n_numbers = int(np.isfinite(numbers).sum())
    if not n_numbers or not words.any():
        return n_numbers > 0
    words = _without_marks(column, words)
    n_words = int(words.sum())
    n_cells = n_numbers + n_words
    are_few = 0 < n_words <= round((1 - MOSTLY) * n_cells, 9)
    label = _label(column.filter(words), numbers) if are_few and labels is not None else None
    if label is not None and labels is not None:
        labels.append(label)
    elif are_few or (n_words and np.isinf(numbers[words]).all()):
        known = f"as in {n_numbers:,} of {n_cells:,} cells"
        raise _text_among_numbers(column, numbers, words, place, known, otherwise)
    return n_words == 0


def _label(words: pl.Series, numbers: NDArray[np.float64]) -> str | None:
    """Return the first word if all are labels, and some come again, and the numbers are whole."""
    are_whole = bool((numbers[np.isfinite(numbers)] % 1 == 0).all())
    are_labels = are_whole and bool(words.str.contains(_LABEL).all())
    return words[0] if are_labels and words.n_unique() < len(words) else None


def numbers_as_floats(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn columns of text that contain nothing but numbers, and missing values, into columns of float64.

    Examples
    --------
    >>> numbers_as_floats(pl.DataFrame({"a": ["1", None], "b": ["1", "x"]})).rows()
    [(1.0, '1'), (None, 'x')]
    """
    # One expression for all columns, which are read in parallel; the first cells rule most others out.
    first = frame.head(_GLANCE).select(pl.col(pl.String).fill_null("0").cast(pl.Float64, strict=False))
    likely = [
        column.name for column in first.iter_columns() if column.is_finite().all() and not column.null_count()
    ]
    if not likely:
        return frame
    numbers = frame.select(pl.col(likely).cast(pl.Float64, strict=False))
    finite = numbers.select(pl.all().is_finite().all()).row(0)
    nulls, missing = numbers.null_count().row(0), frame.select(numbers.columns).null_count().row(0)
    every = len(frame)
    return frame.with_columns(
        column
        for column, is_finite, n_null, n_missing in zip(
            numbers.iter_columns(), finite, nulls, missing, strict=True
        )
        if is_finite and n_null == n_missing < every
    )


def is_yes_or_no(column: pl.Series) -> bool:
    """Return whether a column contains both yes and no, in words; 0 and 1 alone are numbers.

    Examples
    --------
    >>> [is_yes_or_no(pl.Series(cells)) for cells in (["Y", "no", None], ["0", "TRUE"], ["0", "1"], ["Y"])]
    [True, True, False, False]
    >>> [is_yes_or_no(pl.Series(cells)) for cells in (["T", "F"], ["t", "f", "n"])]
    [True, False]
    """
    if column.dtype == pl.Boolean:
        return True
    # The first cells suffice to tell most other columns from these.
    if column.dtype != pl.String or (answers_of(column.head(100).drop_nulls()) < 0).any():
        return False
    words = column.drop_nulls().unique()
    both = set(answers_of(words).tolist()) == {0, 1}
    return both and bool(_parse(words)[1].any()) and is_one_question(words)


def answers_of(column: pl.Series) -> NDArray[np.int8]:
    """Read a column as 1 for yes, 0 for no, in any spelling, and -1 for other and missing values."""
    if column.dtype != pl.String:
        return read_answers(np.array(column.to_list(), dtype=object), PLAIN)
    words = column.drop_nulls().unique()
    plain = words.str.replace(r"^([01])\.0+$", "${1}")
    answers = read_answers(np.array([*plain, None], dtype=object), PLAIN)
    found: NDArray[np.int8] = answers[codes_of(column, words)]
    return found


def codes_of(column: pl.Series, words: Sequence[str] | pl.Series) -> NDArray[np.signedinteger[Any]]:
    """Return the position of each cell of text among different words, -1 for other and missing ones.

    Examples
    --------
    >>> codes_of(pl.Series(["b", None, "a", "c"]), ["a", "b"])
    array([ 1, -1,  0, -1], dtype=int8)
    """
    kind, numpy_kind = (pl.Int8, np.int8) if len(words) < 127 else (pl.Int32, np.int32)
    if not len(words):
        return np.full(len(column), -1, numpy_kind)
    codes = column.cast(pl.Enum(words), strict=False).to_physical()
    return codes.cast(kind).fill_null(-1).to_numpy()


def numbers_of(column: pl.Series, place: Place, otherwise: str = "") -> NDArray[np.float64]:
    """Read a column as numbers, NaN for missing values; `otherwise` is the last remedy in an error."""
    numbers, words = _parse(column)
    if words.any() and (words := _without_marks(column, words)).any():
        raise _text_among_numbers(column, numbers, words, place, _AS_TRAINED, otherwise)
    return numbers


def column_of_texts(column: pl.Series) -> pl.Series:
    """Read a column as text, null for missing values; whole numbers without a decimal point.

    Examples
    --------
    >>> column_of_texts(pl.Series([1.0, 2.5, None])).to_list()
    ['1', '2.5', None]
    """
    if column.dtype == pl.String:
        return column
    texts = [None if value is None else as_text(value) for value in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String)


def _parse(column: pl.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read cells as numbers, NaN for missing values and text, and tell which cells are text."""
    numbers = column.cast(pl.Float64, strict=False).to_numpy()
    return numbers, column.is_not_null().to_numpy() & ~np.isfinite(numbers)


def _without_marks(column: pl.Series, words: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells of text that are not marks of missing numbers."""
    return words & ~are_marks(column).to_numpy() if column.dtype == pl.String else words


def _text_among_numbers(
    column: pl.Series,
    numbers: NDArray[np.float64],
    words: NDArray[np.bool_],
    place: Place,
    known: str,
    otherwise: str = "",
) -> DataError:
    """Return the error for the first cell of text, with the number of the others."""
    row, others = int(np.argmax(words)), int(words.sum()) - 1
    more = f" and {others:,} other cell{'s' * (others > 1)}" if others else ""
    where = f"{place(row)}, column {column.name!r}"
    if np.isinf(numbers[row]) and not (column.dtype == pl.String and any(map(str.isdigit, column[row]))):
        value = str(numbers[row])
        return DataError(
            "a value is infinite",
            expected="finite numbers",
            received=f"{value}{more}",
            where=where,
            remedy=f"correct the cell; if it means a missing value, use --missing {value} "
            f"(missing={value!r} in Python){otherwise}",
        )
    received = f"{column[row]!r}{more}"
    if np.isinf(numbers[row]):
        return DataError(
            "a number is too large",
            expected=f"numbers up to {np.finfo(np.float64).max:.2g} in column {column.name!r}",
            received=received,
            where=place(row),
            remedy="correct the cell, or remove the row",
        )
    return DataError(
        "a numeric column contains text",
        expected=f"numbers in column {column.name!r} ({known})",
        received=received,
        where=where,
        remedy="write it with . as the decimal point and no other symbols"
        if number_like([column[row]])
        else "correct the cell; if it means a missing value, leave it empty, or name it with --missing "
        f"(missing in Python){otherwise}",
    )
