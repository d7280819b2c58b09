"""The programs that a network needs, read off its declarations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.network import Activation, Cost, Normaliser, Objective, Standardised
from pellucid.network.normaliser import followed
from pellucid.passes.compiled.tracing.expression import (
    BY_COLUMN,
    BY_ROW,
    EVERYWHERE,
    ONCE,
    Traced,
    listen,
    operand,
    settle,
    trace,
)
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.untraceable import Untraceable
from pellucid.random import bell

__all__ = [
    "MOST_KEPT",
    "backward_program",
    "error_program",
    "forward_program",
    "gradient_program",
    "has_own_backward",
    "layer_program",
    "loss_program",
    "noise_program",
    "normalise_back_program",
    "normalise_program",
    "rests",
    "shorten_program",
    "squares_program",
    "take_in_program",
    "update_program",
    "whole_backward_program",
]


# An update's addresses, those of its gradient and twice those of what it keeps, have a table of 16.
MOST_KEPT = 7


def forward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Give what an activation makes of weighted sums: z, a."""
    z = operand("z", EVERYWHERE, dtype)
    return Program(name, dtype, (z,), {"a": _outputs(activation, z)})


def _outputs(activation: Activation, z: Traced) -> Traced:
    if type(activation).forward is not Activation.forward:
        raise Untraceable(f"{activation.name} has a forward of its own")
    return trace(activation.value, z, like=z.dtype, shape_of=EVERYWHERE)


def layer_program(
    activation: Activation, normaliser: Normaliser | None, dtype: "np.dtype[Any]", name: str
) -> Program:
    """Give what a prediction makes of a layer's weighted sums: z, a.

    Of a layer with a normalisation: sums, its `Normaliser.learned` and running figures if it has any, z, a.
    """
    if normaliser is None:
        return forward_program(activation, dtype, name)
    sums = operand("sums", EVERYWHERE, dtype)
    gain, shift, *known = (operand(which, BY_COLUMN, dtype) for which in normaliser.used)
    made = listen(normaliser.rule.standardise, sums, tuple(known) or None)
    z = settle(gain * made.values + shift, dtype, EVERYWHERE)
    return Program(name, dtype, (sums, gain, shift, *known), {"z": z, "a": _outputs(activation, z)})


def has_own_backward(activation: Activation) -> bool:
    """Tell whether an activation carries slopes back in a way of its own, as softmax does."""
    return type(activation).backward is not Activation.backward


def backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Give its slopes: z, a, slope; of one with a way of its own, the errors: z, a, slope in a, error."""
    z, a, slope = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "slope_in_a"))
    if has_own_backward(activation):
        delta = trace(activation.backward, z, a, slope, like=dtype, shape_of=EVERYWHERE)
        return Program(name, dtype, (z, a, slope), {"delta": delta})
    return Program(
        name, dtype, (z, a), {"slope": trace(activation.slope, z, a, like=dtype, shape_of=EVERYWHERE)}
    )


def whole_backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Give its way back, whatever its kind: z, a, slope in a, error."""
    z, a, slope_in_a = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "slope_in_a"))
    delta = trace(activation.backward, z, a, slope_in_a, like=dtype, shape_of=EVERYWHERE)
    return Program(name, dtype, (z, a, slope_in_a), {"delta": delta})


def update_program(
    formula: Callable[..., Mapping[str, Any]],
    dtype: "np.dtype[Any]",
    name: str,
    keeps: Sequence[str],
    numbers: Sequence[str],
) -> Program:
    """Give what an update does: gradient, what is kept, and the same again as it is written.

    Parameters
    ----------
    formula : callable
        Takes the gradient, the numbers by name, and what is kept by name; gives what is to be kept.
    keeps : sequence of str
        The names of what is kept for each weight, the weights themselves first.
    numbers : sequence of str
        The names of the plain numbers.
    """
    gradient = operand("gradient", EVERYWHERE, dtype)
    plain = {number: operand(number, ONCE, dtype, weak=True) for number in numbers}
    kept = {which: operand(which, EVERYWHERE, dtype) for which in keeps}
    if len(keeps) > MOST_KEPT:
        raise Untraceable(
            f"an update that keeps more than {MOST_KEPT} numbers for each weight, itself included"
        )
    said = listen(formula, gradient, plain, kept)
    outputs = {f"new {which}": settle(said[which], dtype, EVERYWHERE) for which in keeps}
    return Program(name, dtype, (gradient, *plain.values(), *kept.values()), outputs)


