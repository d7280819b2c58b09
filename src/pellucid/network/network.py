"""A fully connected network: layers in a row."""

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
    r"""A fully connected network of any depth and widths.

    Parameters
    ----------
    sizes : sequence of int
        The number of inputs, then the number of neurons of each layer, the output layer last.
    activation : str or Activation, or a sequence of them
        One for all hidden layers, or one for each layer with weights (with or without the output layer's).
    output : str or Activation
        The output layer's, unless the sequence above includes it.
    normalise : str or Normalisation, optional
        How the hidden layers' weighted sums are brought to a common scale; not at all unless said.
    initializer : str or Initializer, optional
        How the weights begin; each layer's activation chooses unless said. Biases begin at 0.
    dtype : {"float32", "float64"}
        What the numbers are kept in.
    seed : int
        The same seed gives the same weights.

    Raises
    ------
    ConfigurationError
        If a size is no whole number above 0, or the activations do not match the layers.
    UnknownNameError
        If there is no such activation or initializer.

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
        """Make a network of layers that exist already.

        Raises
        ------
        ConfigurationError
            If there are none, or one layer's outputs do not match the next one's inputs.
        """
        check_type(layers, Sequence, "the layers", "a list of Layer")
        for layer in layers:
            check_type(layer, Layer, "a layer", "a Layer")
        for number, (before, after) in enumerate(pairwise(layers), start=1):
            if before.n_out != after.n_in:
                raise ConfigurationError(
                    f"layer {number} and layer {number + 1} do not fit together",
                    expected=f"{before.n_out} inputs of layer {number + 1}",
                    received=f"{after.n_in}",
                )
        if not layers:
            raise ConfigurationError("a network needs a layer", expected="one layer or more", received="none")
        network = cls.__new__(cls)
        network.layers = list(layers)
        return network

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then the neurons of each layer."""
        return (self.layers[0].n_in, *(layer.n_out for layer in self.layers))

    @property
    def n_parameters(self) -> int:
        """The number of numbers are learned."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def output(self) -> Activation:
        """The output layer's activation."""
        return self.layers[-1].activation

    @property
    def dtype(self) -> np.dtype[Any]:
        """What the numbers are kept in."""
        return self.layers[0].weights.dtype

    @property
    def parameters(self) -> dict[str, Floats]:
        """All that is learned by name, W1, b1, W2, ..., weights inputs-first as they are stored."""
        return {
            f"{name}{number}": array
            for number, layer in enumerate(self.layers, start=1)
            for name, array in layer.learned.items()
        }

    @property
    def arrays(self) -> dict[str, Floats]:
        """All numbers by name: the parameters, and what normalisations keep of the batches seen."""
        return {
            f"{name}{number}": array
            for number, layer in enumerate(self.layers, start=1)
            for name, array in layer.arrays.items()
        }

    def check_trainable(self) -> None:
        """Refuse to train through a layer that lets no error pass.

        Raises
        ------
        ConfigurationError
            Naming the layer, the reason, and what to do instead.
        """
        for number, layer in enumerate(self.layers, start=1):
            try:
                layer.activation.check_trainable()
                activations.examine(layer.activation)
            except ConfigurationError as error:
                error.where = f"layer {number}"
                raise

    def copy(self) -> "Network":
        """Return a network of its own with the same numbers."""
        return Network.from_layers([layer.copy() for layer in self.layers])

    def restore(self, other: "Network") -> None:
        """Take over the numbers of another network of the same sizes and normalisations, in place.

        Raises
        ------
        ConfigurationError
            If its sizes or normalisations are others; nothing is taken over then.
        """
        if len(other.layers) != len(self.layers) or not all(map(Layer.is_like, self.layers, other.layers)):
            raise ConfigurationError(
                "a network can only be restored from one of the same sizes and normalisations",
                expected=repr(self),
                received=repr(other),
            )
        for name, array in self.arrays.items():
            array[...] = other.arrays[name]

    def summary(self) -> str:
        """Tell the layers, their shapes and their parameters as a table.

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
        """Return the rows of the summary as text, a row for each layer and one for their sum."""
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
