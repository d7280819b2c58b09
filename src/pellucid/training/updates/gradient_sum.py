"""The gradient of all examples, added up batch by batch, for a line search."""

import numpy as np

from pellucid.network import Floats
from pellucid.training.optimizer import Optimizer, State

__all__ = ["ROWS", "GradientSum"]

# The examples of a batch: few enough to be quick, so that training can stop between two batches.
ROWS = 2048


class GradientSum(Optimizer):
    """Adds up gradients, each times the rate of its update, without changing the weights."""

    name = "gradient_sum"
    formula = r"s := s + \alpha g"
    keeps = ("s",)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        return np.zeros_like(gradient), {"s": state["s"] + rate * gradient}
