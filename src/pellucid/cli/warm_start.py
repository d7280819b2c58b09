"""Going on from a saved model: what its file says already cannot be said otherwise."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from pellucid.errors import ConfigurationError
from pellucid.model import Model
from pellucid.network import Objective, activations, costs, normalisations
from pellucid.storage import load_model

__all__ = ["start_of", "was_said"]


def was_said(name: str) -> bool:
    """Tell whether an option or argument was given, be it what it is unless said."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def start_of(options: dict[str, Any]) -> Model | None:
    """Read the model to go on from, if there is one, and refuse what contradicts it.

    Raises
    ------
    ConfigurationError
        Naming the option, and what the model has.
    PellucidError
        As `load_model` does.
    """
    if options["start"] is None:
        return None
    model = load_model(options["start"])
    network = model.network
    hidden = [str(layer.activation) for layer in network.layers[:-1]]
    said = options["activation"]
    names = [str(activations.get(name)) for name in ([said] if isinstance(said, str) else said)]
    if len(names) == 1:
        names *= len(hidden)  # one for all hidden layers
    output = options["output"] and str(activations.get(options["output"]))
    rule = options["normalise"] and str(normalisations.get(options["normalise"]))
    rules = [str(layer.normaliser.rule) for layer in network.layers[:1] if layer.normaliser]
    _agree("layers", options["layers"], list(network.sizes[1:-1]), options["start"])
    _agree("activation", names, hidden, options["start"])
    _agree("normalise", [rule], rules, options["start"])
    _agree("output", [output], [str(network.output)], options["start"])
    _agree("dtype", [options["dtype"]], [network.dtype.name], options["start"])
    _agree("initializer", [options["initializer"]], ["its own weights"], options["start"])
    if options["cost"]:
        Objective(network.output, costs.get(options["cost"]))
    return model


def _agree(option: str, said: list[Any], own: list[Any], start: Path) -> None:
    """Refuse an option that was given and is not as the model has it."""
    if was_said(option) and said != own:
        raise ConfigurationError(
            f"--{option} contradicts the model to start from",
            expected=f"{','.join(map(str, own)) or 'none'}, as in {start}, or nothing said",
            received=",".join(map(str, said)) or "none",
        )
