"""Whether the numbers that were computed are the right ones, before their time counts."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.work import Floats, Work
from pellucid import Network
from pellucid.network import Layer, Objective, choose_cost, costs
from pellucid.passes.reference import backward, forward
from pellucid.random import permutation
from pellucid.training import Optimizer, optimizers

__all__ = ["distance", "follow", "of_updates", "order_of", "reference_updates"]

Doubles = NDArray[np.float64]

# The share of the weights below which the rounding of a float32 is too much of a change.
_LEAST_CHANGE = 1e-3


def order_of(work: Work) -> NDArray[np.intp]:
    """Give the order in which `pellucid.train` goes through the examples in its first epoch."""
    return permutation(work.examples, 0, "shuffle", 1)


def reference_updates(work: Work) -> list[Doubles]:
    """Give the weights and biases after an epoch of the reference passes, in float64.

    Parameters
    ----------
    work : Work
        One with few examples.

    Returns
    -------
    list of arrays of float64
        W1, b1, W2, ..., weights inputs-first.
    """
    network = _in_float64(work.network())
    objective = Objective(network.output, costs.get(choose_cost(work.data.task, network.output)))
    targets = np.eye(work.sizes[-1])[work.labels] if work.sizes[-1] > 1 else work.labels[:, None]
    return follow(
        network,
        objective,
        work.x,
        targets,
        order_of(work),
        rate=work.rate,
        batch_size=work.batch_size,
        optimizer=work.optimizer,
    )


def follow(
    network: Network,
    objective: Objective,
    x: Floats,
    targets: NDArray[Any],
    order: NDArray[np.intp],
    *,
    rate: float,
    batch_size: int = 1,
    optimizer: str = "sgd",
) -> list[Doubles]:
    """Let a network learn by the reference passes and give its weights and biases.

    Parameters
    ----------
    network : Network
        In float64; changed in place.
    objective : Objective
    x, targets : arrays
        A row for each example.
    order : array of int
        The examples to learn from, one after the other.
    rate, batch_size, optimizer
        As for `pellucid.train`.

    Returns
    -------
    list of arrays of float64
    """
    rule = optimizers.get(optimizer)
    assert isinstance(rule, Optimizer)
    parameters: list[Doubles] = [array.view(np.float64) for array in network.parameters.values()]
    states = [rule.start(array) for array in parameters]
    for update, start in enumerate(range(0, len(order), batch_size), start=1):
        rows = order[start : start + batch_size]
        trace = backward(forward(network, x[rows].astype(np.float64)), targets[rows], objective)
        gradients = [gradient for of_layer in trace.gradients for gradient in of_layer.values()]
        for number, (array, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            change, states[number] = rule.step(gradient, states[number], rate, update)
            array += change
    return parameters


def _in_float64(network: Network) -> Network:
    return Network.from_layers(
        [
            Layer(layer.weights.astype(np.float64), layer.biases.astype(np.float64), layer.activation)
            for layer in network.layers
        ]
    )


def distance(
    found: Sequence[NDArray[np.floating]],
    expected: Sequence[NDArray[np.floating]],
    start: Sequence[NDArray[np.floating]] | None = None,
) -> float:
    r"""Give the largest relative distance of arrays from what they should be.

    .. math::
        \max_i \frac{\lVert a_i - e_i \rVert}{\max(\lVert e_i - s_i \rVert, \lVert e_i \rVert / 1000)}

    With the start, it is the change that is compared, not what was there before: an update that is 1 % wrong
    is 0.01 away. Only a change of less than a thousandth of the weights is measured against that
    thousandth, for a float32 has no room for four more figures of it.

    Parameters
    ----------
    found, expected : sequences of arrays
        Of the same shapes.
    start : sequence of arrays, optional
        What they were before; zeros unless said.

    Returns
    -------
    float
        Infinity for other shapes, or where a number is not finite.

    Examples
    --------
    >>> distance([np.array([3.0])], [np.array([2.0])], [np.array([1.0])])  # twice the change it should be
    1.0
    """
    if [array.shape for array in found] != [array.shape for array in expected]:
        return float("inf")
    before = [np.zeros_like(array) for array in expected] if start is None else start
    worst = 0.0
    for a, e, s in zip(found, expected, before, strict=True):
        change = max(_norm_of_difference(e, s), _LEAST_CHANGE * _norm_of_difference(e, np.zeros_like(e)))
        away = _norm_of_difference(a, e)
        if not np.isfinite(away):
            return float("inf")
        worst = max(worst, away / change if change else away)
    return worst


def _norm_of_difference(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.linalg.norm(np.subtract(a, b, dtype=np.float64)))


def of_updates(work: Work, learn: Callable[[Work], Sequence[Floats]]) -> float:
    """Give how far a trainer's weights are from the reference's after the same few updates.

    With plain gradients it is their change that is compared. Adam divides each gradient by its own size, so
    one that is nearly 0 makes a whole step of its rounding, and in float32 the reference itself may be more
    than 1e-4 of the change away from itself in float64; there the weights are compared as they are.

    Parameters
    ----------
    work : Work
    learn : function
        Given the work on few examples, goes through them once in `order_of` them and gives all weights and
        biases.

    Returns
    -------
    float
    """
    few = work.few()
    start = few.start() if work.optimizer == "sgd" else None
    return distance(learn(few), reference_updates(few), start)
