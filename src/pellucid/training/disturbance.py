"""What makes examples harder while a network learns: outputs left out, and noise on the inputs."""

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ConfigurationError
from pellucid.network import Floats, Network
from pellucid.random import bell, bound, keys, words
from pellucid.training.regularisation import Regularisation

__all__ = ["Disturbance"]


class Disturbance:
    """Draws, for each update, what is left out and what noise is added.

    Each draw belongs to the seed, the number of the update, and its place there, so that a run that goes on
    where it stopped draws what it would have drawn, and machine code draws the same wherever it needs it.

    Parameters
    ----------
    network : Network
    regularisation : Regularisation
    seed : int

    Raises
    ------
    ConfigurationError
        If dropout has another number of values than the network has hidden layers.

    Attributes
    ----------
    rates : tuple of float
        How much of the inputs of each layer is left out.
    noise : float
        The standard deviation of what is added to the inputs.

    Examples
    --------
    >>> disturbance = Disturbance(Network([2, 4, 2]), Regularisation(dropout=0.5), seed=0)
    >>> [None if mask is None else mask.tolist() for mask in disturbance.masks(1, update=7)]
    [None, [[0.0, 2.0, 2.0, 2.0]]]
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

    def mask_keys(self, updates: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Give what the masks of some updates are drawn with, shape (updates, layers, 2)."""
        return keys(self.seed, "dropout", updates, len(self.rates))

    def noise_keys(self, updates: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Give what the noise of some updates is drawn with, shape (updates, 2, 2)."""
        return keys(self.seed, "noise", updates, 2)

    def masks(self, n: int, update: int) -> list[Floats | None]:
        """Draw the masks of an update of n examples, one for each place; none where nothing is dropped."""
        if not any(self.rates):
            return []
        masks: list[Floats | None] = []
        (of_layers,) = self.mask_keys(np.array([update]))
        for size, rate, key in zip(self.sizes, self.rates, of_layers, strict=True):
            if rate:
                kept = words(key, n * size).reshape(n, size) >= bound(rate)
                masks.append((kept / (1 - rate)).astype(self.dtype))
            else:
                masks.append(None)
        return masks

    def disturb(self, x: Floats, update: int) -> Floats:
        """Add the noise of an update to its inputs."""
        if not self.noise:
            return x
        # The upper 24 bits, which a float32 holds exactly.
        first, second = (
            (words(key, x.size) >> np.uint32(8)).astype(self.dtype) * self.dtype.type(2.0**-24)
            for key in self.noise_keys(np.array([update]))[0]
        )
        disturbed: Floats = x + (self.noise * bell(first, second)).reshape(x.shape)
        return disturbed
