"""Training configurations from options by name, for the command line and tuning."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pellucid.training.clipping import Clipping
from pellucid.training.config import TrainingConfig
from pellucid.training.optimizers import optimizers
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedules import schedules

__all__ = ["SETTINGS", "settings_from"]

_REGULARISATION = tuple(part.name for part in fields(Regularisation))
_CLIPPING = {f"clip_{part.name}": part.name for part in fields(Clipping)}
_PLAIN = tuple(
    part.name for part in fields(TrainingConfig) if part.name not in ("regularisation", "clipping")
)

# All options that are settings.
SETTINGS = (*_PLAIN, *_REGULARISATION, *_CLIPPING)


def settings_from(options: Mapping[str, Any]) -> TrainingConfig:
    """Return a configuration from options; options that are not settings are ignored.

    Optimizer and schedule may be names or declarations.

    Examples
    --------
    >>> settings_from({"optimizer": "adam", "dropout": 0.2, "epochs": 5}).to_dict()["dropout"]
    0.2
    """
    said = {name: options[name] for name in _PLAIN if name in options}
    for name, registry in (("optimizer", optimizers), ("schedule", schedules)):
        if name in said:
            said[name] = registry.get(said[name])
    held = {name: options[name] for name in _REGULARISATION if name in options}
    clipping = {part: options[name] for name, part in _CLIPPING.items() if name in options}
    return TrainingConfig(**said, regularisation=Regularisation(**held), clipping=Clipping(**clipping))
