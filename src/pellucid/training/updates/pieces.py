r"""The pieces of an update, each one formula, in the order in which they are applied.

In the formulas :math:`g` is the gradient in an array :math:`w`, which the backward pass has scaled by the
number of examples, :math:`\Delta` the change of the array, :math:`\alpha` the learning rate and :math:`t` the
number of the update, counted from 1.

The reference evaluates the formulas with NumPy arrays; machine code is made of the very same ones.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from pellucid.network import Floats
from pellucid.training.optimizer import Optimizer, check_kept
from pellucid.training.penalties import Penalty

__all__ = [
    "Average",
    "ClipNorm",
    "ClipValue",
    "Decay",
    "MaxNorm",
    "Move",
    "Parameter",
    "Penalise",
    "Piece",
    "Step",
    "follow",
]

Values = Mapping[str, Any]


@dataclass
class Parameter:
    """A learned array of a network, such as the weights of a layer."""

    layer: int  # counted from 0
    name: str  # what the layer calls it: "W", "b", "gain" or "shift"
    array: Floats  # the network's own, changed in place
    strengths: Mapping[str, float] = field(default_factory=dict)  # of the pieces that apply to it, by name
    state: dict[str, Any] = field(default_factory=dict)  # the optimizer's
    # During an update, what the formulas take: see `Piece.apply`.
    values: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece(ABC):
    """One piece of an update: a formula over values by name."""

    # The name of a number of each array; the piece does not apply to arrays without it.
    strength: ClassVar[str | None] = None

    @abstractmethod
    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        """Return the values that it changes.

        The values are the arrays "gradient", "weights" and, once there is one, "change", and the optimizer's
        "state"; the numbers are "rate", "t", "divisor", and the strengths by name.
        """

    def act(self, parameters: Sequence[Parameter]) -> None:
        """Change all parameters."""
        for parameter in parameters:
            if self.strength is None or self.strength in parameter.numbers:
                parameter.values |= self.apply(parameter.values, parameter.numbers)


def follow(pieces: Iterable[Piece], values: Values, numbers: Values) -> dict[str, Any]:
    """Return the values after applying some pieces, one after another."""
    after = dict(values)
    for piece in pieces:
        if piece.strength is None or piece.strength in numbers:
            after |= piece.apply(after, numbers)
    return after


@dataclass(frozen=True)
class Penalise(Piece):
    r"""The derivative of a penalty: :math:`g := g + \lambda \, \partial P / \partial w`.

    If it is divided, its strength is divided by what the gradient of an update is divided by, its number of
    examples: a penalty for a batch as a whole, as in scikit-learn.
    """

    penalty: Penalty
    divided: bool = False

    @property
    def strength(self) -> str:  # type: ignore[override]  # each penalty has a strength of its own
        return self.penalty.name

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        strength = numbers[self.strength]
        strength = strength / numbers["divisor"] if self.divided else strength
        return {"gradient": values["gradient"] + strength * self.penalty.slope(values["weights"])}


@dataclass(frozen=True)
class ClipValue(Piece):
    r"""Limit each entry: :math:`g_i := \max(-c, \min(c, g_i))`."""

    limit: float

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        return {"gradient": np.clip(values["gradient"], -self.limit, self.limit)}


@dataclass(frozen=True)
class ClipNorm(Piece):
    r"""Scale all gradients together: :math:`g := g \min(1, c / \lVert g \rVert)`.

    Examples
    --------
    >>> W, b = Parameter(0, "W", np.zeros((1, 1))), Parameter(0, "b", np.zeros(1))
    >>> W.values["gradient"], b.values["gradient"] = np.array([[3.0]]), np.array([4.0])
    >>> ClipNorm(1.0).act([W, b])
    >>> W.values["gradient"].item(), b.values["gradient"].item()
    (0.6000000000000001, 0.8)
    """

    limit: float

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        return {"gradient": values["gradient"] * numbers["shrink"]}

    def act(self, parameters: Sequence[Parameter]) -> None:
        squares = (np.square(parameter.values["gradient"]).sum(dtype=np.float64) for parameter in parameters)
        norm = math.sqrt(sum(map(float, squares)))
        for parameter in parameters:
            parameter.numbers["shrink"] = self.limit / norm if norm > self.limit else 1.0
        super().act(parameters)


@dataclass(frozen=True)
class Step(Piece):
    r"""The optimizer's rule: :math:`\Delta, s := \operatorname{step}(g, s, \alpha, t)`."""

    optimizer: Optimizer

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        change, state = self.optimizer.step(
            values["gradient"], values["state"], numbers["rate"], numbers["t"]
        )
        check_kept(self.optimizer, state, "step")
        return {"change": change, "state": state}


@dataclass(frozen=True)
class Decay(Piece):
    r"""Decoupled weight decay: :math:`\Delta := \Delta - \alpha \lambda w`.

    The strength is the decay that the optimizer declares (AdamW, Lion) plus that of the regularisation.
    """

    strength = "decay"

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        return {"change": values["change"] - numbers["rate"] * numbers["decay"] * values["weights"]}


class Move(Piece):
    r"""Apply the change: :math:`w := w + \Delta`."""

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        return {"weights": values["weights"] + values["change"]}


@dataclass(frozen=True)
class MaxNorm(Piece):
    r"""Limit the norm of the weights into a neuron: :math:`w := w \min(1, c / \lVert w \rVert)`."""

    limits: tuple[float, ...]  # for each layer
    biases: bool  # whether the weights of a neuron include its bias

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        weights, squares = values["weights"], np.square(values["weights"]).sum(axis=0)
        if self.biases:
            squares = squares + np.square(values["biases"])
        norm = np.sqrt(np.maximum(squares, np.finfo(weights.dtype).tiny))
        scale = np.minimum(1, numbers["max_norm"] / norm).astype(weights.dtype)
        return {"weights": weights * scale} | ({"biases": values["biases"] * scale} if self.biases else {})

    def act(self, parameters: Sequence[Parameter]) -> None:
        found = {(parameter.layer, parameter.name): parameter.values for parameter in parameters}
        for layer, limit in enumerate(self.limits):
            weights, biases = found[layer, "W"], found[layer, "b"]
            both = {"weights": weights["weights"], "biases": biases["weights"]}
            changed = both | self.apply(both, {"max_norm": limit})
            weights["weights"], biases["weights"] = changed["weights"], changed["biases"]


@dataclass(frozen=True)
class Average(Piece):
    r"""The exponential moving average: :math:`\bar w := \bar w + \frac{1 - d}{1 - d^t} (w - \bar w)`.

    Late weights count most, and those before the first update do not count. Running statistics of
    normalisations are averaged too. The nearer :math:`d` is to 1, the longer the memory; :math:`d^t` is the
    number "remaining".

    References
    ----------
    Polyak and Juditsky 1992, https://doi.org/10.1137/0330046

    Examples
    --------
    >>> average = Average(keep=0.5)
    >>> average.apply({"average": 1.0, "weights": 4.0}, {"remaining": 0.25})  # (0.5 x 1 + 4) / 1.5
    {'average': 3.0}
    """

    keep: float

    def apply(self, values: Values, numbers: Values) -> dict[str, Any]:
        share = (1 - self.keep) / (1 - numbers["remaining"])  # of the first weights: all
        return {"average": values["average"] + share * (values["weights"] - values["average"])}

    def remaining(self, t: int) -> float:
        """Return the product of t factors d, multiplied one by one as updates are made.

        Below half a unit in the last place of 1 it makes no difference any more.
        """
        left = 1.0
        for _ in range(t):
            if 1 - left == 1:
                break
            left *= self.keep
        return left
