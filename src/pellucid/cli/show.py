"""``pellucid show``."""

from pathlib import Path
from typing import Any

import click

from pellucid.cli.options import as_json, model_argument
from pellucid.cli.output import console, emit
from pellucid.cli.tables import diagnosis_panel, network_table
from pellucid.data import ClassTarget
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
    console.print(f"\n[bold]in[/]    {_names(loaded.inputs.features)}")
    console.print(f"[bold]out[/]   {_names(loaded.target.names)}")
    console.print(f"[bold]cost[/]  {loaded.cost}")
    settings = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in loaded.settings.items())
    console.print(f"[bold]trained[/] on {loaded.provenance.get('source', 'data')}: {settings}")
    last = loaded.history[-1]
    console.print(
        "[bold]after epoch {}[/]: {}".format(
            last["epoch"],
            ", ".join(
                f"{key.replace('_', ' ')} {value:.4g}"
                for key, value in last.items()
                if key not in ("epoch", "seconds", "learning_rate")
            ),
        )
    )
    console.print(diagnosis_panel(loaded.diagnosis))


def _described(model: Model) -> dict[str, Any]:
    return {
        "sizes": list(model.network.sizes),
        "activations": [str(layer.activation) for layer in model.network.layers],
        "parameters": model.network.n_parameters,
        "dtype": str(model.network.dtype),
        "cost": str(model.cost),
        "task": model.target.task,
        "features": list(model.inputs.features),
        "classes": list(model.target.names) if isinstance(model.target, ClassTarget) else None,
        "settings": model.settings,
        "provenance": model.provenance,
        "stopped": model.stopped,
        "history": model.history.rows,
        "diagnosis": model.diagnosis.to_dict(),
    }


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{len(names):,}: {shown}" + (f" and {more:,} more" if more > 0 else "")
