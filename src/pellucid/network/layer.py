"""A layer: its weights, its biases, its activation."""

from dataclasses import dataclass

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.network.activation import Activation, Floats

__all__ = ["Layer"]


@dataclass(eq=False)
class Layer:
    r"""Neurons side by side: :math:`z = W x + b`, :math:`a = f(z)`.

    Parameters
    ----------
    weights : array of float, shape (n_in, n_out)
        Inputs first, as they are stored; `W` is the same matrix the way it is written.
    biases : array of float, shape (n_out,)
        One for each neuron.
    activation : Activation
        What all neurons of the layer do with their weighted sums.

    Raises
    ------
    ConfigurationError
        If they are no such things, or their shapes do not fit together.

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

    def __post_init__(self) -> None:
        check_type(self.weights, np.ndarray, "the weights of a layer", "an array of shape (n_in, n_out)")
        check_type(self.biases, np.ndarray, "the biases of a layer", "an array of shape (n_out,)")
        check_type(
            self.activation, Activation, "the activation of a layer", "an Activation: activations.get(name)"
        )
        if self.weights.ndim != 2 or self.biases.shape != self.weights.shape[1:]:
            raise ConfigurationError(
                "the weights and biases of a layer do not fit together",
                expected="weights of shape (n_in, n_out) and biases of shape (n_out,)",
                received=f"shapes {self.weights.shape} and {self.biases.shape}",
            )

    @property
    def n_in(self) -> int:
        """How many inputs each neuron has."""
        return int(self.weights.shape[0])

    @property
    def n_out(self) -> int:
        """How many neurons the layer has."""
        return int(self.weights.shape[1])

    @property
    def n_parameters(self) -> int:
        """How many weights and biases the layer has."""
        return self.weights.size + self.biases.size

    @property
    def W(self) -> Floats:
        """The weights as a matrix with a row for each neuron, shape (n_out, n_in); a view."""
        return self.weights.T

    @property
    def b(self) -> Floats:
        """The biases, shape (n_out,)."""
        return self.biases

    def copy(self) -> "Layer":
        """Give a layer of its own with the same numbers."""
        return Layer(self.weights.copy(), self.biases.copy(), self.activation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return (
            self.activation == other.activation
            and self.weights.dtype == other.weights.dtype
            and np.array_equal(self.weights, other.weights)
            and np.array_equal(self.biases, other.biases)
        )

    __hash__ = None  # type: ignore[assignment]  # weights change

    def __repr__(self) -> str:
        return f"Layer({self.n_in} -> {self.n_out}, {self.activation})"
