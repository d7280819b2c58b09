"""The update rule: which pieces act on which array of a network, and how strongly."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pellucid.network import Floats, Network
from pellucid.passes.rule import Rule
from pellucid.training.clipping import Clipping
from pellucid.training.optimizer import Optimizer, State, check_kept
from pellucid.training.optimizers import SGD
from pellucid.training.penalties import penalties
from pellucid.training.power import power
from pellucid.training.regularisation import Regularisation
from pellucid.training.updates.pieces import (
    Average,
    ClipNorm,
    ClipValue,
    Decay,
    MaxNorm,
    Move,
    Parameter,
    Penalise,
    Piece,
    Step,
    follow,
)

__all__ = ["UpdateRule"]

Gradients = Sequence[Mapping[str, Floats]]


class UpdateRule:
    """How the arrays of a network change in an update, as a list of pieces in the order in which they act.

    All gradients are taken at the old weights. Penalties, decay and the maximum norm leave out biases, gains
    and shifts unless the regularisation includes biases.

    The pieces are all but the average, which follows after normalisations have updated their running
    statistics.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.training import optimizers
    >>> network = Network([1, 1], output="identity")
    >>> network.layers[0].weights[...] = 2
    >>> rule = UpdateRule(network, optimizers.get("adamw"), Regularisation(l2=0.01))
    >>> [type(piece).__name__ for piece in rule.pieces]
    ['Penalise', 'Step', 'Decay', 'Move']
    >>> rule = UpdateRule(network, optimizers.get("sgd"))
    >>> gradients = [{"W": np.array([[18.0]]), "b": np.array([6.0])}]
    >>> rule.update(rule.parameters(network), gradients, rate=0.1, t=1)
    >>> [f"{array.item():.1f}" for array in network.parameters.values()]
    ['0.2', '-0.6']
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        regularisation: Regularisation | None = None,
        clipping: Clipping | None = None,
        *,
        divide_penalties: bool = False,
    ) -> None:
        held, clipping = regularisation or Regularisation(), clipping or Clipping()
        held.check(len(network.layers))
        self.optimizer = optimizer
        self._strengths = _strengths(network, optimizer, held)
        used = {name for layer in self._strengths for array in layer.values() for name in array}
        self._used = [name for name in (*penalties.names, "decay") if name in used]
        self.pieces: list[Piece] = [
            *(Penalise(penalties.get(name), divide_penalties) for name in penalties.names if name in used),
            *([] if clipping.value is None else [ClipValue(clipping.value)]),
            *([] if clipping.norm is None else [ClipNorm(clipping.norm)]),
            Step(optimizer),
            *([Decay()] if "decay" in used else []),
            Move(),
        ]
        if held.max_norm is not None:
            self.pieces.append(MaxNorm(held.each("max_norm", len(network.layers)), held.biases))

    @property
    def is_penalised(self) -> bool:
        """Whether penalties are added to the cost."""
        return any(isinstance(piece, Penalise) for piece in self.pieces)

    def penalty(self, network: Network) -> float:
        """Return what the penalties add to the cost for the weights of a network."""
        found = [piece.penalty for piece in self.pieces if isinstance(piece, Penalise)]
        return sum(
            sum(
                strengths[which][penalty.name] * penalty.value(array)
                for penalty in found
                if penalty.name in strengths[which]
            )
            for layer, strengths in zip(network.layers, self._strengths, strict=True)
            for which, array in layer.learned.items()
        )

    def parameters(self, network: Network) -> list[Parameter]:
        """Return the arrays that the network learns, with what the optimizer keeps of each at the start."""
        return [
            Parameter(number, name, array, self._strengths[number][name], self._start(array))
            for number, layer in enumerate(network.layers)
            for name, array in layer.learned.items()
        ]

    def update(
        self,
        parameters: Sequence[Parameter],
        gradients: Gradients,
        rate: float,
        t: int,
        divisor: float = 1.0,
    ) -> None:
        """Change the arrays of a network in place, by the gradients of a `Trace`, in update t from 1.

        The divisor is what the gradients' sums over the examples were divided by.
        """
        for parameter in parameters:
            gradient = gradients[parameter.layer][parameter.name]
            parameter.values = {"weights": parameter.array, "gradient": gradient, "state": parameter.state}
            parameter.numbers = {"rate": rate, "t": t, "divisor": divisor, **parameter.strengths}
        for piece in self.pieces:
            piece.act(parameters)
        for parameter in parameters:
            parameter.array[...], parameter.state = parameter.values["weights"], parameter.values["state"]

    def compiled(self, average: Average | None = None) -> Rule:
        """Return the same pieces, and the average if there is one, as formulas for machine code."""
        norm = next((piece for piece in self.pieces if isinstance(piece, ClipNorm)), None)
        longest = next((piece for piece in self.pieces if isinstance(piece, MaxNorm)), None)
        each = [piece for piece in self.pieces if piece is not longest]
        is_plain = [type(piece) for piece in each] == [Step, Move] and type(self.optimizer) is SGD
        before = each[: each.index(norm)] if norm else []
        after = each[len(before) :] + ([average] if average else [])
        keeps = [f"optimizer.{name}" for name in self.optimizer.keeps]
        return Rule(
            formula=None
            if is_plain and average is None
            else partial(_formula, after, self.optimizer.keeps, average),
            keeps=keeps + ([] if average is None else ["average"]),
            start=partial(self._kept, average),
            numbers=[
                {name: {use: array.get(use, 0.0) for use in self._used} for name, array in layer.items()}
                for layer in self._strengths
            ],
            gradient=partial(_gradient, before) if norm else None,
            longest=norm.limit if norm else math.inf,
            shorten=partial(_shortened, longest) if longest else None,
            lengths=longest.limits if longest else (),
            biases_too=longest.biases if longest else False,
            declared=self.optimizer,
            key=(*self.pieces, average),
        )

    def _start(self, weights: Floats) -> State:
        state = self.optimizer.start(weights)
        check_kept(self.optimizer, state, "start")
        return state

    def _kept(self, average: Average | None, weights: Floats) -> dict[str, Floats]:
        state = self._start(weights)
        kept = {f"optimizer.{name}": state[name] for name in self.optimizer.keeps}
        return kept if average is None else kept | {"average": weights}


