"""What can be said about how data are to be read, checked before any are."""

from collections.abc import Mapping, Sequence
from typing import Any

from pellucid.errors import UnknownNameError, check_type, did_you_mean

__all__ = ["TASKS", "check_reading", "column_names"]

TASKS = ("classification", "regression")


def check_reading(said: Mapping[str, Any]) -> None:
    """Refuse settings about reading that cannot be what they are for.

    Parameters
    ----------
    said : dict
        Target, split column, weight column, task, delimiter and header, each None where nothing was said.

    Raises
    ------
    ConfigurationError
    """
    task = said["task"]
    if task is not None and task not in TASKS:
        raise UnknownNameError(
            f"there is no task {task!r}", received=repr(task), remedy=did_you_mean(str(task), TASKS)
        )
    check_type(said["target"], str | None, "the target", "a column's name, as text")
    check_type(said["split_column"], str | None, "the split column", "a column's name, as text")
    check_type(said["weight_column"], str | None, "the weight column", "a column's name, as text")
    check_type(said["delimiter"], str | None, "the delimiter", "one character, as text")
    expected = "True, False, or None to have it told by the first line"
    check_type(said["header"], bool | None, "header", expected)


def column_names(drop: Sequence[str] | None) -> tuple[str, ...]:
    """Give the columns to leave out: one name, several, or none."""
    if drop is None or isinstance(drop, str):
        return () if drop is None else (drop,)
    expected = "columns' names, as text"
    check_type(drop, Sequence, "drop", expected)
    for name in drop:
        check_type(name, str, "a column to drop", expected)
    return tuple(drop)
