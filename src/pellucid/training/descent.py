"""The update: every weight and bias a step down its gradient."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError
from pellucid.network import Floats, Network
from pellucid.passes.compiled.rule import Rule
from pellucid.passes.reference import Trace
from pellucid.training.optimizer import Optimizer, State
from pellucid.training.optimizers import SGD
from pellucid.training.penalties import penalties
from pellucid.training.plain_number import plain_number
from pellucid.training.power import power
from pellucid.training.regularisation import Regularisation

__all__ = ["Clipping", "Descent"]


@dataclass(frozen=True)
class Clipping:
    """How long a gradient may be.

    Parameters
    ----------
    value : float or None
        No entry of a gradient is larger than this.
    norm : float or None
        All gradients of an update together are no longer than this (Pascanu, Mikolov and Bengio 2013,
        https://arxiv.org/abs/1211.5063).

    Raises
    ------
    ConfigurationError
        If one of them is no finite number above 0.
    """

    value: float | None = None
    norm: float | None = None

    def __post_init__(self) -> None:
        for name in ("value", "norm"):
            said = getattr(self, name)
            number = plain_number(said)
            if said is not None and (number is None or not 0 < number < math.inf):
                raise ConfigurationError(
                    f"gradients cannot be clipped by the {name} {said!r}",
                    expected="a finite number above 0",
                    received=repr(said),
                )

    def apply(self, gradients: list[Floats]) -> list[Floats]:
        """Give the gradients, shortened where they are too long.

        Examples
        --------
        >>> Clipping(norm=1.0).apply([np.array([3.0]), np.array([4.0])])
        [array([0.6]), array([0.8])]
        """
        if self.value is not None:
            gradients = [np.clip(gradient, -self.value, self.value) for gradient in gradients]
        if self.norm is not None:
            norm = math.sqrt(sum(float(np.square(g).sum(dtype=np.float64)) for g in gradients))
            if norm > self.norm:
                gradients = [gradient * gradient.dtype.type(self.norm / norm) for gradient in gradients]
        return gradients


@dataclass
class _Part:
    """The weights of a layer or another of its arrays, what holds it back, what the optimizer keeps."""

    values: Floats
    penalties: list[tuple[str, float]]
    decay: float
    state: State = field(default_factory=dict)

    def with_penalties(self, gradient: Floats) -> Floats:
        for name, strength in self.penalties:
            gradient = gradient + gradient.dtype.type(strength) * penalties.get(name).slope(self.values)
        return gradient

    def penalty(self, values: Floats) -> float:
        return sum(strength * penalties.get(name).value(values) for name, strength in self.penalties)


class Descent:
    r"""Changes all that a network learns together.

    .. math::
        W := W + \Delta\left(\frac{\partial L}{\partial W} + \lambda_1 \operatorname{sign}(W) + \lambda_2 W
        \right) - \alpha \lambda W

    with the optimizer's rule :math:`\Delta`, the penalties' strengths :math:`\lambda_1, \lambda_2` and the
    decay :math:`\lambda`; biases alike, and what normalisations learn, without what holds weights back unless
    that is said of biases too.
    All gradients were taken at the old weights.

    Parameters
    ----------
    network : Network
        Changed in place.
    optimizer : Optimizer
    regularisation : Regularisation, optional
    clipping : Clipping, optional

    Raises
    ------
    ConfigurationError
        If a setting has another number of values than the network has layers.

    Examples
    --------
    >>> from pellucid.network import Network, Objective, costs
    >>> from pellucid.passes.reference import backward, forward
    >>> from pellucid.training import optimizers
    >>> network = Network([1, 1], output="identity")
    >>> network.layers[0].weights[...] = 2
    >>> objective = Objective(network.output, costs.get("mean_squared_error"))
    >>> descent = Descent(network, optimizers.get("sgd"))
    >>> descent.update(backward(forward(network, np.array([3.0])), [[0.0]], objective), rate=0.1)
    >>> [f"{value:.1f}" for value in (network.layers[0].weights[0, 0], network.layers[0].biases[0])]
    ['0.2', '-0.6']
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        regularisation: Regularisation | None = None,
        clipping: Clipping | None = None,
    ) -> None:
        held = regularisation or Regularisation()
        self.network, self.optimizer, self.clipping = network, optimizer, clipping or Clipping()
        self.t = 0
        n_layers = len(network.layers)
        strengths = {name: held.each(name, n_layers) for name in penalties.names}
        decays = held.each("weight_decay", n_layers)
        self._max_norm = None if held.max_norm is None else held.each("max_norm", n_layers)
        self._biases_too = held.biases
        self._parts: list[_Part] = []
        for k, layer in enumerate(network.layers):
            of_layer = [(name, strengths[name][k]) for name in penalties.names if strengths[name][k]]
            decay = decays[k] + optimizer.decay
            for name, values in layer.learned.items():
                holds = name == "W" or held.biases
                part = _Part(values, of_layer if holds else [], decay if holds else 0.0)
                part.state = optimizer.start(values)
                self._parts.append(part)

    @property
    def penalised(self) -> bool:
        """Whether anything is added to the cost."""
        return any(part.penalties for part in self._parts)

    def penalty(self, network: Network | None = None) -> float:
        """Give what is added to the cost for the weights as they are, or those of another network like it."""
        values = (self.network if network is None else network).parameters.values()
        return sum(part.penalty(array) for part, array in zip(self._parts, values, strict=True))

    def penalty_slopes(self) -> list[Floats]:
        """Give the penalty's slopes in each of the network's parameters."""
        return [part.with_penalties(np.zeros_like(part.values)) for part in self._parts]

    def update(self, trace: Trace, rate: float) -> None:
        """Change what the traced network learns.

        Parameters
        ----------
        trace : Trace
            What the backward pass kept.
        rate : float
            The learning rate of this update.
        """
        self.t += 1
        gradients = [gradient for of_layer in trace.gradients for gradient in of_layer.values()]
        gradients = [part.with_penalties(g) for part, g in zip(self._parts, gradients, strict=True)]
        for part, gradient in zip(self._parts, self.clipping.apply(gradients), strict=True):
            change, part.state = self.optimizer.step(gradient, part.state, rate, self.t)
            if part.decay:
                change = change - change.dtype.type(rate * part.decay) * part.values
            part.values += change
        if self._max_norm is not None:
            for layer, longest in zip(self.network.layers, self._max_norm, strict=True):
                biases = layer.biases if self._biases_too else None
                weights, biases = shortened(layer.weights, biases, longest)
                layer.weights[...] = weights
                if biases is not None:
                    layer.biases[...] = biases

    def take_over(self, which: str, kept: Network) -> None:
        """Let the optimizer go on with what was kept elsewhere under a name, in a network like this one."""
        for part, values in zip(self._parts, kept.parameters.values(), strict=True):
            part.state[which] = values

    def rule(self, average: float | None = None) -> Rule:
        """Say the same as `update` does, as formulas that machine code is made of.

        Parameters
        ----------
        average : float, optional
            How much of the average of what is learned is kept at each update, where one is made.
        """
        together = self.clipping.norm is not None
        starts = {name: self._start(name) for name in self.optimizer.keeps}
        return Rule(
            formula=None if self._is_plain(average) else self._formula(average),
            starts=starts if average is None else starts | {"average": np.copy},
            numbers=self._numbers(),
            gradient=self._finished if together else None,
            longest=math.inf if self.clipping.norm is None else self.clipping.norm,
            shorten=None if self._max_norm is None else shortened,
            lengths=self._max_norm or (),
            biases_too=self._biases_too,
            declared=self.optimizer,
        )

    def _is_plain(self, average: float | None) -> bool:
        """Tell whether a step is the learning rate times the gradient, and nothing else."""
        held = any(part.penalties or part.decay for part in self._parts)
        return type(self.optimizer) is SGD and not held and self.clipping == Clipping() and average is None

    def _start(self, name: str) -> Callable[[Floats], Floats]:
        return lambda weights: self.optimizer.start(weights)[name]

    def _numbers(self) -> list[dict[str, dict[str, float]]]:
        """Give the strengths that are used, by layer and by the name of what is learned."""
        names = [
            name for name in penalties.names if any(name in dict(part.penalties) for part in self._parts)
        ]
        decays = ["decay"] if any(part.decay for part in self._parts) else []
        parts = iter(self._parts)
        return [
            {
                learned: {name: dict(part.penalties).get(name, 0.0) for name in names}
                | dict.fromkeys(decays, part.decay)
                for learned, part in zip(layer.learned, parts)  # noqa: B905 # as many parts as are learned
            }
            for layer in self.network.layers
        ]

    def _finished(self, gradient: Any, numbers: Mapping[str, Any], weights: Any) -> Any:
        """Add the penalties' slopes to a gradient, and clip its entries."""
        for name in penalties.names:
            if name in numbers:
                gradient = gradient + numbers[name] * penalties.get(name).slope(weights)
        value = self.clipping.value
        return gradient if value is None else np.clip(gradient, -value, value)

    def _formula(self, average: float | None) -> Callable[..., dict[str, Any]]:
        def formula(gradient: Any, numbers: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
            weights, rate, t = kept["weights"], numbers["rate"], numbers["t"]
            if self.clipping.norm is None:
                gradient = self._finished(gradient, numbers, weights)
            else:
                gradient = gradient * numbers["shrink"]
            state = {name: kept[name] for name in self.optimizer.keeps}
            change, state = self.optimizer.step(gradient, state, rate, t)
            if "decay" in numbers:
                change = change - rate * numbers["decay"] * weights
            weights = weights + change
            if average is None:
                return {"weights": weights} | state
            share = (1 - average) / (1 - power(average, t))  # of the first weights: all
            return {
                "weights": weights,
                "average": kept["average"] + share * (weights - kept["average"]),
            } | state

        return formula


def shortened(weights: Any, biases: Any, longest: Any) -> tuple[Any, Any]:
    """Scale what comes into each neuron down to a length.

    Parameters
    ----------
    weights : array, shape (n_in, n_out)
    biases : array, shape (n_out,), or None
        None where they do not count.
    longest : float
    """
    squares = np.square(weights).sum(axis=0)
    if biases is not None:
        squares = squares + np.square(biases)
    scale = np.minimum(1, longest / np.sqrt(np.maximum(squares, np.finfo(weights.dtype).tiny)))
    scale = scale.astype(weights.dtype)
    return weights * scale, None if biases is None else biases * scale
