r"""The optimizers, each in one place: rule, formula, source.

In the formulas :math:`g` is the gradient, :math:`\alpha` the learning rate, :math:`w` the weight, :math:`t`
the number of the update, counted from 1. The other letters that are given a new value by ``:=`` are kept for
each weight, and begin at 0 unless the formula says otherwise.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Registry, parameter
from pellucid.errors import ConfigurationError
from pellucid.network import Floats
from pellucid.training.optimizer import Optimizer, Solver, State
from pellucid.training.power import power

__all__ = [
    "LBFGS",
    "SGD",
    "AMSGrad",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Lion",
    "Momentum",
    "NAdam",
    "Nesterov",
    "RMSProp",
    "Rprop",
    "optimizers",
]

# What is added to a root must be above 0 in a float32 too; a weight times any parameter must still be one.
_LEAST = 1e-30
_MOST = 1e6


def _average(kept: Any, new: Any, beta: float) -> Any:
    """Return the running average: a share beta of what was kept, the rest of what is new."""
    return beta * kept + (1 - beta) * new


def _unbiased(average: Any, beta: float, t: int) -> Any:
    """Correct a running average for its start at 0."""
    # A product with one plain number: a quotient takes many times as long, for each weight.
    return average * (1 / (1 - power(beta, t)))


class SGD(Optimizer):
    """Gradient descent as in the textbook: a step straight down the slope."""

    name = "sgd"
    aliases = ("gradient_descent",)
    formula = r"w := w - \alpha g"
    source = "Robbins and Monro 1951, https://doi.org/10.1214/aoms/1177729586"

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        return -rate * gradient, {}


@dataclass(frozen=True)
class Momentum(Optimizer):
    """A heavy ball: speed builds up along a valley, and oscillations cancel."""

    name = "momentum"
    aliases = ("heavy_ball",)
    formula = r"v := \mu v + g, \quad w := w - \alpha v"
    source = "Polyak 1964, https://doi.org/10.1016/0041-5553(64)90137-5"
    keeps = ("v",)
    usual_rate = 0.001  # each gradient counts ten times in the end

    momentum: float = parameter(0.9, at_least=0, below=1)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        v = self.momentum * state["v"] + gradient
        return -rate * v, {"v": v}


class Nesterov(Momentum):
    """Momentum that looks ahead: it goes the way that the speed will have taken next."""

    name = "nesterov"
    aliases = ("nag",)
    formula = r"v := \mu v + g, \quad w := w - \alpha (\mu v + g)"
    source = (
        "Bengio, Boulanger-Lewandowski and Pascanu 2013, after Nesterov 1983, https://arxiv.org/abs/1212.0901"
    )

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        v = self.momentum * state["v"] + gradient
        return -rate * (self.momentum * v + gradient), {"v": v}


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """A rate for each weight, which falls with all the gradients it has seen: long steps for rare inputs."""

    name = "adagrad"
    formula = r"s := s + g^2 \text{ from } s = s_0, \quad w := w - \frac{\alpha g}{\sqrt{s + \epsilon}}"
    source = "Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html"
    keeps = ("s",)

    initial: float = parameter(0.1, at_least=0, at_most=_MOST)
    epsilon: float = parameter(1e-7, at_least=_LEAST, at_most=_MOST)

    def start(self, weights: Floats) -> State:
        return {"s": np.full_like(weights, self.initial)}

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        s = state["s"] + gradient * gradient
        return -rate * gradient / np.sqrt(s + self.epsilon), {"s": s}


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """The gradient in units of its own usual size: AdaGrad whose memory fades."""

    name = "rmsprop"
    formula = r"v := \beta v + (1 - \beta) g^2, \quad w := w - \frac{\alpha g}{\sqrt{v + \epsilon}}"
    source = (
        "Hinton, Srivastava and Swersky 2012,"
        " https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf"
    )
    keeps = ("v",)
    usual_rate = 0.001

    beta: float = parameter(0.9, at_least=0, below=1)
    epsilon: float = parameter(1e-8, at_least=_LEAST, at_most=_MOST)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        v = _average(state["v"], gradient * gradient, self.beta)
        return -rate * gradient / np.sqrt(v + self.epsilon), {"v": v}


_MOMENTS = r"m := \beta_1 m + (1 - \beta_1) g, \quad v := \beta_2 v + (1 - \beta_2) g^2, \quad "


@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum in units of the gradient's usual size: a good first choice, as its usual rate often fits."""

    name = "adam"
    formula = (
        _MOMENTS + r"\hat m = \frac{m}{1 - \beta_1^t}, \quad \hat v = \frac{v}{1 - \beta_2^t}, \quad "
        r"w := w - \frac{\alpha \hat m}{\sqrt{\hat v} + \epsilon}"
    )
    source = "Kingma and Ba 2015, https://arxiv.org/abs/1412.6980"
    keeps: ClassVar[tuple[str, ...]] = ("m", "v")
    usual_rate = 0.001

    beta1: float = parameter(0.9, at_least=0, below=1)
    beta2: float = parameter(0.999, at_least=0, below=1)
    epsilon: float = parameter(1e-8, at_least=_LEAST, at_most=_MOST)

    def moments(self, gradient: Floats, state: State) -> tuple[Any, Any]:
        """Return the running averages of the gradient and of its square."""
        m = _average(state["m"], gradient, self.beta1)
        v = _average(state["v"], gradient * gradient, self.beta2)
        return m, v

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        m, v = self.moments(gradient, state)
        m_hat, v_hat = _unbiased(m, self.beta1, t), _unbiased(v, self.beta2, t)
        return -rate * m_hat / (np.sqrt(v_hat) + self.epsilon), {"m": m, "v": v}


