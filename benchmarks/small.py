"""Small work: iris, where what surrounds the passes takes longer than the passes themselves."""

import time
import warnings
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from benchmarks.work import Floats
from pellucid.network import Network
from pellucid.training import Trainer, TrainingConfig, optimizers

__all__ = ["measure"]

_FURTHER = 300  # epochs
_TURNS = 15  # of each run, whose median counts


def measure(scale: Scale) -> list[Figure]:
    """Measure a first epoch with all that it takes to begin, and each further one, beside scikit-learn's."""
    x, y = _iris()
    runs: dict[tuple[str, str], list[float]] = {}
    for _ in range(scale.runs):  # by turns, so that all meet the same moments of the machine
        for contestant, turn in (("Pellucid", _pellucid), ("scikit-learn", _scikit_learn)):
            turns = [turn(x, y) for _ in range(_TURNS)]
            for work, seconds in zip(("first epoch", "further epoch"), zip(*turns, strict=True), strict=True):
                runs.setdefault((work, contestant), []).append(median(seconds))
        runs.setdefault(("further epoch", "the passes alone"), []).append(_passes(x, y))
    return [
        Figure("small", f"iris, 64 neurons, batches of 150, Adam: {work}", contestant, Unit("ms", 1e3), found)
        for (work, contestant), found in sorted(runs.items(), reverse=True)
    ]


def _iris() -> tuple[Floats, Floats]:
    from sklearn.datasets import load_iris

    iris = load_iris()
    x = (iris.data - iris.data.mean(axis=0)) / iris.data.std(axis=0)
    return x.astype(np.float32), iris.target


def _trainer(x: Floats, y: Floats, epochs: int) -> Trainer:
    settings = TrainingConfig(0.001, batch_size=150, epochs=epochs, optimizer=optimizers.get("adam"))
    return Trainer(Network([4, 64, 3]), (x, y), settings, measure_every=None)


def _fit(x: Floats, y: Floats, epochs: int) -> None:
    _trainer(x, y, epochs).fit()


def _pellucid(x: Floats, y: Floats) -> tuple[float, float]:
    first, further = (_seconds(partial(_fit, x, y, n)) for n in (1, 1 + _FURTHER))
    return first, (further - first) / _FURTHER


def _scikit_learn(x: Floats, y: Floats) -> tuple[float, float]:
    from sklearn.neural_network import MLPClassifier

    def fit(epochs: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            MLPClassifier((64,), batch_size=150, max_iter=epochs, tol=0, n_iter_no_change=epochs).fit(x, y)

    first, further = (_seconds(partial(fit, n)) for n in (1, 1 + _FURTHER // 10))
    return first, (further - first) / (_FURTHER // 10)


def _passes(x: Floats, y: Floats) -> float:
    """Return the seconds of an epoch's passes and update, without anything that surrounds them."""
    trainer = _trainer(x, y, 1).run_epoch()
    updates = trainer.updates
    updates.begin(np.arange(150), np.zeros(1))
    loop: Any = updates._loop  # type: ignore[attr-defined]  # the compiled engine's
    return median(_seconds(lambda: loop.learn(0, 1)) for _ in range(_FURTHER))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
