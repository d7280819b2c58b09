"""One update after the other: forward, back, and a step, with all that holds a network back on the way."""

import math
from typing import Any

import numpy as np

from pellucid.evaluation import Judge
from pellucid.network import Floats, Network
from pellucid.passes.reference import Trace, backward, forward
from pellucid.training.averaging import Average
from pellucid.training.descent import Descent
from pellucid.training.disturbance import Disturbance
from pellucid.training.settings import Settings

__all__ = ["Updates"]


class Updates:
    """Lets a network learn from one batch after the other.

    Parameters
    ----------
    network : Network
        Changed in place.
    judge : Judge
    settings : Settings
    careful : bool
        Whether every number of an update is looked at before it is made. Without, as in a run that measures
        itself after each epoch and can go back, only what is next to the loss is.

    Attributes
    ----------
    n : int
        How many updates there were.
    shown : Network
        The network that learns, or the average of its weights where one is made.
    """

    def __init__(self, network: Network, judge: Judge, settings: Settings, *, careful: bool = False) -> None:
        self.network, self.judge, self.n, self.careful = network, judge, 0, careful
        self.descent = Descent(network, settings.optimizer, settings.regularisation, settings.clipping)
        self.disturbance = Disturbance(network, settings.regularisation, settings.seed)
        self.average = None if settings.average is None else Average(network, settings.average)
        self.shown = network if self.average is None else self.average.network

    def learn(self, x: Floats, targets: Any, weights: Floats | None, rate: float) -> Trace | None:
        """Learn from a batch.

        Parameters
        ----------
        x : array, shape (n, n_in)
            In the network's dtype.
        targets : array
            What the cost takes.
        weights : array, shape (n,), or None
            How much each example counts.
        rate : float

        Returns
        -------
        Trace or None
            What the update saw; None, and nothing is changed, if its numbers are not finite.
        """
        x = self.disturbance.disturb(x, self.n)
        trace = forward(self.network, x, self.disturbance.masks(len(x), self.n), learning=True)
        backward(trace, targets, self.judge.objective, weights)
        if not math.isfinite(trace.bias_gradients[-1].sum()) or (self.careful and not _is_sound(trace)):
            return None
        self.descent.update(trace, rate)
        for number, standardised in trace.standardised.items():
            normaliser = self.network.layers[number].normaliser
            if normaliser is not None:
                normaliser.take_in(standardised)
        if self.average:
            self.average.update()
        self.n += 1
        return trace


def _is_sound(trace: Trace) -> bool:
    """Tell whether all gradients are finite, and the figures that normalisations are about to take in."""
    arrays = [gradient for of_layer in trace.gradients for gradient in of_layer.values()]
    for standardised in trace.standardised.values():
        arrays += [standardised.mean, standardised.variance]
    return all(np.isfinite(array).all() for array in arrays)
