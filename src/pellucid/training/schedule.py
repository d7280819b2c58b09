"""Schedules: what each must define."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from pellucid.declarations import Declaration
from pellucid.errors import ConfigurationError
from pellucid.evaluation import History

__all__ = ["Schedule", "ScheduleStep"]


@dataclass(frozen=True)
class ScheduleStep:
    """The position of an update in training.

    Parameters
    ----------
    step : float
        The number of updates done, 0 for the first; a fraction between two updates.
    steps : int or None
        The number of all updates; None if it is not known.
    steps_per_epoch : int

    Examples
    --------
    >>> at = ScheduleStep(step=75, steps=100, steps_per_epoch=50)
    >>> at.done, at.epoch
    (0.75, 1.5)
    """

    step: float
    steps: int | None
    steps_per_epoch: int

    @property
    def end(self) -> int:
        """The number of all updates; an error if it is not known."""
        if self.steps is None:
            raise ConfigurationError(
                "this schedule needs the number of all updates, which is not known",
                expected="a schedule that does not need it, such as constant",
                remedy="`pellucid schedules` lists which ones do",
            )
        return self.steps

    @property
    def done(self) -> float:
        """The share of updates done, 0 or more and less than 1."""
        return self.step / self.end

    @property
    def epoch(self) -> float:
        """The number of epochs done, with the current one as a fraction."""
        return self.step / self.steps_per_epoch


@dataclass(frozen=True)
class Schedule(Declaration, ABC):
    r"""A rule for the learning rate.

    A subclass defines `rate`, from its parameters and the arguments only. Written with NumPy's functions
    (``np.where`` instead of an ``if``), it can be compiled to machine code. In the formulas :math:`\alpha` is
    the initial learning rate, :math:`s` the number of updates done, :math:`n` that of all updates,
    :math:`t = s / n`, and :math:`e` the number of epochs done, with the current one as a fraction.

    Attributes
    ----------
    needs_end : bool
        Whether the number of all updates must be known.

    Examples
    --------
    A custom schedule works everywhere once it is registered:

    >>> import math
    >>> from pellucid.training import Schedule, schedules
    >>> class Root(Schedule):
    ...     "Falls with the root of the epochs."
    ...
    ...     name = "root"
    ...     formula = r"\frac{\alpha}{\sqrt{1 + e}}"
    ...
    ...     def rate(self, learning_rate, at):
    ...         return learning_rate / math.sqrt(1 + at.epoch)
    >>> Root().rate(0.5, ScheduleStep(step=150, steps=None, steps_per_epoch=50))
    0.25
    """

    needs_end: ClassVar[bool] = False

    @abstractmethod
    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        """Return the learning rate of an update.

        Parameters
        ----------
        learning_rate : float
            The initial learning rate.
        at : ScheduleStep
            The position before this update.

        Raises
        ------
        ConfigurationError
            If the schedule needs the number of all updates, and it is not known.
        """

    def multiplier(self, history: History) -> float:
        """Return the factor of the next epoch's learning rates, from the figures of all epochs so far.

        It depends on nothing else, so that training resumes exactly.
        """
        return 1.0

    @property
    def looks_back(self) -> bool:
        """Whether it depends on the figures of the epochs so far."""
        return type(self).multiplier is not Schedule.multiplier

    def describe(self) -> dict[str, Any]:
        """Return all that a listing shows, ready for JSON."""
        return super().describe() | {"needs_end": self.needs_end}
