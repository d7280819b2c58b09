"""``pellucid show``."""

import math
from pathlib import Path
from typing import Any

import click

from pellucid.cli.formula import plain_formula
from pellucid.cli.numbers import figure
from pellucid.cli.options import as_json, model_argument
from pellucid.cli.output import console, emit, print_line
from pellucid.cli.tables import diagnosis_panel, network_table
from pellucid.data import ClassTarget, LabelTarget
from pellucid.evaluation import figure_of
from pellucid.model import Model
from pellucid.storage import load_model

__all__ = ["show"]

_SHOWN_NAMES = 12


@click.command()
@model_argument
@as_json
def show(model: Path, as_json: bool) -> None:
    """Show what MODEL is: its layers, what goes in and comes out, how it was trained, how it did."""
    loaded = load_model(model)
    if as_json:
        emit(_described(loaded))
        return
    console.print(network_table(loaded.network))
    print_line(("\nin", "bold"), f"     {_names(loaded.inputs.features)}")
    print_line(("out", "bold"), f"    {_names(loaded.target.names)}")
    print_line(("cost", "bold"), f"   {loaded.cost}: {plain_formula(loaded.cost.formula)}")
    settings = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in loaded.settings.items())
    print_line(("trained", "bold"), f" on {loaded.provenance.get('source', 'data')}: {settings}")
    last = loaded.figures
    print_line((f"after epoch {last['epoch']}", "bold"), f": {_figures(last)}")
    if loaded.stopped:
        print_line(f"training ended before its last epoch: {loaded.stopped}")
    console.print(diagnosis_panel(loaded.diagnosis))


def _figures(row: dict[str, Any]) -> str:
    """Say an epoch's figures in the words of the training table."""
    words = []
    for column, value in row.items():
        if column in ("epoch", "seconds", "learning_rate"):
            continue
        declared, part = figure_of(column), column.partition("_")[0]
        if declared is None:  # the objective, or a penalty
            words.append(f"{column} {figure(value)}")
        elif declared.share or math.isnan(value):
            words.append(f"{part} {declared.write(value)}")
        else:
            words.append(f"{part} {declared.words} {figure(value)}")
    return ", ".join(words)


def _described(model: Model) -> dict[str, Any]:
    return {
        "sizes": list(model.network.sizes),
        "activations": [str(layer.activation) for layer in model.network.layers],
        "normalisations": [
            str(layer.normaliser.rule) if layer.normaliser else None for layer in model.network.layers
        ],
        "parameters": model.network.n_parameters,
        "dtype": str(model.network.dtype),
        "cost": str(model.cost),
        "task": model.target.task,
        "features": list(model.inputs.features),
        "classes": list(model.target.names) if isinstance(model.target, ClassTarget) else None,
        "labels": list(model.target.names) if isinstance(model.target, LabelTarget) else None,
        "settings": model.settings,
        "provenance": model.provenance,
        "stopped": model.stopped,
        "kept_epoch": model.kept_epoch,
        "history": model.history.rows,
        "diagnosis": model.diagnosis.to_dict(),
    }


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{len(names):,}: {shown}" + (f" and {more:,} more" if more > 0 else "")
