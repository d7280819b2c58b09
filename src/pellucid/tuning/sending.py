"""Custom declarations, which worker processes must be told about."""

import pickle
import sys
from pathlib import Path
from typing import Any, TypeAlias

from pellucid.tuning.space import DIMENSIONS, Space

__all__ = ["Own", "own_declarations", "register", "why_none_can_be_sent"]

# Pairs of an option and a class of declaration.
Own: TypeAlias = tuple[tuple[str, type[Any]], ...]

_REGISTRIES = {dimension.name: dimension.registry for dimension in DIMENSIONS if dimension.registry}


def own_declarations(space: Space) -> Own:
    """Return the registered custom declarations that candidates can have."""
    found = {
        (name, type(registry.get(value))): None
        for options in space.edges()
        for name, registry in _REGISTRIES.items()
        for value in _each(options.get(name))
    }
    return tuple((name, own) for name, own in found if own in _REGISTRIES[name].own)


def register(own: Own) -> None:
    """Register declarations in this process."""
    for name, declaration in own:
        _REGISTRIES[name].register(declaration)


def why_none_can_be_sent(space: Space) -> str | None:
    """Return why worker processes cannot train candidates of a space; None if they can."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file and not getattr(main, "__spec__", None) and not Path(file).exists():
        return "the program was read from standard input, which worker processes cannot import"
    try:
        sent = pickle.dumps((own_declarations(space), space.fixed))
    except Exception as error:  # custom objects may raise anything
        return f"the options cannot be sent to worker processes ({error})"
    # Pickled classes contain the name of their module.
    if not file and b"__main__" in sent:
        return "worker processes cannot import declarations of a notebook or an interactive session"
    return None


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
