"""What a layer learns and keeps for its normalisation: gain and shift, running mean and variance."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.network.activation import Floats
from pellucid.network.normalisation import Normalisation, Standardised

__all__ = ["Normaliser"]


@dataclass(eq=False)
class Normaliser:
    r"""A layer's own :math:`\gamma` and :math:`\beta`: :math:`z = \gamma \hat s + \beta`.

    Parameters
    ----------
    rule : Normalisation
        Over what the sums are standardised.
    gain, shift : arrays of float, shape (n_out,)
        :math:`\gamma` and :math:`\beta`, learned like biases.
    mean, variance : arrays of float, shape (n_out,), or None
        The running figures of the batches seen, for predictions; none for a rule that needs no batch.
    unseen : array of float, shape (1,), or None
        How much of the running figures still comes from no batch: 1 at first, then next to 0.

    Raises
    ------
    ConfigurationError
        If they do not fit together.

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
        needed = ("gain", "shift", *(("mean", "variance", "unseen") if self.rule.over_examples else ()))
        n_out = np.shape(self.gain)
        for name in needed:
            array, shape = getattr(self, name), (1,) if name == "unseen" else n_out
            check_type(array, np.ndarray, f"the {name} of a normalisation", f"an array of shape {shape}")
            if array.shape != shape or array.ndim != 1:
                raise ConfigurationError(
                    f"the {name} of a normalisation does not fit the layer",
                    expected=f"shape {shape}",
                    received=f"shape {array.shape}",
                )

    @classmethod
    def begin(cls, rule: Normalisation, n_out: int, dtype: "np.dtype[Any]") -> "Normaliser":
        """Make one that has learned and seen nothing: gain 1, shift 0."""
        one, zero = np.ones(n_out, dtype), np.zeros(n_out, dtype)
        if not rule.over_examples:
            return cls(rule, one, zero)
        return cls(rule, one, zero, zero.copy(), one.copy(), np.ones(1, dtype))

    @property
    def learned(self) -> dict[str, Floats]:
        """What gradients change, by name."""
        return {"gain": self.gain, "shift": self.shift}

    @property
    def kept(self) -> dict[str, Floats]:
        """What is kept of the batches seen, by name."""
        if self.mean is None or self.variance is None or self.unseen is None:
            return {}
        return {"mean": self.mean, "variance": self.variance, "unseen": self.unseen}

    @property
    def used(self) -> dict[str, Floats]:
        """What a prediction uses, by name: what is learned, and the running mean and variance."""
        kept = {name: array for name, array in self.kept.items() if name != "unseen"}
        return self.learned | kept

    def forward(self, sums: Floats, *, learning: bool = False) -> tuple[Standardised, Floats]:
        """Turn weighted sums into what enters the activation.

        Parameters
        ----------
        sums : array of float, shape (n_examples, n_out)
        learning : bool
            Whether a batch is compared with itself instead of with the batches seen. An example alone, which
            has nothing to be compared with, is treated as in a prediction all the same.

        Returns
        -------
        Standardised, array of the sums' shape and dtype
        """
        known = None
        if self.mean is not None and self.variance is not None and not (learning and len(sums) > 1):
            known = (self.mean, self.variance)
        standardised = self.rule.standardise(sums, known)
        return standardised, self.gain * standardised.values + self.shift

    def take_in(self, standardised: Standardised) -> None:
        """Let the running figures follow those of a batch that was learned from.

        The first batch counts whole, as if nothing had been before it; variances are those of the
        population that the batch was drawn from, :math:`n / (n - 1)` times its own.
        """
        if self.mean is None or self.variance is None or self.unseen is None or standardised.axis is None:
            return
        batch = standardised.mean[0], standardised.variance[0]
        so_far = self.mean, self.variance, self.unseen
        new = followed(so_far, batch, len(standardised.values), self.rule.parameters["momentum"])
        for array, values in zip(so_far, new, strict=True):
            array[...] = values

    def copy(self) -> "Normaliser":
        """Return one of its own with the same numbers."""
        return Normaliser(
            self.rule, **{name: array.copy() for name, array in (self.learned | self.kept).items()}
        )


def followed(so_far: tuple[Any, Any, Any], batch: tuple[Any, Any], n: Any, momentum: float) -> Any:
    """Return running figures after they have followed those of a batch.

    Parameters
    ----------
    so_far : triple of arrays
        The running mean and variance, and how much of them comes from no batch.
    batch : pair of arrays
        The mean and the variance of the batch.
    n : int
        How many examples it has, 2 or more.
    momentum : float
        How much of what was there is kept.
    """
    mean, variance, unseen = so_far
    unseen = unseen * momentum
    share = (1 - momentum) / (1 - unseen)
    return (
        mean + share * (batch[0] - mean),
        variance + share * (batch[1] * (n / (n - 1)) - variance),
        unseen,
    )
