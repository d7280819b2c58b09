"""Metrics from counts, from ranks, and from errors of any size."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.standard import power_of_two
from pellucid.network import Floats

__all__ = [
    "area_under_curve",
    "class_counts",
    "confusion_matrix",
    "errors_of_values",
    "f1_scores",
    "label_counts",
    "mean_of",
]


# The numbers of true positives, predicted positives and positives of each class or label, shape (k,).
Counts = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


def confusion_matrix(truth: NDArray[np.intp], said: NDArray[np.intp], n_classes: int) -> NDArray[np.intp]:
    """Return the confusion matrix.

    Parameters
    ----------
    truth, said : arrays of int, shape (n,)
        Class numbers.
    n_classes : int

    Returns
    -------
    array of int, shape (n_classes, n_classes)
        Rows are true classes, columns are predicted classes.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(truth * n_classes + said, minlength=n_classes**2).reshape(n_classes, n_classes)


def class_counts(confusion: NDArray[np.intp]) -> Counts:
    """Return the counts of each class from the confusion matrix."""
    return confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)


def label_counts(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Counts:
    """Return the counts of each label from arrays of shape (n, k)."""
    return (said & truth).sum(axis=0), said.sum(axis=0), truth.sum(axis=0)


def f1_scores(hits: Any, said: Any, due: Any) -> Floats:
    """Return F1, the harmonic mean of precision and recall, from such counts; 0 without any positives.

    Examples
    --------
    >>> f1_scores(np.array([2, 0]), np.array([3, 0]), np.array([5, 0]))
    array([0.5, 0. ])
    """
    scores: Floats = 2 * np.asarray(hits) / np.maximum(np.asarray(said) + due, 1)
    return scores


def area_under_curve(scores: Floats, positive: NDArray[np.bool_]) -> float:
    r"""Return the area under the ROC curve.

    .. math::
        \frac{1}{P N} \sum_{i=1}^{P} \sum_{j=1}^{N} [s_i > s_j] + \tfrac{1}{2} [s_i = s_j]

    The higher its score, the more likely an example is positive; both arrays have shape (n,). The result is
    from 0 to 1; nan if all examples are of one class, or a score is not a number.

    References
    ----------
    Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> area_under_curve(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
    0.875
    """
    yes, no = np.sort(scores[positive]), np.sort(scores[~positive])
    if not (len(yes) and len(no)) or np.isnan(yes[-1]) or np.isnan(no[-1]):  # sorted, nan comes last
        return math.nan
    few, many = (yes, no) if len(yes) < len(no) else (no, yes)
    # For each of the few, the number of the many that are below, and that are below or equal.
    below = int(np.searchsorted(many, few, "left").sum()) + int(np.searchsorted(many, few, "right").sum())
    area = below / (2 * len(yes) * len(no))
    return area if few is yes else 1 - area


def errors_of_values(errors: Floats, targets: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    r"""Return each value's RMSE, MAE and R2, and the standard error of its RMSE.

    .. math::
        R^2 = 1 - \frac{\sum_k (\hat y_k - y_k)^2}{\sum_k (y_k - \bar y)^2}

    All values are divided by a power of two before they are squared, which is exact, so that squares neither
    overflow nor underflow.

    Errors are predictions minus targets; all arrays are float64, of shape (n, k), the results of shape (k,).
    R2 is nan for fewer than two examples. For constant targets it is 1 if all predictions are exact, else 0,
    as in scikit-learn.
    """
    n, power = len(errors), power_of_two(errors)
    # A network that is about to diverge may overflow here; infinite metrics are correct then.
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.abs(errors / power)
        squares = scaled**2
        mean_square = squares.mean(axis=0)
        root = np.sqrt(mean_square)
        # The delta method: the standard error of the root is that of the mean, divided by twice the root.
        # With a single example it is as large as the root itself.
        of_mean = squares.std(axis=0, ddof=1) / math.sqrt(n) if n > 1 else 2 * mean_square
        doubt = np.divide(of_mean, 2 * root, out=np.zeros_like(root), where=root > 0)
        mae, r2 = scaled.mean(axis=0), _explained(mean_square, power, targets)
        return root * power, mae * power, r2, doubt * power


def _explained(mean_square: Floats, power: Floats, targets: Floats) -> Floats:
    """Return R2 from the mean squares of errors that were divided by a power of two."""
    if len(targets) < 2:
        return np.full(targets.shape[1], math.nan)
    own = power_of_two(targets)
    # The variance of equal targets may be slightly above 0 because of rounding.
    varies = targets.max(axis=0) > targets.min(axis=0)
    variance = np.where(varies, (targets / own).var(axis=0), 1.0)
    missed = mean_square > 0
    share = mean_square / variance * np.where(missed, power / own, 0.0) ** 2
    return np.where(varies, 1 - share, np.where(missed, 0.0, 1.0))


def mean_of(values: Floats) -> float:
    """Return the mean of a metric over several outputs, without overflow.

    Examples
    --------
    >>> mean_of(np.array([1.5e308, 1.7e308]))
    1.6e+308
    """
    if np.isnan(values).any():
        return math.nan  # always the same object, so that undefined metrics are equal
    power = float(power_of_two(values[:, None])[0])
    return float((values / power).mean() * power)
