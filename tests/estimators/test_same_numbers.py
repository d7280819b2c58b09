"""The numbers of scikit-learn: weights, losses, scores and predictions of its estimators after 15 epochs."""

from inspect import signature
from itertools import product

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network
from sklearn.datasets import load_diabetes, load_digits, make_multilabel_classification

from pellucid import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # scikit-learn 1.6 with a later SciPy.
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp` and `iprint` options:DeprecationWarning"),
]

OURS = {"classification": MLPClassifier, "regression": MLPRegressor}
THEIRS = {
    "classification": sklearn.neural_network.MLPClassifier,
    "regression": sklearn.neural_network.MLPRegressor,
}
# At the rate of the others, gradient descent on exponentials diverges, in scikit-learn as here.
_COUNTS = {"loss": "poisson", "learning_rate_init": 0.0002}
# Before 1.7 scikit-learn had neither.
HAS_WEIGHTS = "sample_weight" in signature(THEIRS["regression"].fit).parameters
HAS_POISSON = "loss" in signature(THEIRS["regression"]).parameters


def _tasks():
    x_digits, digits = load_digits(return_X_y=True)
    x_digits, digits = x_digits[:450] / 16, digits[:450]
    x, value = load_diabetes(return_X_y=True)
    x, value = x * 20, (value - 150) / 75
    x_labels, labels = make_multilabel_classification(300, random_state=0)
    counts = np.random.RandomState(0).poisson(np.exp(value))
    return {
        "classes": ("classification", x_digits, digits, {}),
        "words": ("classification", x_digits, np.array(list("abcdefghij"))[digits], {}),
        "two classes": ("classification", x_digits, (digits > 4).astype(int), {}),
        "labels": ("classification", x_labels / 10, labels, {}),
        "value": ("regression", x, value, {}),
        "values": ("regression", x, np.c_[value, value**2], {}),
        **({"counts": ("regression", x, counts, _COUNTS)} if HAS_POISSON else {}),
    }


TASKS = _tasks()
SOLVERS = {
    "adam": {},
    "sgd": {},
    "sgd, plain momentum": {"nesterovs_momentum": False, "momentum": 0.5},
    "sgd, no momentum": {"momentum": 0.0},
    "sgd, invscaling": {"learning_rate": "invscaling"},
    "sgd, adaptive": {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
    "lbfgs": {},
}
ACTIVATIONS = ("relu", "tanh", "logistic", "identity")
# What else is said of a run; the batch size is 64 otherwise.
WAYS = {
    "automatic batch size": {"batch_size": "auto"},
    "float32": {"dtype": np.float32},
    "early stopping": {"early_stopping": True},
    "weights": {"weights": True},
    "sparse": {"sparse": True},
    "partial_fit": {"partial": True},
    "early stopping, weights, sparse": {"early_stopping": True, "weights": True, "sparse": True},
}
WAYS = {name: way for name, way in WAYS.items() if HAS_WEIGHTS or "weights" not in way}
# Before 1.7 scikit-learn's early stopping failed on words.
WAYS_OF_WORDS = [name for name, way in WAYS.items() if HAS_WEIGHTS or "early_stopping" not in way]
# A line search sees all examples, and knows neither batches nor epochs.
WAYS_OF_SEARCH = [name for name, way in WAYS.items() if not {"early_stopping", "partial"} & way.keys()]


def _runs():
    """Return all runs, marked long but for a spread: each pair of values of any two factors is in it."""
    for i, task in enumerate(TASKS):
        for j, solver in enumerate(SOLVERS):
            ways = WAYS_OF_SEARCH if solver == "lbfgs" else WAYS_OF_WORDS if task == "words" else list(WAYS)
            for (k, activation), way in product(enumerate(ACTIVATIONS), ways):
                is_fast = way == ways[(i + j + k) % len(ways)]
                marks = [] if is_fast else [pytest.mark.long]
                yield pytest.param(task, solver, activation, way, marks=marks)


def fitted(estimators, task, solver, activation, way, *, dtype=None):
    kind, x, y, more = TASKS[task]
    way = WAYS[way]
    x = x.astype(dtype or way.get("dtype", np.float64))
    x = scipy.sparse.csr_matrix(x) if "sparse" in way else x
    name = solver.partition(",")[0]
    estimator = estimators[kind](
        hidden_layer_sizes=(20, 15),
        activation=activation,
        solver=name,
        batch_size=way.get("batch_size", 64),
        early_stopping=way.get("early_stopping", False),
        max_iter=15,
        random_state=3,
        **{"learning_rate_init": 0.01 if name == "sgd" else 0.001, **SOLVERS[solver], **more},
    )
    if "partial" in way:
        for start in (0, 100, 200):
            rows = slice(start, start + 100)
            classes = {"classes": np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])}
            estimator.partial_fit(x[rows], y[rows], **(classes if kind == "classification" else {}))
    elif "weights" in way:
        estimator.fit(x, y, sample_weight=np.random.RandomState(1).rand(len(y)))
    else:
        estimator.fit(x, y)
    return estimator, x


def differences(ours, theirs, x):
    """Return the largest difference of each kind of number, relative to the largest number if above 1."""

    def largest(a, b):
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        assert a.shape == b.shape
        return float(np.abs(a - b).max() / max(1.0, np.abs(b).max()))

    kinds = {
        "weights": max(map(largest, ours.coefs_, theirs.coefs_)),
        "biases": max(map(largest, ours.intercepts_, theirs.intercepts_)),
        "loss": largest(ours.loss_, theirs.loss_),
        "prediction": largest(_outputs(ours, x), _outputs(theirs, x)),
    }
    for name in ("loss_curve_", "validation_scores_"):
        if getattr(theirs, name, None) is not None:
            kinds[name] = largest(getattr(ours, name), getattr(theirs, name))
    return kinds


def _outputs(estimator, x):
    return estimator.predict_proba(x) if hasattr(estimator, "predict_proba") else estimator.predict(x)


@pytest.mark.parametrize(("task", "solver", "activation", "way"), list(_runs()))
def test_run(task, solver, activation, way):
    run = task, solver, activation, way
    ours, x = fitted(OURS, *run)
    theirs, _ = fitted(THEIRS, *run)
    found = differences(ours, theirs, x)
    assert (ours.n_iter_, ours.t_, ours.n_layers_, ours.n_outputs_, ours.out_activation_) == (
        *(theirs.n_iter_, theirs.t_, theirs.n_layers_, theirs.n_outputs_),
        theirs.out_activation_,
    )
    for own, their in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        assert own.dtype == their.dtype
    if way != "float32":
        assert max(found.values()) < 1e-10, found
        return
    # The two add in different orders, and how far that leads depends on the run (a line search may take
    # another step): by order of magnitude as far as the rounding to float32 leads scikit-learn's own numbers.
    exact, x64 = fitted(THEIRS, *run, dtype=np.float64)
    rounding = differences(theirs, exact, x64)
    assert max(found.values()) <= 10 * max(rounding.values()) + 1e-6, (found, rounding)


SATURATED = {"hidden_layer_sizes": (20,), "random_state": 0}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("task", ["classes", "two classes", "labels"])
def test_losses_of_saturated_outputs_are_limited(task, dtype):
    """No probability counts as less than the machine epsilon.

    scikit-learn computes 1 - p, which has few digits where p is nearly 1, so that its losses of single
    outputs differ by up to a few per cent there; the mean over all of them, by much less.
    """
    _, x, y, _ = TASKS[task]
    settings = SATURATED | {"max_iter": 3, "learning_rate_init": 1e-6}
    ours, theirs = (
        estimators["classification"](**settings).fit((500 * x).astype(dtype), y)
        for estimators in (OURS, THEIRS)
    )
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-4)


@pytest.mark.parametrize("task", ["two classes", "labels"])
def test_a_limited_loss_worked_out_in_numpy(task):
    _, x, y, _ = TASKS[task]
    x, y = 500 * x, y.reshape(len(y), -1)
    # A single update, too small to change a weight: the loss is that of the weights afterwards, too.
    tiny = {"max_iter": 1, "batch_size": len(x), "learning_rate_init": 1e-300, "alpha": 0.0}
    made = MLPClassifier(**SATURATED, **tiny).fit(x, y.squeeze())
    (w1, w2), (b1, b2) = made.coefs_, made.intercepts_
    z = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    losses, limit = np.logaddexp(0, z) - y * z, -np.log(np.finfo(float).eps)
    assert (losses > 2 * limit).any()
    np.testing.assert_allclose(made.loss_, np.minimum(losses, limit).sum(axis=1).mean(), rtol=1e-12)
