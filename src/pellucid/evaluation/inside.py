"""The state of the hidden layers: dead and saturated neurons, vanishing and exploding errors."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation.evaluate import row_slices
from pellucid.evaluation.output_head import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.reference import backward, forward

__all__ = ["LayerHealth", "look_inside"]

# A neuron whose slope is smaller than this on every example hardly learns.
_FLAT = 0.01
# The number of examples on which the error terms are compared; neurons are inspected on all examples.
_ERROR_ROWS = 1024
# An error has vanished (exploded) if its ratio to the error at the output is below (above) this.
_VANISHED = 1e-3
_EXPLODED = 1e3


@dataclass(frozen=True)
class LayerHealth:
    """The state of the neurons of a layer.

    Parameters
    ----------
    layer : int
        Counted from 1.
    activation : str
    neurons : int
    dead : list of int
        Neurons, counted from 1, whose output and slope are 0 on every example, so that they can no longer
        learn.
    saturated : list of int
        Other neurons whose slope is almost 0 on every example.
    error_ratio : float or None
        The root mean square of the layer's error terms, relative to that of the output layer; None if the
        network makes no errors.
    stillborn : list of int
        Dead neurons that were dead before training.
    """

    layer: int
    activation: str
    neurons: int
    dead: list[int]
    saturated: list[int]
    error_ratio: float | None
    stillborn: list[int] = field(default_factory=list)

    @property
    def vanishing(self) -> bool:
        """Whether the error has vanished on its way to this layer."""
        return self.error_ratio is not None and self.error_ratio < _VANISHED

    @property
    def exploding(self) -> bool:
        """Whether the error has exploded on its way to this layer."""
        return self.error_ratio is not None and not self.error_ratio <= _EXPLODED

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return vars(self) | {"vanishing": self.vanishing, "exploding": self.exploding}


def look_inside(
    network: Network, examples: Examples, head: OutputHead, begin: Network | None = None
) -> list[LayerHealth]:
    """Return the state of each hidden layer on all examples.

    Parameters
    ----------
    network : Network
    examples : Examples
        With targets; usually the training set.
    head : OutputHead
    begin : Network, optional
        The same network before training, to find the neurons that were dead from the start.

    Returns
    -------
    list of LayerHealth
        One per hidden layer.
    """
    activity = _activity(network, examples)
    dead = _dead(activity)
    at_start = [np.zeros_like(mask) for mask in dead]
    if begin is not None and any(mask.any() for mask in dead):
        at_start = _dead(_activity(begin, examples))
    ratios = _error_ratios(network, examples, head)
    return [
        LayerHealth(
            layer=k + 1,
            activation=str(network.layers[k].activation),
            neurons=network.layers[k].n_out,
            dead=_numbers(dead[k]),
            stillborn=_numbers(dead[k] & at_start[k]),
            saturated=_numbers((steepest < _FLAT) & ~dead[k]),
            error_ratio=ratios[k],
        )
        for k, (steepest, _) in enumerate(activity)
    ]


def _activity(network: Network, examples: Examples) -> list[tuple[Floats, Floats]]:
    """Return, for each hidden layer, each neuron's steepest slope and largest output on all examples."""
    hidden = network.layers[:-1]
    activity: list[tuple[Floats, Floats]] = [
        (np.zeros(layer.n_out), np.zeros(layer.n_out)) for layer in hidden
    ]
    for rows in row_slices(len(examples)):
        trace = forward(network, examples.rows(rows, network.dtype))
        for layer, z, a, (steepest, largest) in zip(hidden, trace.z, trace.a[1:], activity, strict=False):
            slopes = np.abs(np.asarray(layer.activation.slope(z, a), dtype=np.float64))
            np.maximum(steepest, slopes.max(axis=0), out=steepest)
            np.maximum(largest, np.abs(a).max(axis=0), out=largest)
    return activity


def _dead(activity: list[tuple[Floats, Floats]]) -> list[NDArray[np.bool_]]:
    return [(steepest == 0) & (largest == 0) for steepest, largest in activity]


def _error_ratios(network: Network, examples: Examples, head: OutputHead) -> list[float | None]:
    rows = slice(0, _ERROR_ROWS)
    trace = forward(network, examples.rows(rows, network.dtype))
    backward(trace, head.prepare(examples.known_targets[rows]), head.objective)
    sizes = [float(np.sqrt(np.mean(np.square(delta, dtype=np.float64)))) for delta in trace.delta]
    return [size / sizes[-1] if sizes[-1] > 0 else None for size in sizes]


def _numbers(mask: NDArray[np.bool_]) -> list[int]:
    return [int(k) + 1 for k in np.flatnonzero(mask)]
