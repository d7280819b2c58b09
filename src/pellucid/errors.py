"""The exceptions, as one tree.

PellucidError
├── ConfigurationError   a setting that cannot work (also a ValueError)
│   └── UnknownNameError   an unknown activation, cost, initializer ... (also a LookupError)
├── DataError            rows, columns, labels or arrays that cannot be used (also a ValueError)
│   └── FormatError        a file in another format than its name or its first bytes claim
└── StorageError         a file that cannot be read or written (also an OSError)
    ├── MissingFileError   the file does not exist (also a FileNotFoundError)
    └── ExistingFileError  the file already exists (also a FileExistsError)

A PellucidWarning reports something that works but is probably unintended.
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
    "near_miss",
    "visible",
]

# The control characters C0 and C1 except for line feed and tab, and the marks that change text direction.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Escape control characters, so that text from a file cannot control the terminal.

    Examples
    --------
    >>> print(visible("red\x1b[31m"))
    red\x1b[31m
    """
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class PellucidError(Exception):
    """An error that says what went wrong and what to do about it.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence without a full stop.
    expected, received, where, remedy : str, optional
        What was expected, what was received instead, where (a file, a row, an argument), and what to do.

    Examples
    --------
    >>> print(DataError("unknown class label", expected="0 to 9", received="12"))
    unknown class label
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
        """The parts that were given in addition to the problem, by label."""
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
    """A name that is not declared."""


class DataError(PellucidError, ValueError):
    """Data that cannot be used."""


class FormatError(DataError):
    """A file in another format than its name or its first bytes claim."""


class StorageError(PellucidError, OSError):
    """A file that cannot be read or written."""


class MissingFileError(StorageError, FileNotFoundError):
    """A file that does not exist."""


class ExistingFileError(StorageError, FileExistsError):
    """A file that already exists and would be overwritten."""


class PellucidWarning(UserWarning):
    """Something that works but is probably unintended."""


def check_type(value: object, kind: Any, what: str, expected: str) -> None:
    """Check the type of an argument; `what` and `expected` describe the two in words.

    Examples
    --------
    >>> check_type(3, str, "the name", "a string")
    Traceback (most recent call last):
    pellucid.errors.ConfigurationError: the name cannot be of type int
      expected: a string
      received: 3
    """
    if not isinstance(value, kind):
        received = repr(value)
        raise ConfigurationError(
            f"{what} cannot be of type {type(value).__name__}",
            expected=expected,
            received=received if len(received) <= 200 else received[:200] + " ...",
        )


def did_you_mean(name: str, choices: Iterable[str], aliases: Iterable[str] = ()) -> str:
    """Suggest the nearest choices or aliases, or list all choices if none is near.

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
    return near_miss(name, choices, aliases) or f"choose one of: {', '.join(choices)}"


def near_miss(name: str, choices: Iterable[str], aliases: Iterable[str] = ()) -> str | None:
    """Suggest the nearest choices; None if none is near.

    Examples
    --------
    >>> near_miss("sigmoyd", ["relu", "sigmoid"]), near_miss("xyz", ["relu"])
    ("did you mean 'sigmoid'?", None)
    """
    choices = list(choices)
    lowered = {choice.lower(): choice for choice in [*choices, *aliases]}
    near = [lowered[match] for match in get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)]
    if not near and name:
        near = [choice for choice in choices if choice.lower().startswith(name.lower())][:3]
    return f"did you mean {' or '.join(repr(choice) for choice in near)}?" if near else None
