"""What a dimension of a search is: an option of training, and the values that are tried for it."""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pellucid.declarations import Registry
from pellucid.errors import ConfigurationError
from pellucid.training.optimizer import Solver

__all__ = ["Choices", "Dimension", "Range", "Trial"]

# So many digits say enough of a number that is searched, and can be typed again.
_DIGITS = 3
_NONE = "none"


@dataclass(frozen=True)
class Range:
    """All numbers from the lowest to the highest, both among them."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values at the edge: what works there works between them."""
        return (self.low, self.high)

    def all(self, kind: type) -> Sequence[Any]:
        """All values of a kind, where they can be counted: as good as endless otherwise."""
        return range(int(self.low), int(self.high) + 1) if kind is int else range(sys.maxsize)


@dataclass(frozen=True)
class Choices:
    """These values and no others."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All of them: none stands for another."""
        return self.values

    def all(self, kind: type) -> Sequence[Any]:
        """All of them."""
        return self.values


class Trial(Protocol):
    """What suggests values: an Optuna trial is one."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Give a number."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Give a whole number."""

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        """Give one of some values."""


def _anywhere(optimizer: Solver) -> bool:
    return True


@dataclass(frozen=True)
class Dimension:
    """An option of training that is searched.

    Parameters
    ----------
    name : str
        What it is called.
    values : Range or Choices or None
        What is tried unless said; None where nothing is unless it is asked for.
    kind : int, float or str
        What its values are.
    log : bool
        Whether numbers are tried evenly by their orders of magnitude.
    registry : Registry, optional
        Which declarations its values name.
    sets : str, optional
        The option of training it sets, where that has another name.
    relative : bool
        Whether its numbers are multiples of the optimizer's usual learning rate.
    optional : bool
        Whether the word none is one of its values: a candidate without.
    within : Range
        Where its numbers may lie, where the option that it sets does not refuse others by itself.
    fits : callable
        Tells whether it goes with an optimizer; it is left out beside one that it does not go with.
    """

    name: str
    values: Range | Choices | None
    kind: type = float
    log: bool = False
    registry: Registry[Any] | None = None
    sets: str = ""
    relative: bool = False
    optional: bool = False
    within: Range = Range(-math.inf, math.inf)
    fits: Callable[[Solver], bool] = _anywhere

    @property
    def option(self) -> str:
        """The option of training that it sets."""
        return self.sets or self.name

    @property
    def known(self) -> Range | Choices:
        """The values of a dimension that is searched."""
        assert self.values is not None  # a space holds only such
        return self.values

    def suggest(self, trial: Trial) -> Any:
        """Let a trial choose a value."""
        values = self.known
        if isinstance(values, Choices):
            return trial.suggest_categorical(self.name, list(values.values))
        if self.kind is int:
            return trial.suggest_int(self.name, int(values.low), int(values.high), log=self.log)
        value = trial.suggest_float(self.name, values.low, values.high, log=self.log)
        return min(max(_rounded(value), values.low), values.high)

    def resolve(self, value: Any, optimizer: Solver) -> Any:
        """Give what a value is as an option of training."""
        if self.optional and value == _NONE:
            return None
        return _rounded(value * optimizer.usual_rate) if self.relative else value

    def among(self, said: Any) -> "Dimension":
        """Give the same dimension with values of its own.

        Parameters
        ----------
        said : str, Range, Choices or sequence
            ``"0.001..0.1"``, ``"adam,sgd"``, a pair of numbers is no range but two choices.

        Raises
        ------
        ConfigurationError
            If they cannot be the values of this dimension.
        """
        if isinstance(said, str):
            low, dots, high = said.partition("..")
            if dots and self.kind is str:
                raise self._refusal("has no range", f"{self.name}=a,b,c", said)
            said = Range(self._number(low), self._number(high)) if dots else Choices(_pieces(said))
        elif not isinstance(said, Range | Choices):
            if not isinstance(said, Iterable):
                raise self._refusal("is not said as values", "LOW..HIGH, or a list of values", repr(said))
            said = Choices(tuple(said))
        values = self._checked_range(said) if isinstance(said, Range) else self._checked_choices(said)
        return replace(self, values=values, relative=False)

    def _checked_range(self, said: Range) -> Range:
        if self.kind is str:
            raise self._refusal("has no range", f"{self.name}=a,b,c", str(said))
        low, high = self._number(said.low), self._number(said.high)
        if not low < high:
            raise self._refusal("has an empty range", "LOW..HIGH, the first below the second", str(said))
        if self.log and low <= 0:
            raise self._refusal(
                "is searched by orders of magnitude, and 0 has none", "a range above 0", str(said)
            )
        return Range(low, high)

    def _checked_choices(self, said: Choices) -> Choices:
        read = self._name if self.kind is str else self._number
        values = tuple(read(value) for value in said.values)
        if not values or len(set(values)) < len(values):
            raise self._refusal("has no choices, or one of them twice", "different values", str(said))
        return Choices(values)

    def _name(self, value: Any) -> str:
        if self.optional and value == _NONE:
            return _NONE
        return str(value if self.registry is None else self.registry.get(value))

    def _number(self, value: Any) -> Any:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number) and (self.kind is float or number.is_integer()):
            if not self.within.low <= number <= self.within.high:
                raise self._refusal("has no such values", f"values in {self.within}", str(value))
            return self.kind(number)
        expected = "a whole number" if self.kind is int else "a finite number"
        raise self._refusal("is not said in numbers", f"{expected}, or LOW..HIGH", str(value))

    def _refusal(self, problem: str, expected: str, received: str) -> ConfigurationError:
        return ConfigurationError(
            f"the dimension {self.name} {problem}", expected=expected, received=received, where="--search"
        )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _pieces(text: str) -> tuple[str, ...]:
    """Split at the commas; one between the parameters of a declaration belongs to it."""
    found: list[str] = []
    for piece in text.split(","):
        if found and "=" in piece and ":" not in piece:
            found[-1] += "," + piece
        else:
            found.append(piece.strip())
    return tuple(piece for piece in found if piece)
