"""One update after the other: forward, back, and a step, with all that holds a network back on the way."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation import Judge
from pellucid.network import Floats, Network
from pellucid.passes.flags import Flags
from pellucid.passes.reference import Trace, backward, forward
from pellucid.training.averaging import Average
from pellucid.training.descent import Descent
from pellucid.training.disturbance import Disturbance
from pellucid.training.settings import Settings

__all__ = ["Updates"]


class Updates:
    """Lets a network learn from one batch after the other, through the reference passes.

    Parameters
    ----------
    network : Network
        Changed in place.
    judge : Judge
    settings : Settings
    flags : Flags, optional
        Where the counter of examples and the stop flag stand.
    careful : bool
        Whether every number of an update is looked at before it is made. Without, as in a run that measures
        itself after each epoch and can go back, only what is next to the loss is.

    Attributes
    ----------
    n : int
        How many updates there were.
    shown : Network
        The network that learns, or the average of its weights where one is made.
    losses : array of float, shape (n,)
        The loss of each example in the order that was begun, as it was before it was learned from; only where
        updates are made carefully.
    trace : Trace or None
        What the last update saw.
    """

    def __init__(
        self,
        network: Network,
        judge: Judge,
        settings: Settings,
        flags: Flags | None = None,
        *,
        careful: bool = False,
    ) -> None:
        self.network, self.judge, self.n, self.careful = network, judge, 0, careful
        self.flags = flags or Flags()
        self.descent = Descent(network, settings.optimizer, settings.regularisation, settings.clipping)
        self.disturbance = Disturbance(network, settings.regularisation, settings.seed)
        self.average = None if settings.average is None else Average(network, settings.average)
        self.shown = network if self.average is None else self.average.network
        self.trace: Trace | None = None

    def learn_from(self, examples: Examples, targets: Any, batch: int) -> None:
        """Say what is learned from.

        Parameters
        ----------
        examples : Examples
            Their inputs, and how much each counts.
        targets : array
            What the cost takes, one for each.
        batch : int
            How many an update learns from.
        """
        self.examples, self.targets, self.batch = examples, targets, batch

    def begin(self, order: NDArray[np.intp], rates: Floats) -> None:
        """Say in which order examples are learned from, and at which rate each update."""
        self.order, self.rates = order, rates.tolist()
        self.losses = np.zeros(len(order), self.network.dtype)
        self.flags.done = 0

    def learn(self, first: int, last: int) -> int:
        """Make the updates of the order from the first to before the last, until the stop flag is set.

        Returns
        -------
        int
            How far it came: less than `last` if it was stopped, or if the numbers of the next update are not
            finite, which then has changed nothing.
        """
        for number in range(first, last):
            if self.flags.stop:
                return number
            rows = self.order[number * self.batch : (number + 1) * self.batch]
            self.trace = self._update(rows, self.rates[number])
            if self.trace is None:
                return number
            if self.careful:
                self.losses[number * self.batch :][: len(rows)] = self.trace.losses
            self.flags.done += len(rows)
        return last

    def _update(self, rows: NDArray[np.intp], rate: float) -> Trace | None:
        weights = self.examples.weights
        x = self.disturbance.disturb(self.examples.rows(rows, self.network.dtype), self.n)
        trace = forward(self.network, x, self.disturbance.masks(len(x), self.n), learning=True)
        backward(trace, self.targets[rows], self.judge.objective, None if weights is None else weights[rows])
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
