"""Baselines: the errors of three predictors without a network."""

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, LabelTarget, Target, ValueTarget
from pellucid.data.encoding.standard import power_of_two
from pellucid.data.sparse_rows import SparseRows
from pellucid.random import permutation

__all__ = ["Baselines", "measure_baselines"]

# The distances between so many examples take a few hundredths of a second, the eigenvalues for so many a
# tenth; more examples would hardly change the result.
_NEIGHBOUR_ROWS = 2000
_QUADRATIC_ROWS = 1000
_NEIGHBOURS = 10
# The penalties to try for the quadratic formula; the diagonal of the kernel is about 3.
_PENALTIES = np.geomspace(1e-3, 1e3, 7)

# The baselines of so many data sets are cached: many networks are often trained on the same data, and
# training a small one is faster than measuring them.
_CACHED = 16
_known: dict[bytes, "Future[Baselines]"] = {}
_lock = Lock()

# The distances of so many rows are in memory at a time; those of all would be the largest array of a run.
_ROWS_AT_A_TIME = 256

Values = NDArray[np.float64]


class Products(NamedTuple):
    """Scalar products of examples, which is all that the predictors use."""

    of: Callable[[slice], Values]  # of a slice of the examples with all examples
    squares: Values  # of each example with itself


@dataclass(frozen=True)
class Baselines:
    """Errors to compare a network's error with, in the unit of `Measures.error`.

    A network underfits if its training error is clearly higher than the lower of the last two errors, which
    are measured on examples that were left out.

    Parameters
    ----------
    constant : float
        The error of the best constant prediction: the most frequent class, the more frequent answer to each
        label, or the mean.
    neighbours : float
        The error of predicting from the nearest other training examples, which follows any shape, but suffers
        from irrelevant features.
    quadratic : float
        The error of a quadratic formula of the features, fitted to the other training examples, which is
        limited to squares and products of two, but does not suffer from irrelevant features.
    sampling_error : float
        The standard error of the lower of the two errors, which are measured on a sample.
    """

    constant: float
    neighbours: float
    quadratic: float
    sampling_error: float = 0.0

    @property
    def attainable(self) -> float:
        """The lower of the last two errors."""
        return min(self.neighbours, self.quadratic)


def measure_baselines(train: Examples, target: Target) -> Baselines:
    r"""Return the baselines of a training set.

    Each of up to 2,000 training examples is predicted from its 10 nearest neighbours: their most frequent
    class, their more frequent answer to each label, or their mean value. Each of up to 1,000 is predicted
    from all others by ridge regression on all features, squares and products of two, with the kernel
    :math:`(1 + c\, x^T x')^2`; leave-one-out takes a single fit.

    Parameters
    ----------
    train : Examples
        The training set.
    target : ClassTarget, LabelTarget or ValueTarget

    Returns
    -------
    Baselines

    References
    ----------
    Cover and Hart 1967, https://doi.org/10.1109/TIT.1967.1053964; Rifkin and Lippert 2007, Notes on
    regularized least squares, MIT-CSAIL-TR-2007-025

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((1000, 10))
    >>> product = Examples(x, (x[:, 0] * x[:, 1] > 0).astype(np.intp))
    >>> baselines = measure_baselines(product, ClassTarget(None, (0, 1)))
    >>> baselines.quadratic < 0.2 < baselines.neighbours
    True
    """
    order = permutation(len(train), 0, "demonstration")
    baseline = _baseline(train.known_targets, target)
    key = _fingerprint(
        train.take(np.sort(order[:_NEIGHBOUR_ROWS])), repr((type(target), len(train), baseline))
    )
    with _lock:
        known = _known.get(key)
        if own := known is None:
            known = _known[key] = Future()
            while len(_known) > _CACHED:
                del _known[next(iter(_known))]
    if own:
        try:
            known.set_result(_measured(train, target, order, baseline))
        except BaseException as error:
            known.set_exception(error)
            with _lock:
                _known.pop(key, None)
    return known.result()


def _forget() -> None:
    """Reset the cache in a forked process, in which no other thread exists to measure or release the lock."""
    global _lock
    _lock = Lock()
    _known.clear()


with suppress(AttributeError):  # Windows has no fork
    os.register_at_fork(after_in_child=_forget)


