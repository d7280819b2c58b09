"""Validation of descriptions read from JSON: the fields they must have, and the values of each field.

A file may contain anything. A table of fields declares what is expected; an error names the place of a value
that differs, so that whatever is built from a valid description can be relied on.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

__all__ = [
    "Check",
    "anything",
    "fields",
    "flag",
    "list_of",
    "mapping_of",
    "number",
    "number_from",
    "one_of",
    "or_none",
    "text",
    "whole",
]

# Takes a value and its place, such as "history[2].epoch"; raises a ValueError if the value does not fit.
Check = Callable[[Any, str], None]

# More nesting than any description has; still deeper values would exhaust Python's stack when printed.
_DEEPEST = 20
# JSON can hold a lone surrogate, but it cannot be written to a terminal or a file.
_SURROGATES = re.compile("[\ud800-\udfff]")
# NumPy stores whole numbers in 64 bits.
_LARGEST = 2**63 - 1


def _refuse(value: Any, where: str, expected: str) -> None:
    shown = repr(value)
    raise ValueError(f"{where} must be {expected}, not {shown if len(shown) <= 60 else shown[:60] + ' ...'}")


def text(value: Any, where: str) -> None:
    """Require a string.

    Examples
    --------
    >>> text("price", "target.name")
    >>> text(3, "target.name")
    Traceback (most recent call last):
    ValueError: target.name must be a string, not 3
    """
    if not isinstance(value, str) or _SURROGATES.search(value):
        _refuse(value, where, "a string")


def flag(value: Any, where: str) -> None:
    """Require true or false."""
    if not isinstance(value, bool):
        _refuse(value, where, "true or false")


def number_from(*, above: float = -math.inf, least: float = -math.inf, finite: bool = True) -> Check:
    """Require a number above an exclusive bound, or from an inclusive one on.

    Examples
    --------
    >>> number_from(least=0)(-1.0, "scale")
    Traceback (most recent call last):
    ValueError: scale must be a number, 0 or more, not -1.0
    """
    bounds = [f"above {above:g}"] * (above > -math.inf) + [f"{least:g} or more"] * (least > -math.inf)

    def check(value: Any, where: str) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            fits = not finite
        else:
            fits = _is_number(value) and value > above and value >= least
        if not fits:
            _refuse(value, where, ", ".join(["a number", *bounds]))

    return check


def _is_number(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= _LARGEST
    return isinstance(value, float)


number = number_from()


def whole(least: int = 0, most: int | None = None) -> Check:
    """Require a whole number of at least `least` and, if given, at most `most`."""

    def check(value: Any, where: str) -> None:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or value < least or (most is not None and value > most):
            bounds = f"{least} or more" if most is None else f"{least} to {most}"
            _refuse(value, where, f"a whole number, {bounds}")

    return check


def one_of(choices: Collection[Any]) -> Check:
    """Require one of a number of strings or numbers."""

    def check(value: Any, where: str) -> None:
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            _refuse(value, where, " or ".join(map(repr, choices)))

    return check


def or_none(check: Check) -> Check:
    """Accept null as well."""

    def check_unless_none(value: Any, where: str) -> None:
        if value is not None:
            check(value, where)

    return check_unless_none


def list_of(item: Check, *, least: int = 0, length: int | None = None, distinct: bool = False) -> Check:
    """Require a list whose items all pass a check: at least some, or an exact number of them.

    Examples
    --------
    >>> list_of(text, length=2)(["no", "yes"], "words")
    >>> list_of(whole(1))([64, 0], "sizes")
    Traceback (most recent call last):
    ValueError: sizes[1] must be a whole number, 1 or more, not 0
    """

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list):
            _refuse(value, where, "a list")
        if len(value) < least or length not in (None, len(value)):
            _refuse(value, where, f"a list of {length or f'{least} or more'}")
        for index, part in enumerate(value):
            item(part, f"{where}[{index}]")
        if distinct and len(set(value)) < len(value):
            _refuse(value, where, "a list without repetitions")

    return check


def mapping_of(item: Check) -> Check:
    """Require an object whose values all pass a check, whatever their names."""
    return fields({}, others=item)


def fields(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, others: Check | None = None
) -> Check:
    """Require an object with certain fields, each with its check; by default, all others are refused.

    Examples
    --------
    >>> check = fields({"name": text}, {"unit": or_none(text)})
    >>> check({"name": "price", "unit": None}, "target")
    >>> check({"name": "price", "colour": "red"}, "target")
    Traceback (most recent call last):
    ValueError: target has an unknown field 'colour'
    """
    known = {**required, **(optional or {})}

    def check(value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            _refuse(value, where, "an object with named fields")
        if missing := required.keys() - value.keys():
            raise ValueError(f"{where} lacks the field {min(missing)!r}")
        for name, part in value.items():
            item = known.get(name, others)
            if item is None:
                raise ValueError(f"{where} has an unknown field {name[:60]!r}")
            text(name, f"a name in {where}")
            item(part, f"{where}.{name}")

    return check


def anything(value: Any, where: str, depth: int = 0) -> None:
    """Require plain values that can be written as JSON again, not nested too deeply."""
    if depth > _DEEPEST:
        raise ValueError(f"{where} is nested too deeply")
    if isinstance(value, str):
        text(value, where)
    elif isinstance(value, dict):
        for name, part in value.items():
            text(name, f"a name in {where}")
            anything(part, f"{where}.{name}", depth + 1)
    elif isinstance(value, list):
        for part in value:
            anything(part, where, depth + 1)
    elif not isinstance(value, int | float | None):
        _refuse(value, where, "a plain value")
