"""A neuron in the terminal: its weighted sum and its error term, term by term."""

import numpy as np
from rich.text import Text

from pellucid.cli.numbers import figure, print_numbers
from pellucid.cli.output import print_line
from pellucid.cli.way_back import neuron_names, print_error_terms, print_rule
from pellucid.explanation import Explanation

__all__ = ["print_neuron"]

_Terms = list[tuple[str, float, float]]


def print_neuron(explanation: Explanation, layer: int, neuron: int, top: int) -> None:
    """Print the weighted sum of a neuron and, if the target is known, its error term."""
    written = explanation.neuron(layer, neuron)
    names = neuron_names(explanation, layer)
    spoken = f", the output for {names[neuron - 1]}" if layer == len(explanation.trace.z) else ""
    print_line(
        (f"Layer {layer}, neuron {neuron}", "bold"),
        f"{spoken} (both counted from 1); row {explanation.row}",
    )
    name = "s" if written.normalisation else "z"
    print_line(f"{name} = sum of weights times inputs, + b;  a = {written.activation}(z)", indent=2)
    ends = [("bias", written.bias), (f"{name}, the sum", written.s)]
    if written.normalisation:
        ends.append((f"z, by {written.normalisation} normalisation", written.z))
    ends.append((f"a = {written.activation}(z)", written.a))
    terms = [(term.source, term.weight, term.value) for term in written.terms]
    _print_sum(["from", "weight", "x input", "= term"], terms, written.n_zero, ends, top)
    if explanation.truth is not None:
        _print_error_term(explanation, layer, neuron, top)


def _print_error_term(explanation: Explanation, layer: int, neuron: int, top: int) -> None:
    """Print the error term; for a hidden neuron, as a sum over the next layer."""
    trace, layers = explanation.trace, explanation.model.network.layers
    step = explanation.backward_steps()[len(layers) - layer]
    print_line(("\nIts error term", "bold"))
    print_rule(step, explanation)
    if layer == len(layers):
        print_error_terms(step, explanation, [neuron - 1])
        return
    weights, errors = layers[layer].weights[neuron - 1], trace.sum_slopes[layer][0]
    products = weights * errors
    order = np.argsort(-np.abs(products), kind="stable")[: np.count_nonzero(products)]
    names = neuron_names(explanation, layer + 1)
    terms = [(names[k], float(weights[k]), float(errors[k])) for k in order]
    ends = [("the sum", float(weights @ errors))]
    activation = layers[layer - 1].activation
    if activation.acts_on_layer:
        ends.append((f"delta{layer}, J^T times the sums of the layer", float(step.delta[neuron - 1])))
    else:
        ends.append((f"x {activation.name}'(z)", float(step.slope[neuron - 1])))
        ends.append((f"= delta{layer}", float(step.delta[neuron - 1])))
    heads = [f"to layer {layer + 1}", f"W{layer + 1}", f"x {explanation.sum_slope_name(layer + 1)}", "= term"]
    _print_sum(heads, terms, len(weights) - len(terms), ends, top)


def _print_sum(heads: list[str], terms: _Terms, n_zero: int, ends: list[tuple[str, float]], top: int) -> None:
    """Print the largest terms, the sum of the others, and the final results."""
    rows: list[list[str | Text]] = [
        [source, figure(weight, 5), figure(value), figure(weight * value, 5)]
        for source, weight, value in terms[:top]
    ]
    smaller = terms[top:]
    if smaller:
        total = sum(weight * value for _, weight, value in smaller)
        rows.append([f"and {len(smaller):,} smaller terms", "", "", figure(total, 5)])
    if n_zero:
        rows.append([f"and {n_zero:,} terms that are 0", "", "", "0"])
    rows += [[Text(name, style="bold"), "", "", Text(figure(value, 5), style="bold")] for name, value in ends]
    print_numbers(heads, rows)
