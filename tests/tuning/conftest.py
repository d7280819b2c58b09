import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.tuning.candidate import Plan


class Choosing:
    """A trial that takes the value with a given place in each dimension: 0 the first, -1 the last."""

    def __init__(self, place):
        self.place = place

    def suggest_float(self, name, low, high, *, log=False):
        return (low, high)[self.place]

    suggest_int = suggest_float

    def suggest_categorical(self, name, choices):
        return choices[self.place]


@pytest.fixture(scope="session")
def classes():
    """Three classes, two columns, 40 rows to learn from, 20 to validate with and 20 to test with."""
    random = np.random.default_rng(0)
    y = np.arange(80) % 3
    x = random.normal(size=(80, 2)) + 2 * y[:, None]
    return load_data((x, y), test_size=20, validation_size=20)


@pytest.fixture(scope="session")
def values():
    """A value, two columns, 40 rows to learn from, 20 to validate with and 20 to test with."""
    x = np.random.default_rng(1).uniform(-2, 2, (80, 2))
    return load_data((x, x[:, 0] ** 2 - x[:, 1] + 0.01), test_size=20, validation_size=20, task="regression")


@pytest.fixture(scope="session")
def positive():
    """A value between 0 and 1, so that every output layer can reach it."""
    x = np.random.default_rng(2).uniform(0, 1, (80, 2))
    return load_data((x, x.mean(axis=1)), test_size=20, validation_size=20, task="regression")


@pytest.fixture(scope="session")
def plan(classes):
    return Plan(classes, "validation_cost", patience=10)
