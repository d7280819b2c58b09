"""The state of a trainer as data: one flat mapping of names to arrays and plain values."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation import History
from pellucid.network import Network
from pellucid.training.restarts import MOST_RESTARTS, restarts_from
from pellucid.training.updates.state import arrays_by_name, check_state, unfit

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["State", "load", "plain_state", "rows_of", "state_of"]

State = dict[str, NDArray[Any] | int | float | str | bool]

# The plain values by their names as attributes: the type of each, and what it must be beside.
_PLAIN: dict[str, tuple[type, Callable[[Any], bool]]] = {
    "position": (int, lambda value: value >= 0),
    "seconds": (float, lambda value: 0 <= value < math.inf),
    "own_rate": (float, lambda value: math.isnan(value) or 0 <= value < math.inf),
    "kept_epoch": (int, lambda value: value >= 0),
    "good_epoch": (int, lambda value: value >= 0),
    "stopped": (str, lambda value: True),
    "is_done": (bool, lambda value: True),
    "may_restart": (bool, lambda value: True),
}


def state_of(trainer: "Trainer") -> State:
    """Return a copy of all that training changes; see `Trainer.state`."""
    history = trainer.history
    plain = {name: getattr(trainer, name) for name in _PLAIN} | {"stopped": trainer.stopped or ""}
    if history.n_epochs == trainer.epoch:
        # At the end of an epoch its figures are in the history, and the next one has not begun.
        plain |= {"position": 0, "seconds": 0.0}
    return {
        "settings": json.dumps(_settings(trainer)),
        **plain,
        **{name: array.copy() for name, array in _arrays(trainer, trainer.initial, trainer.good).items()},
        **trainer.updates.state(),
        "restarts": np.array([restart.epoch for restart in trainer.restarts], np.int64),
        **{f"history.{column}": np.array(history[column], np.float64) for column in history.columns},
        **trainer.callbacks.state(),
    }


def _arrays(trainer: "Trainer", initial: Network, good: Network) -> dict[str, NDArray[Any]]:
    """Return the trainer's own arrays, beside those of the engine and the callbacks."""
    networks = {"initial": initial, "good": good}
    return {
        **({"epoch_losses": trainer.epoch_losses} if trainer.tracks_loss else {}),
        **{
            f"{which}.{name}": array
            for which, network in networks.items()
            for name, array in arrays_by_name(network).items()
        },
    }


