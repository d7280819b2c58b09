"""What a run can be told, checked before it begins."""

import math
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from pellucid.errors import ConfigurationError
from pellucid.training.schedules import Linear, Schedule

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """How to train.

    Parameters
    ----------
    learning_rate : float
        The size of a step, above 0.
    schedule : Schedule
        How that size changes during the run.
    batch_size : int
        How many examples an update learns from, 1 or more.
    epochs : int
        How often all training examples are gone through, 1 or more.
    seed : int
        The same seed gives the same order of examples.

    Raises
    ------
    ConfigurationError
        If one of them cannot be used.
    """

    learning_rate: float = 0.01
    schedule: Schedule = field(default_factory=Linear)
    batch_size: int = 1
    epochs: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        rate = self.learning_rate
        if isinstance(rate, bool) or not isinstance(rate, Real) or not (math.isfinite(rate) and rate > 0):
            raise ConfigurationError(
                "a network cannot learn at this learning rate",
                expected="a finite number above 0",
                received=repr(rate),
                remedy="begin with 0.01, and try ten times more and ten times less",
            )
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                raise ConfigurationError(
                    f"{name} cannot be {value!r}",
                    expected=f"a whole number, {least} or more",
                    received=repr(value),
                )
            object.__setattr__(self, name, int(value))
        # NumPy's numbers would carry their own precision into every step: other bits for the same settings.
        object.__setattr__(self, "learning_rate", float(rate))

    def to_dict(self) -> dict[str, Any]:
        """Give the settings ready for JSON."""
        return {
            "learning_rate": self.learning_rate,
            "schedule": str(self.schedule),
            "batch_size": self.batch_size,
            "epochs": self.epochs,
            "seed": self.seed,
        }
