"""What the data allow: the errors of three guessers that no network is needed for."""

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
from pellucid.data.sparse_rows import SparseRows
from pellucid.data.standard import power_of_two
from pellucid.random import permutation

__all__ = ["Baselines", "measure_baselines"]

# Distances between so many examples take a few hundredths of a second, and the eigenvalues of so many a
# tenth; more would tell little more.
_ASKED = 2000
_FITTED = 1000
_NEIGHBOURS = 10
# How strongly the quadratic formula is held back, tried in turn; the kernel's diagonal is about 3.
_PENALTIES = np.geomspace(1e-3, 1e3, 7)

# Baseliness of so many data sets are remembered: many networks are often trained on one, and it takes longer
# than training a small one.
_REMEMBERED = 16
_known: dict[bytes, "Future[Baselines]"] = {}
_lock = Lock()

# The distances of so many are held at a time: those of all would be the largest array of a run.
_ROWS_AT_A_TIME = 256

Values = NDArray[np.float64]


class Products(NamedTuple):
    """Scalar products of examples: guesses are made of nothing else."""

    of: Callable[[slice], Values]  # some of them with all
    squares: Values  # each with itself


@dataclass(frozen=True)
class Baselines:
    """Errors to hold a network's error against, all in the unit of `Measures.error`.

    A network that is clearly worse on what it was trained on than the better of the last two are on what
    they were not has not made use of what the data say.

    Parameters
    ----------
    constant : float
        The error of the best constant prediction: the most frequent class, the more frequent answer to each
        label, or the mean.
    neighbours : float
        That of asking the nearest other training examples: right about any shape, blind where most inputs
        say nothing.
    quadratic : float
        That of a quadratic formula of the inputs, fitted to the other training examples: blind to all but
        lines, curves and pairs, but not confused by inputs that say nothing.
    sampling_error : float
        The standard error of the lower of these two, which are measured on some examples only.
    """

    constant: float
    neighbours: float
    quadratic: float
    sampling_error: float = 0.0

    @property
    def attainable(self) -> float:
        """The lower of the two errors that the data allow to be had."""
        return min(self.neighbours, self.quadratic)


def measure_baselines(train: Examples, target: Target) -> Baselines:
    r"""Measure what can be had without a network.

    Each of up to 2,000 training examples is guessed from its 10 nearest others among them: the class that
    most of them have, each label's commoner answer among them, or their mean value. Each of up to 1,000 is
    guessed from all others by ridge regression on every input, every square and every product of two, by the
    kernel :math:`(1 + c\, x^T x')^2`; left out one at a time, which takes a single fit.

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
    key = _fingerprint(train.take(np.sort(order[:_ASKED])), repr((type(target), len(train), baseline)))
    with _lock:
        known = _known.get(key)
        if own := known is None:
            known = _known[key] = Future()
            while len(_known) > _REMEMBERED:
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
    """Begin anew in a forked process, which has none of the threads that measure or hold the lock."""
    global _lock
    _lock = Lock()
    _known.clear()


with suppress(AttributeError):  # Windows knows no forks
    os.register_at_fork(after_in_child=_forget)


def _fingerprint(asked: Examples, more: str) -> bytes:
    """Sum up all that a yardstick is made of: what arrays hold, so that one that was changed is another."""
    inputs = asked.inputs
    arrays = [inputs.values, inputs.columns, inputs.starts] if isinstance(inputs, SparseRows) else [inputs]
    digest = hashlib.blake2b(repr((inputs.shape, asked.scale, more)).encode())
    for array in (*arrays, asked.known_targets):
        digest.update(str(array.dtype).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _measured(train: Examples, target: Target, order: NDArray[np.intp], baseline: float) -> Baselines:
    """Measure it; the order says which examples are asked."""
    found = []
    for guess, n in ((_ask_neighbours, _ASKED), (_leave_one_out, _FITTED)):
        rows = np.sort(order[:n])
        truth = train.known_targets[rows]
        # Of a rare class, some examples may hold fewer than their share: against their own baseline.
        own = _baseline(truth, target)
        scale = baseline / own if own > 0 else 1.0
        if isinstance(target, ClassTarget):
            truth = np.eye(target.n_classes)[truth]
        if isinstance(target, ValueTarget):
            truth = truth / power_of_two(truth)  # or their squares might overflow or vanish
        guesses = guess(_products_of(train.take(rows)), truth.astype(np.float64))
        error, doubt = _ERRORS[target.task](guesses, truth)
        found.append((error * scale, doubt * scale))
    (neighbours, _), (quadratic, _) = found
    return Baselines(baseline, neighbours, quadratic, min(found)[1])


def _baseline(targets: NDArray[Any], target: Target) -> float:
    """Give the error of always giving the commonest class, each label's commoner answer, or the mean."""
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


