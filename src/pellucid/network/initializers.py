r"""Initializers: random weights, at a scale that preserves the signals from layer to layer.

In the formulas :math:`n` is the number of inputs of a layer and :math:`m` the number of its neurons.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from pellucid.declarations import Declaration, Registry
from pellucid.network.activation import Floats

__all__ = ["Initializer", "initializers"]


@dataclass(frozen=True)
class Initializer(Declaration, ABC):
    """A rule that draws the weights of a layer.

    Examples
    --------
    >>> import numpy as np
    >>> weights = initializers.get("he_normal").draw(200, 100, np.random.default_rng(0))
    >>> weights.shape, round(float(weights.std()), 2)
    ((200, 100), 0.1)
    """

    @abstractmethod
    def draw(self, n_in: int, n_out: int, random: np.random.Generator) -> Floats:
        """Draw weights.

        Parameters
        ----------
        n_in, n_out : int
            Inputs and neurons of the layer.
        random : numpy.random.Generator
            The source of the random numbers.

        Returns
        -------
        array of float64, shape (n_in, n_out)
        """


class _Normal(Initializer):
    @abstractmethod
    def variance(self, n_in: int, n_out: int) -> float: ...

    def draw(self, n_in: int, n_out: int, random: np.random.Generator) -> Floats:
        return math.sqrt(self.variance(n_in, n_out)) * random.standard_normal((n_in, n_out))


class _Uniform(_Normal):
    def draw(self, n_in: int, n_out: int, random: np.random.Generator) -> Floats:
        limit = math.sqrt(3 * self.variance(n_in, n_out))
        return random.uniform(-limit, limit, (n_in, n_out))


class HeNormal(_Normal):
    """Normal, for activations that pass about half of their inputs, such as ReLU (He initialization)."""

    name = "he_normal"
    formula = r"\mathcal N\left(0, \frac{2}{n}\right)"
    source = "He, Zhang, Ren and Sun 2015, https://arxiv.org/abs/1502.01852"

    def variance(self, n_in: int, n_out: int) -> float:
        return 2 / n_in


class HeUniform(_Uniform, HeNormal):
    """Uniform with He's variance."""

    name = "he_uniform"
    formula = r"\mathcal U\left(-\sqrt{6/n}, \sqrt{6/n}\right)"


class GlorotNormal(_Normal):
    """Normal, at a scale between the ideal ones for the forward and the backward pass."""

    name = "glorot_normal"
    aliases = ("xavier_normal",)
    formula = r"\mathcal N\left(0, \frac{2}{n + m}\right)"
    source = "Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"

    def variance(self, n_in: int, n_out: int) -> float:
        return 2 / (n_in + n_out)


class GlorotUniform(_Uniform, GlorotNormal):
    """Uniform with Glorot's variance."""

    name = "glorot_uniform"
    aliases = ("xavier_uniform",)
    formula = r"\mathcal U\left(-\sqrt{6/(n + m)}, \sqrt{6/(n + m)}\right)"


class LeCunNormal(_Normal):
    """Normal, preserving the variance of the inputs."""

    name = "lecun_normal"
    formula = r"\mathcal N\left(0, \frac{1}{n}\right)"
    source = "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.6"

    def variance(self, n_in: int, n_out: int) -> float:
        return 1 / n_in


class LeCunUniform(_Uniform, LeCunNormal):
    """Uniform with LeCun's variance."""

    name = "lecun_uniform"
    formula = r"\mathcal U\left(-\sqrt{3/n}, \sqrt{3/n}\right)"


class Orthogonal(Initializer):
    """A random orthogonal matrix, which preserves lengths."""

    name = "orthogonal"
    formula = r"Q \text{ of } QR = A, \quad A_{ij} \sim \mathcal N(0, 1)"
    source = "Saxe, McClelland and Ganguli 2014, https://arxiv.org/abs/1312.6120"

    def draw(self, n_in: int, n_out: int, random: np.random.Generator) -> Floats:
        tall = random.standard_normal((max(n_in, n_out), min(n_in, n_out)))
        q, r = np.linalg.qr(tall)
        # Without the signs of R's diagonal, Q would not be uniformly distributed (Mezzadri 2007).
        q = q * np.sign(np.diag(r))
        return q if n_in >= n_out else q.T


class Zeros(Initializer):
    """All 0, which keeps the neurons of a hidden layer identical."""

    name = "zeros"
    formula = r"0"
    source = "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4"

    def draw(self, n_in: int, n_out: int, random: np.random.Generator) -> Floats:
        return np.zeros((n_in, n_out))


initializers: Registry[Initializer] = Registry(
    "initializer",
    Initializer,
    [HeNormal, HeUniform, GlorotNormal, GlorotUniform, LeCunNormal, LeCunUniform, Orthogonal, Zeros],
)
