"""MNIST to 98 %: the time that learning took, from the first example on."""

from abc import ABC, abstractmethod
from itertools import count
from math import inf
from typing import Any

from benchmarks.procedure import GOAL, SIZES, Procedure
from benchmarks.work import Floats, Work, mnist
from pellucid import build_network

__all__ = ["Race"]


class Race(ABC):
    """Learns MNIST from new weights at each run, until the goal is reached on the test set.

    Only learning is timed: not the loading of the data, nor the looking at the test set after each epoch.

    Parameters
    ----------
    procedure : Procedure
    examples : int
        How many training examples there are; all of MNIST's test set judges.
    """

    def __init__(self, procedure: Procedure, examples: int) -> None:
        self.procedure, self.examples = procedure, examples
        self.data = mnist(examples)
        self.work = Work(SIZES, examples, batch_size=procedure.batch_size, rate=procedure.rate)
        self.seeds = count()
        self.rates = procedure.rates(examples)
        self.epochs: list[int | None] = []
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Do once, untimed, what need not be done for each run."""

    @abstractmethod
    def begin(self, seed: int) -> None:
        """Start from the first weights that belong to a seed."""

    @abstractmethod
    def learn(self, rates: Floats) -> float:
        """Go through all examples once, with a rate for each update, and give the seconds it took."""

    @abstractmethod
    def accuracy(self) -> float:
        """Give the share of the test set that is right."""

    def first_weights(self, seed: int) -> list[Floats]:
        """Give the weights and biases that belong to a seed, W1, b1, W2, b2."""
        network = build_network(self.data, SIZES[1:-1], seed=seed)
        return [array.copy() for array in network.parameters.values()]

    def disagreement(self) -> None:
        """Compare nothing: reaching the goal is the check."""
        return

    def run(self) -> float:
        """Give the seconds of learning to the goal, infinity where it was not reached."""
        self.begin(next(self.seeds))
        seconds = 0.0
        for epoch, rates in enumerate(self.rates, start=1):
            seconds += self.learn(rates)
            if self.accuracy() >= GOAL - 1e-9:
                self.epochs.append(epoch)
                return seconds
        self.epochs.append(None)
        return inf

    def details(self) -> dict[str, Any]:
        """Say how it was trained and in which epoch each run reached the goal."""
        return {"procedure": vars(self.procedure), "epochs": self.epochs}
