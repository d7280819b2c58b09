"""How MNIST is learned to 98 %: a procedure for each contestant, the best that a search found for it."""

from dataclasses import dataclass

import numpy as np

from benchmarks.work import Floats
from pellucid.training import schedules
from pellucid.training.schedule import ScheduleStep

__all__ = ["GOAL", "PROCEDURES", "SIZES", "Procedure"]

SIZES = (784, 128, 10)
GOAL = 0.98


@dataclass(frozen=True)
class Procedure:
    """What may be chosen about the training of 784-128-10, ReLU and softmax.

    Parameters
    ----------
    optimizer : {"sgd", "momentum", "adam"}
    batch_size : int
    rate : float
        The learning rate that the schedule begins with.
    schedule : str
        As for `pellucid.train`.
    epochs : int
        The end that the schedule leads to, and the last epoch that may reach the goal.
    """

    optimizer: str
    batch_size: int
    rate: float
    schedule: str
    epochs: int

    def rates(self, examples: int) -> Floats:
        """Give the rate of every update, shape (epochs, updates of an epoch); batches are whole."""
        updates = examples // self.batch_size
        rule, all_updates = schedules.get(self.schedule), self.epochs * updates
        each = [rule.rate(self.rate, ScheduleStep(step, all_updates, updates)) for step in range(all_updates)]
        return np.array(each, np.float32).reshape(self.epochs, updates)


# Found with JAX on the grid of `benchmarks.search` and a little beside it, with two seeds a procedure
# and ten for some of the best; the median of the ten counts. With each of these all ten reached the
# goal: six in the fourth epoch, four in the fifth. Nothing had a median of three. Others with a median
# of four: cycles of four epochs, one at a time (nine of ten seeds) and in batches of 64 or 128 (seven),
# Adam in batches of 128 at 0.01, linear over four (seven), and batches of 32 at 0.05 (all ten), with
# four times the updates. PyTorch and scikit-learn were not searched for themselves: they have what JAX
# has.
PROCEDURES = {
    "Pellucid": Procedure("sgd", 1, 0.02, "one_cycle", 5),
    "JAX": Procedure("momentum", 128, 0.2, "one_cycle", 5),
    "PyTorch": Procedure("momentum", 128, 0.2, "one_cycle", 5),
    "scikit-learn": Procedure("momentum", 128, 0.2, "one_cycle", 5),
}
