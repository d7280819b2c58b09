"""Pellucid itself, through its public functions only."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, count
from math import inf
from statistics import median
from typing import Any

import numpy as np

import pellucid
from benchmarks.agreement import of_updates
from benchmarks.forecast import Forecast, seconds_of
from benchmarks.procedure import GOAL, SIZES, Procedure
from benchmarks.work import Floats, Work, mnist

__all__ = ["Learning", "Prediction", "Training", "learning_seconds", "train_once"]

# Epochs of a timed run: the median of their times is the run's.
_EPOCHS = 3


def train_once(
    work: Work, *, epochs: int, network: pellucid.Network | None = None, seed: int = 0
) -> pellucid.Model:
    """Train as the work says."""
    return pellucid.train(
        network or work.network(),
        work.data,
        learning_rate=work.rate,
        schedule="constant",
        batch_size=work.batch_size,
        epochs=epochs,
        optimizer=work.optimizer,
        seed=seed,
    )


def learning_seconds(model: pellucid.Model) -> list[float]:
    """Give how long the learning of each epoch took.

    `train` measures both parts after each epoch, which peers do only when asked. Row 0 of the history is the
    time of that alone, before any learning; it is taken off.
    """
    measuring, *epochs = model.history["seconds"]
    return [seconds - measuring for seconds in epochs]


class Training:
    """`pellucid.train`, timed by its own history."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.whole: list[float] = []
        train_once(work.few(), epochs=1)  # what is compiled is compiled now
        self.run()
        self.whole.clear()

    def disagreement(self) -> float:
        """Compare a few updates with the reference."""
        return of_updates(self.work, _learn)

    def run(self) -> float:
        """Give the seconds of learning an example."""
        model = train_once(self.work, epochs=_EPOCHS)
        self.whole.append(median(model.history["seconds"][1:]) / self.work.examples)
        seconds = median(learning_seconds(model)) / self.work.examples
        if seconds <= 0:
            raise ValueError("the epochs are too short to be told from the measuring after them")
        return seconds

    def details(self) -> dict[str, Any]:
        """Say what an epoch takes with the measuring of both parts that follows it."""
        return {"seconds an example, measuring included": median(self.whole)} if self.whole else {}


def _learn(work: Work) -> Sequence[Floats]:
    network = work.network()
    train_once(work, epochs=1, network=network)
    return [np.asarray(array, np.float32) for array in network.parameters.values()]


class Prediction:
    """`Model.predict`, of a model from its file."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast, self.model = forecast, forecast.model
        self.rows = forecast.pixels
        self.run()

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        return self.forecast.disagreement(self.model.outputs(self.rows))

    def run(self) -> float:
        """Give the seconds of predicting all rows."""
        return seconds_of(lambda: self.model.predict(self.rows))

    def details(self) -> dict[str, Any]:
        """Say what its rows are."""
        return {"rows": "bytes; peers get floats that are divided already"}


class Learning:
    """MNIST to the goal: `pellucid.train` measures the test set itself, and its history says when."""

    def __init__(self, procedure: Procedure, examples: int) -> None:
        self.procedure, self.data = procedure, mnist(examples)
        self.seeds, self.epochs = count(), list[int | None]()
        self._train(0, self.data.train.take(slice(2 * procedure.batch_size)))

    def disagreement(self) -> None:
        """Compare nothing: reaching the goal is the check."""

    def run(self) -> float:
        """Give the seconds of learning to the goal, infinity where it was not reached."""
        model = self._train(next(self.seeds), self.data.train)
        good = [accuracy >= GOAL - 1e-9 for accuracy in model.history["test_accuracy"][1:]]
        self.epochs.append(good.index(True) + 1 if any(good) else None)
        return list(accumulate(learning_seconds(model)))[good.index(True)] if any(good) else inf

    def details(self) -> dict[str, Any]:
        """Say how it was trained and in which epoch each run reached the goal."""
        return {"procedure": vars(self.procedure), "epochs": self.epochs}

    def _train(self, seed: int, train: Any) -> pellucid.Model:
        data, how = replace(self.data, train=train), self.procedure
        return pellucid.train(
            pellucid.build_network(data, SIZES[1:-1], seed=seed),
            data,
            optimizer=how.optimizer,
            learning_rate=how.rate,
            schedule=how.schedule,
            batch_size=how.batch_size,
            epochs=how.epochs,
            seed=seed,
        )
