"""``pellucid activations``, ``costs``, ``normalisations``, ``optimizers`` and ``schedules``."""

from typing import Any

import click
from rich.table import Table
from rich.text import Text

from pellucid.cli.formula import plain_formula
from pellucid.cli.options import as_json
from pellucid.cli.output import console, emit
from pellucid.declarations import Registry
from pellucid.network import activations as all_activations
from pellucid.network import costs as all_costs
from pellucid.network import normalisations as all_normalisations
from pellucid.training import optimizers as all_optimizers
from pellucid.training import schedules as all_schedules

__all__ = ["activations", "costs", "normalisations", "optimizers", "schedules"]

# These are LaTeX; --json prints them unchanged.
_FORMULAS = {"formula", "slope"}


@click.command()
@as_json
def activations(as_json: bool) -> None:
    """List the activation functions with their formulas, slopes and ranges."""
    _list(all_activations, ["formula", "slope", "range"], as_json)


@click.command()
@as_json
def costs(as_json: bool) -> None:
    """List the cost functions with their formulas, slopes and domains."""
    _list(all_costs, ["formula", "slope", "predictions", "targets"], as_json)


@click.command()
@as_json
def optimizers(as_json: bool) -> None:
    """List the optimizers with their formulas and properties."""
    symbols = (
        "In the formulas, w is a weight, g its gradient, α the learning rate and t the number of the update,"
        " from 1. Other variables are the optimizer's state for each weight, initially 0 by default."
    )
    _list(all_optimizers, ["formula", "usual_rate", "full_batch"], as_json, symbols)


@click.command()
@as_json
def schedules(as_json: bool) -> None:
    """List the learning-rate schedules with their formulas."""
    symbols = (
        "In the formulas, α is the initial learning rate, s the number of updates so far, n the total number"
        " of updates, t = s/n, and e the number of epochs so far, with fractions."
    )
    _list(all_schedules, ["formula", "needs_end"], as_json, symbols)


@click.command()
@as_json
def normalisations(as_json: bool) -> None:
    """List the normalisations of hidden layers with their formulas."""
    symbols = (
        "In the formulas, s is a weighted sum Wx + b, z the input of the activation, and γ and β are the gain"
        " and the shift of a neuron, which are learned from the initial values 1 and 0."
    )
    _list(all_normalisations, ["formula", "over_examples"], as_json, symbols)


def _list(registry: Registry[Any], parts: list[str], as_json: bool, symbols: str = "") -> None:
    listing = registry.describe()
    if as_json:
        emit(listing)
        return
    if symbols:
        console.print(Text(f"{symbols}\n", style="dim"))
    for described in listing:
        parameters = ", ".join(f"{key}={value:g}" for key, value in described["parameters"].items())
        also = f"  also: {', '.join(described['aliases'])}" if described["aliases"] else ""
        console.print(
            Text.assemble(
                (described["name"], "bold cyan"),
                (f":{parameters}" if parameters else "", "cyan"),
                (also, "dim"),
            )
        )
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=12, style="dim")
        table.add_column(overflow="fold")  # long addresses are wrapped, not cut
        table.add_row("", described["summary"])
        for part in [*parts, "source"]:
            table.add_row(Text(part.replace("_", " "), justify="right"), _said(part, described[part]))
        console.print(table)


def _said(part: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return plain_formula(value) if part in _FORMULAS else str(value)
