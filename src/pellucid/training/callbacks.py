"""The callbacks of a trainer, called together."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pellucid.described import anything, mapping_of
from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.training.callback import Callback
from pellucid.training.updates.state import unfit

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Callbacks"]

_EXPECTED = "a Callback, or a function that takes the figures of an epoch"


class Callbacks:
    """Callbacks, called in their order; a plain function is called with the figures of each epoch."""

    def __init__(self, callbacks: Iterable[Callback | Callable[[dict[str, Any]], object]]) -> None:
        check_type(callbacks, Iterable, "the callbacks", f"a list, each {_EXPECTED}")
        self.all = [_as_callback(said) for said in callbacks]
        # Only those that override `batch` are called after each update.
        self.at_batch = [callback for callback in self.all if _has_own_batch(callback)]
        self.described: dict[str, Any] = {}
        for callback in self.all:
            self.described |= _described(callback)
        self._failed: list[Callback] = []

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def tell(self, moment: str, trainer: "Trainer") -> None:
        """Call a method of the callbacks: "start", "batch", "epoch" or "end".

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