def gradient_program(
    formula: Callable[..., Any], dtype: "np.dtype[Any]", name: str, numbers: Sequence[str]
) -> Program:
    """Give what a gradient is before all are shortened together: gradient, weights, gradient."""
    gradient, weights = (operand(which, EVERYWHERE, dtype) for which in ("gradient", "weights"))
    plain = {number: operand(number, ONCE, dtype, weak=True) for number in numbers}
    finished = settle(listen(formula, gradient, plain, weights), dtype, EVERYWHERE)
    return Program(name, dtype, (gradient, *plain.values(), weights), {"finished": finished})


def squares_program(dtype: "np.dtype[Any]", name: str) -> Program:
    """Give the sum of the squares of each row: gradient, square."""
    gradient = operand("gradient", EVERYWHERE, dtype)
    total = np.square(gradient).sum(axis=1, dtype=np.float64)
    return Program(name, dtype, (gradient,), {"square": settle(total, dtype, BY_ROW)})


def shorten_program(
    formula: Callable[..., tuple[Any, Any]], dtype: "np.dtype[Any]", name: str, *, biases_too: bool
) -> Program:
    """Give what comes into each neuron, scaled down to a length: weights, biases, the same again."""
    weights, biases = operand("weights", EVERYWHERE, dtype), operand("biases", BY_COLUMN, dtype)
    longest = operand("longest", ONCE, dtype, weak=True)
    shortened = listen(formula, weights, biases if biases_too else None, longest)
    outputs = {
        "new weights": settle(shortened[0], dtype, EVERYWHERE),
        "new biases": settle(shortened[1], dtype, BY_COLUMN) if biases_too else biases,
    }
    return Program(name, dtype, (weights, biases, longest), outputs)


def normalise_program(normaliser: Normaliser, dtype: "np.dtype[Any]", name: str, *, known: bool) -> Program:
    """Give a layer's normalisation: sums, gain, shift, running figures; z, values, the sums' figures.

    Parameters
    ----------
    known : bool
        Whether the running figures are used instead of those of the sums.
    """
    sums = operand("sums", EVERYWHERE, dtype)
    gain, shift, mean, variance = (
        operand(which, BY_COLUMN, dtype) for which in ("gain", "shift", "mean", "variance")
    )
    made = listen(normaliser.rule.standardise, sums, (mean, variance) if known else None)
    single = BY_COLUMN if normaliser.rule.axis == 0 else BY_ROW
    outputs = {"z": settle(gain * made.values + shift, dtype, EVERYWHERE)}
    outputs |= {"values": settle(made.values, dtype, EVERYWHERE)}
    figures = {"its mean": made.mean, "its variance": made.variance, "deviation": made.deviation}
    outputs |= {which: settle(figure, dtype, single) for which, figure in figures.items()}
    return Program(name, dtype, (sums, gain, shift, mean, variance), outputs)


def normalise_back_program(
    normaliser: Normaliser, dtype: "np.dtype[Any]", name: str, *, known: bool
) -> Program:
    """Give its way back: delta, values, deviation, gain; slopes in the sums, and those in the gain."""
    rule = normaliser.rule
    delta, values = (operand(which, EVERYWHERE, dtype) for which in ("delta", "values"))
    deviation = operand("deviation", BY_COLUMN if rule.axis == 0 else BY_ROW, dtype)
    gain = operand("gain", BY_COLUMN, dtype)
    standardised = Standardised(
        *(values, deviation, deviation, deviation),  # type: ignore[arg-type]  # traced
        axis=None if known else rule.axis,
        centred=rule.centres,
    )
    slopes = settle(listen(standardised.backward, delta * gain), dtype, EVERYWHERE)
    outputs = {"slopes": slopes, "gain slopes": settle(delta * values, dtype, EVERYWHERE)}
    return Program(name, dtype, (delta, values, deviation, gain), outputs)


