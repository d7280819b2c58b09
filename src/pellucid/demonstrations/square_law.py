"""A square law with noise, and three networks: one that underfits, one that fits, one that overfits.

At x = 5, outside the range of the training points, the true value is 25. The small network is a straight
line, the fitting one comes close, and the large one has fitted the noise of its dozen points.
"""

from dataclasses import dataclass

import numpy as np

from pellucid.data import Dataset, load_data
from pellucid.model import Model
from pellucid.random import stream
from pellucid.training import build_network, train

__all__ = ["ASKED", "TRUTH", "Fit", "fit_square_law", "square_law"]

# The point where the networks are compared, and the true value there.
ASKED, TRUTH = 5.0, 25.0


@dataclass(frozen=True)
class Fit:
    """One of the three networks: what it demonstrates, its training points and its prediction at x = 5."""

    kind: str
    n_points: int
    model: Model
    at_five: float


def square_law(n: int, noise: float, seed: int = 0, test_size: int = 200) -> Dataset:
    """Draw n training points of :math:`y = x^2` with noise of a standard deviation, and more test points."""
    random = stream(seed, "demonstration")
    x = random.uniform(-4, 4, (n + test_size, 1))
    y = x[:, 0] ** 2 + noise * random.standard_normal(n + test_size)
    return load_data((x, y), test_size=test_size, task="regression", seed=seed)


def fit_square_law(seed: int = 0) -> list[Fit]:
    """Train the three networks: too small, fitting and overfitting."""
    many, few = square_law(200, noise=1.0, seed=seed), square_law(12, noise=5.0, seed=seed)
    return [
        _fit("too small", many, [], seed, learning_rate=0.02, epochs=30),
        _fit("fitting", many, [32], seed, learning_rate=0.05, epochs=400),
        _fit("overfitting", few, [64, 64], seed, learning_rate=0.02, epochs=4000),
    ]


def _fit(kind: str, data: Dataset, layers: list[int], seed: int, learning_rate: float, epochs: int) -> Fit:
    network = build_network(data, layers, "relu", seed=seed)
    model = train(network, data, learning_rate=learning_rate, batch_size=4, epochs=epochs, seed=seed)
    if model.stopped == "interrupted":  # a comparison with a partly trained network is meaningless
        raise KeyboardInterrupt
    return Fit(kind, len(data.train), model, float(model.predict(np.array([[ASKED]]))[0]))
