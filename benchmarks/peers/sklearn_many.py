"""scikit-learn, many networks at once, as its own searches do it: joblib."""

import time
import warnings
from typing import Any

import numpy as np
import sklearn
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.sweep import RATES, digits

__all__ = ["Fitted"]


def _fit(rate: float, x: Any, labels: Any, epochs: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPClassifier(
            (64,), solver="sgd", batch_size=1, learning_rate_init=rate, alpha=0, momentum=0,
            nesterovs_momentum=False, max_iter=epochs, tol=0, n_iter_no_change=epochs, random_state=0,
        ).fit(x, labels)  # fmt: skip


class Fitted:
    """`MLPClassifier.fit` for each rate.

    Parameters
    ----------
    epochs, jobs : int
        As for joblib, -1 job is as many as cores.
    """

    def __init__(self, epochs: int, jobs: int) -> None:
        self.epochs, self.jobs = epochs, jobs
        train = digits().train
        self.x, self.labels = train.rows(slice(None), np.float32), train.known_targets
        self._fit_all(1)

    def disagreement(self) -> None:
        """Compare nothing: its first weights and its order are its own."""

    def run(self) -> float:
        """Give the seconds of all networks."""
        began = time.perf_counter()
        self._fit_all(self.epochs)
        return time.perf_counter() - began

    def details(self) -> dict[str, Any]:
        """Say which version it is."""
        return {"version": sklearn.__version__}

    def _fit_all(self, epochs: int) -> None:
        Parallel(self.jobs, max_nbytes=None)(
            delayed(_fit)(rate, self.x, self.labels, epochs) for rate in RATES
        )
