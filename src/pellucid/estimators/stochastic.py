"""Fitting by Adam or gradient descent: epoch after epoch, in scikit-learn's order."""

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from pellucid.data import Examples
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.estimators.losses import limited
from pellucid.estimators.solver_state import SolverState
from pellucid.estimators.validation import Validation
from pellucid.estimators.watching import Watchers
from pellucid.evaluation import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.outputs import predict_with_losses
from pellucid.training.config import TrainingConfig
from pellucid.training.learner import Learner
from pellucid.training.optimizer import Optimizer
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedules import Constant
from pellucid.training.weighting import batch_divisors

__all__ = ["StochasticFit"]


class StochasticFit:
    """One fit of an estimator, which gets the results as attributes.

    Parameters
    ----------
    estimator
        With its weights as they are before this fit.
    network : Network
        Of the same arrays.
    head : OutputHead
    rule : Optimizer
    X : array or SciPy sparse matrix, shape (n, n_features)
    targets : array
        As the cost takes them.
    sample_weight : array of float64, shape (n,), or None
    validation : Validation or None
    """

    def __init__(
        self,
        estimator: Any,
        network: Network,
        head: OutputHead,
        rule: Optimizer,
        X: Any,
        targets: NDArray[Any],
        sample_weight: NDArray[np.float64] | None,
        validation: Validation | None,
    ) -> None:
        self.estimator, self.network, self.head, self.rule = estimator, network, head, rule
        self.validation, self.weights, self.targets = validation, sample_weight, targets
        self.n = X.shape[0]
        self.batch_size = _batch_size(estimator, self.n)
        self.starts = np.arange(0, self.n, self.batch_size)
        self.sizes = np.diff(np.append(self.starts, self.n))
        self.examples = Examples(SparseRows.of(X) if is_sparse(X) else X, weights=sample_weight)
        self.learner = _learner(estimator, network, head, rule, self.batch_size)

    def run(self, state: SolverState, watchers: Watchers, *, incremental: bool) -> None:
        """Make the epochs, or a single one if it is incremental."""
        made, order = self.estimator, np.arange(self.n)
        made.n_iter_ = 0
        with self.learner.driving():
            self._begin(state)
            for _ in range(made.max_iter):
                watchers.begin_epoch()
                if made.shuffle:
                    order = order[_shuffled(self.n, made._random_state)]
                if not self._epoch(order, state):
                    self._has_failed() if not self.learner.progress.stop else _was_interrupted()
                    break
                is_over = self._is_over(state)
                if watchers.end_epoch() or is_over or incremental:
                    break
                if made.n_iter_ == made.max_iter:
                    _warn_of_iterations(made.max_iter)
            self._keep(state)
        if made.early_stopping:
            made.coefs_, made.intercepts_ = made._best_coefs, made._best_intercepts
        watchers.end()

    def _begin(self, state: SolverState) -> None:
        self.learner.make_engine(self.batch_size)
        self.learner.learn_from(self.examples, self.targets, self.batch_size)
        if state.arrays:
            self.learner.updates.load_state(
                self.learner.updates.state() | state.arrays | {"updates": state.n_updates}
            )

    def _keep(self, state: SolverState) -> None:
        kept = self.learner.updates.state()
        state.arrays = {name: array for name, array in kept.items() if name.startswith("optimizer.")}

    def _epoch(self, order: NDArray[np.intp], state: SolverState) -> bool:
        """Make the updates of an epoch, and return whether all of their numbers were finite."""
        made, n_updates = self.estimator, len(self.starts)
        sums = None if self.weights is None else batch_divisors(self.weights[order], self.batch_size)
        n_made = self.learner.learn(order, state.rates(n_updates, self.rule), sums)
        state.n_updates += n_made
        if n_made < n_updates:
            return False
        made.n_iter_ += 1
        made.loss_ = self._loss(order, sums)
        made.t_ += self.n
        made.loss_curve_.append(made.loss_)
        if made.verbose:
            print(f"Iteration {made.n_iter_}, loss = {made.loss_:.8f}")
        return True

    def _loss(self, order: NDArray[np.intp], sums: Floats | None) -> float:
        """Return the mean loss of an epoch, penalties included, each batch as it was before its update."""
        losses = limited(self.learner.losses, self.head.cost) / self.estimator._outputs_in_mean(self.head)
        if self.weights is not None:
            losses *= self.weights[order]
        penalties = 0.5 * self.estimator.alpha * self.learner.squared_norms.sum(axis=1)
        totals = np.add.reduceat(losses, self.starts) + penalties
        # A batch counts by its size, even if its examples have weights.
        total = totals.sum() if sums is None else (totals / sums * self.sizes).sum()
        return float(total / self.n)

    def _is_over(self, state: SolverState) -> bool:
        """Note whether the epoch brought progress, and return whether to end for lack of it."""
        made = self.estimator
        score = None if self.validation is None else self._note_validation(self.validation)
        if made.early_stopping:
            slow = score < made.best_validation_score_ + made.tol
            if score > made.best_validation_score_:
                made.best_validation_score_ = score
                made._best_coefs = [array.copy() for array in made.coefs_]
                made._best_intercepts = [array.copy() for array in made.intercepts_]
        else:
            slow = made.loss_ > made.best_loss_ - made.tol
            made.best_loss_ = min(made.best_loss_, made.loss_)
        made._no_improvement_count = made._no_improvement_count + 1 if slow else 0
        state.end_epoch(made)
        if made._no_improvement_count <= made.n_iter_no_change:
            return False
        what = "Validation score" if made.early_stopping else "Training loss"
        epochs = made.n_iter_no_change
        why = f"{what} did not improve more than tol={made.tol:f} for {epochs} consecutive epochs."
        if state.lower_rate(made, why):
            made._no_improvement_count = 0
            return False
        return True

    def _note_validation(self, validation: Validation) -> float:
        """Note the loss and the score on the validation set, and return the score."""
        made = self.estimator
        inputs = SparseRows.of(validation.X) if is_sparse(validation.X) else validation.X
        with np.errstate(all="ignore"):
            objective, targets = self.head.objective, validation.targets
            losses = predict_with_losses(self.network, inputs, objective, targets)[1]
        losses = limited(losses, self.head.cost) / made._outputs_in_mean(self.head)
        made.validation_loss_curve_.append(float(np.average(losses, weights=validation.sample_weight)))
        score = validation.score(made)
        made.validation_scores_.append(score)
        if made.verbose:
            print(f"Validation score: {score:f}")
        return score

    def _has_failed(self) -> None:
        """Note an update that led to numbers that are not finite: all later ones would, too."""
        made = self.estimator
        if not made.early_stopping:
            made.coefs_[-1][...] = np.nan
            return
        while made.n_iter_ < made.max_iter:
            made.n_iter_ += 1
            made.loss_ = math.nan
            made.loss_curve_.append(math.nan)
            made.validation_scores_.append(math.nan)
            made.validation_loss_curve_.append(math.nan)
        _warn_of_iterations(made.max_iter)


