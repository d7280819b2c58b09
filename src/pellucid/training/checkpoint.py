"""Checkpoints: the model as it is so far, given away while the run goes on."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.model import Model
from pellucid.training.callback import Callback
from pellucid.training.stopping import check_column, sign

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Checkpoint"]


class Checkpoint(Callback):
    """Calls a function with the model so far, so that a run that is killed has not learned in vain.

    It is called after every n-th epoch and at the end; with a figure to monitor, instead, after each of these
    epochs in which that figure got better than ever, and than it was before the run. The model has the
    weights of that epoch and, until the end, says that it was interrupted. A function that fails ends the run
    with what was learned kept. Give it after an `EarlyStopping`, so that at the end the best epoch's weights
    are back when it is called.

    Parameters
    ----------
    save : callable
        Takes a `Model`.
    every : int
        So many epochs lie between two calls, 1 or more.
    monitor : str, optional
        A figure of the history: "validation_cost", "test_accuracy" ... Of accuracies, F1, AUC and R2 more is
        better, of costs and RMSE less.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used; when a run starts, if it does not keep that figure.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data, kept = load_data("digits"), []
    >>> model = train(build_network(data, [8]), data, epochs=3, callbacks=[Checkpoint(kept.append, every=2)])
    >>> [(model.kept_epoch, model.stopped) for model in kept]
    [(2, 'interrupted'), (3, None)]
    """

    def __init__(
        self, save: Callable[[Model], object], every: int = 1, *, monitor: str | None = None
    ) -> None:
        if not callable(save):
            raise ConfigurationError(
                "a checkpoint needs something to call",
                expected="a function that takes a Model, such as one that saves it",
                received=repr(save),
            )
        check_type(
            monitor, str | None, "the figure to monitor", "the name of a column, such as validation_cost"
        )
        if isinstance(every, bool) or not isinstance(every, int | np.integer) or every < 1:
            raise ConfigurationError(
                f"no checkpoint can be made every {every!r} epochs",
                expected="a whole number, 1 or more",
                received=repr(every),
            )
        self.save, self.every, self.monitor = save, every, monitor

    def start(self, run: "Trainer") -> None:
        """Look whether the figure is kept."""
        if self.monitor is not None:
            check_column(run, self.monitor)
            self.best = sign(self.monitor) * run.history[0][self.monitor]

    def state(self) -> dict[str, Any]:
        """Return the best figure so far."""
        return {} if self.monitor is None else {"best": self.best}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from the best figure so far."""
        self.best = state["best"]

    def epoch(self, run: "Trainer") -> None:
        """Give the model away if it is its turn, and it is better than ever where that counts."""
        if run.epoch % self.every:
            return
        if self.monitor is None:
            self.save(run.model())
            return
        figure = sign(self.monitor) * run.history[-1][self.monitor]
        if figure < self.best:
            self.best = figure
            self.save(run.model())

    def end(self, run: "Trainer") -> None:
        """Give the model away as the run leaves it."""
        if self.monitor is None:
            self.save(run.model())
