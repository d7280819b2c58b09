"""The update rules of scikit-learn, which write the learning rate of each update in their own way."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.declarations import parameter
from pellucid.network import Floats
from pellucid.training.optimizer import Optimizer, State

__all__ = ["AdamOfRates", "MomentumOfRates", "corrected_rates"]


@dataclass(frozen=True)
class MomentumOfRates(Optimizer):
    """Momentum whose rate may change: the velocity is a change of the weights, not a gradient."""

    name = "momentum_of_rates"
    formula = r"v := \mu v - \alpha g, \quad w := w + v"
    source = "Sutskever, Martens, Dahl and Hinton 2013, https://proceedings.mlr.press/v28/sutskever13.html"
    keeps: ClassVar[tuple[str, ...]] = ("velocity",)

    momentum: float = parameter(0.9, at_least=0, at_most=1)
    # Whether the gradient is taken where the velocity leads: 1, or 0 if not.
    nesterov: float = parameter(1.0, at_least=0, at_most=1)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        velocity = self.momentum * state["velocity"] - rate * gradient
        change = self.momentum * velocity - rate * gradient if self.nesterov else velocity
        return change, {"velocity": velocity}


@dataclass(frozen=True)
class AdamOfRates(Optimizer):
    """Adam whose averages are corrected in the rate, so that epsilon is beside the uncorrected average."""

    name = "adam_of_rates"
    formula = (
        r"m := \beta_1 m + (1 - \beta_1) g, \quad v := \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"w := w - \frac{\alpha_t m}{\sqrt{v} + \epsilon}"
    )
    source = "Kingma and Ba 2015, section 2, https://arxiv.org/abs/1412.6980"
    keeps: ClassVar[tuple[str, ...]] = ("m", "v")
    usual_rate = 0.001

    beta1: float = parameter(0.9, at_least=0, below=1)
    beta2: float = parameter(0.999, at_least=0, below=1)
    epsilon: float = parameter(1e-8, above=0)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        m = self.beta1 * state["m"] + (1 - self.beta1) * gradient
        v = self.beta2 * state["v"] + (1 - self.beta2) * (gradient * gradient)
        return -rate * m / (np.sqrt(v) + self.epsilon), {"m": m, "v": v}


def corrected_rates(rate: float, updates: range, beta1: float, beta2: float) -> Floats:
    r"""Return :math:`\alpha_t = \alpha \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)` of updates, counted from 1.

    Examples
    --------
    >>> corrected_rates(0.001, range(1, 3), 0.9, 0.999).round(6)
    array([0.000316, 0.000235])
    """
    t = np.arange(updates.start, updates.stop)
    rates: Floats = rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return rates