class AMSGrad(Adam):
    """Adam whose rates never rise again: a rare large gradient is not forgotten."""

    name = "amsgrad"
    formula = (
        _MOMENTS
        + r"\hat m = \frac{m}{1 - \beta_1^t}, \quad u := \max\left(u, \frac{v}{1 - \beta_2^t}\right),"
        r" \quad w := w - \frac{\alpha \hat m}{\sqrt{u} + \epsilon}"
    )
    source = "Reddi, Kale and Kumar 2018, https://arxiv.org/abs/1904.09237"
    keeps = ("m", "v", "u")

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        m, v = self.moments(gradient, state)
        m_hat, u = _unbiased(m, self.beta1, t), np.maximum(state["u"], _unbiased(v, self.beta2, t))
        return -rate * m_hat / (np.sqrt(u) + self.epsilon), {"m": m, "v": v, "u": u}


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, and besides it each weight shrinks by the same share, however large its gradients are."""

    name = "adamw"
    formula = Adam.formula + r" - \alpha \lambda w"
    source = "Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101"

    weight_decay: float = parameter(0.01, at_least=0, at_most=_MOST)

    @property
    def decay(self) -> float:
        return self.weight_decay


class NAdam(Adam):
    """Adam that looks ahead, as Nesterov's momentum does."""

    name = "nadam"
    formula = (
        _MOMENTS
        + r"\hat m = \frac{\beta_1 m}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1) g}{1 - \beta_1^t}, \quad "
        r"\hat v = \frac{v}{1 - \beta_2^t}, \quad w := w - \frac{\alpha \hat m}{\sqrt{\hat v} + \epsilon}"
    )
    source = "Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ"

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        m, v = self.moments(gradient, state)
        next_m, now = _unbiased(m, self.beta1, t + 1), _unbiased(gradient, self.beta1, t)
        m_hat, v_hat = _average(next_m, now, self.beta1), _unbiased(v, self.beta2, t)
        return -rate * m_hat / (np.sqrt(v_hat) + self.epsilon), {"m": m, "v": v}


