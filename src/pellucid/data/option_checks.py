"""What the options for reading may be: as a user gives them, and in a model file."""

import codecs
from collections.abc import Callable, Sequence
from typing import Any

from pellucid.described import list_of, or_none, text, whole
from pellucid.errors import ConfigurationError, UnknownNameError, check_type, did_you_mean
from pellucid.number import check_number

__all__ = [
    "DECIMALS",
    "SPOKEN_DELIMITERS",
    "TASKS",
    "column_names",
    "decimal_mark",
    "known_encoding",
    "known_task",
    "missing_marks",
    "number_of_lines",
    "of_type",
    "one_or_several",
    "sheet_of_workbook",
    "stored_delimiter",
    "stored_names",
    "stored_sheet",
]

# How the numbers of a text table are written; plain ones have a point and no other symbol.
DECIMALS = (".", ",", "plain")

TASKS = ("classification", "multilabel", "regression")

# How a delimiter can be written that is hard to type.
SPOKEN_DELIMITERS = {"tab": "\t", "\\t": "\t", "blank": " "}


def of_type(kind: Any, what: str, expected: str) -> Callable[[Any, str], Any]:
    """Return a check that a value is of a type."""

    def checked(value: Any, name: str) -> Any:
        check_type(value, kind, what, expected)
        return value

    return checked


def column_names(named: str | Sequence[str] | None, setting: str) -> tuple[str, ...]:
    """Return the columns that a setting names: one, several, or none."""
    if named is None or isinstance(named, str):
        return () if named is None else (named,)
    check_type(named, Sequence, setting, "column names")
    for name in named:
        check_type(name, str, f"a column of {setting}", "column names")
    return tuple(named)


def one_or_several(names: tuple[str, ...]) -> str | list[str] | None:
    """Return columns as a user writes them."""
    return list(names) if len(names) > 1 else names[0] if names else None


def stored_names(value: Any, where: str) -> None:
    """Check what a model file contains of columns."""
    (list_of(text) if isinstance(value, list) else or_none(text))(value, where)


def known_task(task: Any, name: str) -> Any:
    """Check a task."""
    if task is not None and task not in TASKS:
        raise UnknownNameError(
            f"there is no task {task!r}", received=repr(task), remedy=did_you_mean(str(task), TASKS)
        )
    return task


def stored_delimiter(value: Any, where: str) -> None:
    """Check the delimiter in a model file."""
    text(value, where)
    if value not in SPOKEN_DELIMITERS and (len(value) != 1 or value in '"\r\n'):
        raise ValueError(f"{where} must be one character, not {value[:20]!r}")


def known_encoding(name: Any, setting: str) -> str | None:
    """Check a text encoding, and return the name that Python has for it."""
    check_type(name, str | None, "the text encoding", "a name such as 'cp1252'")
    if name is None:
        return None
    try:
        b" ".decode(name, errors="replace")  # refuses encodings that are not of text
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ConfigurationError(
            f"there is no text encoding {name[:40]!r}",
            expected="a name that Python knows, such as 'utf-8', 'utf-16', 'cp1252' or 'latin-1'",
            received=repr(name[:40]),
        ) from None


def number_of_lines(count: Any, name: str) -> int | None:
    """Check a number of lines."""
    checked: int | None = check_number(
        count, "the number of lines to skip", whole=True, at_least=0, or_none=True
    )
    return checked


def sheet_of_workbook(sheet: Any, name: str) -> str | int | None:
    """Check the name or the number of a sheet."""
    if isinstance(sheet, str | None):
        return sheet
    checked: int = check_number(sheet, "the number of the sheet", whole=True, at_least=1)
    return checked


def stored_sheet(value: Any, where: str) -> None:
    """Check the sheet in a model file."""
    (text if isinstance(value, str) else whole(1))(value, where)


def decimal_mark(mark: Any, name: str) -> str | None:
    """Check a decimal mark."""
    if mark is not None and mark not in DECIMALS:
        raise ConfigurationError(
            "the decimal mark is not valid",
            expected="'.', ',' or 'plain'",
            received=repr(mark)[:40],
        )
    return None if mark is None else str(mark)


def missing_marks(marks: Any, name: str) -> tuple[str, ...]:
    """Return values that stand for missing ones, as text."""
    if marks is None:
        return ()
    several = marks if isinstance(marks, Sequence) and not isinstance(marks, str) else [marks]
    for mark in several:
        check_type(mark, str | int | float, "a missing value", "text or numbers")
    return tuple(f"{mark:g}" if isinstance(mark, float) else str(mark).strip() for mark in several)
