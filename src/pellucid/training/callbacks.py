"""The callbacks of a training, told together."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pellucid.described import anything, mapping_of
from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.training.callback import Callback, as_callbacks

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Callbacks"]


class Callbacks:
    """Callbacks, told in their order.

    Parameters
    ----------
    callbacks : sequence of Callback or functions
        A plain function is called with the figures of each epoch, a dict.

    Raises
    ------
    ConfigurationError
        If one is neither, or says something of itself that a model file could not hold.
    """

    def __init__(self, callbacks: Iterable[Callback | Callable[[dict[str, Any]], object]]) -> None:
        self.all = as_callbacks(callbacks)
        # Only those are told of each update that have something to do then.
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
        """Tell the callbacks of a moment: "start", "batch", "epoch" or "end".

        An error that one raises ends training, with what was learned kept; at the start it is raised, for
        nothing is learned yet.
        """
        for callback in self.at_batch if moment == "batch" else self.all:
            try:
                getattr(callback, moment)(trainer)
            # Whatever it is, hours of learning must not be lost by it, nor by one that asks to exit.
            except (Exception, SystemExit) as error:
                if moment == "start":
                    raise
                trainer.stopped, trainer.progress.stop = "failed", True
                if callback not in self._failed:  # it is told of the end too, and may fail again
                    self._failed.append(callback)
                    warnings.warn(
                        f"training was ended by an error in {callback.name}.{moment}: {_in_words(error)};"
                        " what was learned until then is kept",
                        PellucidWarning,
                        stacklevel=2,
                    )

    def state(self) -> dict[str, Any]:
        """Return a copy of what the callbacks keep, by their numbers and names."""
        return {
            f"callbacks.{number}.{name}": value
            for number, callback in enumerate(self.all)
            for name, value in callback.state().items()
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Let the callbacks go on from what was kept."""
        for number, callback in enumerate(self.all):
            prefix = f"callbacks.{number}."
            own = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
            if own:
                callback.load_state(own)


def _has_own_batch(callback: Callback) -> bool:
    return getattr(callback.batch, "__func__", None) is not Callback.batch


def _in_words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an error may fail to say what it is
        return type(error).__name__


def _described(callback: Callback) -> dict[str, Any]:
    """Return what a callback says of itself, refused where a model file could not hold it."""
    described = callback.describe()
    try:
        plain = json.loads(json.dumps(described))
        mapping_of(anything)(plain, "describe()")
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            "what a callback says of itself cannot be kept with the model",
            expected="plain values by name, ready for JSON",
            received=str(error),
            where=f"describe() of {callback.name}",
        ) from None
    return dict(plain)
