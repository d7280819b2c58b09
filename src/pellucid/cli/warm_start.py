"""Warm start from a saved model: options must not contradict the model."""

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
    """Return whether an option or argument was given explicitly, even with its default value."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def start_of(options: dict[str, Any]) -> Model | None:
    """Return the model to start from, if there is one, and check that the options do not contradict it.

    Raises
    ------
    ConfigurationError
        If an option contradicts the model.
    PellucidError
        As for `load_model`.
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
    """Check that an option, if given, has the value of the model."""
    if was_said(option) and said != own:
        raise ConfigurationError(
            f"--{option} contradicts the model to start from",
            expected=f"{','.join(map(str, own)) or 'none'}, as in {start}, or to leave out the option",
            received=",".join(map(str, said)) or "none",
        )
