r"""Normalisations of the weighted sums before the activation.

In the formulas :math:`s` is a weighted sum :math:`Wx + b`, and :math:`z` is the input of the activation.
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
    r"""Standardised weighted sums: minus their mean, divided by their standard deviation.

    Parameters
    ----------
    values : array of float, shape (n_examples, n_out)
        :math:`\hat s = (s - \mu) / \sqrt{\sigma^2 + \epsilon}`.
    mean, variance, deviation : arrays of float
        :math:`\mu`, :math:`\sigma^2` and :math:`\sqrt{\sigma^2 + \epsilon}`, with one row or one column.
    axis : int or None
        The axis over which these were computed; None if they are given, and do not depend on the sums.
    centred : bool
        Whether the mean is that of the sums; otherwise it is always 0.
    """

    values: Floats
    mean: Floats
    variance: Floats
    deviation: Floats
    axis: int | None
    centred: bool = True

    def backward(self, slopes: Floats) -> Floats:
        r"""Backpropagate the derivative of the loss from the standardised sums to the sums.

        A sum affects its own standardised value, and through mean and deviation all the others:

        .. math::
            \frac{\partial L}{\partial s} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left(
            g - \overline{g} - \hat s \; \overline{g \hat s} \right), \quad
            g = \frac{\partial L}{\partial \hat s}

        without :math:`\overline{g}` if no mean is subtracted.

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
    """The standardisation of a layer's weighted sums to mean 0 and standard deviation 1.

    A subclass defines its `axis`: 0 computes the statistics of each neuron over the examples of a batch, and
    requires a parameter `momentum`; 1 computes those of each example over the neurons of the layer. A
    subclass that does not subtract the mean sets `centres` = False.

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
        """Check that a normalisation over examples has a momentum for its running statistics."""
        super().__init_subclass__()
        if cls.axis == 0 and "momentum" not in {*cls.__annotations__, *dir(cls)}:
            raise ConfigurationError(
                f"{cls.__name__} normalises over examples, but has no momentum for its running statistics",
                expected="momentum: float = parameter(0.9, at_least=0, below=1)",
                received="no momentum",
            )

    # The lower bound is a normal float32.
    epsilon: float = parameter(1e-5, at_least=1e-30, at_most=1)

    @property
    def over_examples(self) -> bool:
        """Whether the statistics are over examples, which takes several of them."""
        return self.axis == 0

    def standardise(self, sums: Floats, known: tuple[Floats, Floats] | None = None) -> Standardised:
        """Subtract the mean and divide by the standard deviation.

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
    """Each neuron over the examples of a batch; predictions use running statistics of the batches."""

    name = "batch"
    formula = (
        r"z = \gamma \frac{s - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \quad "
        r"\mu, \sigma^2 \text{ of a neuron over a batch}"
    )
    source = "Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167"
    axis = 0

    # The share of the running mean and variance that is kept at each update.
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
    """Each example over the neurons of the layer, divided by the root mean square, without a mean."""

    name = "rms"
    formula = r"z = \gamma \frac{s}{\sqrt{q + \epsilon}} + \beta, \quad q = \frac{1}{m} \sum_i s_i^2"
    source = "Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467"
    axis = 1
    centres = False


normalisations: Registry[Normalisation] = Registry("normalisation", Normalisation, [Batch, Layer, RMS])


def _mean(values: Floats, axis: int) -> Floats:
    # A column is summed row by row, and over 60,000 rows float32 would lose half of its digits.
    mean: Floats = values.mean(axis=axis, keepdims=True, dtype=np.float64).astype(values.dtype)
    return mean