def _fingerprint(sample: Examples, more: str) -> bytes:
    """Return a hash of all that the baselines depend on, including the contents of the arrays."""
    inputs = sample.inputs
    arrays = [inputs.values, inputs.columns, inputs.starts] if isinstance(inputs, SparseRows) else [inputs]
    digest = hashlib.blake2b(repr((inputs.shape, sample.scale, more)).encode())
    for array in (*arrays, sample.known_targets):
        digest.update(str(array.dtype).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _measured(train: Examples, target: Target, order: NDArray[np.intp], baseline: float) -> Baselines:
    """Measure the baselines on the first examples of the order."""
    found = []
    for predictor, n in ((_nearest_neighbours, _NEIGHBOUR_ROWS), (_leave_one_out, _QUADRATIC_ROWS)):
        rows = np.sort(order[:n])
        truth = train.known_targets[rows]
        # The sample may contain fewer examples of a rare class: scale by its own constant prediction.
        own = _baseline(truth, target)
        scale = baseline / own if own > 0 else 1.0
        if isinstance(target, ClassTarget):
            truth = np.eye(target.n_classes)[truth]
        if isinstance(target, ValueTarget):
            truth = truth / power_of_two(truth)  # so that squares neither overflow nor underflow
        predictions = predictor(_products_of(train.take(rows)), truth.astype(np.float64))
        error, doubt = _ERRORS[target.task](predictions, truth)
        found.append((error * scale, doubt * scale))
    (neighbours, _), (quadratic, _) = found
    return Baselines(baseline, neighbours, quadratic, min(found)[1])


def _baseline(targets: NDArray[Any], target: Target) -> float:
    """Return the error of the best constant prediction."""
    if isinstance(target, ClassTarget):
        return float(1 - np.bincount(targets).max() / len(targets))
    if isinstance(target, LabelTarget):
        yes = targets.mean(axis=0)
        return float(np.minimum(yes, 1 - yes).mean())
    return 1.0


def _products_of(examples: Examples) -> Products:
    if isinstance(inputs := examples.inputs, SparseRows):
        factor = examples.scale**2
        return Products(lambda rows: factor * inputs.products(rows), factor * inputs.squares())
    x = examples.rows(slice(None), np.dtype(np.float64))
    return Products(lambda rows: x[rows] @ x.T, (x * x).sum(axis=1))


def _nearest_neighbours(products: Products, truth: Values) -> Values:
    """Predict each target as the mean of the nearest neighbours'; with one-hot rows, these are votes."""
    squares, k = products.squares, min(_NEIGHBOURS, len(truth) - 1)
    predictions = np.empty_like(truth)
    for start in range(0, len(truth), _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        distances = squares[rows, None] + squares - 2 * products.of(rows)
        np.fill_diagonal(distances[:, start:], np.inf)
        near = np.argpartition(distances, k - 1, axis=1)[:, :k]
        predictions[rows] = truth[near].mean(axis=1)
    return predictions


def _leave_one_out(products: Products, truth: Values) -> Values:
    """Predict each target by ridge regression on all other rows, with the best of the penalties."""
    x = products.of(slice(None))
    # The products of the centred rows.
    x = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()
    size = np.trace(x) / len(x)
    # The kernel is not centred: that would reveal each target, since all targets would sum to 0.
    eigenvalues, vectors = np.linalg.eigh((1 + x / (size if size > 0 else 1)) ** 2)
    eigenvalues = np.maximum(eigenvalues, 0)
    mean = truth.mean(axis=0)
    rotated = vectors.T @ (truth - mean)
    best, least = truth, np.inf
    for penalty in _PENALTIES:
        kept = eigenvalues / (eigenvalues + penalty)
        fitted = mean + vectors @ (kept[:, None] * rotated)
        # The leave-one-out residual follows from the residual and the row's leverage.
        missed = (truth - fitted) / (1 - vectors**2 @ kept)[:, None]
        if (error := float(np.square(missed).sum())) < least:
            best, least = truth - missed, error
    return best


def _error_of_classes(predictions: Values, truth: Values) -> tuple[float, float]:
    error = float((predictions.argmax(axis=1) != truth.argmax(axis=1)).mean())
    return error, math.sqrt(error * (1 - error) / len(truth))


def _error_of_labels(predictions: Values, truth: NDArray[np.bool_]) -> tuple[float, float]:
    shares = ((predictions > 0.5) != truth).mean(axis=1)
    return float(shares.mean()), float(shares.std()) / math.sqrt(len(truth))


def _error_of_values(predictions: Values, truth: Values) -> tuple[float, float]:
    n = len(truth)
    spread = np.maximum(truth.std(axis=0), np.finfo(np.float64).tiny)
    squares = np.square(predictions - truth)
    root = np.sqrt(squares.mean(axis=0))
    # The delta method, as for the network's own error.
    doubt = squares.std(axis=0) / math.sqrt(n) / np.maximum(2 * root, np.finfo(np.float64).tiny)
    return float((root / spread).mean()), float((doubt / spread).mean())


# The error of predictions and its standard error, for each task.
_ERRORS: Mapping[str, Callable[[Values, Any], tuple[float, float]]] = {
    "classification": _error_of_classes,
    "multilabel": _error_of_labels,
    "regression": _error_of_values,
}