def _shuffled(n: int, random_state: np.random.RandomState) -> NDArray[np.intp]:
    """Return the numbers from 0 to n - 1 in an order as `sklearn.utils.shuffle` draws it."""
    numbers = np.arange(n)
    random_state.shuffle(numbers)
    return numbers


def _batch_size(estimator: Any, n: int) -> int:
    if estimator.batch_size == "auto":
        return min(200, n)
    if estimator.batch_size > n:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            stacklevel=2,
        )
    return int(min(estimator.batch_size, n))


def _learner(estimator: Any, network: Network, head: OutputHead, rule: Optimizer, batch_size: int) -> Learner:
    dropout = estimator.dropout if isinstance(estimator.dropout, int | float) else tuple(estimator.dropout)
    return Learner(
        network,
        head,
        TrainingConfig(
            float(estimator.learning_rate_init),
            Constant(),
            batch_size,
            estimator.max_iter,
            int(estimator._random_state.randint(2**31)) if np.any(estimator.dropout) else 0,
            rule,
            Regularisation(l2=float(estimator.alpha), dropout=dropout),
        ),
        track_loss=True,
        divide_penalties=True,
    )


def _warn_of_iterations(max_iter: int) -> None:
    warnings.warn(
        f"Stochastic Optimizer: Maximum iterations ({max_iter}) reached and the optimization hasn't converged"
        " yet. While the loss still falls, raise max_iter; if it falls slowly, raise learning_rate_init, and"
        " standardise the inputs.",
        ConvergenceWarning,
        stacklevel=2,
    )


def _was_interrupted() -> None:
    warnings.warn("Training interrupted by user.", stacklevel=2)
