"""The backward pass in the terminal: the loss, the error terms and gradients of each layer, the update.

Each row of a table is a formula with its numbers, so that a reader can check it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pellucid.cli.formula import plain_formula
from pellucid.cli.numbers import figure, largest, print_numbers, rest
from pellucid.cli.output import console, print_line
from pellucid.data import ValueTarget
from pellucid.explanation import BackwardStep, Explanation
from pellucid.network import Floats

__all__ = ["neuron_names", "print_error_terms", "print_neurons", "print_rule", "print_way_back"]

# Old and new weights are shown with more digits, since they differ little.
_DIGITS = 5
# Longer names of outputs are truncated, so that the numbers fit.
_LONG = 18


def print_way_back(explanation: Explanation, top: int) -> None:
    """Print the loss, then each layer from the last to the first."""
    console.print()
    console.rule("loss", align="left")
    _print_loss(explanation, top)
    console.print()
    console.rule("backward", align="left")
    rate = explanation.learning_rate
    normalised = any(layer.normaliser for layer in explanation.model.network.layers)
    learned = "every weight, bias, gain and shift" if normalised else "every weight and bias"
    print_line(
        f"The update subtracts {rate:g} x the gradient from {learned} ({rate:g} is the learning rate used"
        " in training). All gradients are computed with the old weights.",
        style="dim",
    )
    for step in explanation.backward_steps(n_largest=top):
        console.print()
        _print_layer(step, explanation, top)


def neuron_names(explanation: Explanation, layer: int) -> Sequence[str]:
    """Return the names of a layer's neurons: their numbers, or the names of the outputs, shortened."""
    names = explanation.neuron_names(layer)
    return [name if len(name) <= _LONG else f"{name[: _LONG - 1]}…" for name in names]


def print_neurons(
    explanation: Explanation,
    layer: int,
    shown: Sequence[int],
    columns: Mapping[str, Floats],
    exact: Mapping[str, Floats] | None = None,
) -> None:
    """Print columns by their headers, a row for each of some neurons; exact ones have more digits."""
    names, exact = neuron_names(explanation, layer), exact or {}
    rows = [
        [
            names[k],
            *(figure(column[k]) for column in columns.values()),
            *(figure(column[k], _DIGITS) for column in exact.values()),
        ]
        for k in shown
    ]
    head = "output" if layer == len(explanation.model.network.layers) else "neuron"
    print_numbers([head, *columns, *exact], rows)


def print_rule(step: BackwardStep, explanation: Explanation) -> None:
    """Print how error terms are computed, with the slope of the activation where it is a factor."""
    print_line(step.rule, indent=2)
    activation = explanation.model.network.layers[step.layer - 1].activation
    if not activation.acts_on_layer and not explanation.is_joint(step.layer):
        slope = plain_formula(activation.slope_formula)
        print_line(f"{activation.name}'(z) = {slope}", style="dim", indent=2)


def _print_loss(explanation: Explanation, top: int) -> None:
    trace, cost = explanation.trace, explanation.model.cost
    last = len(explanation.model.network.layers)
    print_line(("L", "bold"), " = ", (figure(trace.loss, 6), "bold"), f"   {cost}")
    print_line(f"one example's term of {plain_formula(cost.formula)}", style="dim", indent=2)
    target = explanation.model.head.target
    if isinstance(target, ValueTarget) and target.how_scaled:
        terms = zip(_values(trace["y"]), target.mean, target.scale, strict=True)
        if np.any(target.mean):
            made = ", ".join(f"({figure(y * s + m, 6)} - {figure(m)}) / {figure(s)}" for y, m, s in terms)
        else:
            made = ", ".join(f"{figure(y * s, 6)} / {figure(s)}" for y, m, s in terms)
        print_line(f"y is the target, {target.how_scaled}: {made}", style="dim", indent=2)
    slope, y, a = trace.loss_slope[0], _values(trace["y"]), trace.a[-1][0]
    order = largest(a, top)
    if not isinstance(target, ValueTarget):  # always show the true class
        order += [int(k) for k in np.flatnonzero(y) if k not in order]
    heads = ["output", f"ŷ = a{last}", "y", f"dL/da{last} = {plain_formula(cost.slope_formula)}"]
    rows = [[explanation.output_names[k], *map(figure, (a[k], y[k], slope[k]))] for k in order]
    print_numbers(heads, rows)
    print_line(rest(a, order, "outputs"), style="dim", indent=2)


