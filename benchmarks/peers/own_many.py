"""Pellucid, many networks at once."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

from benchmarks.agreement import distance
from benchmarks.peers.threads import available
from benchmarks.sweep import RATES, digits, digits_network, train_at
from benchmarks.work import Floats

__all__ = ["InProcesses", "InThreads", "InTurn"]


class InTurn:
    """One network after the other."""

    def __init__(self, epochs: int) -> None:
        self.epochs, self.data = epochs, digits()
        train_at(RATES[0], self.data, 1)  # what is compiled is compiled now

    def train_all(self) -> Sequence[Sequence[Floats]]:
        """Give the weights of the network of each rate."""
        return [train_at(rate, self.data, self.epochs) for rate in RATES]

    def disagreement(self) -> float:
        """Compare all networks with those trained in turn, which are the same to the last bit."""
        start = list(digits_network(self.data).parameters.values())
        in_turn = [train_at(rate, self.data, self.epochs) for rate in RATES]
        pairs = zip(self.train_all(), in_turn, strict=True)
        return max(distance(found, expected, start) for found, expected in pairs)

    def run(self) -> float:
        """Give the seconds of all networks."""
        began = time.perf_counter()
        self.train_all()
        return time.perf_counter() - began

    def details(self) -> dict[str, Any]:
        """Say how many cores there were."""
        return {"cores": available()}


class InThreads(InTurn):
    """As many at a time as cores, in threads of one process."""

    def train_all(self) -> Sequence[Sequence[Floats]]:
        """Give the weights of the network of each rate."""
        with ThreadPoolExecutor(available()) as pool:
            return list(pool.map(partial(train_at, data=self.data, epochs=self.epochs), RATES))


_own_digits = cache(digits)


def _train_in_process(rate: float, epochs: int) -> list[Floats]:
    return train_at(rate, _own_digits(), epochs)


class InProcesses(InTurn):
    """As many at a time as cores, in processes that are there already."""

    def __init__(self, epochs: int) -> None:
        super().__init__(epochs)
        # A pool of concurrent.futures would wait for itself when this process ends.
        self.pool = get_context("spawn").Pool(available())
        self.train_all()

    def train_all(self) -> Sequence[Sequence[Floats]]:
        """Give the weights of the network of each rate."""
        return self.pool.map(partial(_train_in_process, epochs=self.epochs), RATES, chunksize=1)
