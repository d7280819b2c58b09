"""What a schedule is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from pellucid.declarations import Declaration
from pellucid.errors import ConfigurationError
from pellucid.evaluation import History

__all__ = ["Schedule", "ScheduleStep"]


@dataclass(frozen=True)
class ScheduleStep:
    """How far a run is.

    Parameters
    ----------
    step : float
        The updates that are done: 0 for the first. Between two updates it is a fraction.
    steps : int or None
        All updates of the run; None where nobody knows when it ends.
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
        """All updates of the run.

        Raises
        ------
        ConfigurationError
            If nobody knows when it ends.
        """
        if self.steps is None:
            raise ConfigurationError(
                "this schedule leads to the end of the run, and this run has no known end",
                expected="one that does without, such as constant",
                remedy="`pellucid schedules` tells them apart",
            )
        return self.steps

    @property
    def done(self) -> float:
        """The share of all updates that is done, 0 or more and less than 1."""
        return self.step / self.end

    @property
    def epoch(self) -> float:
        """The epochs that are done, the one that runs as a fraction."""
        return self.step / self.steps_per_epoch


@dataclass(frozen=True)
class Schedule(Declaration, ABC):
    r"""A rule for the learning rate.

    A subclass says `rate`, from nothing but its parameters and the numbers that come in, best in NumPy's
    functions, which machine code can be made of: ``np.where`` instead of an ``if``. In the formulas
    :math:`\alpha` is the learning rate that was asked for, :math:`s` the number of updates that are done,
    :math:`n` that of all updates, :math:`t = s / n`, and :math:`e` the number of epochs that are done, the
    one that runs as a fraction.

    Attributes
    ----------
    needs_end : bool
        Whether the number of all updates must be known.

    Examples
    --------
    A schedule of one's own works everywhere once it is registered:

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
        """Give the rate for an update, a number.

        Parameters
        ----------
        learning_rate : float
            The rate that was asked for.
        at : ScheduleStep
            How far the run is before this update.

        Raises
        ------
        ConfigurationError
            If the schedule needs the end of the run, and the step does not know it.
        """

    def multiplier(self, history: History) -> float:
        """Give what the rates of the next epoch are multiplied by, from the figures of all so far.

        It sees nothing else, so that a resumed run goes on as an undisturbed one does.
        """
        return 1.0

    @property
    def looks_back(self) -> bool:
        """Whether it goes by the figures of the epochs so far."""
        return type(self).multiplier is not Schedule.multiplier

    def describe(self) -> dict[str, Any]:
        """Give all that a listing shows, ready for JSON."""
        return super().describe() | {"needs_end": self.needs_end}
