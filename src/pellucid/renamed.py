"""Former names, which go on working for one version with a notice."""

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["notice", "renamed_arguments"]

P = ParamSpec("P")
R = TypeVar("R")


def notice(old: str, new: str, stacklevel: int = 3) -> None:
    """Warn that a former name was used, and say what to write instead."""
    warnings.warn(
        f"{old} is a former name, and will be removed in the next version; use {new}",
        DeprecationWarning,
        stacklevel=stacklevel,
    )


def renamed_arguments(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take arguments by their former names, each given with the present one.

    Examples
    --------
    >>> @renamed_arguments(least="min_delta")
    ... def wait(min_delta=0.0):
    ...     return min_delta
    >>> with warnings.catch_warnings(action="ignore"):
    ...     wait(least=0.5)
    0.5
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in names.items():
                if old not in kwargs:
                    continue
                if new in kwargs:
                    raise TypeError(f"{function.__qualname__} got {new}, and {old}, its former name, too")
                notice(old, new)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate
