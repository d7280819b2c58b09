"""The declaration of an option for reading data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pellucid.described import Check

__all__ = ["Option", "declared_option"]


@dataclass(frozen=True)
class Option:
    """The declaration of an option for reading.

    Parameters
    ----------
    checked : callable
        Takes a value as a user gives it and the name of the option; returns it as it is kept.
    stored : Check
        What a model file may contain.
    help : str
        Its help on the command line.
    of_file : bool
        Whether it says how a file is read, so that it may differ for another file with the same columns.
    names_columns : bool
        Whether it names one or several columns, which only tables have.
    of_cells : bool
        Whether it says what the cells of a table mean.
    multiple : bool
        Whether it may be given several times.
    choices : tuple of str
        All values, if there are few.
    on_off : bool
        Whether it is a yes-or-no question.
    short : str
        Its short form on the command line.
    metavar : str, optional
        The word for its value on the command line.
    plain : callable
        Turns a value that is kept into one for JSON.
    in_all_files : bool
        Whether even the oldest model files contain it.
    written : str
        Its name on the command line, if it has another there.
    kind : type, optional
        The type of its value on the command line, by default text.
    in_older_files : object
        What the data of a model file were read with that lacks it.
    """

    checked: Callable[[Any, str], Any]
    stored: Check
    help: str
    of_file: bool = False
    names_columns: bool = False
    of_cells: bool = False
    multiple: bool = False
    choices: tuple[str, ...] = ()
    on_off: bool = False
    short: str = ""
    metavar: str | None = None
    plain: Callable[[Any], Any] = lambda value: value
    in_all_files: bool = False
    written: str = ""
    kind: Any = None
    in_older_files: Any = None


def declared_option(default: Any = None, **declared: Any) -> Any:
    """Return a field of a data class, with the declaration of the option that it is."""
    return field(default=default, metadata={"option": Option(**declared)})
