"""Optimizers: what each must define."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Declaration
from pellucid.errors import ConfigurationError
from pellucid.network import Floats

__all__ = ["Optimizer", "Solver", "State", "check_kept"]

# The arrays that an optimizer keeps from one update to the next, by name.
State = dict[str, Floats]


@dataclass(frozen=True)
class Solver(Declaration, ABC):
    """A way to find the weights of a network: by an optimizer's updates, or by a line search.

    Attributes
    ----------
    keeps : tuple of str
        The names of the arrays that it keeps for each weight, as in the formula.
    usual_rate : float
        A learning rate to begin with.
    full_batch : bool
        Whether it needs the gradient of all examples at once.
    searches : bool
        Whether it finds its steps by a line search, without a rule and a rate.
    """

    keeps: ClassVar[tuple[str, ...]] = ()
    usual_rate: ClassVar[float] = 0.01
    full_batch: ClassVar[bool] = False
    searches: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in self.parameters.items():
            # A number of NumPy's would carry its own precision into every step; Python's takes the weights'.
            object.__setattr__(self, name, float(value))

    def describe(self) -> dict[str, Any]:
        """Return all that a listing shows, ready for JSON."""
        return super().describe() | {
            "keeps": list(self.keeps),
            "usual_rate": self.usual_rate,
            "full_batch": self.full_batch,
        }


@dataclass(frozen=True)
class Optimizer(Solver):
    r"""A rule that computes a change of the weights from a gradient.

    A subclass writes `step` as NumPy expressions that treat every weight alike: weights and biases of any
    shape go through the same rule. It is pure: it does not change its arguments. In the formulas :math:`g`
    is the gradient, :math:`\alpha` the learning rate, :math:`w` the weight, :math:`t` the number of the
    update, counted from 1.

    Attributes
    ----------
    keeps, usual_rate, full_batch
        As for any `Solver`; each of the arrays begins at 0 unless `start` returns something else.
    decay : float
        The decoupled weight decay :math:`\lambda`: each update also subtracts :math:`\alpha \lambda w` from
        each weight, in a piece of its own after `step`.

    Examples
    --------
    >>> from pellucid.training import optimizers
    >>> change, state = optimizers.get("sgd").step(np.array([2.0]), {}, rate=0.1, t=1)
    >>> change
    array([-0.2])

    An optimizer of one's own works everywhere once it is registered:

    >>> from pellucid.training import Optimizer
    >>> class SignDescent(Optimizer):
    ...     '''A step of the same length for every weight.'''
    ...     name = "sign_descent"
    ...     formula = r"w := w - \alpha \operatorname{sign}(g)"
    ...     def step(self, gradient, state, rate, t):
    ...         return -rate * np.sign(gradient), {}
    >>> optimizers.register(SignDescent) is type(optimizers.get("sign_descent"))
    True
    """

    @property
    def decay(self) -> float:
        """The decoupled weight decay; none by default."""
        return 0.0

    def start(self, weights: Floats) -> State:
        """Return the state before the first update."""
        return {name: np.zeros_like(weights) for name in self.keeps}

    @abstractmethod
    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        r"""Return the change of the weights, and the state for the next update.

        Parameters
        ----------
        gradient : array of float
            :math:`g`, of the weights' shape and dtype.
        state : dict of arrays
            The state by name, each array of that shape.
        rate : float
            :math:`\alpha`.
        t : int
            The number of the update, counted from 1.

        Returns
        -------
        array of the gradient's shape and dtype
            The change to add to the weights.
        dict of arrays
            The new state, by name.
        """


def check_kept(optimizer: Optimizer, state: Mapping[str, Any], method: str) -> None:
    """Check that a method of an optimizer has returned the arrays that the optimizer keeps, by name."""
    if state.keys() != set(optimizer.keeps):
        raise ConfigurationError(
            f"{method} of {optimizer.name} does not return the state that the optimizer keeps",
            expected=f"keeps: {', '.join(optimizer.keeps) or 'nothing'}",
            received=", ".join(state) or "nothing",
            remedy="return each array that keeps names, and no other",
        )
