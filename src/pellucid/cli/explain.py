"""``pellucid explain``."""

from pathlib import Path
from typing import Any

import click

from pellucid.cli.data_options import file_options
from pellucid.cli.neuron import print_neuron
from pellucid.cli.options import as_json, model_and_data, option, part_option, read_with_model
from pellucid.cli.output import emit, print_notes
from pellucid.cli.parameter_types import NEURON
from pellucid.cli.walk import print_explanation
from pellucid.explanation import explain as explain_example

__all__ = ["explain"]


@click.command()
@model_and_data
@option("--row", int, "The row to explain, counted from 0 within --part.", default=0, show_default=True)
@option("--neuron", NEURON, "Show the weighted sum of a neuron: 1.3 is the third one of layer 1.")
@option("--top", click.IntRange(min=1), "Neurons to show per layer.", default=10, show_default=True)
@part_option("all")
@file_options
@as_json
def explain(
    model: Path,
    data: str | None,
    row: int,
    neuron: tuple[int, int] | None,
    top: int,
    part: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Explain the prediction of MODEL for one row of DATA: all sums and outputs, layer by layer.

    If the target is known, the backward pass follows: the loss, all error terms and gradients with their
    formulas, and the update with the learning rate used in training.
    """
    loaded, raw, part = read_with_model(model, data, part, **given)
    explanation = explain_example(loaded, raw, row, part=part)
    print_notes([*loaded.notes, *raw.notes])
    if as_json:
        described = explanation.to_dict()
        if neuron:
            described["neuron"] = explanation.neuron(*neuron).to_dict()
        emit({"event": "explanation", "data": raw.name, **described})
    elif neuron:
        print_neuron(explanation, *neuron, top)
    else:
        print_explanation(explanation, top)
