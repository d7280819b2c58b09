"""The steps of the forward and the backward pass in one layer."""

from dataclasses import dataclass

from pellucid.network import Floats

__all__ = ["BackwardStep", "ForwardStep", "Gradient", "GradientEntry", "Scaling", "ScalingGradient"]


@dataclass(frozen=True)
class Scaling:
    """The normalisation of the weighted sums ``s``; all arrays have shape (n_out,)."""

    normalisation: str
    formula: str
    rule: str
    s: Floats
    mean: Floats
    deviation: Floats
    gain: Floats
    shift: Floats


@dataclass(frozen=True)
class ScalingGradient:
    """The gradients of a normalisation, and its parameters after the update; shape (n_out,)."""

    rules: tuple[str, ...]
    gain_gradient: Floats
    shift_gradient: Floats
    new_gain: Floats
    new_shift: Floats


@dataclass(frozen=True)
class ForwardStep:
    """The forward pass of a layer; ``z`` and ``a`` have shape (n_out,)."""

    layer: int
    activation: str
    formula: str
    rule: str
    W_shape: tuple[int, int]
    z: Floats
    a: Floats
    scaling: Scaling | None = None


@dataclass(frozen=True)
class GradientEntry:
    """The gradient of one weight, and the weight before and after the update.

    Parameters
    ----------
    neuron : int
        The neuron of the weight, counted from 1.
    source : str
        The source of its input.
    gradient, old, new : float
    """

    neuron: int
    source: str
    gradient: float
    old: float
    new: float


@dataclass(frozen=True)
class Gradient:
    """The gradient of a layer's weights.

    Parameters
    ----------
    rule : str
    shape : tuple of int
        The shape of ``W``.
    n_zero : int
        The number of entries that are 0.
    norm : float
        The square root of the sum of squares.
    largest : list of GradientEntry
        The largest entries.
    """

    rule: str
    shape: tuple[int, int]
    n_zero: int
    norm: float
    largest: list[GradientEntry]


@dataclass(frozen=True)
class BackwardStep:
    """The backward pass of a layer.

    ``slope``, ``delta``, the biases and ``sum_slope`` have shape (n_out,). ``sum_slope`` is the derivative of
    the loss with respect to the weighted sums; without a normalisation it is ``delta``.
    """

    layer: int
    rule: str
    slope: Floats
    delta: Floats
    sum_slope: Floats
    weights: Gradient
    bias_rule: str
    bias_gradient: Floats
    new_biases: Floats
    scaling: ScalingGradient | None = None