def _ask_neighbours(products: Products, truth: Values) -> Values:
    """Guess each row's truth as the mean of its nearest others'; of one-hot rows, the votes."""
    squares, k = products.squares, min(_NEIGHBOURS, len(truth) - 1)
    guesses = np.empty_like(truth)
    for start in range(0, len(truth), _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        distances = squares[rows, None] + squares - 2 * products.of(rows)
        np.fill_diagonal(distances[:, start:], np.inf)
        near = np.argpartition(distances, k - 1, axis=1)[:, :k]
        guesses[rows] = truth[near].mean(axis=1)
    return guesses


def _leave_one_out(products: Products, truth: Values) -> Values:
    """Guess each row's truth by the ridge regression of all others, at the best of the penalties."""
    x = products.of(slice(None))
    # The products of rows from which their mean was taken.
    x = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()
    size = np.trace(x) / len(x)
    # A kernel that is centred on all rows would tell each row's truth: what the others leave to add up to 0.
    eigenvalues, vectors = np.linalg.eigh((1 + x / (size if size > 0 else 1)) ** 2)
    eigenvalues = np.maximum(eigenvalues, 0)
    mean = truth.mean(axis=0)
    turned = vectors.T @ (truth - mean)
    best, least = truth, np.inf
    for penalty in _PENALTIES:
        kept = eigenvalues / (eigenvalues + penalty)
        fitted = mean + vectors @ (kept[:, None] * turned)
        # How far off a row is without itself follows from how far off it is and from its own say in that.
        missed = (truth - fitted) / (1 - vectors**2 @ kept)[:, None]
        if (error := float(np.square(missed).sum())) < least:
            best, least = truth - missed, error
    return best


def _error_of_classes(guesses: Values, truth: Values) -> tuple[float, float]:
    error = float((guesses.argmax(axis=1) != truth.argmax(axis=1)).mean())
    return error, math.sqrt(error * (1 - error) / len(truth))


def _error_of_labels(guesses: Values, truth: NDArray[np.bool_]) -> tuple[float, float]:
    shares = ((guesses > 0.5) != truth).mean(axis=1)
    return float(shares.mean()), float(shares.std()) / math.sqrt(len(truth))


def _error_of_values(guesses: Values, truth: Values) -> tuple[float, float]:
    n = len(truth)
    spread = np.maximum(truth.std(axis=0), np.finfo(np.float64).tiny)
    squares = np.square(guesses - truth)
    root = np.sqrt(squares.mean(axis=0))
    # The delta method, as for the network's own error.
    doubt = squares.std(axis=0) / math.sqrt(n) / np.maximum(2 * root, np.finfo(np.float64).tiny)
    return float((root / spread).mean()), float((doubt / spread).mean())


# The error of guesses, and its standard error, for each task.
_ERRORS: Mapping[str, Callable[[Values, Any], tuple[float, float]]] = {
    "classification": _error_of_classes,
    "multilabel": _error_of_labels,
    "regression": _error_of_values,
}
