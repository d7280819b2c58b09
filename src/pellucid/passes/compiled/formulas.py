"""The programs that a network needs, read off its declarations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.network import Activation, Objective
from pellucid.passes.compiled.expression import (
    BY_ROW,
    EVERYWHERE,
    ONCE,
    Traced,
    Untraceable,
    operand,
    settle,
    trace,
)
from pellucid.passes.compiled.program import Program

__all__ = ["backward_program", "error_program", "forward_program", "has_own_backward", "loss_program", "rests", "update_program", "whole_backward_program"]


def forward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """What an activation makes of weighted sums: z, a."""
    if type(activation).forward is not Activation.forward:
        raise Untraceable(f"{activation.name} has a forward of its own")
    z = operand("z", EVERYWHERE, dtype)
    return Program(name, dtype, (z,), {"a": trace(activation.value, z, like=dtype)})


def has_own_backward(activation: Activation) -> bool:
    """Tell whether an activation carries slopes back in a way of its own, as softmax does."""
    return type(activation).backward is not Activation.backward


def backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Its slopes: z, a, slope; of one with a way of its own, the errors: z, a, slope in a, error."""
    z, a, slope = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "slope_in_a"))
    if has_own_backward(activation):
        return Program(
            name, dtype, (z, a, slope), {"delta": trace(activation.backward, z, a, slope, like=dtype)}
        )
    return Program(name, dtype, (z, a), {"slope": trace(activation.slope, z, a, like=dtype)})


def whole_backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Its way back, whatever its kind: z, a, slope in a, error."""
    z, a, slope_in_a = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "slope_in_a"))
    delta = trace(activation.backward, z, a, slope_in_a, like=dtype)
    return Program(name, dtype, (z, a, slope_in_a), {"delta": delta})


def update_program(
    rule: Callable[..., Mapping[str, Any]], dtype: "np.dtype[Any]", name: str, keeps: Sequence[str], numbers: Sequence[str]
) -> Program:
    """What an update does: gradient, what is read and changed, the same again as what is written.

    Parameters
    ----------
    rule : callable
        Takes the gradient, the numbers by name, and what is kept by name; gives what is to be kept.
    keeps : sequence of str
        The names of what is kept for each weight, the weights themselves first.
    numbers : sequence of str
        The names of the plain numbers.
    """
    gradient = operand("gradient", EVERYWHERE, dtype)
    plain = {number: operand(number, ONCE, dtype, weak=True) for number in numbers}
    kept = {which: operand(which, EVERYWHERE, dtype) for which in keeps}
    try:
        said = rule(gradient, plain, kept)
    except Untraceable:
        raise
    except Exception as error:
        raise Untraceable(f"{type(error).__name__}: {error}") from error
    outputs = {f"new {which}": settle(said[which], dtype) for which in keeps}
    return Program(name, dtype, (gradient, *plain.values(), *kept.values()), outputs)


def error_program(objective: Objective, dtype: "np.dtype[Any]", name: str, *, shared: bool = False) -> Program:
    """The output layer's errors: z, a, y, weight, delta.

    Parameters
    ----------
    shared : bool
        Whether they are multiplied by a plain number besides, such as 1 over the size of a batch.
    """
    z, a, y = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "y"))
    weight, share = operand("weight", BY_ROW, dtype), operand("share", ONCE, dtype, weak=True)

    def error(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            found: Any = objective.joint.error_term(a, y)  # type: ignore[arg-type]
        else:
            slope = trace(objective.cost.slope, a, y, like=dtype)
            found = objective.activation.backward(z, a, slope)  # type: ignore[arg-type]
        return found * weight * share if shared else found * weight

    inputs = (z, a, y, weight, *((share,) if shared else ()))
    return Program(name, dtype, inputs, {"delta": trace(error, z, a, y, like=dtype)})


def loss_program(objective: Objective, dtype: "np.dtype[Any]", name: str) -> Program:
    """Each example's loss: z, a, y, loss."""
    z, a, y = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "y"))

    def loss(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            return objective.joint.losses(z, y)  # type: ignore[arg-type]
        return trace(objective.cost.value, a, y, like=dtype).sum(axis=-1)

    return Program(name, dtype, (z, a, y), {"loss": trace(loss, z, a, y, like=dtype)})


def rests(activation: Activation) -> bool:
    """Tell whether outputs and slopes are 0 on a whole side, as a ReLU's are: many need no work then."""
    if activation.acts_on_layer or has_own_backward(activation):
        return False
    z = np.linspace(-30.0, -10.0, 64)
    a = activation.forward(z)
    return not np.any(a) and not np.any(activation.slope(z, a))
