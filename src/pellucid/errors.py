"""What can go wrong, as one tree of exceptions.

PellucidError
├── ConfigurationError   a setting that cannot work (also a ValueError)
│   └── UnknownNameError   no such activation, cost, initializer ... (also a LookupError)
├── DataError            rows, columns, labels or arrays that cannot be used (also a ValueError)
│   └── FormatError        a file that is not what its name or its first bytes say
└── StorageError         a file that cannot be read or written (also an OSError)
    ├── MissingFileError   nothing there (also a FileNotFoundError)
    └── ExistingFileError  something there already (also a FileExistsError)

A PellucidWarning tells of something that works but is hardly meant.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

__all__ = [
    "ConfigurationError",
    "DataError",
    "ExistingFileError",
    "FormatError",
    "MissingFileError",
    "PellucidError",
    "PellucidWarning",
    "StorageError",
    "UnknownNameError",
    "check_type",
    "did_you_mean",
    "visible",
]

# The controls C0 and C1 but for the line feed and the tab, and the marks that turn the direction of writing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Write control characters as escapes, so that a word from a file cannot command a terminal.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The same text if it has no controls beside line feeds and tabs.

    Examples
    --------
    >>> print(visible("red\x1b[31m"))
    red\x1b[31m
    """
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class PellucidError(Exception):
    """One clear statement of what went wrong and what to do about it.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence without a full stop.
    expected, received, where, remedy : str, optional
        What would have been right, what came instead, the place (a file, a row, an argument),
        and what to do.

    Examples
    --------
    >>> print(DataError("a label is outside the classes", expected="0 to 9", received="12"))
    a label is outside the classes
      expected: 0 to 9
      received: 12
    """

    def __init__(
        self,
        problem: str,
        *,
        expected: str | None = None,
        received: str | None = None,
        where: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = expected
        self.received = received
        self.where = where
        self.remedy = remedy

    @property
    def details(self) -> dict[str, str]:
        """The parts that were given beside the problem, by their labels."""
        parts = {
            "expected": self.expected,
            "received": self.received,
            "where": self.where,
            "what to do": self.remedy,
        }
        return {label: text for label, text in parts.items() if text is not None}

    def __str__(self) -> str:
        return visible(
            "\n".join([self.problem, *(f"  {label}: {text}" for label, text in self.details.items())])
        )


class ConfigurationError(PellucidError, ValueError):
    """A setting that cannot work."""


class UnknownNameError(ConfigurationError, LookupError):
    """A name that no declaration has."""


class DataError(PellucidError, ValueError):
    """Data that cannot be used."""


class FormatError(DataError):
    """A file that is not what its name or its first bytes say."""


class StorageError(PellucidError, OSError):
    """A file that cannot be read or written."""


class MissingFileError(StorageError, FileNotFoundError):
    """A file that is not there."""


class ExistingFileError(StorageError, FileExistsError):
    """A file that is there already and would be overwritten."""


class PellucidWarning(UserWarning):
    """Something that works but is hardly meant."""


def check_type(value: object, kind: Any, what: str, expected: str) -> None:
    """Refuse an argument of another type than can be used.

    Parameters
    ----------
    value : object
        What was given.
    kind : type or union of types
        What can be used.
    what, expected : str
        What it is for, and what to give, in words.

    Raises
    ------
    ConfigurationError
        Saying both, and the type that came.

    Examples
    --------
    >>> check_type(3, str, "the name", "a text")
    Traceback (most recent call last):
    pellucid.errors.ConfigurationError: the name cannot be of the type int
      expected: a text
      received: 3
    """
    if not isinstance(value, kind):
        received = repr(value)
        raise ConfigurationError(
            f"{what} cannot be of the type {type(value).__name__}",
            expected=expected,
            received=received if len(received) <= 200 else received[:200] + " ...",
        )


def did_you_mean(name: str, choices: Iterable[str], aliases: Iterable[str] = ()) -> str:
    """Suggest the nearest of the choices, or list them when none is near.

    Parameters
    ----------
    name : str
        What was written.
    choices : iterable of str
        What could have been meant.
    aliases : iterable of str
        More of that, too many to be listed.

    Examples
    --------
    >>> did_you_mean("sigmoyd", ["relu", "sigmoid", "tanh"])
    "did you mean 'sigmoid'?"
    >>> did_you_mean("he", ["glorot_normal", "he_normal", "he_uniform"])
    "did you mean 'he_normal' or 'he_uniform'?"
    >>> did_you_mean("xyz", ["relu", "sigmoid"])
    'choose one of: relu, sigmoid'
    """
    choices = list(choices)
    lowered = {choice.lower(): choice for choice in [*choices, *aliases]}
    near = [lowered[match] for match in get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)]
    if not near and name:
        near = [choice for choice in choices if choice.lower().startswith(name.lower())][:3]
    if near:
        return f"did you mean {' or '.join(repr(choice) for choice in near)}?"
    return f"choose one of: {', '.join(choices)}"
