"""Restarts: a run at the optimizer's usual learning rate that diverges starts again at a lower one."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["MOST_RESTARTS", "Restart", "restarts_from"]

# Down to a hundredth of the usual rate.
MOST_RESTARTS = 4


@dataclass(frozen=True)
class Restart:
    """A restart of training, which diverged.

    Parameters
    ----------
    learning_rate : float
        The learning rate at which it diverged.
    epoch : int
        The epoch in which it diverged, counted from 1.

    Examples
    --------
    >>> print(Restart(0.01, epoch=2))
    training diverged at learning rate 0.01 in epoch 2; it started again at 0.003
    """

    learning_rate: float
    epoch: int

    @property
    def lower_rate(self) -> float:
        """The learning rate at which training starts again: a third, rounded to one digit.

        Examples
        --------
        >>> Restart(0.01, 1).lower_rate, Restart(0.003, 1).lower_rate, Restart(0.001, 1).lower_rate
        (0.003, 0.001, 0.0003)
        """
        # As it is printed: whoever asks for that rate gets the same bits.
        return float(f"{self.learning_rate / 3:.1g}")

    def __str__(self) -> str:
        return (
            f"training diverged at learning rate {self.learning_rate:g} in epoch {self.epoch};"
            f" it started again at {self.lower_rate:g}"
        )


def restarts_from(learning_rate: float, epochs: Iterable[int]) -> tuple[Restart, ...]:
    """Return the restarts of a run that began at a learning rate and diverged in these epochs, in turn.

    Examples
    --------
    >>> restarts_from(0.01, [5, 2])
    (Restart(learning_rate=0.01, epoch=5), Restart(learning_rate=0.003, epoch=2))
    """
    restarts = []
    for epoch in epochs:
        restarts.append(Restart(learning_rate, epoch))
        learning_rate = restarts[-1].lower_rate
    return tuple(restarts)
