"""A fully connected network: layers in a row."""

import html
import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.network.activation import Activation, Floats
from pellucid.network.activations import activations
from pellucid.network.initializers import Initializer, initializers
from pellucid.network.layer import Layer
from pellucid.random import stream

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
    """

    SUMMARY_HEADS: ClassVar[tuple[str, ...]] = ("layer", "neurons", "activation", "W", "b", "parameters")

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "relu",
        *,
        output: str | Activation = "softmax",
        initializer: str | Initializer | None = None,
        dtype: str = "float32",
        seed: int = 0,
    ) -> None:
        sizes = _check_sizes(sizes)
        kind = _check_dtype(dtype)
        _check_seed(seed)
        chosen = _match_activations(sizes, activation, output)
        self.layers = [
            Layer(
                _begin(number, n_in, n_out, act, initializer, seed).astype(kind),
                np.zeros(n_out, kind),
                act,
            )
            for number, ((n_in, n_out), act) in enumerate(zip(pairwise(sizes), chosen, strict=True), start=1)
        ]
        if initializer is not None and initializers.get(initializer).name == "zeros" and len(self.layers) > 1:
            warnings.warn(
                "weights that all begin at 0 keep all neurons of a layer alike for ever; "
                "leave the initializer out, or choose one that draws them at random",
                PellucidWarning,
                stacklevel=2,
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
        """How many weights and biases there are."""
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
        """All weights and biases by name, W1, b1, W2, ..., weights inputs-first as they are stored."""
        named = {}
        for number, layer in enumerate(self.layers, start=1):
            named[f"W{number}"] = layer.weights
            named[f"b{number}"] = layer.biases
        return named

    def check_trainable(self) -> None:
        """Refuse to train through a layer that lets no error pass.

        Raises
        ------
        ConfigurationError
            Naming the layer, the reason, and what to use instead.
        """
        for number, layer in enumerate(self.layers, start=1):
            try:
                layer.activation.check_trainable()
            except ConfigurationError as error:
                error.where = f"layer {number}"
                raise

    def copy(self) -> "Network":
        """Give a network of its own with the same numbers."""
        return Network.from_layers([layer.copy() for layer in self.layers])

    def restore(self, other: "Network") -> None:
        """Take over the numbers of another network of the same sizes, in place.

        Raises
        ------
        ConfigurationError
            If its sizes are others; nothing is taken over then.
        """
        if other.sizes != self.sizes:
            raise ConfigurationError(
                "a network can only be restored from one of the same sizes",
                expected=" -> ".join(map(str, self.sizes)),
                received=" -> ".join(map(str, other.sizes)),
            )
        for layer, source in zip(self.layers, other.layers, strict=True):
            layer.weights[...] = source.weights
            layer.biases[...] = source.biases

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
        """Give the rows of the summary as text, a row for each layer and one for their sum."""
        rows: list[tuple[str, ...]] = [
            (
                str(number),
                f"{layer.n_out:,}",
                str(layer.activation),
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
        steps = " -> ".join(f"{layer.n_out} {layer.activation}" for layer in self.layers)
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


def _begin(
    number: int,
    n_in: int,
    n_out: int,
    activation: Activation,
    initializer: str | Initializer | None,
    seed: int,
) -> Floats:
    rule = initializers.get(activation.initializer if initializer is None else initializer)
    return rule.draw(n_in, n_out, stream(seed, "weights", number))


def _check_sizes(sizes: Sequence[int]) -> list[int]:
    expected = "the number of inputs, then the neurons of each layer: whole numbers, 1 or more"
    in_a_row = isinstance(sizes, Sequence | np.ndarray) and getattr(sizes, "ndim", 1) == 1
    if isinstance(sizes, str) or not in_a_row or len(sizes) < 2:
        raise ConfigurationError(
            "a network needs at least an input size and an output size",
            expected=expected,
            received=repr(sizes),
        )
    for place, size in enumerate(sizes):
        if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
            raise ConfigurationError(
                "a layer cannot have this size",
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
            "a network cannot be kept in this dtype", expected="float32 or float64", received=repr(dtype)
        )
    return kind


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ConfigurationError("a seed is a whole number, 0 or more", received=repr(seed))


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
            f"one output neuron with {chosen[-1]} always says 1",
            expected="two output neurons or more",
            received="1",
            remedy="end the network with sigmoid (yes or no) or identity (a number)",
        )
    return chosen