def load(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    """Let a trainer go on from a state, or leave it as it is; see `Trainer.load_state`."""
    if not trainer.has_engine:
        trainer.make_ready()
    _check_fits(trainer, state)
    before, engine, progress = dict(trainer.__dict__), trainer.updates.state(), trainer.progress
    counters = progress.epoch, progress.examples, progress.stop
    callbacks = trainer.callbacks.state() if trainer.has_begun else {}
    try:
        _load(trainer, state)
    except BaseException:
        trainer.__dict__.update(before)
        progress.epoch, progress.examples, progress.stop = counters
        trainer.updates.load_state(engine)
        if trainer.has_begun:
            trainer.callbacks.tell("start", trainer)
            trainer.callbacks.load_state(callbacks)
        raise


def _load(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    """Let a trainer go on from a state that fits it."""
    trainer.updates.load_state({name: state[name] for name in trainer.updates.state()})
    first_rate = _first_rate(trainer)
    trainer.restarts = restarts_from(first_rate, state["restarts"].tolist())
    rate = trainer.restarts[-1].lower_rate if trainer.restarts else first_rate
    if rate != trainer.config.rate:
        trainer.config = replace(trainer.config, learning_rate=rate)
    trainer.initial, trainer.good = trainer.network.copy(), trainer.network.copy()
    trainer.epoch_losses = trainer.epoch_losses.copy()
    for name, array in _arrays(trainer, trainer.initial, trainer.good).items():
        array[...] = state[name]
    for name in _PLAIN:
        setattr(trainer, name, state[name])
    trainer.stopped = trainer.stopped or None
    trainer.has_begun, trainer.is_ending = True, trainer.is_done
    rows = rows_of(state, "history.")
    trainer.history = History([row | {"epoch": epoch} for epoch, row in enumerate(rows)])
    trainer.multiplier = trainer.config.schedule.multiplier(trainer.history)
    progress = trainer.progress
    progress.epoch = trainer.history.n_epochs + (not trainer.is_done)
    progress.examples = trainer.position * trainer.batch_size
    progress.stop = trainer.stopped is not None
    if trainer.measuring.every is not None:
        trainer.measures = trainer.measuring.measure(trainer.shown if trainer.is_done else trainer.good)
    trainer.callbacks.tell("start", trainer)
    trainer.callbacks.load_state(state)


def rows_of(state: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Return the rows of a table, of which a state has the columns."""
    columns = {
        name.removeprefix(prefix): column.tolist()
        for name, column in state.items()
        if name.startswith(prefix)
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state with plain values where a file kept them as arrays, as np.savez does."""
    return {
        name: value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
        for name, value in state.items()
    }


def _check_fits(trainer: "Trainer", state: Mapping[str, Any]) -> None:
    """Refuse a state that is damaged, or of a trainer that was not made in the same way."""
    own, theirs = _settings(trainer), _read(state)
    for name in own | theirs:
        if own.get(name) != theirs.get(name):
            raise unfit(f"{name}: {own.get(name)}", f"{name}: {theirs.get(name)}")
    arrays = trainer.updates.state() | _arrays(trainer, trainer.network, trainer.network)
    if missing := sorted({*arrays, *_PLAIN, "restarts", "history.epoch"} - state.keys()):
        raise unfit(", ".join(missing), "a state without them")
    check_state({name: state[name] for name in arrays}, arrays)
    for name, (kind, fits) in _PLAIN.items():
        if type(state[name]) is not kind or not fits(state[name]):
            raise unfit(f"{kind.__name__}, 0 or more", repr(state[name]), name)
    _check_restarts(state["restarts"])
    n_epochs = _length_of_history(state) - 1
    for name, most in {"position": trainer.n_updates, "kept_epoch": n_epochs, "good_epoch": n_epochs}.items():
        if state[name] > most:
            raise unfit(f"at most {most}", repr(state[name]), name)


def _check_restarts(epochs: Any) -> None:
    if not isinstance(epochs, np.ndarray) or epochs.dtype != np.int64 or epochs.ndim != 1:
        raise unfit("an array of int64", repr(epochs)[:200], "restarts")
    if len(epochs) > MOST_RESTARTS or (epochs < 1).any():
        raise unfit(f"at most {MOST_RESTARTS} epochs, counted from 1", str(epochs)[:200], "restarts")


def _length_of_history(state: Mapping[str, Any]) -> int:
    columns = {name: column for name, column in state.items() if name.startswith("history.")}
    for name, column in columns.items():
        if not isinstance(column, np.ndarray) or column.dtype != np.float64 or column.ndim != 1:
            raise unfit("an array of float64", repr(column)[:200], name)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise unfit("columns of one length, 1 or more", "others", "history")
    return lengths.pop()


def _settings(trainer: "Trainer") -> dict[str, Any]:
    """Return the settings that a state must agree with."""
    return {
        "network": repr(trainer.network),
        "cost": str(trainer.head.cost),
        "callbacks": [callback.name for callback in trainer.callbacks],
        "sets": {name: len(examples) for name, examples in trainer.data.sets.items()},
        "targets and weights": trainer.fingerprint,
        **trainer.options,
        **trainer.callbacks.described,
        **trainer.config.to_dict(),
        "learning_rate": _first_rate(trainer),
    }


def _first_rate(trainer: "Trainer") -> float:
    """Return the learning rate that the trainer was made with."""
    return trainer.restarts[0].learning_rate if trainer.restarts else trainer.config.rate


def _read(state: Mapping[str, Any]) -> dict[str, Any]:
    try:
        settings = json.loads(state["settings"])
        return {str(name): value for name, value in settings.items()}
    except (LookupError, TypeError, ValueError, AttributeError):
        raise unfit("a mapping that trainer.state() returned", repr(state)[:200]) from None
