"""A look inside: neurons that no longer answer, and layers that the error hardly reaches."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation.judge import Judge, pieces
from pellucid.network import Network
from pellucid.passes.reference import Trace, backward, forward

__all__ = ["LayerHealth", "look_inside"]

# A neuron whose slope stays below this share of 1 on every example learns next to nothing.
_FLAT = 0.01
# The error terms are compared on so many examples; the neurons are looked at on all of them.
_ERROR_ROWS = 1024
# An error that is so many times smaller (or larger) at a layer than at the output has vanished (exploded).
_VANISHED = 1e-3
_EXPLODED = 1e3


@dataclass(frozen=True)
class LayerHealth:
    """How the neurons of one layer are.

    Parameters
    ----------
    layer : int
        Counted from 1.
    activation : str
    neurons : int
    dead : list of int
        Neurons, counted from 1, whose output and slope are 0 on every example: nothing comes out, and
        nothing can change them any more.
    saturated : list of int
        Other neurons whose slope is next to 0 on every example: far out on the flat of their curve.
    error_ratio : float or None
        The typical size of the layer's error terms, as a share of the output layer's; None for a network
        that makes no error at all.
    """

    layer: int
    activation: str
    neurons: int
    dead: list[int]
    saturated: list[int]
    error_ratio: float | None

    @property
    def vanishing(self) -> bool:
        """Whether next to nothing of the error arrives."""
        return self.error_ratio is not None and self.error_ratio < _VANISHED

    @property
    def exploding(self) -> bool:
        """Whether the error has grown beyond measure."""
        return self.error_ratio is not None and not self.error_ratio <= _EXPLODED

    def to_dict(self) -> dict[str, Any]:
        """Give the figures ready for JSON."""
        return vars(self) | {"vanishing": self.vanishing, "exploding": self.exploding}


def look_inside(network: Network, examples: Examples, judge: Judge) -> list[LayerHealth]:
    """Look at every hidden layer on all examples.

    Parameters
    ----------
    network : Network
    examples : Examples
        With targets; usually the training set.
    judge : Judge

    Returns
    -------
    list of LayerHealth
        One for each hidden layer.
    """
    hidden = network.layers[:-1]
    steepest = [np.zeros(layer.n_out) for layer in hidden]
    largest = [np.zeros(layer.n_out) for layer in hidden]
    for rows in pieces(len(examples)):
        trace = forward(network, examples.rows(rows, network.dtype))
        for k, layer in enumerate(hidden):
            slopes = np.abs(np.asarray(layer.activation.slope(trace.z[k], trace.a[k + 1]), dtype=np.float64))
            np.maximum(steepest[k], slopes.max(axis=0), out=steepest[k])
            np.maximum(largest[k], np.abs(trace.a[k + 1]).max(axis=0), out=largest[k])
    ratios = _error_ratios(network, examples, judge)
    health = []
    for k, layer in enumerate(hidden):
        dead = (steepest[k] == 0) & (largest[k] == 0)
        flat = (steepest[k] < _FLAT) & ~dead
        health.append(
            LayerHealth(
                layer=k + 1,
                activation=str(layer.activation),
                neurons=layer.n_out,
                dead=_numbers(dead),
                saturated=_numbers(flat),
                error_ratio=ratios[k],
            )
        )
    return health


def _error_ratios(network: Network, examples: Examples, judge: Judge) -> list[float | None]:
    rows = slice(0, _ERROR_ROWS)
    trace = forward(network, examples.rows(rows, network.dtype))
    backward(trace, judge.prepare(examples.known_targets[rows]), judge.objective)
    sizes = _error_sizes(trace)
    return [size / sizes[-1] if sizes[-1] > 0 else None for size in sizes]


def _error_sizes(trace: Trace) -> list[float]:
    return [float(np.sqrt(np.mean(np.square(delta, dtype=np.float64)))) for delta in trace.delta]


def _numbers(mask: NDArray[np.bool_]) -> list[int]:
    return [int(k) + 1 for k in np.flatnonzero(mask)]