def _strengths(
    network: Network, optimizer: Optimizer, held: Regularisation
) -> list[dict[str, dict[str, float]]]:
    """Return the strengths other than 0 by name, for each layer and each array that it learns."""
    n = len(network.layers)
    by_name = {name: held.each(name, n) for name in penalties.names}
    by_name["decay"] = tuple(decay + optimizer.decay for decay in held.each("weight_decay", n))
    return [
        {
            which: {name: values[number] for name, values in by_name.items() if values[number]}
            if which == "W" or held.biases
            else {}
            for which in layer.learned
        }
        for number, layer in enumerate(network.layers)
    ]


def _formula(
    pieces: Sequence[Piece],
    keeps: Sequence[str],
    average: Average | None,
    gradient: Any,
    numbers: Mapping[str, Any],
    kept: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the weights and the state after an update."""
    if average is not None:
        numbers = {**numbers, "remaining": power(average.keep, numbers["t"])}
    state = {name: kept[f"optimizer.{name}"] for name in keeps}
    after = follow(pieces, {**kept, "gradient": gradient, "state": state}, numbers)
    return after | {f"optimizer.{name}": array for name, array in after["state"].items()}


def _gradient(pieces: Sequence[Piece], gradient: Any, numbers: Mapping[str, Any], weights: Any) -> Any:
    """Return a gradient as it is before the norm of all is known."""
    return follow(pieces, {"gradient": gradient, "weights": weights}, numbers)["gradient"]


def _shortened(piece: MaxNorm, weights: Any, biases: Any, longest: Any) -> tuple[Any, Any]:
    """Return weights and biases within the maximum norm."""
    changed = piece.apply({"weights": weights, "biases": biases}, {"max_norm": longest})
    return changed["weights"], changed.get("biases")
