"""Fitting by L-BFGS: SciPy's line search by the cost of all examples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.optimize import _check_optimize_result

from pellucid.data import Examples
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.estimators.losses import limited
from pellucid.evaluation import OutputHead
from pellucid.network import Network
from pellucid.training.config import TrainingConfig
from pellucid.training.lbfgs import CostOfAll
from pellucid.training.learner import Learner
from pellucid.training.optimizers import optimizers
from pellucid.training.regularisation import Regularisation
from pellucid.training.updates.choose import ROWS

__all__ = ["fit_by_line_search"]


def fit_by_line_search(
    estimator: Any,
    network: Network,
    head: OutputHead,
    X: Any,
    targets: NDArray[Any],
    sample_weight: NDArray[np.float64] | None,
) -> None:
    """Minimise the cost of all examples.

    Parameters
    ----------
    estimator
        Gets the number of iterations and the loss as attributes.
    network : Network
        Of the same arrays.
    head, X, targets, sample_weight
        As for `StochasticFit`.

    References
    ----------
    Byrd, Lu, Nocedal and Zhu 1995, https://doi.org/10.1137/0916069
    """
    from scipy.optimize import minimize  # a tenth of a second, for this one solver

    n = X.shape[0]
    total = float(n if sample_weight is None else sample_weight.sum())
    config = TrainingConfig(
        optimizer=optimizers.get("lbfgs"), regularisation=Regularisation(l2=float(estimator.alpha) / n)
    )
    learner = Learner(network, head, config)
    with learner.driving():
        learner.make_engine(min(ROWS, n))
        cost = CostOfAll(
            network,
            learner.updates,
            Examples(SparseRows.of(X) if is_sparse(X) else X, weights=sample_weight),
            targets,
            divisor=total,
            as_reported=lambda losses: limited(losses, head.cost) / estimator._outputs_in_mean(head),
        )
        options = {"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol}
        found = minimize(cost, cost.weights(), jac=True, method="L-BFGS-B", options=options)
    # The search itself, and so its result, is in float64 even if the cost is computed in float32.
    arrays = cost.unpacked(found.x)
    estimator.coefs_, estimator.intercepts_ = arrays[::2], arrays[1::2]
    estimator.n_iter_ = _check_optimize_result("lbfgs", found, estimator.max_iter)
    estimator.loss_ = float(found.fun)
