"""Whether the first row of a text table contains the names of its columns."""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from pellucid.data.cells.dates import find_dates, look_like_dates
from pellucid.data.cells.frames import is_generated
from pellucid.data.cells.text_cells import MISSING_MARKS, count_numbers, is_number

__all__ = ["find_header"]

_NO_HEADER = "--no-header (header=False in Python)"
_HEADER = "--header (header=True in Python)"


def find_header(rows: Sequence[Sequence[str]]) -> tuple[bool, str | None]:
    """Decide whether a first row contains names; return a note too if that is a guess.

    Numbers alone are data, unless they count the columns, or rise from left to right above numbers that are
    not whole; a number that is not whole is data, too. Whole numbers, such as years, may be names, and words
    may be data: what stands below them decides. A word above numbers is a name unless it comes again
    among them; words that come again below themselves are data.

    Parameters
    ----------
    rows : sequence of rows
        The first row and some that follow it, each a sequence of cells.

    Examples
    --------
    >>> find_header([["size", "colour"], ["1.5", "red"]])
    (True, None)
    >>> find_header([["1.5", "red"], ["2.5", "blue"]])[0], find_header([["28", "cook"], ["31", "cook"]])[0]
    (False, False)
    """
    first = [cell.strip() for cell in rows[0]]
    if all(is_generated(cell) for cell in first):
        return True, None
    numbers = [cell for cell in first if is_number(cell)]
    if all(cell.lower() in MISSING_MARKS or is_number(cell) for cell in first):
        return (True, _as_names(numbers[0])) if _are_names(first, rows[1:]) else (False, None)
    broken = [number for number in numbers if not number.lstrip("+-").isdecimal()]
    if broken:
        reason = f"it contains the number {broken[0]}"
        return False, _as_data(reason)
    date = _date_above_dates(first, rows[1:])
    if date is not None:
        return False, _as_data(f"{date!r} is a date above dates")
    again = _words_that_come_again(first, rows[1:])
    if again:
        return False, _as_data(f"{again!r} comes again below it")
    if numbers:
        return True, _as_names(numbers[0])
    return True, None


def _date_above_dates(first: Sequence[str], below: Sequence[Sequence[str]]) -> str | None:
    """Return the first date of the first row, if its column contains dates; above numbers it is a name."""
    dates = look_like_dates(pl.Series(first, dtype=pl.String)).to_list()
    if True not in dates:
        return None
    index = dates.index(True)
    column = [row[index].strip() for row in below if index < len(row)]
    present = [value for value in column if value.lower() not in MISSING_MARKS]
    return first[index] if find_dates(pl.Series(present, dtype=pl.String)) else None


def _are_names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether whole numbers are names, as pandas writes them, perhaps right of an empty cell.

    They count at least four columns from 0 or 1; or there are at least three, each larger than the one
    before, right of the only empty cell of the first column, or above numbers of which most are not whole.
    """
    start = int(first[0] == "")
    names = first[start:]
    if len(names) < 3 or not all(name.isdecimal() for name in names):
        return False
    numbers = [int(name) for name in names]
    if (
        len(names) > 3
        and numbers[0] in (0, 1)
        and numbers == list(range(numbers[0], numbers[0] + len(names)))
    ):
        return True
    if not all(one < next_one for one, next_one in pairwise(numbers)):
        return False
    columns = [[row[index].strip() for row in below if index < len(row)] for index in range(len(first))]
    names_of_rows = start and columns[0] and all(columns[0])
    return bool(names_of_rows) or 2 * sum(map(_is_broken, columns[start:])) > len(names)


def _is_broken(column: Sequence[str]) -> bool:
    """Return whether most cells are numbers that are not whole."""
    return 2 * sum(is_number(cell) and not cell.lstrip("+-").isdecimal() for cell in column) > len(column) > 0


def _as_names(number: str) -> str:
    return (
        f"the first line is read as column names, although it contains the number {number}; "
        f"if it is data, use {_NO_HEADER}"
    )


def _as_data(reason: str) -> str:
    return f"the first line is read as data, because {reason}; if it contains the column names, use {_HEADER}"


def _words_that_come_again(first: Sequence[str], below: Sequence[Sequence[str]]) -> str | None:
    """Return a word of the first row if most of its words come again in their columns, and none is a name."""
    if not any(map(is_number, first)):
        # A header may be repeated, where files were joined.
        below = [row for row in below if [cell.strip() for cell in row] != first] or below
    again, words = [], 0
    for index, cell in enumerate(first):
        if cell.lower() in MISSING_MARKS or is_number(cell):
            continue
        column = [row[index].strip() for row in below if index < len(row)]
        present = [value for value in column if value.lower() not in MISSING_MARKS]
        if count_numbers(present) > len(present) / 2 and cell not in present:
            return None  # a word above numbers is their name
        words += 1
        if cell in present:
            again.append(cell)
    return again[0] if again and 2 * len(again) > words else None
