r"""Weighted sums brought to a common mean and spread on their way into the activation.

In the formulas :math:`s` is a weighted sum :math:`Wx + b`, and :math:`z` is what enters the activation.
"""

from abc import ABC
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Declaration, Registry, parameter
from pellucid.errors import ConfigurationError
from pellucid.network.activation import Floats

__all__ = ["Normalisation", "Standardised", "normalisations"]


@dataclass(frozen=True)
class Standardised:
    r"""Weighted sums with their mean taken away, divided by their deviation.

    Parameters
    ----------
    values : array of float, shape (n_examples, n_out)
        :math:`\hat s = (s - \mu) / \sqrt{\sigma^2 + \epsilon}`.
    mean, variance, deviation : arrays of float
        :math:`\mu`, :math:`\sigma^2` and :math:`\sqrt{\sigma^2 + \epsilon}`, of one row or one column.
    axis : int or None
        Along which these were taken of the sums; None where they were known before, and do not change when
        the sums do.
    centred : bool
        Whether the mean is that of the sums; else it is 0 whatever they are.
    """

    values: Floats
    mean: Floats
    variance: Floats
    deviation: Floats
    axis: int | None
    centred: bool = True

    def backward(self, slopes: Floats) -> Floats:
        r"""Carry the loss's slope from the standardised sums back to the sums.

        A sum moves its own standardised value, and with the mean and the deviation those of all the others:

        .. math::
            \frac{\partial L}{\partial s} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left(
            g - \overline{g} - \hat s \; \overline{g \hat s} \right), \quad
            g = \frac{\partial L}{\partial \hat s}

        without :math:`\overline{g}` where no mean is taken away.

        Parameters
        ----------
        slopes : array of float, shape (n_examples, n_out)
            :math:`g`.

        Returns
        -------
        array of the same shape and dtype
        """
        if self.axis is not None:
            through_deviation = self.values * _mean(slopes * self.values, self.axis)
            if self.centred:
                slopes = slopes - _mean(slopes, self.axis)
            slopes = slopes - through_deviation
        return slopes / self.deviation


@dataclass(frozen=True)
class Normalisation(Declaration, ABC):
    """Over what a layer's weighted sums are brought to mean 0 and deviation 1.

    A subclass says its `axis`: 0 takes the figures of each neuron over the examples of a batch, and then it
    has a parameter `momentum` too; 1 takes those of each example over the neurons of the layer.
    One that leaves the mean where it is says `centres` = False.

    Examples
    --------
    >>> sums = np.array([[1.0, 10.0], [3.0, 10.0]])
    >>> normalisations.get("batch").standardise(sums).values.round(3)
    array([[-1.,  0.],
           [ 1.,  0.]])
    >>> normalisations.get("layer").standardise(sums).values.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    axis: ClassVar[int]
    centres: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        """Refuse a rule over examples that does not say how its running figures follow the batches."""
        super().__init_subclass__()
        if cls.axis == 0 and "momentum" not in {*cls.__annotations__, *dir(cls)}:
            raise ConfigurationError(
                f"{cls.__name__} compares examples, and does not say how its running figures follow them",
                expected="momentum: float = parameter(0.9, at_least=0, below=1)",
                received="no momentum",
            )

    # No smaller than float32 can add to a variance of 0.
    epsilon: float = parameter(1e-5, at_least=1e-30, at_most=1)

    @property
    def over_examples(self) -> bool:
        """Whether examples are compared with each other, which takes several of them."""
        return self.axis == 0

    def standardise(self, sums: Floats, known: tuple[Floats, Floats] | None = None) -> Standardised:
        """Take the mean away and divide by the deviation.

        Parameters
        ----------
        sums : array of float, shape (n_examples, n_out)
        known : pair of arrays, shape (n_out,), optional
            A mean and a variance to use instead of those of the sums.
        """
        if known is None:
            mean = _mean(sums, self.axis)
            if not self.centres:
                mean = np.zeros_like(mean)
            centred = sums - mean
            variance = _mean(np.square(centred), self.axis)
        else:
            mean, variance = known[0][None], known[1][None]
            centred = sums - mean
        deviation = np.sqrt(variance + variance.dtype.type(self.epsilon))
        axis = self.axis if known is None else None
        return Standardised(centred / deviation, mean, variance, deviation, axis, self.centres)

    def describe(self) -> dict[str, Any]:
        """Return everything that a listing shows, ready for JSON."""
        return super().describe() | {"over_examples": self.over_examples}


@dataclass(frozen=True)
class Batch(Normalisation):
    """Each neuron over the examples of a batch; predictions use running figures of the batches seen."""

    name = "batch"
    formula = (
        r"z = \gamma \frac{s - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \quad "
        r"\mu, \sigma^2 \text{ of a neuron over a batch}"
    )
    source = "Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167"
    axis = 0

    # How much of the running mean and variance is kept at each update.
    momentum: float = parameter(0.9, at_least=0, below=1)


class Layer(Normalisation):
    """Each example over the neurons of the layer; examples stay independent of each other."""

    name = "layer"
    formula = (
        r"z = \gamma \frac{s - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \quad "
        r"\mu, \sigma^2 \text{ of an example over a layer}"
    )
    source = "Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450"
    axis = 1


class RMS(Normalisation):
    """Each example over the neurons of the layer, its mean left where it is: only the length is set."""

    name = "rms"
    formula = r"z = \gamma \frac{s}{\sqrt{q + \epsilon}} + \beta, \quad q = \frac{1}{m} \sum_i s_i^2"
    source = "Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467"
    axis = 1
    centres = False


normalisations: Registry[Normalisation] = Registry("normalisation", Normalisation, [Batch, Layer, RMS])


def _mean(values: Floats, axis: int) -> Floats:
    # A column is added up row by row, and over 60,000 rows float32 would lose half of its digits.
    mean: Floats = values.mean(axis=axis, keepdims=True, dtype=np.float64).astype(values.dtype)
    return mean
