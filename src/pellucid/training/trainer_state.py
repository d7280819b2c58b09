"""The state of a trainer as data: one flat mapping of names to arrays and plain values."""

import json
import math
from collections.abc import Callable, Mapping
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
        "own_rate": trainer.own_rate,
        "kept_epoch": trainer.kept_epoch,
        "good_epoch": trainer.good_epoch,
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
    """Refuse a state that is damaged, or of a trainer that was not made in the same way.

    Raises
    ------
    ConfigurationError
    """
    own, theirs = _settings(trainer), _read(state)
    for name in own | theirs:
        if own.get(name) != theirs.get(name):
            raise _unfit(f"{name}: {own.get(name)}", f"{name}: {theirs.get(name)}")
    arrays = arrays_by_name(trainer.network)
    kept = {f"{which}.{name}": array for which in ("initial", "good") for name, array in arrays.items()}
    if trainer.tracks_loss:
        kept["epoch_losses"] = trainer.epoch_losses
    expected = {*trainer.updates.state(), *kept, *_PLAIN, "history.epoch"}
    if missing := sorted(expected - state.keys()):
        raise _unfit(", ".join(missing), "a state without them")
    for name, array in kept.items():
        given = np.asarray(state[name])
        if given.shape != array.shape or given.dtype != array.dtype:
            raise _unfit(f"{array.dtype} of shape {array.shape}", f"{given.dtype} of {given.shape}", name)
    for name, (kind, fits) in _PLAIN.items():
        if type(state[name]) is not kind or not fits(state[name]):
            raise _unfit(f"{kind.__name__}, 0 or more", repr(state[name]), name)
    _check_history(state)
    if state["position"] > trainer.n_updates:
        raise _unfit(f"at most {trainer.n_updates}", repr(state["position"]), "position")


def _check_history(state: Mapping[str, Any]) -> None:
    columns = {name: column for name, column in state.items() if name.startswith("history.")}
    for name, column in columns.items():
        if not isinstance(column, np.ndarray) or column.dtype != np.float64 or column.ndim != 1:
            raise _unfit("an array of float64", repr(column)[:200], name)
    if len({len(column) for column in columns.values()}) != 1 or not len(columns["history.epoch"]):
        raise _unfit("columns of one length, 1 or more", "others", "history")
    n_epochs = len(columns["history.epoch"]) - 1
    for name in ("kept_epoch", "good_epoch"):
        if state[name] > n_epochs:
            raise _unfit(f"at most {n_epochs}", repr(state[name]), name)


# The type of each plain value, and what it must be beside.
_PLAIN: dict[str, tuple[type, Callable[[Any], bool]]] = {
    "position": (int, lambda value: value >= 0),
    "seconds": (float, lambda value: 0 <= value < math.inf),
    "own_rate": (float, lambda value: math.isnan(value) or 0 <= value < math.inf),
    "kept_epoch": (int, lambda value: value >= 0),
    "good_epoch": (int, lambda value: value >= 0),
    "stopped": (str, lambda value: True),
    "is_done": (bool, lambda value: True),
}


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
        "callbacks": [callback.name for callback in trainer.callbacks],
        "sets": {name: len(examples) for name, examples in trainer.data.sets.items()},
        "targets and weights": trainer.fingerprint,
        **trainer.options,
        **trainer.callbacks.described,
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
