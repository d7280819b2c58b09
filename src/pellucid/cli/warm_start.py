"""Warm start from a saved model: options must not contradict the model."""

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
    """Return the model to start from, if there is one, and check that the options do not contradict it."""
    if options["start"] is None:
        return None
    model = load_model(options["start"])
    network = model.network
    hidden = [str(layer.activation) for layer in network.layers[:-1]]
    asked = options["activation"]
    names = [str(activations.get(name)) for name in ([asked] if isinstance(asked, str) else asked)]
    if len(names) == 1:
        names *= len(hidden)  # one for all hidden layers
    output = options["output"] and str(activations.get(options["output"]))
    rule = options["normalise"] and str(normalisations.get(options["normalise"]))
    rules = [str(layer.normaliser.rule) for layer in network.layers[:1] if layer.normaliser]
    both: dict[str, tuple[list[Any], list[Any]]] = {
        "layers": (options["layers"], list(network.sizes[1:-1])),
        "activation": (names, hidden),
        "normalise": ([rule], rules),
        "output": ([output], [str(network.output)]),
        "dtype": ([options["dtype"]], [network.dtype.name]),
        "initializer": ([options["initializer"]], ["its own weights"]),
    }
    for option, (said, own) in both.items():
        if was_said(option) and said != own:
            raise ConfigurationError(
                f"--{option} contradicts the model to start from",
                expected=f"{','.join(map(str, own)) or 'none'}, as in {options['start']}, or to leave out the"
                " option",
                received=",".join(map(str, said)) or "none",
            )
    if options["cost"]:
        Objective(network.output, costs.get(options["cost"]))
    return model
