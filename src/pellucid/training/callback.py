"""What a callback is: something that looks on, or steps in, at four moments of a run."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Callback", "EachEpoch", "as_callbacks"]


class Callback:
    """Something to do when a run starts, after each update, after each epoch, and when it ends.

    A subclass says what it needs of the four; `run` has the network, the data, the history and all else,
    and `run.stop(why)` ends the run. A callback that raises an error ends the run too; what was learned is
    kept.

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
        """What an error in it is told by."""
        return type(self).__name__

    def describe(self) -> dict[str, Any]:
        """Give what is kept of it among a model's settings, ready for JSON; nothing unless said."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return a copy of what it goes by, as arrays and plain values; by default nothing.

        Training that goes on from a state tells the callback of the start, and then lets it load this.
        """
        return {}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""

    def start(self, run: "Trainer") -> None:
        """Before the first epoch, the history having row 0; or before training goes on from a state."""

    def batch(self, run: "Trainer") -> None:
        """After each update; `run.trace` is what it saw."""

    def epoch(self, run: "Trainer") -> None:
        """After each epoch, its figures being the last row of the history."""

    def end(self, run: "Trainer") -> None:
        """After the last epoch, however the run came to its end."""


class EachEpoch(Callback):
    """Calls a function with the figures of each epoch.

    Parameters
    ----------
    function : callable
        Takes a row of the history, a dict.
    """

    def __init__(self, function: Callable[[dict[str, Any]], object]) -> None:
        self.function = function

    @property
    def name(self) -> str:
        """The function's own name."""
        return getattr(self.function, "__qualname__", repr(self.function))

    def epoch(self, run: "Trainer") -> None:
        """Hand over the last row."""
        self.function(run.history[-1])


def as_callbacks(callbacks: Iterable[Callback | Callable[[dict[str, Any]], object]]) -> list[Callback]:
    """Give callbacks as such, plain functions as what is called after each epoch.

    Raises
    ------
    ConfigurationError
        If one of them is neither.
    """
    if not isinstance(callbacks, Iterable):
        raise ConfigurationError(
            "the callbacks are given as a list",
            expected="[a Callback, or a function that takes the figures of an epoch]",
            received=repr(callbacks),
        )
    found: list[Callback] = []
    for callback in callbacks:
        if isinstance(callback, Callback):
            found.append(callback)
        elif callable(callback) and not isinstance(callback, type):
            found.append(EachEpoch(callback))
        else:
            raise ConfigurationError(
                "not a callback",
                expected="a Callback, or a function that takes the figures of an epoch",
                received=repr(callback),
            )
    return found
