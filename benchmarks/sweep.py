"""The networks that are trained side by side: one for each of sixteen learning rates, on the digits."""

import numpy as np

import pellucid
from benchmarks.work import Floats

__all__ = ["RATES", "digits", "digits_network", "train_at"]

RATES: list[float] = [float(rate) for rate in np.geomspace(0.001, 0.05, 16)]


def digits() -> pellucid.Dataset:
    """Give the digits, split as always."""
    return pellucid.load_data("digits")


def digits_network(data: pellucid.Dataset) -> pellucid.Network:
    """Give the network that each rate begins with."""
    return pellucid.build_network(data, [64])


def train_at(rate: float, data: pellucid.Dataset, epochs: int) -> list[Floats]:
    """Train at a rate and give the weights and biases."""
    network = digits_network(data)
    pellucid.train(network, data, learning_rate=rate, schedule="constant", epochs=epochs)
    return list(network.parameters.values())
