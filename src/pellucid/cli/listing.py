"""``pellucid activations`` and ``pellucid costs``."""

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

__all__ = ["activations", "costs"]

# These are LaTeX; --json gives them as they are.
_FORMULAS = {"formula", "slope"}


@click.command()
@as_json
def activations(as_json: bool) -> None:
    """List the activation functions with their formulas, slopes and ranges."""
    _list(all_activations, ["formula", "slope", "range"], as_json)


@click.command()
@as_json
def costs(as_json: bool) -> None:
    """List the cost functions with their formulas, slopes and what they can judge."""
    _list(all_costs, ["formula", "slope", "predictions", "targets"], as_json)


def _list(registry: Registry[Any], parts: list[str], as_json: bool) -> None:
    listing = registry.describe()
    if as_json:
        emit(listing)
        return
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
        table.add_column()
        table.add_row("", described["summary"])
        for part in [*parts, "source"]:
            said = plain_formula(described[part]) if part in _FORMULAS else described[part]
            table.add_row(Text(part, justify="right"), said)
        console.print(table)
