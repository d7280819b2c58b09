r"""How the learning rate changes from the first update to the last.

In the formulas :math:`\alpha` is the learning rate that was asked for and :math:`t` the share of all
updates that is done, from 0 to 1.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from pellucid.declarations import Declaration, Registry

__all__ = ["Constant", "Linear", "Schedule", "schedules"]


@dataclass(frozen=True)
class Schedule(Declaration, ABC):
    """A rule for the learning rate.

    Examples
    --------
    >>> schedules.get("linear").rate(0.02, 0.75)
    0.005
    """

    @abstractmethod
    def rate(self, learning_rate: float, done: float) -> float:
        """Give the rate for an update.

        Parameters
        ----------
        learning_rate : float
            The rate that was asked for.
        done : float
            The share of all updates that is done, 0 or more and less than 1.
        """


class Linear(Schedule):
    """Falls in a straight line towards 0: large steps to get near, small ones to settle."""

    name = "linear"
    formula = r"\alpha (1 - t)"
    source = "Defazio, Cutkosky, Mehta and Mishchenko 2023, https://arxiv.org/abs/2310.07831"

    def rate(self, learning_rate: float, done: float) -> float:
        """Give the rate for an update."""
        return learning_rate * (1 - done)


class Constant(Schedule):
    """Stays as it is."""

    name = "constant"
    formula = r"\alpha"
    source = "Rumelhart, Hinton and Williams 1986, https://doi.org/10.1038/323533a0"

    def rate(self, learning_rate: float, done: float) -> float:
        """Give the rate for an update."""
        return learning_rate


schedules: Registry[Schedule] = Registry("schedule", Schedule, [Linear, Constant])
