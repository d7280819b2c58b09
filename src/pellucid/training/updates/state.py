"""The state of an engine as data: flat names, the same from every engine."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pellucid.errors import ConfigurationError
from pellucid.network import Floats, Network

__all__ = ["arrays_by_name", "check_state", "field_name", "unfit"]


def field_name(name: str, layer: int) -> str:
    """Return the name of an array of a layer, counted from 0, in a state: weights.0, biases.0, gain.0 ..."""
    return f"{ {'W': 'weights', 'b': 'biases'}.get(name, name) }.{layer}"


def arrays_by_name(network: Network) -> dict[str, Floats]:
    """Return all arrays of a network, running statistics included, by their names in a state."""
    return {
        field_name(name, number): array
        for number, layer in enumerate(network.layers)
        for name, array in layer.arrays.items()
    }


def check_state(state: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Refuse a state that does not fit an engine.

    An array must have the shape and dtype of the engine's own; the count of updates must be a whole number, 0
    or more.
    """
    if missing := expected.keys() - state.keys():
        raise unfit("a state with " + ", ".join(sorted(missing)), "one without")
    if surplus := state.keys() - expected.keys():
        raise unfit("a state of " + ", ".join(expected), "one with " + ", ".join(sorted(surplus)))
    updates = state["updates"]
    if isinstance(updates, bool) or not isinstance(updates, int | np.integer) or updates < 0:
        raise unfit("a whole number of updates, 0 or more", repr(updates), "updates")
    for name, own in expected.items():
        if name == "updates":
            continue
        array = state[name]
        # An optimizer of one's own may keep its arrays in another precision than the weights.
        wanted = "float" if name.startswith("optimizer.") else str(own.dtype)
        if not isinstance(array, np.ndarray):
            raise unfit(f"an array of shape {own.shape} of {wanted}", repr(array), name)
        fits = array.dtype.kind == "f" if wanted == "float" else array.dtype == own.dtype
        if array.shape != own.shape or not fits:
            received = f"shape {array.shape} of {array.dtype}"
            raise unfit(f"an array of shape {own.shape} of {wanted}", received, name)


def unfit(expected: str, received: str, where: str | None = None) -> ConfigurationError:
    """Return the error that refuses a state."""
    return ConfigurationError(
        "the state does not fit the network and its settings",
        expected=expected,
        received=received,
        where=where,
        remedy="load it where network, data and settings are those that it was taken from",
    )
