"""Callbacks: functions called at five moments of training, all of them in their order."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pellucid.described import anything, mapping_of
from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.training.updates.state import unfit

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Callback", "Callbacks"]

_EXPECTED = "a Callback, or a function that takes the figures of an epoch"
_LIST = "a list of callbacks, or of functions that take the figures of an epoch"


class Callback:
    """Called when training starts or starts again, after each update, after each epoch, and at the end.

    A subclass overrides the methods it needs; `run` is the trainer, with the network, the data and the
    history, and `run.stop(why)` ends training. A callback that raises an error ends training too; what was
    learned is kept.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> class Patience(Callback):
    ...     def epoch(self, run):
    ...         if run.epoch == 2:
    ...             run.stop("out of patience")
    >>> data = load_data("digits")
    >>> model = train(build_network(data, [8]), data, callbacks=[Patience()])
    >>> model.history.n_epochs, model.stopped
    (2, 'out of patience')
    """

    @property
    def name(self) -> str:
        """Its name in error messages."""
        return type(self).__name__

    def describe(self) -> dict[str, Any]:
        """Return its description for the settings of a model, ready for JSON; empty by default."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return a copy of its state, as arrays and plain values; by default empty.

        Training that resumes from a state calls `start`, then `load_state`.
        """
        return {}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Resume from what `state` returned."""

    def start(self, run: "Trainer") -> None:
        """Do something before the first epoch (the history has row 0), or before training resumes."""

    def restart(self, run: "Trainer") -> None:
        """Forget the epochs so far: training has diverged, and starts again at a lower learning rate.

        The history has row 0 only, the next epoch is 1 again, and `run.restarts[-1]` says what happened. By
        default, `start` is called.
        """
        self.start(run)

    def batch(self, run: "Trainer") -> None:
        """Do something after each update; `run.trace` has its numbers."""

    def epoch(self, run: "Trainer") -> None:
        """Do something after each epoch; its figures are the last row of the history."""

    def end(self, run: "Trainer") -> None:
        """Do something after the last epoch, however training ended."""


class Callbacks:
    """Callbacks, called in their order; a plain function is called with the figures of each epoch."""

    def __init__(self, callbacks: Iterable[Callback | Callable[[dict[str, Any]], object]]) -> None:
        check_type(callbacks, Iterable, "the callbacks", _LIST)
        self.all = [_as_callback(said) for said in callbacks]
        # Only those that override `batch` are called after each update.
        self.at_batch = [callback for callback in self.all if _has_own_batch(callback)]
        self.described: dict[str, Any] = {}
        for callback in self.all:
            self.described |= _described(callback)
        self._failed: list[Callback] = []

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.all)

    def tell(self, moment: str, trainer: "Trainer") -> None:
        """Call a method of the callbacks: "start", "restart", "batch", "epoch" or "end".

        An error in one ends training, and what was learned is kept; at the start it is raised, because
        nothing is learned yet.
        """
        for callback in self.at_batch if moment == "batch" else self.all:
            try:
                getattr(callback, moment)(trainer)
            # No error may lose hours of training, nor may an exit.
            except (Exception, SystemExit) as error:
                if moment == "start":
                    raise
                trainer.stopped, trainer.progress.stop = "failed", True
                if callback not in self._failed:  # its `end` is called too, and may fail again
                    self._failed.append(callback)
                    warnings.warn(
                        f"training was ended by an error in {callback.name}.{moment}: {_in_words(error)};"
                        " what was learned until then is kept",
                        PellucidWarning,
                        stacklevel=2,
                    )

    def state(self) -> dict[str, Any]:
        """Return a copy of the callbacks' states, by their numbers and names."""
        return {
            f"callbacks.{number}.{name}": value
            for number, callback in enumerate(self.all)
            for name, value in callback.state().items()
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Load the callbacks' states."""
        for number, callback in enumerate(self.all):
            prefix = f"callbacks.{number}."
            own = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
            if own.keys() != callback.state().keys():
                kept = ", ".join(callback.state()) or "nothing"
                raise unfit(f"what {callback.name} keeps: {kept}", ", ".join(own) or "nothing")
            callback.load_state(own)


class _EachEpoch(Callback):
    """Calls a function with the figures of each epoch."""

    def __init__(self, function: Callable[[dict[str, Any]], object]) -> None:
        self.function = function

    @property
    def name(self) -> str:
        """The name of the function."""
        return getattr(self.function, "__qualname__", repr(self.function))

    def epoch(self, run: "Trainer") -> None:
        """Call the function with the last row of the history."""
        self.function(run.history[-1])


def _as_callback(said: Any) -> Callback:
    if isinstance(said, Callback):
        return said
    if callable(said) and not isinstance(said, type):
        return _EachEpoch(said)
    raise ConfigurationError("not a callback", expected=_EXPECTED, received=repr(said))


def _has_own_batch(callback: Callback) -> bool:
    return getattr(callback.batch, "__func__", None) is not Callback.batch


def _in_words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # str of an error may fail
        return type(error).__name__


def _described(callback: Callback) -> dict[str, Any]:
    """Return a callback's description, checked to be storable in a model file."""
    described = callback.describe()
    try:
        plain = json.loads(json.dumps(described))
        mapping_of(anything)(plain, "describe()")
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            "the description of a callback cannot be stored with the model",
            expected="plain values by name, ready for JSON",
            received=str(error),
            where=f"describe() of {callback.name}",
        ) from None
    return dict(plain)
