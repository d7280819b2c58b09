"""How a text table is written: its delimiter, the lines above it, and its comments."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pellucid.data.cells.text_cells import MISSING_MARKS, number_like

__all__ = ["BLANKS", "Dialect", "find_dialect"]

# The delimiter of cells that any number of blanks separate, which text files often align with.
BLANKS = " "

_DELIMITERS = ",;\t|"
_COMMENTS = "#%"
_SPOKEN = {"\t": "tabs", BLANKS: "blanks"}

# Rows that are examined, and lines that may stand above a table.
_EXAMINED = 200
_MOST_TITLES = 50

# At least this share of the rows has the same number of cells.
_EVEN = 0.9

_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?,*;*', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Parameters
    ----------
    delimiter : str
        One character; `BLANKS` for any number of blanks.
    skipped : int
        The number of lines above the table.
    comment : str or None
        The character with which lines begin that are comments.
    names : tuple of str or None
        The column names, if they stand in a comment.
    unnamed_rows : bool
        Whether the first column has no name in the header, as R writes the names of rows.
    trailing : bool
        Whether a delimiter ends each row.
    findings : tuple of str
        What differs from the usual, in words.
    """

    delimiter: str
    skipped: int = 0
    comment: str | None = None
    names: tuple[str, ...] | None = None
    unnamed_rows: bool = False
    trailing: bool = False
    findings: tuple[str, ...] = field(default=(), compare=False)

    def rows(self, lines: Sequence[str], most: int | None = None) -> list[list[str]]:
        """Return the cells of lines without their ends, for those that are not above the table."""
        kept = [line for line in lines[self.skipped :] if line.strip() and not self.is_comment(line)][:most]
        return [row for row in _split(kept, self.delimiter) or [] if any(cell.strip() for cell in row)]

    def is_comment(self, line: str) -> bool:
        """Return whether a line is a comment."""
        return self.comment is not None and line.startswith(self.comment)


def find_dialect(lines: Sequence[str], usual: str, given: str | None, skipped: int | None) -> Dialect:
    """Find how a text table is written from its first lines.

    Parameters
    ----------
    lines : sequence of str
        The first lines, without their ends.
    usual : str
        The delimiter that files of this name usually have.
    given : str or None
        The delimiter, if it is known.
    skipped : int or None
        The number of lines above the table, if it is known.

    Examples
    --------
    >>> find_dialect(["Report 2023", "", "a;b", "1,5;2", "2,5;3"], ",", None, None)
    Dialect(delimiter=';', skipped=1, comment=None, names=None, unnamed_rows=False, trailing=False, ...)
    """
    start = skipped or 0
    findings = []
    separator = _SEPARATOR_LINE.fullmatch(lines[start].strip()) if start < len(lines) else None
    if separator:
        start += 1
        given = given or separator[1]
    body = [line for line in lines[start:] if line.strip()]
    plain = [line for line in body if line[0] not in _COMMENTS] or body
    delimiter = given or _delimiter(plain[: _EXAMINED + _MOST_TITLES], usual)
    if given is None and delimiter != usual:
        findings.append(f"separated by {_SPOKEN.get(delimiter, repr(delimiter))}")
    width = _width(_split(plain, delimiter) or [])
    comment = _comment(body, delimiter, width)
    if comment:
        findings.append(f"comments begin with {comment}")
    if skipped is None:
        titles = _titles(lines[start:], comment, delimiter, width)
        start += titles
        if titles:
            findings.append(f"{titles} line{'s' * (titles > 1)} above the table left out")
    names = _names_in_comment(lines, comment, delimiter, width)
    found = Dialect(delimiter, start, comment)
    rows = found.rows(lines)
    unnamed = _lacks_a_name(rows, width)
    if unnamed:
        findings.append("the first column has no name")
    trailing = _ends_with_delimiters(rows, width)
    if trailing:
        findings.append("the delimiter at the end of each row left out")
    return Dialect(delimiter, start, comment, names, unnamed, trailing, tuple(findings))


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]] | None:
    """Return the cells of lines; None if they cannot be split."""
    if delimiter == BLANKS:
        lines = [line.replace("\t", " ").strip() for line in lines]
    try:
        return list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return None


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that most rows have."""
    counts = Counter(len(row) for row in rows if row)
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def _delimiter(lines: Sequence[str], usual: str) -> str:
    """Find the delimiter that gives rows of equal width, of all lines if one does, and the most numbers."""
    scores = {}
    for delimiter in _DELIMITERS:
        rows = _split(lines, delimiter) or []
        width = _width(rows)
        even = sum(len(row) == width for row in rows) / max(len(rows), 1)
        # Below some lines of a title, which are few in a file of any length.
        below = [row for row in rows if len(row) == width]
        few_titles = len(rows) - len(below) <= max(len(rows) * (1 - _EVEN), 0) or _begins_late(rows, width)
        if width > 1 and few_titles:
            # A delimiter of all lines, with the header, comes first: $1,000.50;x;y is not $1 and 000.50;x;y.
            scores[delimiter] = (even == 1, _numbers(below[1:]), even, delimiter == usual, width)
    if scores:
        return max(scores, key=lambda delimiter: scores[delimiter])
    rows = _split(lines, BLANKS) or []
    if _width(rows) > 1 and len({len(row) for row in rows[1:]}) == 1 and _numbers(rows[1:]) >= 1 / 2:
        return BLANKS
    return usual


def _begins_late(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether all rows of another width stand above those of this width."""
    first = next((index for index, row in enumerate(rows) if len(row) == width), 0)
    below = rows[first:]
    return len(below) >= 2 and all(len(row) == width for row in below)


