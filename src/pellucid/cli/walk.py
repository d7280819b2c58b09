"""An explanation in the terminal: the example, the forward pass, and the prediction.

Each row of a table is a formula with its numbers, so that a reader can check it.
"""

import numpy as np
from rich.columns import Columns
from rich.padding import Padding
from rich.text import Text

from pellucid.cli.formula import plain_formula
from pellucid.cli.image import draw_image
from pellucid.cli.numbers import figure, largest, rest
from pellucid.cli.output import console, print_line
from pellucid.cli.way_back import print_neurons, print_way_back
from pellucid.data import LabelTarget, ValueTarget
from pellucid.explanation import Explanation, ForwardStep
from pellucid.network import Activation

__all__ = ["print_explanation"]


def print_explanation(explanation: Explanation, top: int) -> None:
    """Print an explanation; of wide layers, only the ``top`` largest values."""
    _print_example(explanation, top)
    console.print()
    console.rule("forward", align="left")
    for step in explanation.forward_steps():
        _print_forward(step, explanation, top)
    _print_answer(explanation)
    if explanation.truth is None:
        print_line(
            "The data do not contain the target of this row, so there is no backward pass.", style="dim"
        )
    else:
        print_way_back(explanation, top)
    console.print()
    busiest = int(np.argmax(np.abs(explanation.trace.a[1][0]))) + 1
    print_line(f"Add --neuron 1.{busiest} to see a neuron term by term.", style="dim")


def _print_example(explanation: Explanation, top: int) -> None:
    x, shape = explanation.trace.a[0][0], explanation.model.inputs.image_shape
    print_line((f"Row {explanation.row}", "bold"), " (counted from 0)")
    if shape:
        console.print(Padding(draw_image(x.reshape(shape)), (0, 0, 0, 2), expand=False))
    order = largest(x, top)
    made = "pixels from 0 to 1" if shape else "standardised numbers, one-hot categories"
    print_line(("x", "bold"), f": the {len(x):,} inputs ({made})")
    cells = [Text(f"{explanation.features[k]}  {figure(x[k])}") for k in order]
    console.print(Padding(Columns(cells, padding=(0, 3)), (0, 0, 0, 2), expand=False))
    print_line(rest(x, order, "inputs"), style="dim", indent=2)


def _print_forward(step: ForwardStep, explanation: Explanation, top: int) -> None:
    n, (n_out, n_in) = step.layer, step.W_shape
    layer = explanation.model.network.layers[n - 1]
    before = "x" if n == 1 else f"a{n - 1}"
    rule, sums = f"a{n} = {layer.activation.name}(z{n})", explanation.sum_name(n)
    print_line(
        (f"Layer {n}", "bold cyan"), f": {n_out:,} neuron{'s' if n_out > 1 else ''}, {step.activation}"
    )
    shapes = f"    W{n} is {n_out:,} x {n_in:,}, b{n} has {n_out:,}"
    print_line(f"{sums} = W{n} {before} + b{n}", (shapes, "dim"), indent=2)
    if step.scaling:
        print_line(step.scaling.rule, (f"    {step.scaling.normalisation} normalisation", "dim"), indent=2)
    print_line(rule, (f"    {_meaning(layer.activation)}", "dim"), indent=2)
    order = largest(step.a, top)
    scaled = step.scaling
    totals = step.z if scaled is None else scaled.s
    columns = {f"W{n} {before}": totals - layer.biases, f"+ b{n}": layer.biases, f"= {sums}": totals}
    if scaled is None:
        print_neurons(explanation, n, order, {**columns, rule: step.a})
    else:
        print_neurons(explanation, n, order, columns)
        columns = {
            f"s{n} - mean{n}": scaled.s - scaled.mean,
            f"/ deviation{n}": scaled.deviation,
            f"x gain{n}": scaled.gain,
            f"+ shift{n}": scaled.shift,
            f"= z{n}": step.z,
            f"a{n}": step.a,
        }
        print_neurons(explanation, n, order, columns)
    print_line(rest(step.a, order, "neurons"), style="dim", indent=2)
    console.print()


def _meaning(activation: Activation) -> str:
    """Return the formula of an activation, with the values of its parameters."""
    name, formula = activation.name, plain_formula(activation.formula)
    values = ", ".join(f"{key} = {value:g}" for key, value in activation.parameters.items())
    return f"{name}(z) = {formula}" + (f", {values}" if values else "")


def _print_answer(explanation: Explanation) -> None:
    """Print the prediction, how it follows from the outputs, and whether it is correct."""
    line = Text.assemble("prediction: ", (explanation.prediction, "bold"))
    if explanation.truth is not None:
        colour = {True: "green", False: "red", None: "default"}[explanation.right]
        line.append_text(Text.assemble("   target: ", (explanation.truth, f"bold {colour}")))
    console.print(line)
    print_line(_reading(explanation), style="dim", indent=2)


def _reading(explanation: Explanation) -> str:
    outputs, head = explanation.trace.a[-1][0], explanation.model.head
    name = f"a{len(explanation.model.network.layers)}"
    if isinstance(head.target, ValueTarget):
        if not head.target.how_scaled:
            return f"the prediction is {name}"
        parts = zip(outputs, head.target.scale, head.target.mean, strict=True)
        units = ", ".join(
            f"{figure(a)} x {figure(scale)}" + (f" + {figure(mean)}" if mean else "")
            for a, scale, mean in parts
        )
        return f"the target was {head.target.how_scaled}; in original units, {name} is {units}"
    if isinstance(head.target, LabelTarget):
        return f"a label is predicted if its output in {name} is above {head.cost.threshold:g}"
    if len(outputs) > 1:
        return f"the largest output is that of {explanation.prediction}: {figure(outputs.max())}"
    threshold = head.cost.threshold
    side = "above" if outputs[0] > threshold else "not above"
    return (
        f"{name} = {figure(outputs[0])} is {side} {threshold:g}, the threshold of"
        f" {explanation.output_names[0]}"
    )
