"""The format of svmlight and libsvm: a label, and then the nonzero columns of each row as number:value."""

import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.readers.arrays import arrays
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns
from pellucid.data.readers.text_file import TextFile
from pellucid.errors import DataError, FormatError

__all__ = ["is_svmlight", "svmlight"]

# Nothing in them is tried twice: otherwise a long line of digits would take minutes.
_NUMBER = r"[-+]?+(?:\d++\.?+\d*+|\.\d++)(?:[eE][-+]?+\d++)?+"
_ROW = re.compile(
    rf"{_NUMBER}(?:,{_NUMBER})*+(?:[ \t]++qid:\d++)?+((?:[ \t]++\d++:{_NUMBER})*+)[ \t]*+(?:#.*)?", re.ASCII
)
_EXAMINED = 20
# A line of this length may be the cut beginning of the first row.
_LONG = 10_000


def is_svmlight(lines: Sequence[str]) -> bool:
    """Return whether the first lines of a text have this format.

    Examples
    --------
    >>> is_svmlight(["-1 1:5.5 3:1e-3 # a comment", "1 2:1"]), is_svmlight(["12 10:30 9:45"])
    (True, False)
    """
    rows = [line for line in lines[:_EXAMINED] if line.strip() and not line.startswith("#")]
    if len(rows) == 1 and len(rows[0]) > _LONG:
        rows = [rows[0].rpartition(" ")[0]]
    n_pairs = []
    for line in rows:
        row = _ROW.fullmatch(line)
        if row is None:
            return False
        columns = [int(pair.partition(":")[0][-20:]) for pair in row[1].split()]
        if columns != sorted(set(columns)):
            return False
        n_pairs.append(len(columns))
    return max(n_pairs, default=0) >= 2


def svmlight(path: Path, zero_based: bool | None = None, n_columns: int | None = None) -> RawData:
    """Read sparse rows and their labels; by default columns are counted from 0 if there is a column 0.

    What is not written is 0, so that there may be fewer columns than `n_columns`; they are filled up.
    """
    from sklearn.datasets import load_svmlight_file  # takes 0.5 s to import

    text = TextFile(path)
    rows, has_zero = _rows(text)
    if zero_based is None:
        zero_based = has_zero
    elif has_zero and not zero_based:
        raise DataError(
            "there is a column 0, but columns are counted from 1",
            expected="columns from 1, as in training or as zero_based=False (--no-zero-based) says",
            received="a column 0",
            where=str(path),
            remedy="if the columns of this file are counted from 0, use zero_based=True (--zero-based)",
        )
    content = "".join(f"{row}\n" for _, row in rows).encode()
    several = any("," in row.split(None, 1)[0] for _, row in rows)
    if b":" not in content and n_columns is None:
        raise DataError(
            "the rows contain no columns", expected="pairs such as 3:1.5", received="labels", where=str(path)
        )
    check_cells(content.count(b":"), text.size, str(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x, y = load_svmlight_file(io.BytesIO(content), zero_based=zero_based, multilabel=several)
    except Exception as error:  # it raises many types of errors
        raise _unreadable(rows, error, path) from None
    x.resize(x.shape[0], max(x.shape[1], n_columns or 0))
    raw = arrays(x, None if several else _labels(y), path.name)
    raw.zero_based = zero_based
    raw.lines = np.array([line for line, _ in rows], dtype=np.intp)
    if several:
        _set_labels(raw, y, text.size, path)
    if any("qid:" in row for _, row in rows):
        raw.notes.append("the query numbers (qid) are not used")
    return raw


def _rows(text: TextFile) -> tuple[list[tuple[int, str]], bool]:
    """Return each row with its line, and whether there is a column 0; check the number of columns."""
    rows: list[tuple[int, str]] = []
    first, last = 1, 0
    for number, line in enumerate(text.lines(), start=1):
        row = line.partition("#")[0].strip()
        if not row:
            continue
        rows.append((number, row))
        tokens = row.split()
        columns = [token.partition(":")[0] for token in (tokens[-1], *tokens[1:3])]
        known = [int(column[:20]) for column in columns if column.isdecimal()] if len(tokens) > 1 else []
        first, last = min([first, *known]), max([last, *known])
        check_columns(last, f"line {number} of {text.path} (counted from 1)")
    if not rows:
        raise DataError("the file is empty", expected="rows", received="no lines", where=str(text.path))
    return rows, first == 0


def _labels(y: Array) -> Array:
    """Return whole numbers as integers."""
    whole = np.isfinite(y).all() and (y == np.round(y)).all() and np.abs(y).max() < 2**53
    return y.astype(np.int64) if whole else y


def _set_labels(raw: RawData, y: Sequence[tuple[float, ...]], size: int, path: Path) -> None:
    """Set several labels per row as a table of yes and no."""
    labels = sorted({label for row in y for label in row})
    check_cells(len(y) * len(labels), size, str(path))
    position = {label: index for index, label in enumerate(labels)}
    raw.target = np.zeros((len(y), len(labels)), dtype=bool)
    for index, row in enumerate(y):
        raw.target[index, [position[label] for label in row]] = True
    raw.target_names = tuple(f"{label:g}" for label in labels)


def _unreadable(rows: Sequence[tuple[int, str]], error: Exception, path: Path) -> FormatError:
    wrong = next(((line, row) for line, row in rows if not is_svmlight([row, "0 1:0 2:0"])), None)
    return FormatError(
        "the file is not a readable svmlight file",
        expected="rows such as -1 3:0.5 7:2, with numbers of columns that increase",
        received=excerpt(error) if wrong is None else excerpt(repr(wrong[1]), 80),
        where=str(path) if wrong is None else f"line {wrong[0]} of {path} (counted from 1)",
        remedy="correct the row, or write the table as CSV",
    )
