"""The weighted sum of one neuron, term by term."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError
from pellucid.passes.reference import Trace

__all__ = ["NeuronSum", "Term", "source_names", "write_out"]


@dataclass(frozen=True)
class Term:
    """A weight times its input.

    Parameters
    ----------
    source : str
        The source of the input: a column, a pixel, or a neuron of the previous layer.
    weight, value, product : float
    """

    source: str
    weight: float
    value: float
    product: float


@dataclass(frozen=True)
class NeuronSum:
    r"""A neuron's sum :math:`s = \sum_i w_i x_i + b` and output :math:`a = f(z)`.

    Without a normalisation :math:`z` is :math:`s`.

    Parameters
    ----------
    layer, neuron : int
        Both counted from 1.
    terms : list of Term
        The nonzero terms, the largest products first.
    n_zero : int
        The number of terms that are 0.
    bias, s, z, a : float
    activation : str
    normalisation : str or None
    """

    layer: int
    neuron: int
    terms: list[Term]
    n_zero: int
    bias: float
    s: float
    z: float
    a: float
    activation: str
    normalisation: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return a dict, ready for JSON."""
        return vars(self) | {"terms": [vars(term) for term in self.terms]}


def source_names(features: Sequence[str], layer: int, n_in: int) -> Sequence[str]:
    """Return the names of a layer's inputs: the features, or the neurons of the previous layer."""
    return features if layer == 1 else [f"a{layer - 1}[{k}]" for k in range(1, n_in + 1)]


def write_out(trace: Trace, features: Sequence[str], layer: int, neuron: int) -> NeuronSum:
    """Return the terms of a neuron's weighted sum for the first example; both are counted from 1."""
    layers = trace.network.layers
    if not 1 <= layer <= len(layers):
        raise ConfigurationError(
            f"there is no layer {layer}",
            expected=f"a layer from 1 to {len(layers)}, the inputs not counted",
            received=str(layer),
        )
    this = layers[layer - 1]
    if not 1 <= neuron <= this.n_out:
        raise ConfigurationError(
            f"layer {layer} has no neuron {neuron}",
            expected=f"a neuron from 1 to {this.n_out}",
            received=str(neuron),
        )
    inputs = trace.a[layer - 1][0]
    weights = this.W[neuron - 1]
    products = weights * inputs
    names = source_names(features, layer, this.n_in)
    order = np.argsort(-np.abs(products), kind="stable")[: np.count_nonzero(products)]
    return NeuronSum(
        layer=layer,
        neuron=neuron,
        terms=[Term(names[k], float(weights[k]), float(inputs[k]), float(products[k])) for k in order],
        n_zero=int(len(products) - len(order)),
        bias=float(this.biases[neuron - 1]),
        s=float(trace.sums.get(layer - 1, trace.z[layer - 1])[0, neuron - 1]),
        z=float(trace.z[layer - 1][0, neuron - 1]),
        a=float(trace.a[layer][0, neuron - 1]),
        activation=str(this.activation),
        normalisation=str(this.normaliser.rule) if this.normaliser else None,
    )