def _values(row: Floats) -> Floats:
    values: Floats = np.asarray(row, dtype=float)[0]
    return values


def _print_layer(step: BackwardStep, explanation: Explanation, top: int) -> None:
    n = step.layer
    print_line((f"Layer {n}", "bold cyan"))
    print_rule(step, explanation)
    rate = explanation.learning_rate
    for rule in step.scaling.rules if step.scaling else ():
        print_line(rule, indent=2)
    print_line(f"{step.bias_rule}    new b{n} = b{n} - {rate:g} dL/db{n}", indent=2)
    order = largest(step.delta, top)
    print_error_terms(step, explanation, order)
    print_line(rest(step.delta, order, "neurons"), style="dim", indent=2)
    console.print()
    _print_weights(step, explanation)


def print_error_terms(step: BackwardStep, explanation: Explanation, shown: Sequence[int]) -> None:
    """Print error terms, how they are computed, and the update of the biases."""
    n, biases = step.layer, explanation.model.network.layers[step.layer - 1].biases
    columns = _origin(step, explanation)
    if step.scaling:
        print_neurons(explanation, n, shown, columns)
        _print_scaling(step, explanation, shown)
        columns = {f"dL/ds{n}": step.sum_slope}
    print_neurons(explanation, n, shown, columns, {f"b{n}": biases, f"new b{n}": step.new_biases})


def _print_scaling(step: BackwardStep, explanation: Explanation, shown: Sequence[int]) -> None:
    """Print the gradients and the updates of a normalisation's gain and shift."""
    n, scaling = step.layer, step.scaling
    normaliser = explanation.model.network.layers[n - 1].normaliser
    assert scaling is not None
    assert normaliser is not None
    for name, slopes, old, new in (
        ("gain", scaling.gain_gradient, normaliser.gain, scaling.new_gain),
        ("shift", scaling.shift_gradient, normaliser.shift, scaling.new_shift),
    ):
        both = {f"{name}{n}": old, f"new {name}{n}": new}
        print_neurons(explanation, n, shown, {f"dL/d{name}{n}": slopes}, both)


def _origin(step: BackwardStep, explanation: Explanation) -> dict[str, Floats]:
    """Return error terms and what they are computed from, by their headers."""
    n, trace, layers = step.layer, explanation.trace, explanation.model.network.layers
    activation, last = layers[n - 1].activation, n == len(layers)
    if explanation.is_joint(n):
        return {f"a{n}": trace.a[n][0], "- y": _values(trace["y"]), f"= delta{n}": step.delta}
    head = explanation.output_slope_name(n)
    arriving = trace.loss_slope[0] if last else layers[n].weights @ trace.sum_slopes[n][0]
    if activation.acts_on_layer:  # each error term depends on all neurons of the layer
        return {head: arriving, f"J^T: delta{n}": step.delta}
    return {head: arriving, f"x {activation.name}'(z{n})": step.slope, f"= delta{n}": step.delta}


def _print_weights(step: BackwardStep, explanation: Explanation) -> None:
    """Print the largest gradients of a layer's weights, and the updates of these weights."""
    n, weights = step.layer, step.weights
    (n_out, n_in), rate = weights.shape, explanation.learning_rate
    about = f"dL/dW{n}: {n_out:,} x {n_in:,} entries, {weights.n_zero:,} of them 0, norm {weights.norm:.4g}"
    print_line(f"{weights.rule}    new W{n} = W{n} - {rate:g} dL/dW{n}", indent=2)
    print_line(about, style="dim", indent=2)
    names = neuron_names(explanation, n)
    rows = []
    for entry in weights.largest:
        slope = float(step.sum_slope[entry.neuron - 1])
        came_in = entry.gradient / slope  # a gradient that is not 0 is the product of the two
        numbers = [*map(figure, (slope, came_in, entry.gradient))]
        weight = [figure(entry.old, _DIGITS), figure(entry.new, _DIGITS)]
        rows.append([entry.source, names[entry.neuron - 1], *numbers, *weight])
    heads = ["from", "to", explanation.sum_slope_name(n), "x from", f"= dL/dW{n}", f"W{n}", f"new W{n}"]
    if rows:
        print_numbers(heads, rows)
    more = n_out * n_in - weights.n_zero - len(rows)
    if more > 0:
        print_line(f"and {more:,} smaller ones", style="dim", indent=2)
