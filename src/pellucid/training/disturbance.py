"""What makes examples harder while a network learns: outputs left out, and noise on the inputs."""

from scipy.special import ndtri

from pellucid.errors import ConfigurationError
from pellucid.network import Floats, Network
from pellucid.random import shares
from pellucid.training.regularisation import Regularisation

__all__ = ["Disturbance"]


class Disturbance:
    """Draws, for each update, what is left out and what noise is added.

    Each draw belongs to the seed and the number of the update, so that a run that goes on where it stopped
    draws what it would have drawn.

    Parameters
    ----------
    network : Network
    regularisation : Regularisation
    seed : int

    Raises
    ------
    ConfigurationError
        If dropout has another number of values than the network has hidden layers.

    Examples
    --------
    >>> disturbance = Disturbance(Network([2, 4, 2]), Regularisation(dropout=0.5), seed=0)
    >>> [None if mask is None else mask.tolist() for mask in disturbance.masks(1, update=7)]
    [None, [[0.0, 0.0, 0.0, 2.0]]]
    """

    def __init__(self, network: Network, regularisation: Regularisation, seed: int) -> None:
        self.seed, self.dtype = seed, network.dtype
        self.noise = regularisation.input_noise
        hidden = regularisation.each("dropout", len(network.layers) - 1)
        if regularisation.dropout and not hidden:
            raise ConfigurationError(
                "a network without hidden layers has no outputs to leave out",
                expected="one hidden layer or more",
                received=f"dropout {regularisation.dropout!r} and none",
                remedy="add a hidden layer, or leave out inputs instead: input_dropout (--input-dropout)",
            )
        self.rates = (regularisation.input_dropout, *hidden)
        self.sizes = network.sizes[:-1]

    def masks(self, n: int, update: int) -> list[Floats | None]:
        """Draw the masks of an update of n examples, one for each place; none where nothing is dropped."""
        if not any(self.rates):
            return []
        widths = [size if rate else 0 for size, rate in zip(self.sizes, self.rates, strict=True)]
        drawn = shares(n * sum(widths), self.seed, "dropout", update).reshape(n, -1)
        masks: list[Floats | None] = []
        start = 0
        for width, rate in zip(widths, self.rates, strict=True):
            kept = drawn[:, start : start + width] >= rate
            masks.append((kept / (1 - rate)).astype(self.dtype) if rate else None)
            start += width
        return masks

    def disturb(self, x: Floats, update: int) -> Floats:
        """Add the noise of an update to its inputs."""
        if not self.noise:
            return x
        # Halfway between two draws, so that none is at 0, where the normal quantile is without bound.
        drawn = shares(x.size, self.seed, "noise", update) + 2.0**-54
        disturbed: Floats = x + (self.noise * ndtri(drawn)).reshape(x.shape).astype(self.dtype)
        return disturbed
