"""The programs that a network needs, read off its declarations."""

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
    trace,
)
from pellucid.passes.compiled.program import Program

__all__ = ["backward_program", "error_program", "forward_program", "has_own_backward", "loss_program", "rests"]


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
