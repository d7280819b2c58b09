"""What happens in one layer, on the way forward and on the way back."""

from dataclasses import dataclass

from pellucid.network import Floats

__all__ = ["BackwardStep", "ForwardStep", "Gradient", "GradientEntry", "Scaling", "ScalingGradient"]


@dataclass(frozen=True)
class Scaling:
    """What a normalisation makes of the weighted sums ``s``; all arrays have shape (n_out,)."""

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
    """What a normalisation does on the way back, and what the update makes of it; shape (n_out,)."""

    rules: tuple[str, ...]
    gain_gradient: Floats
    shift_gradient: Floats
    new_gain: Floats
    new_shift: Floats


@dataclass(frozen=True)
class ForwardStep:
    """What a layer does on the way forward; ``z`` and ``a`` have shape (n_out,)."""

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
    """One weight's gradient and what the update makes of the weight.

    Parameters
    ----------
    neuron : int
        Whose weight it is, counted from 1.
    source : str
        What comes in through the weight.
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
        That of ``W``.
    n_zero : int
        How many of its entries are 0.
    norm : float
        The root of the sum of all squares.
    largest : list of GradientEntry
        The largest entries first.
    """

    rule: str
    shape: tuple[int, int]
    n_zero: int
    norm: float
    largest: list[GradientEntry]


@dataclass(frozen=True)
class BackwardStep:
    """What a layer does on the way back.

    ``delta``, ``slope``, the biases and ``sum_slope``, the loss's slope in the weighted sums, have shape
    (n_out,); the last is ``delta`` where no normalisation stands between.
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
