"""Numbers given by users: checked against their bounds, and kept as Python's own."""

import math
import operator
from collections.abc import Sequence
from dataclasses import field, fields
from functools import cache
from numbers import Integral, Real
from typing import Any, cast

import numpy as np

from pellucid.errors import ConfigurationError

__all__ = ["check_number", "check_numbers", "number", "plain_number"]


def plain_number(said: object) -> float | None:
    """Return a real number as a float, or None if it is not one; booleans are not.

    NumPy numbers would carry their own precision into every step: other bits for the same settings.

    Examples
    --------
    >>> plain_number(3), plain_number(10**400), plain_number("3"), plain_number(True)
    (3.0, inf, None, None)
    """
    if isinstance(said, bool) or not isinstance(said, Real):
        return None
    try:
        return float(said)
    except OverflowError:  # a whole number may be larger than any float
        return math.inf if said == abs(said) else -math.inf


def _plain_whole(said: object) -> int | None:
    return int(said) if isinstance(said, Integral) and not isinstance(said, bool) else None


# Each bound's test, and its wording in messages.
_BOUNDS = {
    "above": (operator.gt, "above {:g}"),
    "at_least": (operator.ge, "{:g} or more"),
    "below": (operator.lt, "below {:g}"),
    "at_most": (operator.le, "at most {:g}"),
}


def number(default: Any, **bounds: Any) -> Any:
    """Declare a field of a dataclass that is a number, within the bounds that `check_number` takes."""
    return field(default=default, metadata={"bounds": {"or_none": default is None, **bounds}})


def check_numbers(settings: Any) -> None:
    """Check all fields that are declared as numbers, and make each a number of Python's own."""
    for name, bounds in _bounds_of(settings.__class__).items():
        object.__setattr__(settings, name, check_number(getattr(settings, name), **bounds))


@cache
def _bounds_of(kind: Any) -> dict[str, dict[str, Any]]:
    """Return what `check_number` takes for each field of a dataclass that is declared as a number."""
    return {
        part.name: {"what": part.name} | part.metadata["bounds"]
        for part in fields(kind)
        if "bounds" in part.metadata
    }


def check_number(
    said: object,
    what: str,
    *,
    whole: bool = False,
    per_layer: bool = False,
    or_none: bool = False,
    remedy: str | None = None,
    **bounds: Any,
) -> Any:
    """Return a finite number within bounds as Python's own; refuse anything else.

    The bounds are `above`, `at_least`, `below` and `at_most`. With `per_layer`, it may also be a sequence of
    such numbers, which is returned as a tuple.

    Examples
    --------
    >>> check_number(np.float32(0.5), "l2", at_least=0, per_layer=True)
    0.5
    >>> check_number(0, "epochs", at_least=1, whole=True)
    Traceback (most recent call last):
    pellucid.errors.ConfigurationError: epochs cannot be 0
      expected: a whole number, 1 or more
      received: 0
    """
    if or_none and said is None:
        return None
    several = per_layer and _is_several(said)
    numbers: list[Any] = []
    for each in cast("Sequence[object]", said) if several else [said]:
        plain = _plain_whole(each) if whole else plain_number(each)
        if (
            plain is None
            or not -math.inf < plain < math.inf
            or not all(_BOUNDS[bound][0](plain, limit) for bound, limit in bounds.items())
        ):
            limits = " and ".join(_BOUNDS[bound][1].format(limit) for bound, limit in bounds.items())
            comma = "," * bool(limits and not limits[0].isalpha())
            raise ConfigurationError(
                f"{what} cannot be {said!r}",
                expected=f"a {'whole' if whole else 'finite'} number{comma} {limits}".strip()
                + ", or one for each layer" * per_layer,
                received=repr(each),
                remedy=remedy,
            )
        numbers.append(plain)
    return tuple(numbers) if several else numbers[0]


def _is_several(said: object) -> bool:
    """Return whether this is a sequence: neither text nor an array of a single number without a dimension."""
    if isinstance(said, np.ndarray):
        return said.ndim > 0
    return isinstance(said, Sequence) and not isinstance(said, str | bytes)
