"""What the data allow: the errors of two guessers that learn nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, ValueTarget
from pellucid.random import permutation

__all__ = ["Yardstick", "measure_yardstick"]

# Distances between so many examples take a few hundredths of a second; more would tell little more.
_EXAMPLES = 2000
_NEIGHBOURS = 10


@dataclass(frozen=True)
class Yardstick:
    """Two errors to hold a network's error against; both in the unit of `Measures.error`.

    Parameters
    ----------
    baseline : float
        That of always giving the commonest class, or the mean.
    neighbours : float
        That of asking the nearest other training examples. A network that is clearly worse on what it was
        trained on has not made use of what the data say.
    """

    baseline: float
    neighbours: float


def measure_yardstick(train: Examples, target: ClassTarget | ValueTarget) -> Yardstick:
    """Measure what can be had without learning.

    Each of up to 2,000 training examples is guessed from its 10 nearest others among them (Cover and Hart
    1967, https://doi.org/10.1109/TIT.1967.1053964): the class that most of them have, or their mean value.

    Parameters
    ----------
    train : Examples
        The training set.
    target : ClassTarget or ValueTarget

    Returns
    -------
    Yardstick
    """
    some = np.sort(permutation(len(train), 0, "demonstration")[:_EXAMPLES])
    x = train.rows(some, np.dtype(np.float64))
    targets = train.known_targets[some]
    near = _nearest(x, min(_NEIGHBOURS, len(some) - 1))
    if isinstance(target, ClassTarget):
        return _of_classes(targets, near, target.n_classes)
    return _of_values(targets, near)


def _nearest(x: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    squares = (x * x).sum(axis=1)
    distances = squares[:, None] + squares - 2 * (x @ x.T)
    np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, k - 1, axis=1)[:, :k]


def _of_classes(targets: NDArray[np.intp], near: NDArray[np.intp], n_classes: int) -> Yardstick:
    votes = np.zeros((len(targets), n_classes))
    for column in near.T:
        votes[np.arange(len(targets)), targets[column]] += 1
    commonest = np.bincount(targets, minlength=n_classes).max() / len(targets)
    return Yardstick(
        baseline=float(1 - commonest), neighbours=float((votes.argmax(axis=1) != targets).mean())
    )


def _of_values(targets: NDArray[np.float64], near: NDArray[np.intp]) -> Yardstick:
    errors = targets - targets[near].mean(axis=1)
    spread = np.maximum(targets.std(axis=0), np.finfo(np.float64).tiny)
    return Yardstick(baseline=1.0, neighbours=float((np.sqrt((errors**2).mean(axis=0)) / spread).mean()))
