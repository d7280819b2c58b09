"""Checkpoints: the model so far, saved during training."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError, check_type
from pellucid.model import Model
from pellucid.number import check_number
from pellucid.training.callback import Callback
from pellucid.training.stopping import figure_before, last_figure

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["Checkpoint"]


class Checkpoint(Callback):
    """Calls a function with the model so far, so that nothing is lost if training is killed.

    It is called after every n-th epoch and at the end; with a figure to monitor, it is called instead after
    those of these epochs in which the figure was better than ever, including before training. The model has
    the weights of that epoch and, until the end, is marked as interrupted. A function that fails ends
    training; what was learned is kept. List it after an `EarlyStopping`, so that the best epoch's weights
    are restored before it is called at the end.

    Parameters
    ----------
    save : callable
        Takes a `Model`.
    every : int
        The number of epochs from one call to the next, 1 or more.
    monitor : str, optional
        A figure of the history, such as "validation_cost" or "test_accuracy". Higher is better for
        accuracies, F1, AUC and R2, lower for costs and RMSE.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used; when training starts, if the history does not have that figure.

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
                "a checkpoint needs a function to call",
                expected="a function that takes a Model, such as one that saves it",
                received=repr(save),
            )
        check_type(
            monitor, str | None, "the figure to monitor", "the name of a column, such as validation_cost"
        )
        self.every = check_number(every, "the number of epochs between checkpoints", at_least=1, whole=True)
        self.save, self.monitor = save, monitor

    def start(self, run: "Trainer") -> None:
        if self.monitor is not None:
            self.best = figure_before(run, self.monitor)

    def state(self) -> dict[str, Any]:
        return {} if self.monitor is None else {"best": self.best}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]

    def epoch(self, run: "Trainer") -> None:
        """Call the function if the epoch is due and, with a figure to monitor, the best so far."""
        if run.epoch % self.every:
            return
        if self.monitor is not None:
            figure = last_figure(run, self.monitor)
            if not figure < self.best:
                return
            self.best = figure
        self.save(run.model())

    def end(self, run: "Trainer") -> None:
        if self.monitor is None:
            self.save(run.model())
