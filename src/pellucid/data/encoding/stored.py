"""What a model file stores of an encoding: plain values as JSON, checked when they are read."""

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from pellucid.data.encoding.standard import Floats
from pellucid.described import Check, anything, fields, one_of

__all__ = ["Part", "Stored", "check_standardisation", "floats", "restored"]


@dataclass(frozen=True)
class Part:
    """A stored field: what a file may contain, how it is rebuilt, and whether older files lack it."""

    check: Check
    rebuilt: Callable[[Any], Any] = lambda value: value
    in_all_files: bool = True


def floats(values: Sequence[float]) -> Floats:
    """Return stored numbers as an array."""
    return np.array(values, float)


class Stored(ABC):
    """A dataclass that is stored: one of several kinds, each with its fields."""

    # Where it stands in the description of a model, for error messages.
    place: ClassVar[str]
    # The field that contains the kind: its name, which is an attribute of the class.
    tag: ClassVar[str]
    stored: ClassVar[Mapping[str, Part]]

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        kind = {self.tag: getattr(self, self.tag)}
        values = {name: getattr(self, name) for name in self.stored}
        # Models of before are saved as they were.
        written = {name: value for name, value in values.items() if not self._is_absent(name, value)}
        return kind | {name: _plain(value) for name, value in written.items()}

    def _is_absent(self, name: str, value: Any) -> bool:
        return value is None and not self.stored[name].in_all_files

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any], where: str | None = None) -> Self:
        """Rebuild from the result of `to_dict`.

        Raises
        ------
        ValueError
            If the description is not valid.
        """
        where = where or cls.place
        kind = one_of([getattr(cls, cls.tag)])
        always = {name: part.check for name, part in cls.stored.items() if part.in_all_files}
        newer = {name: part.check for name, part in cls.stored.items() if not part.in_all_files}
        fields({cls.tag: kind} | always, newer)(parts, where)
        made = cls(**{name: part.rebuilt(parts[name]) for name, part in cls.stored.items() if name in parts})
        made.check(where)
        return made

    def check(self, where: str) -> None:  # noqa: B027  # most kinds have nothing to check
        """Check that rebuilt fields fit each other."""


S = TypeVar("S", bound=Stored)


def restored(kinds: Sequence[type[S]], parts: Mapping[str, Any], where: str | None = None) -> S:
    """Rebuild one of several kinds."""
    tag, where = kinds[0].tag, where or kinds[0].place
    named = {getattr(kind, tag): kind for kind in kinds}
    fields({tag: one_of(named)}, others=anything)(parts, where)
    return named[parts[tag]].from_dict(parts, where)


def check_standardisation(where: str, names: Sequence[str], mean: Floats, scale: Floats) -> None:
    """Check that there are as many means and scales as names."""
    if not len(names) == len(mean) == len(scale):
        raise ValueError(f"{where} has {len(names)} names, {len(mean)} means and {len(scale)} scales")


def _plain(value: Any) -> Any:
    if isinstance(value, Stored):
        return value.to_dict()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
