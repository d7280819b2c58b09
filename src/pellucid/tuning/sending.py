"""What worker processes are told of declarations of one's own, which they would not know by themselves."""

import pickle
import sys
from pathlib import Path
from typing import Any, TypeAlias

from pellucid.tuning.space import DIMENSIONS, Space

__all__ = ["Own", "own_declarations", "register", "why_none_can_be_sent"]

# The options that name them, and their classes.
Own: TypeAlias = tuple[tuple[str, type[Any]], ...]

_REGISTRIES = {dimension.name: dimension.registry for dimension in DIMENSIONS if dimension.registry}


def own_declarations(space: Space) -> Own:
    """Give the registered declarations that candidates can have and that do not come with the project."""
    found = {
        (name, type(registry.get(value))): None
        for options in space.edges()
        for name, registry in _REGISTRIES.items()
        for value in _each(options.get(name))
    }
    return tuple((name, own) for name, own in found if own in _REGISTRIES[name].own)


def register(own: Own) -> None:
    """Make declarations known in this process."""
    for name, declaration in own:
        _REGISTRIES[name].register(declaration)


def why_none_can_be_sent(space: Space) -> str | None:
    """Say why other processes could not train candidates of a space; None if they can.

    Parameters
    ----------
    space : Space

    Returns
    -------
    str or None
    """
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file and not getattr(main, "__spec__", None) and not Path(file).exists():
        return "this program comes from the standard input, which no worker process could read again"
    try:
        sent = pickle.dumps((own_declarations(space), space.fixed))
    except Exception as error:  # whatever an object of one's own raises
        return f"what candidates are made of cannot be sent to worker processes ({error})"
    # What is found by its module has the module's name in it.
    if not file and b"__main__" in sent:
        return "what is declared in a notebook, or typed in, is not known to worker processes"
    return None


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