def take_in_program(normaliser: Normaliser, dtype: "np.dtype[Any]", name: str) -> Program:
    """Give how running figures follow a batch: mean, variance, unseen, the batch's; the new ones."""
    mean, variance, of_mean, of_variance = (
        operand(which, EVERYWHERE, dtype) for which in ("mean", "variance", "its mean", "its variance")
    )
    unseen, n = operand("unseen", BY_ROW, dtype), operand("n", ONCE, dtype, weak=True)
    momentum = normaliser.rule.parameters["momentum"]
    said = listen(followed, (mean, variance, unseen), (of_mean, of_variance), n, momentum)
    outputs = {
        "new mean": settle(said[0], dtype, EVERYWHERE),
        "new variance": settle(said[1], dtype, EVERYWHERE),
        "new unseen": settle(said[2], dtype, BY_ROW),
    }
    return Program(name, dtype, (mean, variance, unseen, of_mean, of_variance, n), outputs)


def error_program(
    objective: Objective, dtype: "np.dtype[Any]", name: str, *, shared: bool = False
) -> Program:
    """Give the output layer's errors: z, a, y, weight, delta.

    Parameters
    ----------
    shared : bool
        Whether they are multiplied by a plain number besides, such as 1 over the size of a batch.
    """
    _check_cost(objective.cost)
    z, a, y = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "y"))
    weight, share = operand("weight", BY_ROW, dtype), operand("share", ONCE, dtype, weak=True)

    def error(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            found: Any = objective.joint.error_term(a, y)  # type: ignore[arg-type]  # traced
        else:
            slope = trace(objective.cost.slope, a, y, like=dtype, shape_of=EVERYWHERE)
            found = objective.activation.backward(z, a, slope)  # type: ignore[arg-type]  # traced
        return found * weight * share if shared else found * weight

    inputs = (z, a, y, weight, *((share,) if shared else ()))
    delta = trace(error, z, a, y, like=dtype, shape_of=EVERYWHERE)
    return Program(name, dtype, inputs, {"delta": delta})


def _check_cost(cost: Cost) -> None:
    """Refuse a cost that judges in a way of its own, beside its value and its slope."""
    ways = ("losses", "loss_slopes", *(() if cost.takes_class_numbers else ("as_outputs",)))
    for way in ways:
        if getattr(type(cost), way) is not getattr(Cost, way):
            raise Untraceable(f"{cost.name}, which has {way} of its own")


def loss_program(objective: Objective, dtype: "np.dtype[Any]", name: str) -> Program:
    """Give each example's loss: z, a, y, loss."""
    _check_cost(objective.cost)
    z, a, y = (operand(which, EVERYWHERE, dtype) for which in ("z", "a", "y"))

    def loss(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            return objective.joint.losses(z, y)  # type: ignore[arg-type]  # traced
        return trace(objective.cost.value, a, y, like=dtype, shape_of=EVERYWHERE).sum(axis=-1)

    return Program(name, dtype, (z, a, y), {"loss": trace(loss, z, a, y, like=dtype, shape_of=BY_ROW)})


def noise_program(dtype: "np.dtype[Any]", name: str) -> Program:
    """Give the noise that two evenly drawn numbers make: the first, the second, noise."""
    first, second = (operand(which, EVERYWHERE, dtype) for which in ("first", "second"))
    size = operand("size", ONCE, dtype, weak=True)
    noise = settle(size * listen(bell, first, second), dtype, EVERYWHERE)
    return Program(name, dtype, (first, second, size), {"noise": noise})


def rests(activation: Activation) -> bool:
    """Tell whether outputs and slopes are 0 on a whole side, as a ReLU's are: many need no work then."""
    if activation.acts_on_layer or has_own_backward(activation):
        return False
    z = np.linspace(-30.0, -10.0, 64)
    a = activation.forward(z)
    return not np.any(a) and not np.any(activation.slope(z, a))
