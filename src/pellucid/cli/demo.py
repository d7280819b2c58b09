"""``pellucid demo``."""

import click
from rich.columns import Columns
from rich.console import Group
from rich.text import Text

from pellucid.cli.image import draw_image
from pellucid.cli.options import option
from pellucid.cli.output import bullet, console, print_line
from pellucid.cli.tables import diagnosis_panel
from pellucid.cli.train import train_and_report
from pellucid.data import load_data
from pellucid.demonstrations import TRUTH, DigitsDemonstration, fit_square_law, learn_digits
from pellucid.explanation import Explanation
from pellucid.training import TrainingConfig, build_network

__all__ = ["demo"]

_BAR = 24


@click.command()
@click.argument("which", type=click.Choice(["digits", "square"]), default="digits")
@option("-s --seed", int, "Random seed; the same seed gives the same results.", default=0, show_default=True)
def demo(which: str, seed: int) -> None:
    """Watch a network learn, with explanations.

    digits trains on real handwritten digits and shows three test digits with the network's ten outputs, one
    of them a mistake. square shows underfitting and overfitting on noisy points of a parabola.
    """
    if which == "digits":
        _show_digits(seed)
    else:
        _show_square_law(seed)


def _show_digits(seed: int) -> None:
    data = load_data("digits", seed=seed)
    model = train_and_report(build_network(data, seed=seed), data, TrainingConfig(epochs=20, seed=seed))
    if model.stopped == "interrupted":
        return
    shown = learn_digits(model, data)
    print_line(("\nThree test digits", "bold"), " that the network was not trained on, with its ten outputs")
    for example in shown.examples:
        console.print()
        console.print(
            Columns([draw_image(example.trace.a[0].reshape(8, 8)), _outputs(example)], padding=(0, 4))
        )
    _explain_mistake(shown)
    print_line(
        "\nExplain any digit step by step: pellucid train --save digits.pellucid, then"
        " pellucid explain digits.pellucid --row 0",
        style="dim",
    )


def _outputs(example: Explanation) -> Group:
    lines = []
    for name, value in zip(example.output_names, example.trace.a[-1][0].tolist(), strict=True):
        style = "dim"
        mark = ""
        if name == example.prediction:
            style, mark = ("bold green", "  correct") if example.right else ("bold red", "  predicted")
        elif name == example.truth:
            style, mark = "bold yellow", "  true"
        lines.append(Text(f"{name}  {value:.3f} {'█' * round(_BAR * value)}{mark}", style=style))
    return Group(*lines)


def _explain_mistake(shown: DigitsDemonstration) -> None:
    mistake = shown.examples[-1]
    outputs = dict(zip(mistake.output_names, mistake.trace.a[-1][0].tolist(), strict=True))
    said, truth = mistake.prediction, str(mistake.truth)
    *others, last = (f"neuron {neuron} ({amount:+.2f})" for neuron, amount in shown.votes)
    votes = f"{', '.join(others)} and {last}"
    print_line(("\nThe mistake", "bold"), f" (row {mistake.row} of the digits, counted from 0)")
    for sentence in (
        f"It is a {truth}, but the prediction is {said}: {outputs[said]:.3g} against {outputs[truth]:.3g}.",
        f"In the hidden layer, {votes} contribute most to {said} instead of {truth}.",
        f"The loss is -ln {outputs[truth]:.3g} = {mistake.trace.loss:.3g}; the error term of the output layer"
        f" is a - y: {outputs[truth] - 1:+.3f} for {truth}, {outputs[said]:+.3f} for {said}.",
        f"One update on this digit alone, with learning rate {mistake.learning_rate:g}, would raise the"
        f" output for {truth} from {outputs[truth]:.3g} to {shown.after_update:.3g}.",
    ):
        console.print(bullet(sentence))


def _show_square_law(seed: int) -> None:
    print_line(
        "Noisy points of y = x² for x from -4 to 4. What do three networks predict at x = 5, where y is 25?"
    )
    for fit in fit_square_law(seed):
        print_line((f"\n{fit.kind}", "bold"), f": {fit.model.network!r}")
        print_line(
            f"trained on {fit.n_points} points; prediction at x = 5: ",
            (f"{fit.at_five:.1f}", "bold"),
            f", error {abs(fit.at_five - TRUTH):.1f}",
        )
        if fit.model.diagnosis:
            console.print(diagnosis_panel(fit.model.diagnosis))
