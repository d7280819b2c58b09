"""An explanation in the terminal: the way forward, the loss, the way back, the update."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pellucid.cli.image import draw_image
from pellucid.explanation import BackwardStep, Explanation, ForwardStep, NeuronSum
from pellucid.network import Floats

__all__ = ["print_explanation", "print_neuron"]


def print_explanation(console: Console, explanation: Explanation, top: int) -> None:
    """Print everything; of wide layers the ``top`` largest numbers and how many more there are."""
    shape = explanation.model.inputs.image_shape
    x = explanation.trace.a[0][0]
    console.print(f"[bold]Row {explanation.row}[/] (counted from 0)")
    if shape:
        console.print(draw_image(x.reshape(shape)))
    console.print(_numbers("x", x, explanation.features, top))
    console.rule("forward", align="left")
    for step in explanation.forward_steps():
        _print_forward(console, step, explanation, top)
    _print_prediction(console, explanation)
    steps = explanation.backward_steps(n_largest=top)
    if not steps:
        console.print("[dim]The data do not hold the truth of this row, so there is no way back to show.[/]")
        return
    _print_loss(console, explanation)
    console.rule("back", align="left")
    for back in steps:
        _print_backward(console, back, explanation, top)
    console.print(
        "[dim]All gradients are taken at the old weights; then weights and biases change together.[/]"
    )


def _print_forward(console: Console, step: ForwardStep, explanation: Explanation, top: int) -> None:
    rows, columns = step.W_shape
    console.print(
        f"[bold cyan]Layer {step.layer}[/]  {step.rule}   [dim]W{step.layer} is {rows} x {columns}[/]"
    )
    console.print(f"  [dim]{step.activation}(z) = {step.formula}[/]", markup=True)
    last = step.layer == len(explanation.model.network.layers)
    names = explanation.output_names if last else [f"[{k}]" for k in range(1, rows + 1)]
    console.print(_numbers(f"z{step.layer}", step.z, names, top))
    console.print(_numbers(f"a{step.layer}", step.a, names, top))


def _print_prediction(console: Console, explanation: Explanation) -> None:
    line = Text.assemble("prediction: ", (explanation.prediction, "bold"))
    if explanation.truth is not None:
        colour = {True: "green", False: "red", None: "default"}[explanation.right]
        line.append_text(Text.assemble("   truth: ", (explanation.truth, f"bold {colour}")))
    console.print(line)


def _print_loss(console: Console, explanation: Explanation) -> None:
    trace, last = explanation.trace, len(explanation.model.network.layers)
    cost = explanation.model.cost
    console.rule("loss", align="left")
    console.print(f"[bold]loss[/] {trace.loss:.6g}   [dim]{cost}: one example's part of {cost.formula}[/]")
    console.print(
        _numbers(f"dL/da{last}", trace.loss_slope[0], explanation.output_names, len(trace.loss_slope[0]))
    )
    console.print(f"  [dim]dL/da = {cost.slope_formula}[/]")


def _print_backward(console: Console, step: BackwardStep, explanation: Explanation, top: int) -> None:
    n, weights = step.layer, step.weights
    names = [f"[{k}]" for k in range(1, len(step.delta) + 1)]
    console.print(f"[bold cyan]Layer {n}[/]  {step.rule}")
    console.print(_numbers(f"delta{n}", step.delta, names, top))
    rows, columns = weights.shape
    console.print(
        f"  {weights.rule}   [dim]{rows} x {columns}, {weights.n_zero:,} of {rows * columns:,} are 0,"
        f" length {weights.norm:.4g}[/]"
    )
    rate = explanation.learning_rate
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2))
    for head in ("    neuron", "from", "gradient", "old weight", f"- {rate:g} x gradient = new"):
        table.add_column(head, justify="left" if head == "from" else "right")
    for entry in weights.largest:
        table.add_row(
            str(entry.neuron), entry.source, f"{entry.gradient:.5g}", f"{entry.old:.5g}", f"{entry.new:.5g}"
        )
    console.print(table)
    more = rows * columns - weights.n_zero - len(weights.largest)
    if more > 0:
        console.print(f"    [dim]and {more:,} smaller ones[/]")
    console.print(f"  {step.bias_rule}")


def print_neuron(console: Console, neuron: NeuronSum, top: int) -> None:
    """Print one neuron's sum, the largest terms first."""
    console.print(f"[bold]Layer {neuron.layer}, neuron {neuron.neuron}[/] (both counted from 1)")
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2))
    for head in ("from", "weight", "x input", "= term"):
        table.add_column(head, justify="left" if head == "from" else "right")
    for term in neuron.terms[:top]:
        table.add_row(term.source, f"{term.weight:.5g}", f"{term.value:.5g}", f"{term.product:.5g}")
    rest = neuron.terms[top:]
    if rest:
        total = sum(term.product for term in rest)
        table.add_row(f"and {len(rest):,} smaller terms", "", "", f"{total:.5g}", style="dim")
    if neuron.n_zero:
        table.add_row(f"and {neuron.n_zero:,} terms that are 0", "", "", "0", style="dim")
    table.add_row("bias", "", "", f"{neuron.bias:.5g}")
    table.add_row("z, the sum", "", "", f"{neuron.z:.5g}", style="bold")
    table.add_row(f"a = {neuron.activation}(z)", "", "", f"{neuron.a:.5g}", style="bold")
    console.print(table)


def _numbers(name: str, values: Floats, names: Sequence[str], top: int) -> Text:
    """Write a vector on a line: all of a short one, the largest of a long one."""
    line = Text.assemble("  ", (name, "bold"), f" {len(values):>4} numbers  ")
    if len(values) <= top:
        order = np.arange(len(values))
    else:
        order = np.argsort(-np.abs(values), kind="stable")[:top]
        order = order[values[order] != 0]
    line.append("   ".join(f"{names[k]} {values[k]:.4g}" for k in order.tolist()))
    more = int(np.count_nonzero(values)) - len(order)
    zero = len(values) - int(np.count_nonzero(values))
    if len(values) > top:
        line.append(f"   and {more:,} smaller, {zero:,} that are 0", style="dim")
    return line
