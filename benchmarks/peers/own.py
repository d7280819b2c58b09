"""Pellucid itself, through its public functions; where lists pay off is asked behind them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, count
from math import inf
from statistics import median
from typing import Any

import numpy as np

import pellucid
from benchmarks.agreement import distance, of_updates
from benchmarks.forecast import Forecast, seconds_of
from benchmarks.procedure import GOAL, SIZES, Procedure
from benchmarks.work import Floats, Work, mnist
from pellucid.passes import predict, reference
from pellucid.passes.compiled.running import batch_loop, online_loop, predictor
from pellucid.training import Trainer, TrainingConfig, optimizers, schedules

__all__ = [
    "Learning",
    "ListedPrediction",
    "ListedPredictionOfOne",
    "ListedTraining",
    "Prediction",
    "Training",
    "WholePrediction",
    "learning_seconds",
    "train_once",
]

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
    """An epoch as `pellucid.train` makes it, without the measuring of both parts that follows it.

    Peers measure only when asked, and a batch epoch is shorter than the measuring: it cannot be told from the
    difference of two times.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        settings = TrainingConfig(
            work.rate,
            schedules.get("constant"),
            batch_size=work.batch_size,
            epochs=10**6,  # more than there will be
            optimizer=optimizers.get(work.optimizer),
        )
        self.trainer = Trainer(work.network(), work.data, settings, measure_every=None)
        self.run()  # what is compiled is compiled now

    def disagreement(self) -> float:
        """Compare a few updates with the reference."""
        return of_updates(self.work, _learn)

    def run(self) -> float:
        """Give the seconds of learning an example."""
        return median(seconds_of(self._learn_once) for _ in range(_EPOCHS)) / self.work.examples

    def _learn_once(self) -> None:
        self.trainer.run_epoch()
        if self.trainer.stopped:
            raise ArithmeticError("training diverged")

    def details(self) -> dict[str, Any]:
        """Nothing besides."""
        return {}


def _learn(work: Work) -> Sequence[Floats]:
    network = work.network()
    train_once(work, epochs=1, network=network)
    return [np.asarray(array, np.float32) for array in network.parameters.values()]


class ListedTraining(Training):
    """The same, told whether it is to list the inputs that are not 0."""

    def __init__(self, work: Work, listed: bool) -> None:
        online_loop.FEW = batch_loop.FEW = 1.0 if listed else -1.0
        super().__init__(work)


class ListedPrediction:
    """Rows through the work's network, told whether it is to list the inputs that are not 0."""

    def __init__(self, work: Work, listed: bool) -> None:
        predictor.FEW = (1.0 if listed else -1.0,) * 3
        self.network, self.rows = work.network(), work.x
        self.run()

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        return distance([predict(self.network, self.rows)], [reference.predict(self.network, self.rows)])

    def run(self) -> float:
        """Give the seconds of predicting a row."""
        return seconds_of(lambda: predict(self.network, self.rows)) / len(self.rows)

    def details(self) -> dict[str, Any]:
        """Nothing besides."""
        return {}


class ListedPredictionOfOne(ListedPrediction):
    """The same with the first row alone."""

    def __init__(self, work: Work, listed: bool) -> None:
        super().__init__(work, listed)
        self.rows = self.rows[:1]


class Prediction:
    """`pellucid.passes.predict`: rows that the network takes, to outputs, as peers do it."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast, self.network, self.rows = forecast, forecast.model.network, forecast.x
        self.run()

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        return self.forecast.disagreement(predict(self.network, self.rows))

    def run(self) -> float:
        """Give the seconds of predicting all rows."""
        return seconds_of(lambda: predict(self.network, self.rows))

    def details(self) -> dict[str, Any]:
        """Nothing besides."""
        return {}


class WholePrediction:
    """`Model.predict`: raw rows to classes, the checks of what came in included."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast, self.model, self.rows = forecast, forecast.model, forecast.pixels
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
