"""The programs that a network needs, traced from its declarations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.network import Activation, Cost, Normaliser, Objective, Standardised
from pellucid.network.normaliser import followed
from pellucid.passes.compiled.tracing.expression import (
    BY_COLUMN,
    BY_ROW,
    EVERYWHERE,
    Shape,
    Traced,
    listen,
    settle,
    trace,
)
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.compiled.tracing.signatures import (
    BACKWARD,
    ERRORS,
    FORWARD,
    GRADIENT,
    LIMIT_NORMS,
    LOSSES,
    NOISE,
    RUNNING_STATISTICS,
    SHARED_ERRORS,
    SLOPE,
    SQUARES,
    Signature,
    layer_signature,
    normalise_back_signature,
    normalise_signature,
    update_signature,
)
from pellucid.passes.untraceable import Untraceable
from pellucid.random import box_muller

__all__ = [
    "backward_program",
    "backward_signature",
    "error_program",
    "forward_program",
    "gradient_program",
    "has_own_backward",
    "layer_program",
    "limit_norms_program",
    "loss_program",
    "noise_program",
    "normalise_back_program",
    "normalise_program",
    "rests",
    "running_statistics_program",
    "squares_program",
    "statistics_shape",
    "update_program",
    "whole_backward_program",
]


def forward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Return an activation's outputs for weighted sums: `signatures.FORWARD`."""
    [z] = FORWARD.traced(dtype)
    return FORWARD.program(name, [z], {"a": _outputs(activation, z)})


def _outputs(activation: Activation, z: Traced) -> Traced:
    if type(activation).forward is not Activation.forward:
        raise Untraceable(f"{activation.name} has a forward of its own")
    return trace(activation.value, z, like=z.dtype, shape_of=EVERYWHERE)


def layer_program(
    activation: Activation, normaliser: Normaliser | None, dtype: "np.dtype[Any]", name: str
) -> Program:
    """Return a layer's outputs in a prediction, its normalisation included: `signatures.layer_signature`."""
    if normaliser is None:
        return forward_program(activation, dtype, name)
    signature = layer_signature([*normaliser.used])
    given = signature.traced(dtype)
    sums, gain, shift, *known = given
    made = listen(normaliser.rule.standardise, sums, tuple(known) or None)
    z = settle(gain * made.values + shift, dtype, EVERYWHERE)
    return signature.program(name, given, {"z": z, "a": _outputs(activation, z)})


def has_own_backward(activation: Activation) -> bool:
    """Return whether an activation carries slopes back in a way of its own, as softmax does."""
    return type(activation).backward is not Activation.backward


def backward_signature(activation: Activation) -> Signature:
    """Return the signature of an activation's `backward_program`."""
    return BACKWARD if has_own_backward(activation) else SLOPE


def backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Return an activation's slopes, or the errors of one with a way of its own: `backward_signature`."""
    if has_own_backward(activation):
        return whole_backward_program(activation, dtype, name)
    z, a = SLOPE.traced(dtype)
    return SLOPE.program(name, [z, a], {"slope": listen(activation.slope, z, a)})


def whole_backward_program(activation: Activation, dtype: "np.dtype[Any]", name: str) -> Program:
    """Return an activation's errors, whatever its way back: `signatures.BACKWARD`."""
    given = BACKWARD.traced(dtype)
    return BACKWARD.program(name, given, {"delta": listen(activation.backward, *given)})


def update_program(
    formula: Callable[..., Mapping[str, Any]],
    dtype: "np.dtype[Any]",
    name: str,
    keeps: Sequence[str],
    numbers: Sequence[str],
) -> Program:
    """Return what an update does with a gradient: `signatures.update_signature`.

    The formula takes the gradient, the numbers and what is kept, both by name, and returns what is kept then.
    """
    signature = update_signature(keeps, numbers)
    given = signature.traced(dtype)
    by_name = {each.said: each for each in given}
    made = listen(formula, given[0], *({name: by_name[name] for name in names} for names in (numbers, keeps)))
    return signature.program(name, given, {f"new_{which}": made[which] for which in keeps})


def gradient_program(
    formula: Callable[..., Any], dtype: "np.dtype[Any]", name: str, numbers: Sequence[str]
) -> Program:
    """Return a gradient as it is before all are shortened together: `signatures.GRADIENT`."""
    signature = replace(GRADIENT, numbers=tuple(numbers))
    gradient, weights, *plain = given = signature.traced(dtype)
    finished = listen(formula, gradient, dict(zip(numbers, plain, strict=True)), weights)
    return signature.program(name, given, {"finished": finished})


def squares_program(dtype: "np.dtype[Any]", name: str) -> Program:
    """Return the sum of the squares of each row: `signatures.SQUARES`."""
    [gradient] = SQUARES.traced(dtype)
    total = np.square(gradient).sum(axis=1, dtype=np.float64)
    return SQUARES.program(name, [gradient], {"square": total})


