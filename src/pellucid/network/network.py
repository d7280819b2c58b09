"""Fully connected networks."""

import html
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.network.activation import Activation, Floats
from pellucid.network.activations import activations
from pellucid.network.architecture import make_layers
from pellucid.network.initializers import Initializer
from pellucid.network.layer import Layer
from pellucid.network.normalisation import Normalisation

__all__ = ["Network"]


class Network:
    r"""A fully connected network of any depth and width.

    Parameters
    ----------
    sizes : sequence of int
        The number of inputs, then the number of neurons of each layer, the output layer last.
    activation : str or Activation, or a sequence of them
        One for all hidden layers, or one for each layer (with or without the output layer).
    output : str or Activation
        The activation of the output layer, unless the sequence above includes it.
    normalise : str or Normalisation, optional
        The normalisation of the hidden layers, by default none.
    initializer : str or Initializer, optional
        The initializer of the weights, by default that of each layer's activation. Biases start at 0.
    dtype : {"float32", "float64"}
        The dtype of the parameters.
    seed : int
        The random seed of the initial weights.

    Raises
    ------
    ConfigurationError
        If a size is not a whole number above 0, or the activations do not match the layers.
    UnknownNameError
        If an activation or initializer is unknown.

    Examples
    --------
    >>> network = Network([4, 2, 3], activation="relu", output="sigmoid", seed=0)
    >>> network
    Network(4 -> 2 relu -> 3 sigmoid, 19 parameters, float32)
    >>> [layer.W.shape for layer in network.layers]
    [(2, 4), (3, 2)]
    >>> Network([4, 2, 3], normalise="batch")
    Network(4 -> 2 batch relu -> 3 softmax, 23 parameters, float32)
    """

    SUMMARY_HEADS: ClassVar[tuple[str, ...]] = ("layer", "neurons", "activation", "W", "b", "parameters")

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "relu",
        *,
        output: str | Activation = "softmax",
        normalise: str | Normalisation | None = None,
        initializer: str | Initializer | None = None,
        dtype: str = "float32",
        seed: int = 0,
    ) -> None:
        self.layers = make_layers(
            sizes, activation, output, normalise=normalise, initializer=initializer, dtype=dtype, seed=seed
        )

    @classmethod
    def from_layers(cls, layers: Sequence[Layer]) -> "Network":
        """Make a network from existing layers.

        Raises
        ------
        ConfigurationError
            If there are none, or the outputs of a layer do not match the inputs of the next.
        """
        check_type(layers, Sequence, "the layers", "a list of Layer")
        for layer in layers:
            check_type(layer, Layer, "a layer", "a Layer")
        for number, (before, after) in enumerate(pairwise(layers), start=1):
            if before.n_out != after.n_in:
                raise ConfigurationError(
                    f"the sizes of layer {number} and layer {number + 1} do not match",
                    expected=f"{before.n_out} inputs of layer {number + 1}",
                    received=f"{after.n_in}",
                )
        if not layers:
            raise ConfigurationError("the network has no layers", expected="at least one", received="none")
        network = cls.__new__(cls)
        network.layers = list(layers)
        return network

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then the neurons of each layer."""
        return (self.layers[0].n_in, *(layer.n_out for layer in self.layers))

    @property
    def n_parameters(self) -> int:
        """The number of trainable parameters."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def output(self) -> Activation:
        """The output layer's activation."""
        return self.layers[-1].activation

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters."""
        return self.layers[0].weights.dtype

    @property
    def parameters(self) -> dict[str, Floats]:
        """The trainable parameters by name, W1, b1, W2, ..., with weights inputs first as they are stored."""
        return {
            f"{name}{number}": array
            for number, layer in enumerate(self.layers, start=1)
            for name, array in layer.learned.items()
        }

    @property
    def arrays(self) -> dict[str, Floats]:
        """All arrays by name: the parameters, and the running statistics of normalisations."""
        return {
            f"{name}{number}": array
            for number, layer in enumerate(self.layers, start=1)
            for name, array in layer.arrays.items()
        }

    def check_trainable(self) -> None:
        """Check that errors can be backpropagated through all layers.

        Raises
        ------
        ConfigurationError
            If they cannot; the message names the layer.
        """
        for number, layer in enumerate(self.layers, start=1):
            try:
                layer.activation.check_trainable()
                activations.examine(layer.activation)
            except ConfigurationError as error:
                error.where = f"layer {number}"
                raise

    def copy(self) -> "Network":
        """Return a deep copy."""
        return Network.from_layers([layer.copy() for layer in self.layers])

    def restore(self, other: "Network") -> None:
        """Copy the arrays of another network of the same sizes and normalisations, in place.

        Raises
        ------
        ConfigurationError
            If the sizes or normalisations differ; nothing is copied then.
        """
        if len(other.layers) != len(self.layers) or not all(map(Layer.is_like, self.layers, other.layers)):
            raise ConfigurationError(
                "a network can only be restored from one with the same sizes and normalisations",
                expected=repr(self),
                received=repr(other),
            )
        for name, array in self.arrays.items():
            array[...] = other.arrays[name]

    def summary(self) -> str:
        """Return a table of the layers, their shapes and their numbers of parameters.

        Examples
        --------
        >>> print(Network([4, 2, 3], output="sigmoid").summary())
        layer   neurons   activation   W       b      parameters
            1         2   relu         2 x 4   2              10
            2         3   sigmoid      3 x 2   3               9
        total         5                                       19
        """
        rows = [self.SUMMARY_HEADS, *self.summary_rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        lines = []
        for row in rows:
            cells = [
                text.rjust(width) if column in (0, 1, 5) else text.ljust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            ]
            lines.append("   ".join(cells).rstrip())
        return "\n".join(lines)

    def summary_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the summary as text, one for each layer and one for the total."""
        rows: list[tuple[str, ...]] = [
            (
                str(number),
                f"{layer.n_out:,}",
                layer.rule,
                f"{layer.n_out} x {layer.n_in}",
                str(layer.n_out),
                f"{layer.n_parameters:,}",
            )
            for number, layer in enumerate(self.layers, start=1)
        ]
        neurons = sum(layer.n_out for layer in self.layers)
        return [*rows, ("total", f"{neurons:,}", "", "", "", f"{self.n_parameters:,}")]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return self.layers == other.layers

    __hash__ = None  # type: ignore[assignment]  # weights change

    def __repr__(self) -> str:
        steps = " -> ".join(f"{layer.n_out} {layer.rule}" for layer in self.layers)
        return f"Network({self.sizes[0]} -> {steps}, {self.n_parameters:,} parameters, {self.dtype})"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{text}</th>" for text in self.SUMMARY_HEADS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
            for row in self.summary_rows()
        )
        return (
            f"<table><caption>{self.sizes[0]} inputs, {self.dtype}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
