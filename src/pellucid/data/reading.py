"""The options for reading data, checked before any are read."""

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.data.encoding.tasks import check_task
from pellucid.errors import check_type

__all__ = ["check_reading", "column_names"]


def check_reading(options: Mapping[str, Any]) -> None:
    """Check the types of the options for reading.

    Parameters
    ----------
    options : dict
        Target, split column, weight column, columns to drop, task, delimiter and header, each None if it was
        not given.

    Raises
    ------
    UnknownNameError, ConfigurationError
    """
    check_task(options["task"])
    for name in ("target", "drop"):
        column_names(options[name], name)
    check_type(options["split_column"], str | None, "the split column", "a column name")
    check_type(options["weight_column"], str | None, "the weight column", "a column name")
    check_type(options["delimiter"], str | None, "the delimiter", "one character")
    check_type(options["header"], bool | None, "header", "True, False, or None to detect it")


def column_names(named: str | Sequence[str] | None, setting: str) -> tuple[str, ...]:
    """Return the columns that a setting names: one, several, or none."""
    if named is None or isinstance(named, str):
        return () if named is None else (named,)
    check_type(named, Sequence, setting, "column names")
    for name in named:
        check_type(name, str, f"a column of {setting}", "column names")
    return tuple(named)
