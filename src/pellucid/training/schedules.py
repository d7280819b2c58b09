r"""The schedules of the learning rate, each in one place.

In the formulas :math:`\alpha` is the initial learning rate, :math:`s` the number of updates done, :math:`n`
that of all updates, :math:`t = s / n`, and :math:`e` the number of epochs done, with the current one as a
fraction.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.declarations import Registry, parameter
from pellucid.evaluation import History
from pellucid.training.power import power
from pellucid.training.schedule import Schedule, ScheduleStep

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "Inverse",
    "Linear",
    "OneCycle",
    "Plateau",
    "Step",
    "WarmUp",
    "schedules",
]


def _along_cosine(first: float, last: float, share: Any) -> Any:
    """Return a number between two along half a cosine wave; the share of the way is below 1."""
    # The same as (1 + cos(pi * share)) / 2, which would round to 0 near the end of a long way.
    left = np.cos(math.pi * share / 2) ** 2
    return first * left + last * (1 - left)


class Linear(Schedule):
    """Falls in a straight line towards 0: large steps to get near, small ones to settle."""

    name = "linear"
    formula = r"\alpha (1 - t)"
    source = "Defazio, Cutkosky, Mehta and Mishchenko 2023, https://arxiv.org/abs/2310.07831"
    needs_end = True

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        return learning_rate * (1 - at.done)


class Constant(Schedule):
    """Stays as it is."""

    name = "constant"
    formula = r"\alpha"
    source = "Rumelhart, Hinton and Williams 1986, https://doi.org/10.1038/323533a0"

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        return learning_rate


@dataclass(frozen=True)
class Step(Schedule):
    """Stays for some epochs, falls at once, stays again."""

    name = "step"
    formula = r"\alpha \cdot \text{factor}^{\operatorname{floor}(e / \text{every})}"
    source = "Ge, Kakade, Kidambi and Netrapalli 2019, https://arxiv.org/abs/1904.12838"
    factor: float = parameter(0.5, above=0, at_most=1)
    every: float = parameter(10, above=0)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        falls = at.step // (self.every * at.steps_per_epoch)
        return learning_rate * power(self.factor, falls)


@dataclass(frozen=True)
class Exponential(Schedule):
    """Falls by the same share in every epoch, a little with each update."""

    name = "exponential"
    formula = r"\alpha \cdot \text{factor}^e"
    source = "Li, Zhuang and Orabona 2021, https://arxiv.org/abs/2002.05273"
    factor: float = parameter(0.95, above=0, at_most=1)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        return learning_rate * self.factor**at.epoch


@dataclass(frozen=True)
class Inverse(Schedule):
    """Falls fast at first and ever more slowly, with a power of the epochs that are done.

    Epochs are counted from 1, with fractions, so that the rate falls equally on small and large data. With a
    power above 1/2 and up to 1, the rates meet the conditions of Robbins and Monro: their sum diverges, the
    sum of their squares converges.
    """

    name = "inverse"
    aliases = ("inverse_scaling",)
    formula = r"\frac{\alpha}{(1 + e)^{\text{power}}}"
    source = "Robbins and Monro 1951, https://doi.org/10.1214/aoms/1177729586"
    power: float = parameter(0.5, above=0)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        return learning_rate * (1.0 + at.epoch) ** -self.power  # a large power must not overflow


@dataclass(frozen=True)
class Cosine(Schedule):
    """Falls towards 0 along half a wave of the cosine, once or several times over."""

    name = "cosine"
    formula = r"\frac{\alpha}{2} (1 + \cos(\pi \, (\text{cycles} \cdot t \operatorname{mod} 1)))"
    source = "Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983"
    needs_end = True
    cycles: float = parameter(1, at_least=1, whole=True)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        cycle = self.cycles * at.step / at.end  # in this order, a cycle that begins with an update is whole
        return _along_cosine(learning_rate, 0.0, cycle % 1)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Rises in a straight line, while the weights are still random, then falls in one towards 0."""

    name = "warm_up"
    aliases = ("warmup", "linear_warm_up")
    formula = r"\alpha \min(1, \frac{s + 1}{\text{rise} \cdot n}, \frac{1 - t}{1 - \text{rise}})"
    source = "Goyal et al. 2017, https://arxiv.org/abs/1706.02677"
    needs_end = True
    rise: float = parameter(0.1, above=0, below=1)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        # The first update is one step up already: at a rate of 0 it would have no effect.
        up = (at.step + 1) / (self.rise * at.end)
        down = (1 - at.done) / (1 - self.rise)
        return learning_rate * np.minimum(1.0, np.minimum(up, down))


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Rises from a small rate and falls to a far smaller one, both along half a wave of the cosine."""

    name = "one_cycle"
    aliases = ("onecycle",)
    formula = (
        r"\alpha (b + (a - b) \frac{1 + \cos(\pi u)}{2}) \text{ with } (a, b, u) = \begin{cases}"
        r" (\text{start}, 1, t / \text{rise}) & t < \text{rise} \\"
        r" (1, \text{end}, (t - \text{rise}) / (1 - \text{rise})) & t \ge \text{rise} \end{cases}"
    )
    source = "Smith and Topin 2017, https://arxiv.org/abs/1708.07120"
    needs_end = True
    rise: float = parameter(0.3, above=0, below=1)
    start: float = parameter(1 / 25, above=0, at_most=1)
    end: float = parameter(1 / 25e4, above=0, at_most=1)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        rising = _along_cosine(self.start, 1.0, at.done / self.rise)
        falling = _along_cosine(1.0, self.end, (at.done - self.rise) / (1 - self.rise))
        return learning_rate * np.where(at.done < self.rise, rising, falling)


@dataclass(frozen=True)
class Plateau(Schedule):
    """Stays until the cost has not fallen for some epochs, then falls at once.

    It is the cost of the validation set, or without one that of the training set, with sample and class
    weights if there are any; never that of the test set, which must not influence training. The cost has
    fallen if it is below the lowest one by more than a share of it, `least`; when the rate falls, the count
    of epochs starts again. The share is of the distance from 0, as usual: for a cost with a constant added,
    use ``least=0``.
    """

    name = "plateau"
    aliases = ("reduce_on_plateau",)
    formula = r"\alpha \cdot \text{factor}^k \text{ after } k \text{ plateaus}"
    source = "He, Zhang, Ren and Sun 2016, https://arxiv.org/abs/1512.03385"
    factor: float = parameter(0.5, above=0, below=1)
    patience: float = parameter(5, at_least=1, whole=True)
    least: float = parameter(1e-4, at_least=0, below=1)

    def rate(self, learning_rate: float, at: ScheduleStep) -> Any:
        """Return the learning rate of an update, before the factor of any plateau."""
        return learning_rate

    def multiplier(self, history: History) -> float:
        """Return the factor to the power of the plateaus so far."""
        column = history.cost_column("validation" if "validation_cost" in history.columns else "train")
        best, waited, plateaus = math.inf, 0, 0
        for cost in history.measured[column][1:]:  # row 0 was before any learning
            # A share of the distance from 0: costs may be negative.
            if math.isinf(best) or cost < best - self.least * abs(best):
                best, waited = cost, 0
                continue
            waited += 1
            if waited >= self.patience:
                waited, plateaus = 0, plateaus + 1
        return float(power(self.factor, plateaus))


schedules: Registry[Schedule] = Registry(
    "schedule",
    Schedule,
    [Linear, Constant, Step, Exponential, Inverse, Cosine, WarmUp, OneCycle, Plateau],
)
