"""``pellucid show``."""

import math
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from pellucid.cli.formula import plain_formula
from pellucid.cli.numbers import figure
from pellucid.cli.options import as_json, model_argument
from pellucid.cli.output import console, emit, print_line, print_notes
from pellucid.cli.tables import diagnosis_panel, network_table, plain_table
from pellucid.data import ClassTarget, LabelTarget
from pellucid.evaluation import FIGURES, Figure
from pellucid.model import Model
from pellucid.storage import load_model

__all__ = ["show"]

_SHOWN_NAMES = 12


@click.command()
@model_argument
@as_json
def show(model: Path, as_json: bool) -> None:
    """Show MODEL: its layers, features and outputs, how it was trained, and its metrics."""
    loaded = load_model(model)
    if as_json:
        emit(_described(loaded))
        return
    console.print(network_table(loaded.network))
    print_line(("\nin", "bold"), f"     {_names(loaded.inputs.features)}")
    print_line(("out", "bold"), f"    {_names(loaded.target.names)}")
    print_line(("cost", "bold"), f"   {loaded.cost}: {plain_formula(loaded.cost.formula)}")
    settings = ", ".join(
        f"{key.replace('_', ' ')} {_setting(value)}" for key, value in loaded.settings.items()
    )
    print_line(("trained", "bold"), f" on {loaded.provenance.get('source', 'data')}: {settings}")
    console.print("", _figures_table(loaded.figures), sep="\n")
    if loaded.stopped:
        print_line(f"training ended before its last epoch: {loaded.stopped}")
    print_notes(loaded.notes)
    if loaded.diagnosis:
        console.print(diagnosis_panel(loaded.diagnosis))


def _setting(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _figures_table(row: dict[str, Any]) -> Table:
    """Return a table with the metrics of an epoch, a column for each set."""
    parts = [part for part in ("train", "validation", "test") if f"{part}_cost" in row]
    epoch = f"after epoch {row['epoch']}"
    table = plain_table((epoch, *parts), left=(epoch,))
    for declared in FIGURES:
        values = [row.get(f"{part}_{declared.name}") for part in parts]
        if any(value is not None for value in values):
            table.add_row(declared.words, *(_number(declared, value) for value in values))
    for name in ("penalty", "objective"):
        if name in row:
            table.add_row(name, figure(row[name]))
    return table


def _number(declared: Figure, value: float | None) -> str:
    if value is None:
        return "-"
    return declared.number(value) if declared.share or math.isnan(value) else figure(value)


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
        "diagnosis": None if model.diagnosis is None else model.diagnosis.to_dict(),
    }


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{len(names):,}: {shown}" + (f" and {more:,} more" if more > 0 else "")
