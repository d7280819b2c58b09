"""The state of a layer's normalisation: gain and shift, running mean and variance."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.network.activation import Floats
from pellucid.network.normalisation import Normalisation, Standardised

__all__ = ["Normaliser"]


@dataclass(eq=False)
class Normaliser:
    r"""The normalisation of a layer: :math:`z = \gamma \hat s + \beta`.

    Parameters
    ----------
    rule : Normalisation
        How the sums are standardised.
    gain, shift : arrays of float, shape (n_out,)
        :math:`\gamma` and :math:`\beta`, trained like biases.
    mean, variance : arrays of float, shape (n_out,), or None
        The running statistics for predictions; None for a normalisation that is not over batches.
    unseen : array of float, shape (1,), or None
        The share of the running statistics that comes from their initial values: 1 at first, then near 0.

    Raises
    ------
    ConfigurationError
        If the shapes do not match.

    Examples
    --------
    >>> from pellucid.network import normalisations
    >>> normaliser = Normaliser.begin(normalisations.get("layer"), 2, np.dtype("float64"))
    >>> normaliser.forward(np.array([[1.0, 3.0]]))[1].round(3)
    array([[-1.,  1.]])
    """

    rule: Normalisation
    gain: Floats
    shift: Floats
    mean: Floats | None = None
    variance: Floats | None = None
    unseen: Floats | None = None

    def __post_init__(self) -> None:
        check_type(self.rule, Normalisation, "the normalisation", "a Normalisation: normalisations.get(name)")
        n_out = np.shape(self.gain)
        for name in self.names(self.rule):
            array, shape = getattr(self, name), (1,) if name == "unseen" else n_out
            check_type(array, np.ndarray, f"the {name} of a normalisation", f"an array of shape {shape}")
            if array.shape != shape or array.ndim != 1:
                raise ConfigurationError(
                    f"the {name} of a normalisation does not match the layer",
                    expected=f"shape {shape}",
                    received=f"shape {array.shape}",
                )

    @staticmethod
    def names(rule: Normalisation) -> tuple[str, ...]:
        """Return the names of the arrays that a normalisation needs."""
        return ("gain", "shift", *(("mean", "variance", "unseen") if rule.over_examples else ()))

    @classmethod
    def begin(cls, rule: Normalisation, n_out: int, dtype: "np.dtype[Any]") -> "Normaliser":
        """Make an untrained normaliser: gain 1, shift 0."""
        one, zero = np.ones(n_out, dtype), np.zeros(n_out, dtype)
        if not rule.over_examples:
            return cls(rule, one, zero)
        return cls(rule, one, zero, zero.copy(), one.copy(), np.ones(1, dtype))

    @property
    def learned(self) -> dict[str, Floats]:
        """The trainable parameters, by name."""
        return {"gain": self.gain, "shift": self.shift}

    @property
    def kept(self) -> dict[str, Floats]:
        """The running statistics, by name."""
        if self.mean is None or self.variance is None or self.unseen is None:
            return {}
        return {"mean": self.mean, "variance": self.variance, "unseen": self.unseen}

    @property
    def used(self) -> dict[str, Floats]:
        """The arrays used in a prediction, by name: trainable parameters, running mean and variance."""
        kept = {name: array for name, array in self.kept.items() if name != "unseen"}
        return self.learned | kept

    def forward(self, sums: Floats, *, learning: bool = False) -> tuple[Standardised, Floats]:
        """Normalise weighted sums.

        Parameters
        ----------
        sums : array of float, shape (n_examples, n_out)
        learning : bool
            Whether to use the statistics of the batch instead of the running ones. A single example, which
            has no batch statistics, is always treated as in a prediction.

        Returns
        -------
        Standardised, array of the sums' shape and dtype
        """
        known = None
        if self.mean is not None and self.variance is not None and not (learning and len(sums) > 1):
            known = (self.mean, self.variance)
        standardised = self.rule.standardise(sums, known)
        return standardised, self.gain * standardised.values + self.shift

    def update_running_statistics(self, standardised: Standardised) -> None:
        """Update the running statistics with those of a training batch.

        The first batch replaces the initial values. Variances are unbiased estimates, :math:`n / (n - 1)`
        times those of the batches.
        """
        if self.mean is None or self.variance is None or self.unseen is None or standardised.axis is None:
            return
        batch = standardised.mean[0], standardised.variance[0]
        so_far = self.mean, self.variance, self.unseen
        new = followed(so_far, batch, len(standardised.values), self.rule.parameters["momentum"])
        for array, values in zip(so_far, new, strict=True):
            array[...] = values

    def copy(self) -> "Normaliser":
        """Return a deep copy."""
        return Normaliser(self.rule, **{name: getattr(self, name).copy() for name in self.names(self.rule)})


def followed(so_far: tuple[Any, Any, Any], batch: tuple[Any, Any], n: Any, momentum: float) -> Any:
    """Return the running mean, variance and unseen share updated with the mean and variance of n examples.

    n is 2 or more; momentum is the share of the old statistics that is kept.
    """
    mean, variance, unseen = so_far
    unseen = unseen * momentum
    share = (1 - momentum) / (1 - unseen)
    return (
        mean + share * (batch[0] - mean),
        variance + share * (batch[1] * (n / (n - 1)) - variance),
        unseen,
    )
