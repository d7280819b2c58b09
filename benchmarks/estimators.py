"""The estimators beside scikit-learn's own, with the same parameters and the same results."""

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.figures import SECONDS, Figure, Unit
from benchmarks.scale import Scale

__all__ = ["measure"]

_MILLISECONDS = Unit("ms", 1e3)
# So many runs of what takes less than a second, of which the quickest counts.
_TURNS = 20
# Fitted weights may differ by this: rounding, in float32 through thousands of updates.
_NEAR = {"float64": 1e-9, "float32": 1e-2}

Contestant = tuple[str, Callable[..., Any]]


def measure(scale: Scale) -> list[Figure]:
    """Fit and predict, by turns."""
    return [*_fits(scale), *_searches(scale), *_predictions(scale)]


def _fits(scale: Scale) -> list[Figure]:
    iris, digits = _iris(), _digits()
    figures = []
    for epochs in (1, 200):
        figures += _compete(f"iris, {epochs} epochs", *iris, scale, _MILLISECONDS, max_iter=epochs)
    works: list[tuple[str, Any, Any, dict[str, Any]]] = [("digits, 20 epochs", *digits, {"max_iter": 20})]
    if scale.name != "quick":
        mnist = _mnist(scale)
        sparse = _sparse(scale)
        works.append(("MNIST, 20 epochs, batches of 200", *mnist, {"max_iter": 20, "batch_size": 200}))
        works.append((f"sparse, {sparse[0].shape[0]:,} x 20,000, 5 epochs", *sparse, {"max_iter": 5}))
    for work, X, y, settings in works:
        for dtype in ("float64", "float32"):
            figures += _compete(f"{work}, {dtype}", X.astype(dtype), y, scale, SECONDS, **settings)
    return figures


def _compete(work: str, X: Any, y: Any, scale: Scale, unit: Unit, **settings: Any) -> list[Figure]:
    """Let both fit, by turns, and compare what they found."""
    figures = [Figure("estimators", work, name, unit) for name, _ in _classifiers()]
    settings = {"random_state": 0, "tol": 0.0, "n_iter_no_change": 10_000, **settings}
    fitted: list[Any] = [None, None]
    for _ in range(scale.runs):
        for place, (_, make) in enumerate(_classifiers()):
            turns = _TURNS if unit is _MILLISECONDS and settings["max_iter"] == 1 else 1
            seconds = []
            for _ in range(turns):
                estimator = make(**settings)
                seconds.append(_seconds(partial(estimator.fit, X, y)))
                fitted[place] = estimator
            figures[place].runs.append(min(seconds))
    differences = (np.abs(a - b).max() for a, b in zip(fitted[0].coefs_, fitted[1].coefs_, strict=True))
    figures[0].disagreement = float(max(differences))
    if not figures[0].disagreement < _NEAR[str(X.dtype)]:
        figures[0].out = "its weights are not scikit-learn's"
    return figures


def _searches(scale: Scale) -> list[Figure]:
    """Search 24 candidates with two workers."""
    from sklearn.model_selection import GridSearchCV

    X, y = _digits()
    X = X[: scale.examples(len(X), least=200)]
    grid = {
        "hidden_layer_sizes": [(32,), (64,), (64, 32)],
        "alpha": [1e-4, 1e-2],
        "activation": ["relu", "tanh"],
        "learning_rate_init": [1e-3, 1e-2],
    }
    figures = [
        Figure("estimators", "grid search, 24 candidates, 2 workers", name) for name, _ in _classifiers()
    ]
    best = []
    for _ in range(min(scale.runs, 3)):
        for figure, (_, make) in zip(figures, _classifiers(), strict=True):
            search = GridSearchCV(make(max_iter=30, random_state=0), grid, cv=3, n_jobs=2)
            figure.runs.append(_seconds(partial(search.fit, X, y[: len(X)])))
            best.append(search.best_score_)
    figures[0].disagreement = float(max(best) - min(best))
    return figures


def _predictions(scale: Scale) -> list[Figure]:
    """Predict probabilities: of one row of a frame, of one row of an array, and of many rows."""
    import pandas as pd

    X, y = _digits()
    many = np.tile(X, (6, 1))[: scale.examples(10_000, least=100)]
    frame = pd.DataFrame(X, columns=[f"pixel {k}" for k in range(X.shape[1])])
    works: list[tuple[str, Any, Any]] = [
        ("one row of a frame", frame, frame.iloc[:1]),
        ("one row of an array", X, X[:1]),
        (f"{len(many):,} rows of an array", X, many),
    ]
    figures = []
    for work, train, rows in works:
        fitted = [(name, make(max_iter=5, random_state=0).fit(train, y)) for name, make in _classifiers()]
        found = [Figure("estimators", f"predict_proba, {work}", name, _MILLISECONDS) for name, _ in fitted]
        for _ in range(scale.runs):
            for figure, (_, estimator) in zip(found, fitted, strict=True):
                turns = [_seconds(partial(estimator.predict_proba, rows)) for _ in range(_TURNS)]
                figure.runs.append(min(turns))
        ours, theirs = (estimator.predict_proba(rows) for _, estimator in fitted)
        found[0].disagreement = float(np.abs(ours - theirs).max())
        figures += found
    return figures


def _classifiers() -> list[Contestant]:
    from sklearn.neural_network import MLPClassifier as Theirs

    from pellucid import MLPClassifier

    return [("Pellucid", MLPClassifier), ("scikit-learn", Theirs)]


def _iris() -> tuple[Any, Any]:
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    return X, y


def _digits() -> tuple[Any, Any]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X / 16, y


def _mnist(scale: Scale) -> tuple[Any, Any]:
    from pellucid.data import read_data

    raw = read_data("mnist")
    n = scale.examples(60_000, least=2000)
    return np.asarray(raw.rows[:n]) / 255, np.asarray(raw.target[:n])  # type: ignore[index]  # MNIST has targets


def _sparse(scale: Scale) -> tuple[Any, Any]:
    from scipy.sparse import random_array

    n, random = scale.examples(8000, least=500), np.random.default_rng(0)
    X = random_array((n, 20_000), density=0.005, format="csr", rng=random)
    return X, (X[:, :2000].sum(axis=1) > X[:, 2000:4000].sum(axis=1)).astype(int)


def _seconds(work: Callable[[], object]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
