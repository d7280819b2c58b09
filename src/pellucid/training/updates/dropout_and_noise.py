"""Dropout and input noise, drawn anew for each update."""

import numpy as np
from numpy.typing import NDArray

from pellucid.network import Floats, Network
from pellucid.random import bound, box_muller, keys, words
from pellucid.training.regularisation import Regularisation

__all__ = ["DropoutAndNoise"]


class DropoutAndNoise:
    """Draws the dropout masks and the input noise of each update.

    Each draw depends only on the seed, the number of the update, and the position in it, so that resumed
    training draws the same numbers, and so does machine code in any order.

    Examples
    --------
    >>> drawn = DropoutAndNoise(Network([2, 4, 2]), Regularisation(dropout=0.5), seed=0)
    >>> [None if mask is None else mask.tolist() for mask in drawn.masks(1, update=7)]
    [None, [[0.0, 2.0, 2.0, 2.0]]]
    """

    def __init__(self, network: Network, regularisation: Regularisation, seed: int) -> None:
        self.seed, self.dtype = seed, network.dtype
        self.noise = regularisation.input_noise
        # The share of the inputs of each layer that is dropped.
        hidden = regularisation.each("dropout", len(network.layers) - 1)
        self.rates = (regularisation.input_dropout, *hidden)
        self.sizes = network.sizes[:-1]

    @property
    def is_drawn(self) -> bool:
        """Whether anything is drawn."""
        return any(self.rates) or bool(self.noise)

    def mask_keys(self, updates: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the keys of the masks of some updates, shape (updates, layers, 2)."""
        return keys(self.seed, "dropout", updates, len(self.rates))

    def noise_keys(self, updates: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the keys of the noise of some updates, shape (updates, 2, 2)."""
        return keys(self.seed, "noise", updates, 2)

    def masks(self, n: int, update: int) -> list[Floats | None]:
        """Draw the masks of an update of n examples, one for the inputs of each layer, or None."""
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

    def noisy(self, x: Floats, update: int) -> Floats:
        """Return the inputs of an update with noise added."""
        if not self.noise:
            return x
        # The upper 24 bits, which a float32 can hold exactly.
        first, second = (
            (words(key, x.size) >> np.uint32(8)).astype(self.dtype) * self.dtype.type(2.0**-24)
            for key in self.noise_keys(np.array([update]))[0]
        )
        noisy: Floats = x + (self.noise * box_muller(first, second)).reshape(x.shape)
        return noisy
