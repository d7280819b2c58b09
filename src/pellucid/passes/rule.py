"""An update as formulas, for the compiled loops."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pellucid.declarations import Declaration
from pellucid.network import Floats

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """An update as formulas that machine code can be made of.

    Parameters
    ----------
    formula : callable or None
        Takes the gradient, plain numbers by name, and arrays by name, "weights" among them; returns the
        arrays after the update by name. None for textbook gradient descent, whose gradients go straight into
        the weights.
    keeps : sequence of str
        The names of the arrays that are kept beside the weights.
    start : callable
        Takes the weights, and returns the first value of each of these arrays, by name.
    numbers : sequence of dict
        For each layer, by the names of what it learns, the plain numbers by name that the formula takes
        beside "rate", "t" (the number of the update, counted from 1), "shrink" and "divisor" (what the sum
        of the gradients over the examples was divided by).
    gradient : callable, optional
        Where all gradients are clipped by their norm together: a gradient before that, from the gradient, the
        plain numbers and the weights. The formula then multiplies it by "shrink".
    longest : float
        The maximum norm of all gradients together.
    shorten : callable, optional
        Returns weights and biases within a maximum norm, from the weights, the biases or None, and the norm.
    lengths : sequence of float
        The maximum norm for each layer.
    biases_too : bool
        Whether biases count among the weights into a neuron.
    declared : Declaration, optional
        The optimizer whose formula it is.
    key : hashable, optional
        Two rules that have the same one have the same formulas.
    """

    formula: Callable[..., Mapping[str, Any]] | None = None
    keeps: Sequence[str] = ()
    start: Callable[[Floats], Mapping[str, Floats]] = lambda weights: {}
    numbers: Sequence[Mapping[str, Mapping[str, float]]] = ()
    gradient: Callable[..., Any] | None = None
    longest: float = math.inf
    shorten: Callable[..., tuple[Any, Any]] | None = None
    lengths: Sequence[float] = ()
    biases_too: bool = False
    declared: Declaration | None = None
    key: Hashable = None

    @property
    def plain(self) -> list[str]:
        """The names of the plain numbers, in their order."""
        return ["rate", "t", "shrink", "divisor", *next(iter(self.numbers[0].values()))]
