"""A layer: weights, biases, an optional normalisation, and an activation."""

from dataclasses import dataclass

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.network.activation import Activation, Floats
from pellucid.network.activations import activations
from pellucid.network.normaliser import Normaliser

__all__ = ["Layer"]


@dataclass(eq=False)
class Layer:
    r"""A fully connected layer: :math:`z = W x + b`, optionally normalised, and :math:`a = f(z)`.

    Parameters
    ----------
    weights : array of float, shape (n_in, n_out)
        Inputs first, as they are stored; `W` is the transpose.
    biases : array of float, shape (n_out,)
        One for each neuron.
    activation : Activation
        The activation function of the layer.
    normaliser : Normaliser, optional
        The normalisation of the weighted sums.

    Raises
    ------
    ConfigurationError
        If a type is wrong or the shapes do not match, or if the slope of an activation of your own is not the
        derivative of its value.

    Examples
    --------
    >>> from pellucid.network import activations
    >>> layer = Layer(np.array([[1.0], [2.0]]), np.array([0.5]), activations.get("relu"))
    >>> layer.W, layer.n_in, layer.n_out, layer.n_parameters
    (array([[1., 2.]]), 2, 1, 3)
    """

    weights: Floats
    biases: Floats
    activation: Activation
    normaliser: Normaliser | None = None

    def __post_init__(self) -> None:
        check_type(self.weights, np.ndarray, "the weights of a layer", "an array of shape (n_in, n_out)")
        check_type(self.biases, np.ndarray, "the biases of a layer", "an array of shape (n_out,)")
        check_type(
            self.activation, Activation, "the activation of a layer", "an Activation: activations.get(name)"
        )
        activations.examine(self.activation)
        if self.weights.ndim != 2 or self.biases.shape != self.weights.shape[1:]:
            raise ConfigurationError(
                "the shapes of weights and biases do not match",
                expected="weights of shape (n_in, n_out) and biases of shape (n_out,)",
                received=f"shapes {self.weights.shape} and {self.biases.shape}",
            )
        check_type(self.normaliser, Normaliser | None, "the normaliser of a layer", "a Normaliser, or None")
        if self.normaliser and self.normaliser.gain.shape != self.biases.shape:
            raise ConfigurationError(
                "the normalisation does not match the layer",
                expected=f"a gain and a shift for each of the {self.n_out} neurons",
                received=f"{self.normaliser.gain.size}",
            )

    @property
    def n_in(self) -> int:
        """The number of inputs."""
        return int(self.weights.shape[0])

    @property
    def n_out(self) -> int:
        """The number of neurons."""
        return int(self.weights.shape[1])

    @property
    def n_parameters(self) -> int:
        """The number of trainable parameters: weights, biases, and those of the normalisation."""
        return sum(array.size for array in self.learned.values())

    @property
    def learned(self) -> dict[str, Floats]:
        """The trainable parameters by name: W and b, and with a normalisation gain and shift."""
        both = {"W": self.weights, "b": self.biases}
        return both | self.normaliser.learned if self.normaliser else both

    @property
    def arrays(self) -> dict[str, Floats]:
        """All arrays of the layer by name: trainable parameters and running statistics."""
        return self.learned | self.normaliser.kept if self.normaliser else self.learned

    @property
    def rule(self) -> str:
        """The normalisation, if any, and the activation, in words."""
        return f"{self.normaliser.rule} {self.activation}" if self.normaliser else str(self.activation)

    @property
    def W(self) -> Floats:
        """The weights as a matrix with a row for each neuron, shape (n_out, n_in); a view."""
        return self.weights.T

    @property
    def b(self) -> Floats:
        """The biases, shape (n_out,)."""
        return self.biases

    def copy(self) -> "Layer":
        """Return a deep copy."""
        normaliser = self.normaliser.copy() if self.normaliser else None
        return Layer(self.weights.copy(), self.biases.copy(), self.activation, normaliser)

    def is_like(self, other: "Layer") -> bool:
        """Return whether another layer has the same sizes and normalisation."""
        mine, others = (layer.normaliser.rule if layer.normaliser else None for layer in (self, other))
        return self.weights.shape == other.weights.shape and mine == others

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return (
            self.activation == other.activation
            and self.weights.dtype == other.weights.dtype
            and self.is_like(other)
            and all(np.array_equal(array, other.arrays[name]) for name, array in self.arrays.items())
        )

    __hash__ = None  # type: ignore[assignment]  # weights change

    def __repr__(self) -> str:
        return f"Layer({self.n_in} -> {self.n_out}, {self.rule})"
