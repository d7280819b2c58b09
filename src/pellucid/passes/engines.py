"""Which passes are used: the compiled ones, or the reference, which is their specification."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pellucid.errors import PellucidWarning, UnknownNameError, did_you_mean

__all__ = ["ENGINES", "engine", "falls_back", "is_compiled"]

ENGINES = ("compiled", "reference")

_chosen: ContextVar[str | None] = ContextVar("engine", default=None)
_said: set[str] = set()


@contextmanager
def engine(name: str | None) -> Iterator[None]:
    """Use an engine inside a block; the default is ``PELLUCID_ENGINE``, or the compiled one.

    Parameters
    ----------
    name : {"compiled", "reference"} or None
        None leaves the current one.

    Raises
    ------
    UnknownNameError
        If there is no such engine.

    Examples
    --------
    >>> with engine("reference"):
    ...     is_compiled()
    False
    """
    before = _chosen.set(_chosen.get() if name is None else _checked(name))
    try:
        yield
    finally:
        _chosen.reset(before)


def is_compiled() -> bool:
    """Return whether the compiled passes are to be used.

    Raises
    ------
    UnknownNameError
        If the environment names an engine that there is not.
    """
    name = _chosen.get()
    if name is None:
        name = _checked(
            os.environ.get("PELLUCID_ENGINE") or "compiled", "the environment variable PELLUCID_ENGINE"
        )
    return name == "compiled"


def falls_back(why: str) -> None:
    """Warn, once for each reason, that the reference does the work of the compiled passes."""
    if why not in _said:
        _said.add(why)
        warnings.warn(
            f"the reference does the work, which takes longer: {why}", PellucidWarning, stacklevel=3
        )


def _checked(name: str, where: str | None = None) -> str:
    if not isinstance(name, str) or name not in ENGINES:
        raise UnknownNameError(
            f"there is no engine named {name!r}",
            expected=" or ".join(ENGINES),
            received=repr(name),
            where=where,
            remedy=did_you_mean(str(name), ENGINES),
        )
    return name
