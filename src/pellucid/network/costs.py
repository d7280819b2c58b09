r"""The cost functions, each with its value, slope, formula, domain and source.

In the formulas :math:`\hat y_i` is an output and :math:`y_i` its target; the loss of an example is the sum
over its outputs, and the cost of a set of :math:`N` examples is the mean over them.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Registry, parameter
from pellucid.errors import DataError
from pellucid.network.activation import Activation, Floats, Interval
from pellucid.network.activations import activations
from pellucid.network.cost import Cost, JointForm
from pellucid.network.slopes import check_cost

__all__ = ["costs"]

# The smallest normal float32 replaces a probability that rounds to 0, so that value and slope stay finite;
# with the canonical activation the joint form is used instead.
_TINY = 1.1754943508222875e-38
# The lower bound of a rate: larger than the above, so that a count divided by it stays finite in float32.
_LEAST_RATE = 1e-30


class MeanSquaredError(Cost):
    """Half the squared error; the factor cancels in the derivative."""

    name = "mean_squared_error"
    aliases = ("mse", "squared_error")
    formula = r"\frac{1}{2N} \sum_{k=1}^{N} \sum_i (y_i - \hat y_i)^2"
    slope_formula = r"-(y - \hat y)"
    source = "Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes"

    def value(self, prediction: Floats, target: Floats) -> Any:
        error = prediction - target
        return 0.5 * error * error

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return prediction - target


class MeanAbsoluteError(Cost):
    """The absolute error, which is robust to outliers."""

    name = "mean_absolute_error"
    aliases = ("mae", "absolute_error")
    formula = r"\frac{1}{N} \sum_{k=1}^{N} \sum_i |y_i - \hat y_i|"
    slope_formula = r"\operatorname{sign}(\hat y - y)"
    source = "Laplace 1793, Sur quelques points du système du monde"

    def value(self, prediction: Floats, target: Floats) -> Any:
        return np.abs(prediction - target)

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return np.sign(prediction - target)


@dataclass(frozen=True)
class Quantile(Cost):
    """The pinball loss, least at a quantile of the targets: two networks give a prediction interval."""

    name = "quantile"
    aliases = ("pinball",)
    formula = r"\frac{1}{N} \sum_{k=1}^{N} \sum_i \max(q e_i, (q - 1) e_i), \quad e = y - \hat y"
    slope_formula = r"-q \text{ if } e > 0, \; 1 - q \text{ if } e < 0, \text{ else } 0"
    task = "regression"
    source = "Koenker and Bassett 1978, https://doi.org/10.2307/1913643"

    q: float = parameter(0.5, above=0, below=1)

    def value(self, prediction: Floats, target: Floats) -> Any:
        error = target - prediction
        return np.maximum(self.q * error, (self.q - 1) * error)

    def slope(self, prediction: Floats, target: Floats) -> Any:
        error = target - prediction
        return np.where(error > 0, -self.q, np.where(error < 0, 1 - self.q, 0.0))


@dataclass(frozen=True)
class Huber(Cost):
    """Squared for errors up to delta, linear beyond: smooth, and robust to outliers."""

    name = "huber"
    formula = (
        r"\frac{1}{N} \sum_{k=1}^{N} \sum_i \begin{cases} \frac{1}{2} e_i^2 & |e_i| \le \delta \\"
        r" \delta (|e_i| - \frac{\delta}{2}) & |e_i| > \delta \end{cases}, \quad e = \hat y - y"
    )
    slope_formula = r"\min(\max(\hat y - y, -\delta), \delta)"
    source = "Huber 1964, https://doi.org/10.1214/aoms/1177703732"

    delta: float = parameter(1.0, above=0)

    def value(self, prediction: Floats, target: Floats) -> Any:
        size = np.abs(prediction - target)
        squared = np.minimum(size, self.delta)
        return squared * (size - 0.5 * squared)

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return np.clip(prediction - target, -self.delta, self.delta)


class Poisson(Cost):
    """Half the Poisson deviance of counts: 0 if the prediction equals the count, and never negative."""

    name = "poisson"
    formula = r"\frac{1}{N} \sum_{k=1}^{N} \sum_i \left(\hat y_i - y_i + y_i \ln \frac{y_i}{\hat y_i}\right)"
    slope_formula = r"1 - \frac{y}{\hat y}"
    domain = Interval(0, math.inf)
    domain_words = "numbers above 0"
    targets = Interval(0, math.inf)
    targets_words = "counts, 0 or more"
    task = "regression"
    source = "Nelder and Wedderburn 1972, https://doi.org/10.2307/2344614"

    def value(self, prediction: Floats, target: Floats) -> Any:
        surprise = np.log(np.maximum(target, _TINY)) - np.log(np.maximum(prediction, _LEAST_RATE))
        return prediction - target + target * surprise

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return 1 - target / np.maximum(prediction, _LEAST_RATE)


class _SigmoidCrossEntropy(JointForm):
    activation = "sigmoid"
    formula = r"\max(z, 0) - y z + \ln(1 + e^{-|z|})"

    def losses(self, z: Floats, target: Floats) -> Floats:
        values = np.maximum(z, 0) - target * z + np.log1p(np.exp(-np.abs(z)))
        losses: Floats = np.sum(values, axis=-1, dtype=z.dtype)
        return losses


class BinaryCrossEntropy(Cost):
    """The negative log-likelihood of yes-or-no targets; the outputs are probabilities."""

    name = "binary_cross_entropy"
    aliases = ("bce", "log_loss")
    formula = (
        r"-\frac{1}{N} \sum_{k=1}^{N} \sum_i \left(y_i \ln \hat y_i + (1 - y_i) \ln(1 - \hat y_i)\right)"
    )
    slope_formula = r"\frac{1 - y}{1 - \hat y} - \frac{y}{\hat y}"
    domain = Interval(0, 1)
    domain_words = "probabilities above 0 and below 1"
    targets = Interval(0, 1)
    targets_words = "numbers from 0 to 1"
    joint: ClassVar[JointForm | None] = _SigmoidCrossEntropy()
    source = "Good 1952, https://doi.org/10.1111/j.2517-6161.1952.tb00104.x"

    def value(self, prediction: Floats, target: Floats) -> Any:
        yes = target * np.log(np.maximum(prediction, _TINY))
        no = (1 - target) * np.log(np.maximum(1 - prediction, _TINY))
        return -(yes + no)

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return (1 - target) / np.maximum(1 - prediction, _TINY) - target / np.maximum(prediction, _TINY)


class _SoftmaxCrossEntropy(JointForm):
    activation = "softmax"
    formula = r"\ln \sum_k e^{z_k} - \sum_i y_i z_i"

    def losses(self, z: Floats, target: Floats) -> Floats:
        top = z.max(axis=-1, keepdims=True)
        log_sum = np.log(np.exp(z - top).sum(axis=-1))
        losses: Floats = log_sum - (target * (z - top)).sum(axis=-1)
        return losses


class CategoricalCrossEntropy(Cost):
    """The negative log-likelihood of the true class; the targets are one-hot encoded."""

    name = "categorical_cross_entropy"
    aliases: ClassVar[tuple[str, ...]] = ("cross_entropy", "cce")
    formula = r"-\frac{1}{N} \sum_{k=1}^{N} \sum_i y_i \ln \hat y_i"
    slope_formula = r"-\frac{y}{\hat y}"
    domain = Interval(0, 1)
    domain_words = "probabilities that sum to 1"
    targets = Interval(0, 1)
    targets_words = "one-hot rows (or any probabilities that sum to 1)"
    joint = _SoftmaxCrossEntropy()
    task = "classification"
    source = "Bridle 1990, https://doi.org/10.1007/978-3-642-76153-9_28"

    def value(self, prediction: Floats, target: Floats) -> Any:
        return -target * np.log(np.maximum(prediction, _TINY))

    def slope(self, prediction: Floats, target: Floats) -> Any:
        return -target / np.maximum(prediction, _TINY)

    def accepts(self, activation: Activation) -> bool:
        # Outputs that need not sum to 1 would all approach 1, and the cost 0, whatever the class.
        return activation.sums_to_one and super().accepts(activation)

    def check_targets(self, target: Any) -> None:
        super().check_targets(target)
        sums = np.asarray(target).sum(axis=-1)
        self._refuse(
            np.abs(sums - 1) > 1e-3,
            sums,
            "use binary_cross_entropy if an example can have several labels",
            words="a row with the sum {:g}",
        )


class SparseCategoricalCrossEntropy(CategoricalCrossEntropy):
    """The categorical cross entropy for class indices as targets."""

    name = "sparse_categorical_cross_entropy"
    aliases = ("sparse_cross_entropy",)
    formula = r"-\frac{1}{N} \sum_{k=1}^{N} \ln \hat y_{y_k}"
    targets = Interval(0, math.inf)
    targets_words = "class indices, counted from 0"
    takes_class_numbers = True

    def as_outputs(self, target: Any, like: Floats) -> Floats:
        one_hot = np.zeros_like(like)
        given = np.asarray(target).reshape(-1)
        numbers = given.astype(np.intp, copy=False)
        try:
            if len(numbers) != len(like) or (numbers < 0).any() or (numbers != given).any():
                raise IndexError  # NumPy would broadcast a single index to all rows
            one_hot[np.arange(len(like)), numbers] = 1
        except IndexError:
            raise DataError(
                "the targets do not match the outputs",
                expected=f"{len(like)} class indices from 0 to {like.shape[1] - 1}",
                received=f"{len(numbers)} from {numbers.min(initial=0)} to {numbers.max(initial=0)}",
                remedy="pass one class index per example, and use one output neuron per class",
            ) from None
        return one_hot

    def check_targets(self, target: Any) -> None:
        Cost.check_targets(self, target)
        numbers = np.asarray(target)
        self._refuse(numbers % 1 != 0, numbers, "use class indices, or choose a regression cost")


class Hinge(Cost):
    """The hinge loss: 0 for outputs on the right side of 0 by a margin of 1, linear below."""

    name = "hinge"
    formula = r"\frac{1}{N} \sum_{k=1}^{N} \sum_i \max(0, 1 - t_i \hat y_i), \quad t = 2 y - 1"
    slope_formula = r"-t \text{ if } t \hat y < 1, \text{ else } 0"
    domain_words = "numbers on both sides of 0"
    targets = Interval(0, 1)
    targets_words = "0 for no and 1 for yes"
    threshold = 0.0
    task = "classification"
    source = "Cortes and Vapnik 1995, https://doi.org/10.1007/BF00994018"

    def value(self, prediction: Floats, target: Floats) -> Any:
        return np.maximum(0, 1 - (2 * target - 1) * prediction)

    def slope(self, prediction: Floats, target: Floats) -> Any:
        side = 2 * target - 1
        return np.where(side * prediction < 1, -side, 0)

    def suits(self, task: str) -> bool:
        return task in ("classification", "multilabel")

    def accepts(self, activation: Activation) -> bool:
        return activation.range.low < 0 < activation.range.high


def _examine(cost: Cost) -> None:
    check_cost(cost, activations.get(cost.joint.activation) if cost.joint else None)


costs: Registry[Cost] = Registry(
    "cost",
    Cost,
    [
        MeanSquaredError,
        BinaryCrossEntropy,
        CategoricalCrossEntropy,
        SparseCategoricalCrossEntropy,
        MeanAbsoluteError,
        Quantile,
        Huber,
        Poisson,
        Hinge,
    ],
    examine=_examine,
)
