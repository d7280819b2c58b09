r"""The activation functions, each with its value, slope, formula, range and source.

In the formulas :math:`z` is the weighted sum, :math:`a` the output, :math:`\sigma` the sigmoid,
:math:`\Phi` and :math:`\varphi` the normal distribution's CDF and PDF.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from pellucid.declarations import Registry, parameter
from pellucid.network.activation import Activation, Floats, Interval
from pellucid.network.slopes import check_activation

__all__ = ["activations"]


# A weighted sum of 1e30 times a parameter must still be a finite float32.
_STEEPEST = 1e6


def _sigmoid(z: Any) -> Any:
    # The exponential of a negative number only, so that nothing overflows.
    small = np.exp(-np.abs(z))
    return np.where(z > 0, 1, small) / (1 + small)


def _softplus(z: Any) -> Any:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


class Identity(Activation):
    """The unchanged weighted sum, for the output layer of a regression."""

    name = "identity"
    aliases = ("linear",)
    formula = r"z"
    slope_formula = r"1"
    range = Interval()
    source = "Widrow and Hoff 1960, Adaptive switching circuits"

    def value(self, z: Floats) -> Any:
        return z

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.ones_like(z)


class Step(Activation):
    """1 for positive inputs, else 0."""

    name = "step"
    aliases = ("heaviside",)
    formula = r"1 \text{ if } z > 0, \text{ else } 0"
    slope_formula = r"0"
    range = Interval(0, 1, closed_low=True, closed_high=True)
    train_with = "sigmoid"
    source = "McCulloch and Pitts 1943, https://doi.org/10.1007/BF02478259"

    def value(self, z: Floats) -> Any:
        return np.where(z > 0, 1, 0)

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.zeros_like(z)


class Sign(Activation):
    """1 for positive inputs, else -1."""

    name = "sign"
    formula = r"1 \text{ if } z > 0, \text{ else } -1"
    slope_formula = r"0"
    range = Interval(-1, 1, closed_low=True, closed_high=True)
    train_with = "tanh"
    source = "Rosenblatt 1958, https://doi.org/10.1037/h0042519"

    def value(self, z: Floats) -> Any:
        return np.where(z > 0, 1, -1)

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.zeros_like(z)


class Sigmoid(Activation):
    """The logistic function, whose output can be read as a probability: from 0 to 1, and 0.5 at 0."""

    name = "sigmoid"
    aliases = ("logistic",)
    formula = r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    slope_formula = r"a (1 - a)"
    range = Interval(0, 1)
    source = "Rumelhart, Hinton and Williams 1986, https://doi.org/10.1038/323533a0"

    def value(self, z: Floats) -> Any:
        return _sigmoid(z)

    def slope(self, z: Floats, a: Floats) -> Any:
        return a * (1 - a)


class Tanh(Activation):
    """The hyperbolic tangent: a sigmoid curve from -1 to 1, centred on 0."""

    name = "tanh"
    formula = r"\tanh(z)"
    slope_formula = r"1 - a^2"
    range = Interval(-1, 1)
    source = "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.4"

    def value(self, z: Floats) -> Any:
        return np.tanh(z)

    def slope(self, z: Floats, a: Floats) -> Any:
        return 1 - a * a


class ReLU(Activation):
    """The rectified linear unit: positive inputs unchanged, else 0. The derivative at 0 is taken as 0."""

    name = "relu"
    formula = r"\max(0, z)"
    slope_formula = r"1 \text{ if } z > 0, \text{ else } 0"
    range = Interval(0, math.inf, closed_low=True)
    initializer = "he_normal"
    source = "Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines"

    def value(self, z: Floats) -> Any:
        return np.maximum(z, 0)

    def slope(self, z: Floats, a: Floats) -> Any:
        return z > 0


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """A ReLU with a small slope for negative inputs, so that no neuron dies."""

    name = "leaky_relu"
    formula = r"z \text{ if } z > 0, \text{ else } \alpha z"
    slope_formula = r"1 \text{ if } z > 0, \text{ else } \alpha"
    range = Interval()
    initializer = "he_normal"
    source = "Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic models"

    alpha: float = parameter(0.01, above=0, at_most=_STEEPEST)

    def value(self, z: Floats) -> Any:
        return np.where(z > 0, z, self.alpha * z)

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.where(z > 0, 1, self.alpha)


@dataclass(frozen=True)
class ELU(Activation):
    """The exponential linear unit: linear above 0, an exponential that approaches -alpha below."""

    name = "elu"
    formula = r"z \text{ if } z > 0, \text{ else } \alpha (e^z - 1)"
    slope_formula = r"1 \text{ if } z > 0, \text{ else } \alpha e^z"
    initializer = "he_normal"
    source = "Clevert, Unterthiner and Hochreiter 2016, https://arxiv.org/abs/1511.07289"

    alpha: float = parameter(1.0, above=0, at_most=_STEEPEST)

    @property
    def range(self) -> Interval:  # type: ignore[override]  # it depends on alpha
        return Interval(-self.alpha, math.inf)

    def value(self, z: Floats) -> Any:
        return np.where(z > 0, z, self.alpha * np.expm1(np.minimum(z, 0)))

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.where(z > 0, 1, self.alpha * np.exp(np.minimum(z, 0)))


# The fixed point of Klambauer et al., section 2, equation (14): mean 0 and variance 1 are preserved.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


class SELU(Activation):
    """The ELU scaled so that layers with LeCun-normal weights preserve mean 0 and variance 1."""

    name = "selu"
    formula = r"\lambda z \text{ if } z > 0, \text{ else } \lambda \alpha (e^z - 1)"
    slope_formula = r"\lambda \text{ if } z > 0, \text{ else } \lambda \alpha e^z"
    range = Interval(-_SELU_SCALE * _SELU_ALPHA, math.inf)
    initializer = "lecun_normal"
    source = "Klambauer, Unterthiner, Mayr and Hochreiter 2017, https://arxiv.org/abs/1706.02515"

    def value(self, z: Floats) -> Any:
        return _SELU_SCALE * np.where(z > 0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0)))

    def slope(self, z: Floats, a: Floats) -> Any:
        return _SELU_SCALE * np.where(z > 0, 1, _SELU_ALPHA * np.exp(np.minimum(z, 0)))


class GELU(Activation):
    """The Gaussian error linear unit: the input times the normal CDF of the input."""

    name = "gelu"
    formula = r"z \, \Phi(z)"
    slope_formula = r"\Phi(z) + z \, \varphi(z)"
    range = Interval(-0.16997120747990369, math.inf, closed_low=True)
    initializer = "he_normal"
    source = "Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415"

    def value(self, z: Floats) -> Any:
        return z * ndtr(z)

    def slope(self, z: Floats, a: Floats) -> Any:
        near = np.clip(z, -40, 40)  # beyond, the PDF is 0 in any float; the square of 1e30 would overflow
        return ndtr(z) + near * (np.exp(-0.5 * near * near) / math.sqrt(2 * math.pi))


_GELU_SLOPE = math.sqrt(2 / math.pi)
_GELU_CUBE = 0.044715


class TanhGELU(Activation):
    """The tanh approximation of GELU, as in GPT-2 and the first release of BERT."""

    name = "gelu_tanh"
    formula = r"\frac{z}{2} \left(1 + \tanh\left(\sqrt{2/\pi} \, (z + 0.044715 \, z^3)\right)\right)"
    slope_formula = (
        r"\frac{1 + t}{2} + \frac{z}{2} (1 - t^2) \sqrt{2/\pi} \, (1 + 0.134145 \, z^2),"
        r"\quad t = \tanh\left(\sqrt{2/\pi} \, (z + 0.044715 \, z^3)\right)"
    )
    range = Interval(-0.17004075057125412, math.inf, closed_low=True)
    initializer = "he_normal"
    source = "Hendrycks and Gimpel 2016, section 2, https://arxiv.org/abs/1606.08415"

    def value(self, z: Floats) -> Any:
        near = np.clip(z, -10, 10)  # beyond, the tanh is 1 in any float; the cube of 1e30 would overflow
        return 0.5 * z * (1 + np.tanh(_GELU_SLOPE * (near + _GELU_CUBE * near * near * near)))

    def slope(self, z: Floats, a: Floats) -> Any:
        near = np.clip(z, -10, 10)
        t = np.tanh(_GELU_SLOPE * (near + _GELU_CUBE * near * near * near))
        inner = _GELU_SLOPE * (1 + 3 * _GELU_CUBE * near * near)
        return 0.5 * (1 + t) + 0.5 * near * (1 - t * t) * inner


class Softplus(Activation):
    """A smooth ReLU; always positive, so it suits counts and rates."""

    name = "softplus"
    formula = r"\ln(1 + e^z)"
    slope_formula = r"\sigma(z)"
    range = Interval(0, math.inf)
    initializer = "he_normal"
    source = "Dugas, Bengio, Bélisle, Nadeau and Garcia 2000, Incorporating second-order functional knowledge"

    def value(self, z: Floats) -> Any:
        return _softplus(z)

    def slope(self, z: Floats, a: Floats) -> Any:
        return _sigmoid(z)


class Exp(Activation):
    """Always positive and its own slope: the canonical output for counts and rates (a log link)."""

    name = "exp"
    aliases = ("exponential",)
    formula = r"e^z"
    slope_formula = r"a"
    range = Interval(0, math.inf)
    source = "Nelder and Wedderburn 1972, https://doi.org/10.2307/2344614"

    def value(self, z: Floats) -> Any:
        return np.exp(z)

    def slope(self, z: Floats, a: Floats) -> Any:
        return a


class Softsign(Activation):
    """A sigmoid curve from -1 to 1 without exponentials, slow to saturate."""

    name = "softsign"
    formula = r"\frac{z}{1 + |z|}"
    slope_formula = r"\frac{1}{(1 + |z|)^2}"
    range = Interval(-1, 1)
    source = (
        "Bergstra, Desjardins, Lamblin and Bengio 2009, Quadratic polynomials learn better image features"
    )

    def value(self, z: Floats) -> Any:
        return z / (1 + np.abs(z))

    def slope(self, z: Floats, a: Floats) -> Any:
        ratio = 1 / (1 + np.abs(z))  # squared afterwards: the square of 1e30 would overflow
        return ratio * ratio


# The minimum of z σ(z), at z = -1 - W(1/e) with Lambert's W; its value is -W(1/e).
_SWISH_LOWEST = -0.27846454276107377


@dataclass(frozen=True)
class Swish(Activation):
    """The input times its sigmoid; with beta 1 also called SiLU."""

    name = "swish"
    aliases = ("silu",)
    formula = r"z \, \sigma(\beta z)"
    slope_formula = r"s \left(1 + \beta z (1 - s)\right), \quad s = \sigma(\beta z)"
    initializer = "he_normal"
    source = "Ramachandran, Zoph and Le 2017, https://arxiv.org/abs/1710.05941"

    beta: float = parameter(1.0, above=0, at_most=_STEEPEST)

    @property
    def range(self) -> Interval:  # type: ignore[override]  # it depends on beta
        return Interval(_SWISH_LOWEST / self.beta, math.inf, closed_low=True)

    def value(self, z: Floats) -> Any:
        return z * _sigmoid(self.beta * z)

    def slope(self, z: Floats, a: Floats) -> Any:
        s = _sigmoid(self.beta * z)
        return s * (1 + self.beta * z * (1 - s))


class Mish(Activation):
    """The input times the tanh of its softplus."""

    name = "mish"
    formula = r"z \tanh(\ln(1 + e^z))"
    slope_formula = r"t + z \, \sigma(z) (1 - t^2), \quad t = \tanh(\ln(1 + e^z))"
    range = Interval(-0.30884341301725043, math.inf, closed_low=True)
    initializer = "he_normal"
    source = "Misra 2019, https://arxiv.org/abs/1908.08681"

    def value(self, z: Floats) -> Any:
        return z * np.tanh(_softplus(z))

    def slope(self, z: Floats, a: Floats) -> Any:
        t = np.tanh(_softplus(z))
        return t + z * _sigmoid(z) * (1 - t * t)


class HardSigmoid(Activation):
    """A piecewise linear sigmoid: a straight line from 0 to 1 between -3 and 3."""

    name = "hard_sigmoid"
    formula = r"\min(\max(z/6 + 1/2, 0), 1)"
    slope_formula = r"1/6 \text{ if } -3 < z < 3, \text{ else } 0"
    range = Interval(0, 1, closed_low=True, closed_high=True)
    source = "Howard et al. 2019, section 5.2, https://arxiv.org/abs/1905.02244"

    def value(self, z: Floats) -> Any:
        return np.clip(z / 6 + 0.5, 0, 1)

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.where(np.abs(z) < 3, 1 / 6, 0)


class HardSwish(Activation):
    """The input times its hard sigmoid."""

    name = "hard_swish"
    formula = r"z \min(\max(z/6 + 1/2, 0), 1)"
    slope_formula = (
        r"0 \text{ if } z \le -3, \quad z/3 + 1/2 \text{ if } -3 < z < 3, \quad 1 \text{ if } z \ge 3"
    )
    range = Interval(-0.375, math.inf, closed_low=True)
    initializer = "he_normal"
    source = "Howard et al. 2019, section 5.2, https://arxiv.org/abs/1905.02244"

    def value(self, z: Floats) -> Any:
        return z * np.clip(z / 6 + 0.5, 0, 1)

    def slope(self, z: Floats, a: Floats) -> Any:
        return np.where(np.abs(z) < 3, z / 3 + 0.5, z > 0)


class ReLU6(Activation):
    """A ReLU with a maximum of 6."""

    name = "relu6"
    formula = r"\min(\max(0, z), 6)"
    slope_formula = r"1 \text{ if } 0 < z < 6, \text{ else } 0"
    range = Interval(0, 6, closed_low=True, closed_high=True)
    initializer = "he_normal"
    source = "Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10"

    def value(self, z: Floats) -> Any:
        return np.clip(z, 0, 6)

    def slope(self, z: Floats, a: Floats) -> Any:
        return (z > 0) & (z < 6)


class Softmax(Activation):
    r"""The outputs of a layer as probabilities: positive, with a sum of 1.

    Its derivative is the Jacobian matrix :math:`\partial a_i / \partial z_j = a_i ([i = j] - a_j)`; `slope`
    returns its diagonal, and `backward` multiplies by the whole matrix.
    """

    name = "softmax"
    formula = r"\frac{e^{z_i}}{\sum_k e^{z_k}}"
    slope_formula = r"\frac{\partial a_i}{\partial z_j} = a_i \, ([i = j] - a_j)"
    range = Interval(0, 1)
    acts_on_layer = True
    sums_to_one = True
    source = "Bridle 1990, https://doi.org/10.1007/978-3-642-76153-9_28"

    def value(self, z: Floats) -> Any:
        powers = np.exp(z - z.max(axis=-1, keepdims=True))  # the largest is 1: nothing overflows
        return powers / powers.sum(axis=-1, keepdims=True)

    def slope(self, z: Floats, a: Floats) -> Any:
        return a * (1 - a)

    def backward(self, z: Floats, a: Floats, slope_in_a: Floats) -> Floats:
        mean_slope = (a * slope_in_a).sum(axis=-1, keepdims=True)
        delta: Floats = a * (slope_in_a - mean_slope)
        return delta


activations: Registry[Activation] = Registry(
    "activation",
    Activation,
    [
        Identity,
        Step,
        Sign,
        Sigmoid,
        Tanh,
        ReLU,
        LeakyReLU,
        ELU,
        SELU,
        GELU,
        TanhGELU,
        Softplus,
        Exp,
        Softsign,
        Swish,
        Mish,
        HardSigmoid,
        HardSwish,
        ReLU6,
        Softmax,
    ],
    examine=check_activation,
)