def _numbers(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of cells that are numbers or missing, with a decimal point or comma."""
    cells = [cell.strip() for row in rows for cell in row]
    known = sum(
        bool(_NUMBER.fullmatch(cell)) or cell.lower() in MISSING_MARKS or bool(number_like([cell]))
        for cell in cells
    )
    return round(known / max(len(cells), 1), 2)


def _comment(lines: Sequence[str], delimiter: str, width: int) -> str | None:
    """Return the character that begins comments: lines with it have too many or too few cells."""
    for mark in _COMMENTS:
        marked = [line for line in lines if line.startswith(mark)]
        if marked and len(marked) < len(lines) and any(_cells(line, delimiter) != width for line in marked):
            return mark
    return None


def _cells(line: str, delimiter: str) -> int:
    rows = _split([line], delimiter)
    return len(rows[0]) if rows and len(rows) == 1 else 0


def _titles(lines: Sequence[str], comment: str | None, delimiter: str, width: int) -> int:
    """Return the number of lines above the table: shorter than its rows, or mostly empty."""
    titles = 0
    for index, line in enumerate(lines[:_MOST_TITLES]):
        if not line.strip() or (comment and line.startswith(comment)):
            continue
        rows = _split([line], delimiter)
        if not rows or _goes_on(lines[index:], delimiter, width):
            return titles
        if not _is_title(rows[0], lines[index + 1 :], delimiter, width):
            return titles
        titles = index + 1
    return 0


def _goes_on(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether the first line is a part of a row of several lines, which has the width of the table."""
    if lines[0].count('"') % 2 == 0:
        return False
    rows = _split(lines[:_MOST_TITLES], delimiter) or [[]]
    return len(rows[0]) == width


def _is_title(row: Sequence[str], below: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether a row belongs to a title: it is too short, or all of its cells but one are empty."""
    filled = sum(bool(cell.strip()) for cell in row)
    if len(row) >= width:
        return len(row) == width and filled <= 1 < width - 1
    apart = bool(below) and not below[0].strip()
    # A header in which a single name is missing stands on a row with numbers.
    names = len(row) == width - 1 > 1 and _numbers(_split(below[:1], delimiter) or []) > 0
    return (apart or filled <= max(width // 2, 1)) and not names


def _names_in_comment(
    lines: Sequence[str], comment: str | None, delimiter: str, width: int
) -> tuple[str, ...] | None:
    """Return column names from the last comment above the table, if it has as many cells."""
    if comment is None:
        return None
    last = None
    for line in lines:
        if line.startswith(comment):
            last = line
        elif line.strip():
            break
    rows = _split([last.lstrip(comment).strip()], delimiter) if last else None
    if width > 1 and rows and len(rows[0]) == width:
        return tuple(cell.strip() for cell in rows[0])
    return None


def _ends_with_delimiters(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether the last cell of every row is empty and has no name."""
    if len(rows) < 2 or width < 2:
        return False
    first, below = rows[0], rows[1:]
    nameless = len(first) == width - 1 or (len(first) == width and not first[-1].strip())
    return nameless and all(len(row) == width and not row[-1].strip() for row in below)


def _lacks_a_name(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether the first row is one cell shorter than all others, whose last cells are not empty."""
    if len(rows) < 2 or width < 3 or len(rows[0]) != width - 1:
        return False
    return all(len(row) == width for row in rows[1:]) and any(row[-1].strip() for row in rows[1:])
