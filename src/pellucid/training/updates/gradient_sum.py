"""The gradient of all examples, added up batch by batch, for a line search that takes its own steps."""

from dataclasses import replace

import numpy as np

from pellucid.network import Floats
from pellucid.training.config import TrainingConfig
from pellucid.training.optimizer import Optimizer, State

__all__ = ["ROWS", "GradientSum", "as_sums"]

# The examples of a batch: as many as are quick to go through, so that a run can be stopped between two.
ROWS = 2048


class GradientSum(Optimizer):
    """Leaves the weights as they are, and adds up their gradients, each times the rate of its update."""

    name = "gradient_sum"
    formula = r"s := s + \alpha g"
    keeps = ("s",)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        return np.zeros_like(gradient), {"s": state["s"] + rate * gradient}


def as_sums(settings: TrainingConfig) -> TrainingConfig:
    """Return the settings with updates that only add up gradients."""
    return replace(settings, optimizer=GradientSum(), batch_size=ROWS)
