"""The intermediate values of a pass, by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid.network import Floats, Network, Objective, Standardised

__all__ = ["Trace"]


@dataclass
class Trace:
    r"""The numbers of one forward and backward pass.

    By name, with :math:`l` counting the layers from 1: ``x``, then ``z1``, ``a1``, ``z2``, ... forward;
    after a backward pass also ``y``, ``loss`` (one for each example), ``dL/da2`` (the loss's slope in the
    outputs), and for each layer ``delta2``, ``dL/dW2``, ``dL/db2``, ``delta1``, ... A layer with a
    normalisation has ``s1``, ``mean1`` and ``deviation1`` before its ``z1``, and ``dL/dgain1``,
    ``dL/dshift1`` and ``dL/ds1`` after its ``delta1``. Examples are rows; gradients have the shape of what
    they change, ``dL/dW1`` that of ``layer.W``.

    Parameters
    ----------
    network : Network
        The network of the pass.
    z, a : lists of arrays, shape (n_examples, n_out)
        The inputs of the activations (``z[0]`` is layer 1's) and their outputs (``a[0]`` is the input).
    sums, standardised : dicts
        The weighted sums of layers with a normalisation, and the standardised sums, by the layer's index
        from 0; other layers' weighted sums are ``z``.
    masks : list of arrays or None
        The factors of the inputs and of each hidden layer's outputs; None where they were not masked. By
        name: ``mask0`` for the inputs, ``mask1``, ...
    weights : array, shape (n_examples,), or None
        The sample weights, or None.
    delta, sum_slopes : lists of arrays, shape (n_examples, n_out)
        Each layer's error terms, the derivatives of the loss in ``z``; and those in the weighted sums, which
        are the same without a normalisation.
    gradients : list of dicts
        Each layer's gradients of the mean loss, by parameter name, "W" inputs-first.

    Examples
    --------
    >>> from pellucid.network import Network
    >>> from pellucid.passes.reference import forward
    >>> trace = forward(Network([4, 2, 3]), np.ones(4))
    >>> list(trace)
    ['x', 'z1', 'a1', 'z2', 'a2']
    >>> trace.shapes()["z1"]
    (1, 2)
    """

    network: Network
    z: list[Floats] = field(default_factory=list)
    a: list[Floats] = field(default_factory=list)
    sums: dict[int, Floats] = field(default_factory=dict)
    standardised: dict[int, Standardised] = field(default_factory=dict)
    masks: list[Floats | None] = field(default_factory=list)
    weights: Floats | None = None
    target: Any = None
    objective: Objective | None = None
    delta: list[Floats] = field(default_factory=list)
    sum_slopes: list[Floats] = field(default_factory=list)
    gradients: list[dict[str, Floats]] = field(default_factory=list)

    @property
    def weight_gradients(self) -> list[Floats]:
        """Each layer's gradient in its weights, shape (n_in, n_out)."""
        return [of_layer["W"] for of_layer in self.gradients]

    @property
    def bias_gradients(self) -> list[Floats]:
        """Each layer's gradient in its biases, shape (n_out,)."""
        return [of_layer["b"] for of_layer in self.gradients]

    @property
    def losses(self) -> Floats:
        """Each example's loss, shape (n_examples,).

        Raises
        ------
        LookupError
            Before the backward pass.
        """
        return self._judged().losses(self.z[-1], self.a[-1], self.target)

    @property
    def loss(self) -> float:
        """The mean loss of the examples, with their weights."""
        losses = self.losses if self.weights is None else self.losses * self.weights
        return float(losses.mean())

    def passed_on(self, number: int) -> Floats:
        """Return the inputs of layer ``number + 1``: x, or the outputs of layer ``number``, masked."""
        mask = self.masks[number] if self.masks else None
        return self.a[number] if mask is None else self.a[number] * mask

    @property
    def loss_slope(self) -> Floats:
        r""":math:`\partial L / \partial a` at the output layer, shape (n_examples, n_out)."""
        return self._judged().cost.loss_slopes(self.a[-1], self.target)

    def _judged(self) -> Objective:
        if self.objective is None:
            raise LookupError("the trace has no loss before the backward pass")
        return self.objective

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield names and numbers in the order in which they were computed."""
        yield "x", self.a[0]
        for k, (z, a) in enumerate(zip(self.z, self.a[1:], strict=True)):
            number = k + 1
            if self.masks and self.masks[k] is not None:
                yield f"mask{k}", self.masks[k]
            if k in self.sums:
                yield f"s{number}", self.sums[k]
                yield f"mean{number}", self.standardised[k].mean
                yield f"deviation{number}", self.standardised[k].deviation
            yield f"z{number}", z
            yield f"a{number}", a
        if self.objective is None:
            return
        last = len(self.z)
        yield "y", self.objective.cost.as_outputs(self.target, self.a[-1])
        yield "loss", self.losses
        yield f"dL/da{last}", self.loss_slope
        for number in range(last, 0, -1):
            of_layer = self.gradients[number - 1]
            yield f"delta{number}", self.delta[number - 1]
            if number - 1 in self.sums:
                yield f"dL/dgain{number}", of_layer["gain"]
                yield f"dL/dshift{number}", of_layer["shift"]
                yield f"dL/ds{number}", self.sum_slopes[number - 1]
            yield f"dL/dW{number}", of_layer["W"].T
            yield f"dL/db{number}", of_layer["b"]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return all shapes, by name."""
        return {name: np.shape(numbers) for name, numbers in self.items()}

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.items())

    def __getitem__(self, name: str) -> Any:
        for known, numbers in self.items():
            if known == name:
                return numbers
        raise KeyError(f"{name!r} is not in this trace; it has {', '.join(self)}")