@dataclass(frozen=True)
class Lion(Optimizer):
    """A step of the same length for every weight: only the sign of the momentum counts; found by a search."""

    name = "lion"
    formula = (
        r"w := w - \alpha \operatorname{sign}(\beta_1 m + (1 - \beta_1) g) - \alpha \lambda w,"
        r" \quad m := \beta_2 m + (1 - \beta_2) g"
    )
    source = "Chen et al. 2023, https://arxiv.org/abs/2302.06675"
    keeps = ("m",)
    usual_rate = 0.0001

    beta1: float = parameter(0.9, at_least=0, below=1)
    beta2: float = parameter(0.99, at_least=0, below=1)
    weight_decay: float = parameter(0.001, at_least=0, at_most=_MOST)

    @property
    def decay(self) -> float:
        return self.weight_decay

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        direction = np.sign(_average(state["m"], gradient, self.beta1))
        return -rate * direction, {"m": _average(state["m"], gradient, self.beta2)}


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Only the gradient's sign counts: steps grow while it stays, shrink and pause where it turns (iRprop-).

    The learning rate is the size of the first step; afterwards each weight finds its own, and what a schedule
    makes of the rate has no effect. After a turn the sign counts as 0, so that the next step is taken at the
    size that was just found.
    """

    name = "rprop"
    aliases = ("irprop",)
    formula = (
        r"s := \begin{cases} \alpha & t = 1 \\ \min(\eta_+ s, s_{\max}) & g d > 0 \\"
        r" \max(\eta_- s, s_{\min}) & g d < 0 \\ s & g d = 0 \end{cases},"
        r" \quad d := \begin{cases} 0 & g d < 0 \\ \operatorname{sign}(g) & g d \ge 0 \end{cases},"
        r" \quad w := w - s d"
    )
    source = "Igel and Hüsken 2003, https://doi.org/10.1016/S0925-2312(01)00700-7"
    keeps = ("s", "d")
    full_batch = True

    grow: float = parameter(1.2, above=1, at_most=_MOST)
    shrink: float = parameter(0.5, above=0, below=1)
    least: float = parameter(1e-6, at_least=0, at_most=_MOST)
    most: float = parameter(50.0, above=0, at_most=_MOST)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.least > self.most:
            raise ConfigurationError(
                f"the least step of {self.name} is larger than the most",
                expected="least no larger than most",
                received=f"least={self.least:g}, most={self.most:g}",
            )

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        s = np.where(t == 1, state["s"] + rate, state["s"])  # a sum, for a number alone would have no dtype
        stays = gradient * state["d"]
        grown, shrunk = np.minimum(self.grow * s, self.most), np.maximum(self.shrink * s, self.least)
        s = np.where(stays > 0, grown, np.where(stays < 0, shrunk, s))
        d = np.where(stays < 0, 0 * gradient, np.sign(gradient))
        return -d * s, {"s": s, "d": d}


@dataclass(frozen=True)
class LBFGS(Solver):
    """Newton's method with the curvature estimated from the last steps: for small sets and smooth costs.

    Each iteration searches along a line for its step, by the cost of all examples; see
    `pellucid.training.lbfgs`. It ends where an iteration lowers the cost by a smaller share than ``ftol``, or
    where no slope is larger than ``gtol``; or once the cost was computed ``max_fun`` times.
    """

    name = "lbfgs"
    aliases = ("l_bfgs",)
    formula = r"w := w - \alpha_t H_t g"
    source = "Liu and Nocedal 1989, https://doi.org/10.1007/BF01589116"
    usual_rate = 1.0  # the step that a search tries first
    full_batch = True
    searches = True

    memory: float = parameter(10, at_least=1, whole=True)
    max_fun: float = parameter(10**9, at_least=1, whole=True)
    gtol: float = parameter(1e-5, at_least=0)
    ftol: float = parameter(float(10**7 * np.finfo(np.float64).eps), at_least=0)


optimizers: Registry[Solver] = Registry(
    "optimizer",
    Solver,
    [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AMSGrad, AdamW, NAdam, Lion, Rprop, LBFGS],
)
