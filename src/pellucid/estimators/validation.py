"""The validation set of a fit: a share of the training data, or a user's own; its score and its loss."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from pellucid.errors import DataError

__all__ = ["Validation", "given_validation", "split"]


@dataclass(frozen=True)
class Validation:
    """A validation set.

    Parameters
    ----------
    X : array or SciPy sparse matrix, shape (n, n_features)
    y : array
        As users give it.
    targets : array
        The same as the cost takes it.
    sample_weight : array of float64, shape (n,), or None
    """

    X: Any
    y: NDArray[Any]
    targets: NDArray[Any]
    sample_weight: NDArray[np.float64] | None

    def score(self, estimator: Any) -> float:
        """Return the score of an estimator, by its scorer if it has one; NaN if it predicts no numbers."""
        if estimator.scoring is None:
            return float(estimator._own_score(self.X, self.y, self.sample_weight))
        scorer = check_scoring(estimator, estimator.scoring)
        weights = {} if self.sample_weight is None else {"sample_weight": self.sample_weight}
        return float(scorer(estimator, self.X, self.y, **weights))


def split(estimator: Any, y: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows to train on and those to validate on, as scikit-learn draws them."""
    rows, held_out = train_test_split(
        np.arange(len(y)),
        random_state=estimator._random_state,
        test_size=estimator.validation_fraction,
        stratify=estimator._strata(y),
    )
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
        )
    return rows, held_out


def given_validation(data: Any) -> tuple[Any, Any, Any]:
    """Return inputs, targets and weights or None of a user's own validation set.

    Raises
    ------
    DataError
        If it is not a tuple of two or three.
    """
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise DataError(
            "validation_data is not a validation set",
            expected="(X, y), or (X, y, sample_weight)",
            received=f"{len(data)} items" if isinstance(data, tuple | list) else type(data).__name__,
        )
    X, y, *weights = data
    return X, y, weights[0] if weights else None
