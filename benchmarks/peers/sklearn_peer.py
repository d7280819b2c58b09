"""scikit-learn: its own estimator, an epoch a call of partial_fit, BLAS on the threads that suit it best."""

import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from benchmarks.agreement import of_updates, order_of
from benchmarks.contestant import MissingPeerError
from benchmarks.forecast import Forecast, seconds_of
from benchmarks.peers.threads import fastest
from benchmarks.procedure import Procedure
from benchmarks.race import Race
from benchmarks.work import Floats, Work

__all__ = ["Learning", "Prediction", "Training", "make_estimator"]

_NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
_TRIED = 1000


def make_estimator(work: Work, start: Sequence[Floats], **settings: Any) -> Any:
    """Make an estimator for a work with given first weights."""
    if work.activation not in _NAMES:
        raise MissingPeerError(f"it has no {work.activation}")
    chosen: dict[str, Any] = {
        "hidden_layer_sizes": work.sizes[1:-1],
        "activation": _NAMES[work.activation],
        "solver": work.optimizer,
        "batch_size": work.batch_size,
        "learning_rate_init": work.rate,
        "alpha": 0.0,
        "momentum": 0.0,
        "nesterovs_momentum": False,
    }
    estimator = MLPClassifier(**(chosen | settings))
    classes = np.arange(max(2, work.sizes[-1]))
    # Only after a first call has it weights, which are then set; what its optimizer keeps starts anew.
    first = max(work.batch_size, 1)
    estimator.partial_fit(work.x[:first], work.labels[:first], classes=classes)
    for kept, array in zip(
        [*estimator.coefs_, *estimator.intercepts_], [*start[::2], *start[1::2]], strict=True
    ):
        kept[...] = array
    del estimator._optimizer
    return estimator


class Training:
    """An epoch of a work."""

    def __init__(self, work: Work) -> None:
        warnings.simplefilter("ignore", ConvergenceWarning)
        self.work = work
        self.estimator = make_estimator(work, work.start())
        tried = min(max(_TRIED, 10 * work.batch_size), work.examples)
        self.threads = fastest(
            lambda: self.estimator.partial_fit(work.x[:tried], work.labels[:tried]),
            lambda n: threadpool_limits(n, user_api="blas"),
        )

    def disagreement(self) -> float:
        """Compare a few updates with the reference, in its order: the shuffling of its own is off there."""
        return of_updates(self.work, _learn)

    def run(self) -> float:
        """Give the seconds an example of one epoch."""
        began = time.perf_counter()
        self.estimator.partial_fit(self.work.x, self.work.labels)
        return (time.perf_counter() - began) / self.work.examples

    def details(self) -> dict[str, Any]:
        """Say which version it is and how many threads were best."""
        return {"version": sklearn.__version__, "threads": self.threads}


def _learn(work: Work) -> list[Floats]:
    estimator = make_estimator(work, work.start(), shuffle=False)
    order = order_of(work)
    estimator.partial_fit(work.x[order], work.labels[order])
    pairs = zip(estimator.coefs_, estimator.intercepts_, strict=True)
    return [np.asarray(array, np.float32) for pair in pairs for array in pair]


class Prediction:
    """`MLPClassifier.predict`."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast = forecast
        self.estimator = MLPClassifier((128,))
        self.estimator.partial_fit(forecast.x[:1], [0], classes=np.arange(10))
        self.estimator.coefs_, self.estimator.intercepts_ = (
            forecast.parameters[::2],
            forecast.parameters[1::2],
        )
        self.threads = fastest(self.run, lambda n: threadpool_limits(n, user_api="blas"))

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        return self.forecast.disagreement(self.estimator.predict_proba(self.forecast.x))

    def run(self) -> float:
        """Give the seconds of predicting all rows."""
        return seconds_of(lambda: self.estimator.predict(self.forecast.x))

    def details(self) -> dict[str, Any]:
        """Say which version it is and how many threads were best."""
        return {"version": sklearn.__version__, "threads": self.threads}


class Learning(Race):
    """MNIST to the goal; its rate changes from epoch to epoch, for its own is the same within one."""

    def prepare(self) -> None:
        """Get the data ready."""
        train, test = self.data.train, self.data.test_set
        self.x, self.test_x = (part.rows(slice(None), np.float32) for part in (train, test))
        self.labels, self.test_labels = train.known_targets, test.known_targets
        threadpool_limits(1, user_api="blas")
        self.begin(0)

    def begin(self, seed: int) -> None:
        """Start anew."""
        momentum = 0.9 if self.procedure.optimizer == "momentum" else 0.0
        self.estimator = make_estimator(
            self.work,
            self.first_weights(seed),
            solver=_solver(self.procedure),
            momentum=momentum,
            random_state=seed,
        )

    def learn(self, rates: Floats) -> float:
        """Go through an epoch."""
        if hasattr(self.estimator, "_optimizer"):
            self.estimator._optimizer.learning_rate_init = float(rates.mean())
        began = time.perf_counter()
        self.estimator.partial_fit(self.x, self.labels)
        return time.perf_counter() - began

    def accuracy(self) -> float:
        """Look at the test set."""
        return float((self.estimator.predict(self.test_x) == self.test_labels).mean())


def _solver(procedure: Procedure) -> str:
    return "adam" if procedure.optimizer == "adam" else "sgd"
