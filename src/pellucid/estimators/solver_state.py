"""What a stochastic solver keeps from one fit to the next."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.estimators.rules import AdamOfRates, MomentumOfRates, corrected_rates
from pellucid.network import Floats
from pellucid.training.optimizer import Optimizer
from pellucid.training.optimizers import optimizers

__all__ = ["SolverState", "rule_of"]


def rule_of(estimator: Any) -> Optimizer:
    """Return the update rule by the parameters of an estimator: scikit-learn's two, or any of Pellucid's.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rule_of(SimpleNamespace(solver="lion")).name
    'lion'
    """
    if estimator.solver == "adam":
        return AdamOfRates(estimator.beta_1, estimator.beta_2, estimator.epsilon)
    if estimator.solver == "sgd":
        return MomentumOfRates(estimator.momentum, float(estimator.nesterovs_momentum))
    rule = optimizers.get(estimator.solver)
    assert isinstance(rule, Optimizer)  # a line search does not come here
    return rule


@dataclass
class SolverState:
    """The learning rate, the number of updates so far, and the arrays that the update rule keeps.

    It has plain numbers and arrays only, so that a model can be stored without its code.
    """

    learning_rate: float
    n_updates: int
    arrays: dict[str, Floats]

    @classmethod
    def first(cls, estimator: Any) -> "SolverState":
        """Return the state before the first update."""
        return cls(float(estimator.learning_rate_init), 0, {})

    def rates(self, n: int, rule: Optimizer) -> Floats:
        """Return the learning rates of the next updates.

        Examples
        --------
        >>> SolverState(0.1, 0, {}).rates(2, MomentumOfRates())
        array([0.1, 0.1])
        """
        if isinstance(rule, AdamOfRates):
            updates = range(self.n_updates + 1, self.n_updates + 1 + n)
            return corrected_rates(self.learning_rate, updates, rule.beta1, rule.beta2)
        return np.full(n, self.learning_rate)

    def end_epoch(self, estimator: Any) -> None:
        """Lower the learning rate with the number of examples so far, if the estimator says so."""
        if estimator.solver != "adam" and estimator.learning_rate == "invscaling":
            self.learning_rate = estimator.learning_rate_init / (estimator.t_ + 1) ** estimator.power_t

    def lower_rate(self, estimator: Any, why: str) -> bool:
        """Divide an adaptive learning rate by 5; return False if it is not adaptive, or small enough."""
        adaptive = estimator.solver != "adam" and estimator.learning_rate == "adaptive"
        if adaptive and self.learning_rate > 1e-6:
            self.learning_rate /= 5.0
            if estimator.verbose:
                print(f"{why} Setting learning rate to {self.learning_rate:f}")
            return True
        if estimator.verbose:
            print(f"{why} Learning rate too small. Stopping." if adaptive else f"{why} Stopping.")
        return False
