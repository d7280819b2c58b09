"""The base class of activation functions."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.declarations import Declaration
from pellucid.errors import ConfigurationError

__all__ = ["Activation", "Floats", "Interval"]

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Interval:
    """The numbers from low to high; a closed end is included.

    Examples
    --------
    >>> print(Interval(0, math.inf, closed_low=True))
    [0, ∞)
    >>> Interval(0, 1).within(Interval(-1, 1))
    True
    """

    low: float = -math.inf
    high: float = math.inf
    closed_low: bool = False
    closed_high: bool = False

    def within(self, other: "Interval") -> bool:
        """Return whether every number of this interval is in the other."""
        above = self.low > other.low or (self.low == other.low and self.closed_low <= other.closed_low)
        below = self.high < other.high or (self.high == other.high and self.closed_high <= other.closed_high)
        return above and below

    def __str__(self) -> str:
        low, high = (f"{end:.4g}".replace("inf", "∞").replace("-", "−") for end in (self.low, self.high))
        return f"{'[' if self.closed_low else '('}{low}, {high}{']' if self.closed_high else ')'}"


@dataclass(frozen=True)
class Activation(Declaration, ABC):
    r"""The function that a neuron applies to its weighted sum, and its derivative.

    A subclass defines `value` and `slope` as elementwise NumPy expressions. A function of a whole layer, such
    as softmax, also defines `backward`, because its slope is only the diagonal of the Jacobian. Its other
    attributes are `formula` and `slope_formula` (LaTeX in :math:`z` and :math:`a`), `range`, `initializer`
    (the default for its weights), and `source`.

    The slope of an activation of your own is compared with central differences of its value once, when it is
    registered or first used; a wrong slope is refused. If another slope is intended, as with a
    straight-through estimator (a step trained with the slope of a line), set ``slope_is_exact = False``.

    Examples
    --------
    An activation of your own works everywhere once it is registered:

    >>> from pellucid.network import Network, activations
    >>> class Square(Activation):
    ...     '''The square of the weighted sum.'''
    ...     name = "square"
    ...     formula = r"z^2"
    ...     slope_formula = r"2 z"
    ...     range = Interval(0, math.inf, closed_low=True)
    ...     def value(self, z):
    ...         return z * z
    ...     def slope(self, z, a):
    ...         return 2 * z
    >>> Network([4, 2, 3], activations.register(Square)).layers[0].activation
    Square()
    """

    slope_formula: ClassVar[str] = ""
    range: ClassVar[Interval] = Interval()
    initializer: ClassVar[str] = "glorot_normal"
    acts_on_layer: ClassVar[bool] = False
    sums_to_one: ClassVar[bool] = False
    # Whether the slope is the derivative of the value; training uses any other slope as it is.
    slope_is_exact: ClassVar[bool] = True
    # For an activation without a useful slope, the name of the one to train with instead.
    train_with: ClassVar[str | None] = None

    @property
    def trainable(self) -> bool:
        """Whether errors can be backpropagated through it."""
        return self.train_with is None

    @abstractmethod
    def value(self, z: Floats) -> Any:
        """Return the outputs :math:`a = f(z)`, elementwise."""

    @abstractmethod
    def slope(self, z: Floats, a: Floats) -> Any:
        """Return the derivatives :math:`f'(z)`, elementwise; ``a`` is the value :math:`f(z)`."""

    def forward(self, z: Floats) -> Floats:
        """Apply the activation to weighted sums.

        Parameters
        ----------
        z : array of float, shape (n_examples, n_out)
            The weighted sums of a layer.

        Returns
        -------
        array of z's shape and dtype

        Raises
        ------
        ConfigurationError
            If `value` returns an array of another shape.
        """
        a: Floats = np.asarray(self.value(z), dtype=z.dtype)
        if a.shape != z.shape:
            raise ConfigurationError(
                f"the activation {self.name} does not return one output for each weighted sum",
                expected=f"outputs of shape {z.shape}",
                received=f"shape {a.shape}",
                remedy="make value an elementwise function of z",
            )
        return a

    def backward(self, z: Floats, a: Floats, slope_in_a: Floats) -> Floats:
        r"""Backpropagate the derivative of the loss from the outputs to the weighted sums.

        Parameters
        ----------
        z, a : arrays of float, shape (n_examples, n_out)
            The weighted sums and the outputs.
        slope_in_a : array of float, shape (n_examples, n_out)
            :math:`\partial L / \partial a`.

        Returns
        -------
        array of z's shape and dtype
            The error term :math:`\delta = \partial L / \partial z`.

        Raises
        ------
        ConfigurationError
            If errors cannot be backpropagated through it.
        """
        self.check_trainable()
        delta: Floats = np.multiply(slope_in_a, self.slope(z, a), dtype=z.dtype, casting="same_kind")
        return delta

    def check_trainable(self) -> None:
        """Check that errors can be backpropagated through the activation."""
        if not self.trainable:
            raise ConfigurationError(
                f"a network with {self.name} cannot be trained: its derivative is 0 almost everywhere,"
                " so no error would reach the weights",
                expected="an activation with a nonzero derivative in every layer",
                received=self.name,
                remedy=f"train with {self.train_with}, a smooth function of the same shape",
            )

    def describe(self) -> dict[str, Any]:
        """Return everything that a listing shows, ready for JSON."""
        return super().describe() | {
            "slope": self.slope_formula,
            "range": str(self.range),
            "acts_on_layer": self.acts_on_layer,
            "trainable": self.trainable,
            "initializer": self.initializer,
        }
