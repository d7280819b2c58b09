"""What is predicted: rows of MNIST, with the same weights for all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pellucid
from benchmarks.agreement import distance
from benchmarks.work import Floats, mnist
from pellucid.passes.reference import predict

__all__ = ["Forecast", "seconds_of"]

_SECONDS = 0.2  # a run repeats the prediction for about as long, so that the clock's ticks do not count


@dataclass(frozen=True)
class Forecast:
    """Predicting the class of some rows with 784-128-10.

    Parameters
    ----------
    rows : int
        How many at once.
    """

    rows: int

    @property
    def title(self) -> str:
        """What it is called in the table."""
        return f"784-128-10, predict {self.rows:,} row{'s' * (self.rows > 1)}"

    @property
    def flops(self) -> float:
        """The operations of all rows."""
        return 2.0 * self.rows * (784 * 128 + 128 * 10)

    @cached_property
    def model(self) -> pellucid.Model:
        """A model that has learned a little, as it comes from its file; the same in every process."""
        data = mnist(500, 100)
        model = pellucid.train(pellucid.build_network(data, [128]), data, epochs=1)
        with TemporaryDirectory() as folder:
            pellucid.save_model(model, f"{folder}/digits.pellucid")
            return pellucid.load_model(f"{folder}/digits.pellucid")

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """The rows as bytes, which is what the model takes, shape (rows, 784)."""
        return np.ascontiguousarray(mnist(self.rows, 1).train.inputs)

    @cached_property
    def x(self) -> Floats:
        """The rows as the network sees them; peers get them so, and need not divide by 255."""
        rows: Floats = np.multiply(self.pixels, 1 / 255, dtype=np.float32)
        return rows

    @property
    def parameters(self) -> list[Floats]:
        """W1, b1, W2, b2, weights inputs-first."""
        return list(self.model.network.parameters.values())

    def disagreement(self, outputs: NDArray[Any]) -> float:
        """Give how far the ten outputs of each row are from the reference's."""
        return distance([np.asarray(outputs)], [predict(self.model.network, self.x)])


def seconds_of(predict_all: Callable[[], object]) -> float:
    """Give the mean time of a call, over as many as a fifth of a second has room for."""
    calls, began = 0, time.perf_counter()
    while True:
        predict_all()
        calls += 1
        seconds = time.perf_counter() - began
        if seconds > _SECONDS:
            return seconds / calls
