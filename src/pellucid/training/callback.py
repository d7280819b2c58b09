"""Callbacks: functions called at four moments of training."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Callback"]


class Callback:
    """Called when training starts, after each update, after each epoch, and when training ends.

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
        """Return what a model's settings keep of it, ready for JSON; by default nothing."""
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

    def batch(self, run: "Trainer") -> None:
        """Do something after each update; `run.trace` has its numbers."""

    def epoch(self, run: "Trainer") -> None:
        """Do something after each epoch; its figures are the last row of the history."""

    def end(self, run: "Trainer") -> None:
        """Do something after the last epoch, however training ended."""
