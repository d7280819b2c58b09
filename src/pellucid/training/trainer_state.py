"""The state of a trainer as data: one flat mapping of names to arrays and plain values."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ConfigurationError
from pellucid.evaluation import History
from pellucid.network import Network
from pellucid.training.updates.state import arrays_by_name

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["State", "check_fits", "loaded_history", "loaded_network", "plain_state", "state_of"]

State = dict[str, NDArray[Any] | int | float | str | bool]


def state_of(trainer: "Trainer") -> State:
    """Return a copy of all that training changes; see `Trainer.state`."""
    history = trainer.history
    # At the end of an epoch its figures are in the history, and the next one has not begun.
    at_end = history.n_epochs == trainer.epoch
    return {
        "settings": json.dumps(_settings(trainer)),
        "position": 0 if at_end else trainer.position,
        "seconds": 0.0 if at_end else trainer.seconds,
        "kept_epoch": trainer.kept_epoch,
        "stopped": trainer.stopped or "",
        "is_done": trainer.is_done,
        **({"epoch_losses": trainer.epoch_losses.copy()} if trainer.tracks_loss else {}),
        **trainer.updates.state(),
        **{f"initial.{name}": array.copy() for name, array in arrays_by_name(trainer.initial).items()},
        **{f"good.{name}": array.copy() for name, array in arrays_by_name(trainer.good).items()},
        **{f"history.{column}": np.array(history[column], np.float64) for column in history.columns},
        **trainer.callbacks.state(),
    }


def plain_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state with plain values where a file kept them as arrays, as np.savez does."""
    return {
        name: value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
        for name, value in state.items()
    }


def check_fits(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    """Refuse a state that is not one of a trainer made in the same way.

    Raises
    ------
    ConfigurationError
    """
    own, theirs = _settings(trainer), _read(state)
    for name in own | theirs:
        if own.get(name) != theirs.get(name):
            raise _unfit(f"{name}: {own.get(name)}", f"{name}: {theirs.get(name)}")
    expected = {*trainer.updates.state(), "position", "seconds", "kept_epoch", "stopped", "is_done"}
    expected |= {
        f"{which}.{name}" for which in ("initial", "good") for name in arrays_by_name(trainer.network)
    }
    if missing := sorted(expected - state.keys()):
        raise _unfit(", ".join(missing), "a state without")
    for name, array in arrays_by_name(trainer.network).items():
        for which in ("initial", "good"):
            given = np.asarray(state[f"{which}.{name}"])
            if given.shape != array.shape or given.dtype != array.dtype:
                raise _unfit(f"{array.dtype} of shape {array.shape}", f"{given.dtype} of {given.shape}", name)


def loaded_network(state: Mapping[str, Any], which: str, like: Network) -> Network:
    """Return a network of a state, of the same shape as another one."""
    network = like.copy()
    for name, array in arrays_by_name(network).items():
        array[...] = state[f"{which}.{name}"]
    return network


def loaded_history(state: Mapping[str, Any]) -> History:
    """Return the history of a state."""
    columns = {
        name.removeprefix("history."): column.tolist()
        for name, column in state.items()
        if name.startswith("history.")
    }
    rows = zip(*columns.values(), strict=True)
    return History([dict(zip(columns, row, strict=True)) | {"epoch": n} for n, row in enumerate(rows)])


def _settings(trainer: "Trainer") -> dict[str, Any]:
    """Return what a state must agree with."""
    return {
        "network": repr(trainer.network),
        "cost": str(trainer.head.cost),
        "examples": len(trainer.data.train),
        "callbacks": [callback.name for callback in trainer.callbacks],
        **trainer.config.to_dict(),
    }


def _read(state: Mapping[str, Any]) -> dict[str, Any]:
    try:
        settings = json.loads(state["settings"])
        return {str(name): value for name, value in settings.items()}
    except (LookupError, TypeError, ValueError, AttributeError):
        raise _unfit("a mapping that trainer.state() returned", repr(state)[:200]) from None


def _unfit(expected: str, received: str, where: str | None = None) -> ConfigurationError:
    return ConfigurationError(
        "the state does not fit the trainer",
        expected=expected,
        received=received,
        where=where,
        remedy="make the trainer with the network, the data and the settings that it was taken from",
    )