def limit_norms_program(
    formula: Callable[..., tuple[Any, Any]], dtype: "np.dtype[Any]", name: str, *, biases_too: bool
) -> Program:
    """Return the weights into each neuron, scaled down to a norm: `signatures.LIMIT_NORMS`."""
    weights, biases, longest = given = LIMIT_NORMS.traced(dtype)
    shortened = listen(formula, weights, biases if biases_too else None, longest)
    outputs = {"new_weights": shortened[0], "new_biases": shortened[1] if biases_too else biases}
    return LIMIT_NORMS.program(name, given, outputs)


def statistics_shape(normaliser: Normaliser) -> Shape:
    """Return along which axes the statistics of a normalisation differ."""
    return BY_COLUMN if normaliser.rule.axis == 0 else BY_ROW


def normalise_program(normaliser: Normaliser, dtype: "np.dtype[Any]", name: str, *, known: bool) -> Program:
    """Return a layer's normalisation, with known statistics or those of its sums: `normalise_signature`."""
    signature = normalise_signature(statistics_shape(normaliser))
    sums, gain, shift, mean, variance = given = signature.traced(dtype)
    made = listen(normaliser.rule.standardise, sums, (mean, variance) if known else None)
    outputs = {"z": gain * made.values + shift, "values": made.values}
    outputs |= {"batch_mean": made.mean, "batch_variance": made.variance, "deviation": made.deviation}
    return signature.program(name, given, outputs)


def normalise_back_program(
    normaliser: Normaliser, dtype: "np.dtype[Any]", name: str, *, known: bool
) -> Program:
    """Return its way back: `signatures.normalise_back_signature`."""
    rule, signature = normaliser.rule, normalise_back_signature(statistics_shape(normaliser))
    delta, values, deviation, gain = given = signature.traced(dtype)
    standardised = Standardised(
        *(values, deviation, deviation, deviation),  # type: ignore[arg-type]  # traced
        axis=None if known else rule.axis,
        centred=rule.centres,
    )
    slopes = listen(standardised.backward, delta * gain)
    return signature.program(name, given, {"slopes": slopes, "gain_slopes": delta * values})


def running_statistics_program(normaliser: Normaliser, dtype: "np.dtype[Any]", name: str) -> Program:
    """Return running statistics after a batch: `signatures.RUNNING_STATISTICS`."""
    given = RUNNING_STATISTICS.traced(dtype)
    mean, variance, unseen, of_mean, of_variance, n = given
    momentum = normaliser.rule.parameters["momentum"]
    new = listen(followed, (mean, variance, unseen), (of_mean, of_variance), n, momentum)
    return RUNNING_STATISTICS.program(
        name, given, dict(zip(("new_mean", "new_variance", "new_unseen"), new, strict=True))
    )


def error_program(
    objective: Objective, dtype: "np.dtype[Any]", name: str, *, shared: bool = False
) -> Program:
    """Return the output layer's errors: `signatures.ERRORS`, or `SHARED_ERRORS` where they are shared out."""
    _check_cost(objective.cost)
    signature = SHARED_ERRORS if shared else ERRORS
    z, a, y, weight, *share = given = signature.traced(dtype)

    def error(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            found: Any = objective.joint.error_term(a, y)  # type: ignore[arg-type]  # traced
        else:
            slope = trace(objective.cost.slope, a, y, like=dtype, shape_of=EVERYWHERE)
            found = objective.activation.backward(z, a, slope)  # type: ignore[arg-type]  # traced
        return found * weight * share[0] if shared else found * weight

    return signature.program(name, given, {"delta": listen(error, z, a, y)})


def _check_cost(cost: Cost) -> None:
    """Refuse a cost that has more ways of its own than its value and its slope."""
    ways = ("losses", "loss_slopes", *(() if cost.takes_class_numbers else ("as_outputs",)))
    for way in ways:
        if getattr(type(cost), way) is not getattr(Cost, way):
            raise Untraceable(f"{cost.name}, which has {way} of its own")


def loss_program(objective: Objective, dtype: "np.dtype[Any]", name: str) -> Program:
    """Return each example's loss: `signatures.LOSSES`."""
    _check_cost(objective.cost)
    given = LOSSES.traced(dtype)

    def loss(z: Traced, a: Traced, y: Traced) -> Any:
        if objective.joint:
            return objective.joint.losses(z, y)  # type: ignore[arg-type]  # traced
        return trace(objective.cost.value, a, y, like=dtype, shape_of=EVERYWHERE).sum(axis=-1)

    return LOSSES.program(name, given, {"loss": listen(loss, *given)})


def noise_program(dtype: "np.dtype[Any]", name: str) -> Program:
    """Return the noise that two evenly distributed numbers make (Box-Muller): `signatures.NOISE`."""
    first, second, size = given = NOISE.traced(dtype)
    return NOISE.program(name, given, {"noise": size * listen(box_muller, first, second)})


def rests(activation: Activation) -> bool:
    """Return whether outputs and slopes are 0 on a whole side, as a ReLU's are: many need no work then."""
    if activation.acts_on_layer or has_own_backward(activation):
        return False
    z = np.linspace(-30.0, -10.0, 64)
    a = activation.forward(z)
    return not np.any(a) and not np.any(activation.slope(z, a))
