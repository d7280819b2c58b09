"""What can be said about how data are to be read, checked before any are."""

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.data.tasks import check_task
from pellucid.errors import check_type

__all__ = ["check_reading", "column_names"]


def check_reading(said: Mapping[str, Any]) -> None:
    """Refuse settings about reading that cannot be what they are for.

    Parameters
    ----------
    said : dict
        Target, split column, weight column, columns to drop, task, delimiter and header, each None where
        nothing was said.

    Raises
    ------
    UnknownNameError, ConfigurationError
    """
    check_task(said["task"])
    for name in ("target", "drop"):
        column_names(said[name], name)
    check_type(said["split_column"], str | None, "the split column", "a column's name, as text")
    check_type(said["weight_column"], str | None, "the weight column", "a column's name, as text")
    check_type(said["delimiter"], str | None, "the delimiter", "one character, as text")
    expected = "True, False, or None to have it told by the first line"
    check_type(said["header"], bool | None, "header", expected)


def column_names(said: str | Sequence[str] | None, setting: str) -> tuple[str, ...]:
    """Give the columns that a setting names: one, several, or none."""
    if said is None or isinstance(said, str):
        return () if said is None else (said,)
    expected = "columns' names, as text"
    check_type(said, Sequence, setting, expected)
    for name in said:
        check_type(name, str, f"a column of {setting}", expected)
    return tuple(said)
