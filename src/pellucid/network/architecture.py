"""The construction of untrained layers from sizes and names."""

import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.network.activation import Activation
from pellucid.network.activations import activations
from pellucid.network.initializers import Initializer, initializers
from pellucid.network.layer import Layer
from pellucid.network.normalisation import Normalisation, normalisations
from pellucid.network.normaliser import Normaliser
from pellucid.number import check_number
from pellucid.random import stream

__all__ = ["make_layers"]


def make_layers(
    sizes: Sequence[int],
    activation: str | Activation | Sequence[str | Activation],
    output: str | Activation,
    *,
    normalise: str | Normalisation | None,
    initializer: str | Initializer | None,
    dtype: str,
    seed: int,
) -> list[Layer]:
    """Make the layers of a network; parameters and errors are those of `Network`."""
    sizes = _check_sizes(sizes)
    kind = _check_dtype(dtype)
    check_number(seed, "the seed", whole=True, at_least=0)
    chosen = _match_activations(sizes, activation, output)
    normalisers = _make_normalisers(sizes, normalise, kind)
    if initializer is not None and initializers.get(initializer).name == "zeros" and len(sizes) > 2:
        warnings.warn(
            "if all weights start at 0, the neurons of a layer stay identical; "
            "omit the initializer, or choose a random one",
            PellucidWarning,
            stacklevel=3,
        )
    layers = []
    parts = zip(pairwise(sizes), chosen, normalisers, strict=True)
    for number, ((n_in, n_out), act, normaliser) in enumerate(parts, start=1):
        rule = initializers.get(act.initializer if initializer is None else initializer)
        weights = rule.draw(n_in, n_out, stream(seed, "weights", number)).astype(kind)
        layers.append(Layer(weights, np.zeros(n_out, kind), act, normaliser))
    return layers


def _make_normalisers(
    sizes: list[int], normalise: str | Normalisation | None, kind: "np.dtype[Any]"
) -> list[Normaliser | None]:
    """Make a normaliser for each hidden layer, and None for the output layer."""
    if normalise is None:
        return [None] * (len(sizes) - 1)
    rule = normalisations.get(normalise)
    if len(sizes) == 2:
        raise ConfigurationError(
            "a network without hidden layers has nothing to normalise",
            expected="one hidden layer or more",
            received=f"{rule} normalisation without one",
            remedy="add a hidden layer, or omit the normalisation",
        )
    if rule.centres and not rule.over_examples and 1 in sizes[1:-1]:  # minus its own mean it is always 0
        raise ConfigurationError(
            f"{rule.name} normalisation cannot be used for a layer with a single neuron",
            expected="hidden layers of 2 neurons or more",
            received=", ".join(map(str, sizes[1:-1])),
            remedy="use wider layers, or batch normalisation",
        )
    return [*(Normaliser.begin(rule, n_out, kind) for n_out in sizes[1:-1]), None]


def _check_sizes(sizes: Sequence[int]) -> list[int]:
    expected = "the number of inputs, then the neurons of each layer: whole numbers, 1 or more"
    is_sequence = isinstance(sizes, Sequence | np.ndarray) and getattr(sizes, "ndim", 1) == 1
    if isinstance(sizes, str) or not is_sequence or len(sizes) < 2:
        raise ConfigurationError(
            "a network needs at least an input size and an output size",
            expected=expected,
            received=repr(sizes),
        )
    for place, size in enumerate(sizes):
        if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
            raise ConfigurationError(
                "invalid layer size",
                expected=expected,
                received=repr(size),
                where="the inputs" if place == 0 else f"layer {place}",
            )
    return [int(size) for size in sizes]


def _check_dtype(dtype: str) -> "np.dtype[Any]":
    try:
        kind = None if dtype is None else np.dtype(dtype)  # NumPy reads None as float64
    except TypeError:
        kind = None
    if kind not in (np.float32, np.float64):
        raise ConfigurationError(
            "invalid dtype for a network", expected="float32 or float64", received=repr(dtype)
        )
    return kind


def _match_activations(
    sizes: list[int],
    activation: str | Activation | Sequence[str | Activation],
    output: str | Activation,
) -> list[Activation]:
    n_layers = len(sizes) - 1
    if isinstance(activation, str | Activation | type):
        activation = [activation] * (n_layers - 1)
    check_type(activation, Iterable, "the activation", "a name such as 'relu', or one for each hidden layer")
    wanted = list(activation)
    if len(wanted) == n_layers - 1:
        wanted.append(output)
    if len(wanted) != n_layers:
        raise ConfigurationError(
            "the activations do not match the layers",
            expected=f"one, or one for each of the {n_layers - 1} hidden layers (and the output layer's)",
            received=f"{len(wanted)}: {', '.join(map(str, wanted))}",
        )
    chosen = [activations.get(name) for name in wanted]
    if chosen[-1].sums_to_one and sizes[-1] == 1:
        raise ConfigurationError(
            f"the output of a single neuron with {chosen[-1]} is always 1",
            expected="two output neurons or more",
            received="1",
            remedy="use sigmoid (yes or no) or identity (a number) for the output layer",
        )
    return chosen
