"""A dimension of the search space: a training option, and the values to try."""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pellucid.declarations import Registry, split_names
from pellucid.errors import ConfigurationError
from pellucid.training.optimizer import Solver

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

__all__ = ["Choices", "Dimension", "Range"]

# The number of significant digits of searched numbers, few enough to be typed.
_DIGITS = 3
_NONE = "none"


@dataclass(frozen=True)
class Range:
    """A closed interval of numbers."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """The ends of the interval: if they can be used, so can all values between."""
        return (self.low, self.high)

    def all(self, kind: type) -> Sequence[Any]:
        """Return all values of a kind, which are as good as infinitely many unless they are integers."""
        return range(int(self.low), int(self.high) + 1) if kind is int else range(sys.maxsize)


@dataclass(frozen=True)
class Choices:
    """A list of values."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values, each of which must be checked."""
        return self.values

    def all(self, kind: type) -> Sequence[Any]:
        """Return all values."""
        return self.values


@dataclass(frozen=True)
class Dimension:
    """A training option that can be searched.

    Parameters
    ----------
    name : str
        Its name.
    values : Range or Choices or None
        The default values; None if the dimension is not searched by default.
    kind : int or float
        The type of its values, if they are numbers.
    log : bool
        Whether numbers are searched on a logarithmic scale.
    registry : Registry, optional
        The registry of its values, if they are names of declarations instead.
    sets : str, optional
        The training option that it sets, if the name differs.
    relative : bool
        Whether its numbers are multiples of the optimizer's default learning rate.
    optional : bool
        Whether none is a value, for candidates without the option.
    within : Range
        The permitted numbers, if the option itself does not check them.
    fits : callable
        Returns whether an optimizer uses the option; otherwise the dimension is omitted.
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
    fits: Callable[[Solver], bool] = lambda optimizer: True

    @property
    def option(self) -> str:
        """The training option that it sets."""
        return self.sets or self.name

    @property
    def known(self) -> Range | Choices:
        """The values of a dimension that is searched."""
        assert self.values is not None  # true of all dimensions of a space
        return self.values

    def suggest(self, trial: "BaseTrial") -> Any:
        """Return a value chosen by a trial."""
        values = self.known
        if isinstance(values, Choices):
            return trial.suggest_categorical(self.name, list(values.values))
        if self.kind is int:
            return trial.suggest_int(self.name, int(values.low), int(values.high), log=self.log)
        value = trial.suggest_float(self.name, values.low, values.high, log=self.log)
        return min(max(_rounded(value), values.low), values.high)

    def resolve(self, value: Any, optimizer: Solver) -> Any:
        """Convert a value to the training option."""
        if self.optional and value == _NONE:
            return None
        return _rounded(value * optimizer.usual_rate) if self.relative else value

    def among(self, said: Any) -> "Dimension":
        """Return this dimension with other values: ``"0.001..0.1"``, ``"adam,sgd"`` or a list of choices."""
        if isinstance(said, str):
            low, dots, high = said.partition("..")
            values = self._range(low, high) if dots else self._choices(filter(None, split_names(said)))
        elif isinstance(said, Range):
            values = self._range(said.low, said.high)
        elif isinstance(said, Choices | Iterable):
            values = self._choices(said.values if isinstance(said, Choices) else said)
        else:
            raise self._refusal("has no values", "LOW..HIGH, or a list of values", repr(said))
        return replace(self, values=values, relative=False)

    def _range(self, low: Any, high: Any) -> Range:
        if self.registry is not None:
            raise self._refusal("cannot have a range", f"{self.name}=a,b,c", f"{low}..{high}")
        values = Range(self._number(low), self._number(high))
        if not values.low < values.high:
            raise self._refusal("has an empty range", "LOW..HIGH, the first below the second", str(values))
        if self.log and values.low <= 0:
            raise self._refusal(
                "has a logarithmic scale, which cannot contain 0", "a range above 0", str(values)
            )
        return values

    def _choices(self, said: Iterable[Any]) -> Choices:
        given = Choices(tuple(said))
        values = tuple(map(self._number if self.registry is None else self._name, given.values))
        if not values or len(set(values)) < len(values):
            raise self._refusal("has no choices, or duplicate ones", "different values", str(given))
        return Choices(values)

    def _name(self, value: Any) -> str:
        if self.optional and value == _NONE:
            return _NONE
        assert self.registry is not None  # otherwise the values are numbers
        return str(self.registry.get(value))

    def _number(self, value: Any) -> Any:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number) and (self.kind is float or number.is_integer()):
            if not self.within.low <= number <= self.within.high:
                raise self._refusal("has an invalid value", f"values in {self.within}", str(value))
            return self.kind(number)
        expected = "a whole number" if self.kind is int else "a finite number"
        raise self._refusal("has a value that is not a valid number", f"{expected}, or LOW..HIGH", str(value))

    def _refusal(self, problem: str, expected: str, received: str) -> ConfigurationError:
        return ConfigurationError(
            f"the dimension {self.name} {problem}", expected=expected, received=received, where="--search"
        )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
