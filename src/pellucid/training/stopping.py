"""Callbacks that end training before the last epoch."""

import math
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError, check_type
from pellucid.evaluation import MORE_IS_BETTER, Measures, figure_of
from pellucid.network import Network
from pellucid.number import check_number, plain_number
from pellucid.renamed import renamed_arguments
from pellucid.training.callback import Callback
from pellucid.training.updates.state import arrays_by_name

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["EarlyStopping", "Goal", "TimeLimit", "check_defined", "figure_before", "last_figure"]


def _sign(column: str) -> int:
    """Return -1 if higher is better for a figure, else 1: multiplied by it, lower is better."""
    return -1 if column.endswith(MORE_IS_BETTER) else 1


def figure_before(run: "Trainer", column: str) -> float:
    """Return a figure before training, lower being better; it must be measured, and defined on its set."""
    if not run.measuring.every:
        raise ConfigurationError(
            f"the figure {column!r} must be measured along the way",
            expected="measure_every of 1 or more",
            received=f"measure_every={run.measuring.every!r}",
        )
    known = [name for name in run.history.columns if name not in ("epoch", "seconds", "learning_rate")]
    if column not in known:
        validating = column.startswith("validation_") and run.data.validation is None
        raise ConfigurationError(
            f"the history has no figure {column!r}",
            expected=f"one of {', '.join(known)}",
            received=repr(column),
            remedy="add a validation set: load_data(..., validation_size=0.1), or --validation-size 0.1"
            if validating
            else None,
        )
    check_defined(column, run.history[0][column])
    figure: float = _sign(column) * run.history[0][column]
    return figure


def last_figure(run: "Trainer", column: str) -> float:
    """Return the last epoch's figure, negated if higher is better: so lower is better."""
    figure: float = _sign(column) * run.history[-1][column]
    return figure


def check_defined(column: str, value: float) -> None:
    """Check that a figure is defined before training: that its value is not nan."""
    if not math.isnan(value):
        return
    figure, name = figure_of(column), column.partition("_")[0]
    raise ConfigurationError(
        f"the figure {column!r} is undefined",
        expected="a figure that is a number before training",
        received=f"a {name} set with {figure.undefined}" if figure else repr(value),
        remedy=f"another figure, such as {name}_cost, or a {name} set on which it is defined",
    )


class EarlyStopping(Callback):
    """Ends training that no longer improves, and keeps the weights of the best epoch.

    They are kept whether or not training ended early. The network before training counts as epoch 0, so that
    a warm start is not made worse.

    Parameters
    ----------
    patience : int
        The number of epochs without improvement after which training ends.
    monitor : str, optional
        A figure of the history, such as "validation_accuracy", "validation_auc" or "test_cost". Higher is
        better for accuracies, F1, AUC and R2, lower for costs and RMSE. By default
        "validation_weighted_cost" if samples or classes have weights, else "validation_cost".
    min_delta : float
        The improvement must be larger than this to count; the best weights are kept in any case.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used; when training starts, if the history lacks the figure or it is undefined.

    References
    ----------
    Prechelt 1998, https://doi.org/10.1007/3-540-49430-8_3
    """

    @renamed_arguments(least="min_delta")
    def __init__(self, patience: int = 10, monitor: str | None = None, min_delta: float = 0.0) -> None:
        check_type(
            monitor, str | None, "the figure to monitor", "the name of a column, such as validation_cost"
        )
        self.patience = check_number(patience, "the patience", at_least=1, whole=True)
        self.monitor, self.min_delta = monitor, check_number(min_delta, "min_delta", at_least=0)

    def describe(self) -> dict[str, Any]:
        """Return the settings, ready for JSON; the trainer adds the figure if it is the default."""
        least = {"least_improvement": self.min_delta} if self.min_delta else {}
        return {"early_stopping": self.patience, "monitor": self.monitor, **least}

    def start(self, run: "Trainer") -> None:
        self.column = self.monitor or run.history.cost_column("validation")
        run.asked["monitor"] = self.column
        self.best = self.mark = figure_before(run, self.column)
        self.since = 0
        self.kept: tuple[int, Network, dict[str, Measures] | None] = (0, run.shown.copy(), run.measures)

    def state(self) -> dict[str, Any]:
        epoch, best, _ = self.kept
        return {
            "figure": self.best,
            "mark": self.mark,
            "since": self.since,
            "epoch": epoch,
            **{f"best.{name}": array.copy() for name, array in arrays_by_name(best).items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.best, self.mark, self.since = state["figure"], state["mark"], state["since"]
        _, best, _ = self.kept
        for name, array in arrays_by_name(best).items():
            array[...] = state[f"best.{name}"]
        self.kept = (state["epoch"], best, None)

    def epoch(self, run: "Trainer") -> None:
        """Keep the weights if they are the best so far; end training when the patience is exhausted."""
        figure = last_figure(run, self.column)
        if figure < self.best:
            self.best = figure
            self.kept = (run.epoch, run.shown.copy(), run.measures)
        if figure < self.mark - self.min_delta:
            self.mark, self.since = figure, run.epoch
        elif run.epoch - self.since >= self.patience and not math.isnan(figure):
            run.stop("early")

    def end(self, run: "Trainer") -> None:
        run.kept_epoch, best, measures = self.kept
        run.shown.restore(best)
        run.measures = run.measuring.measure(best) if measures is None else measures


class TimeLimit(Callback):
    """Ends training after a number of seconds, when the current update is done.

    Parameters
    ----------
    seconds : float
        The limit, above 0.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = check_number(seconds, "max_seconds", above=0)
        self.clock: threading.Timer | None = None

    def describe(self) -> dict[str, Any]:
        return {"max_seconds": self.seconds}

    def start(self, run: "Trainer") -> None:
        """Start the timer, in a thread of its own."""
        self.run = run
        self._wind(self.seconds)

    def restart(self, run: "Trainer") -> None:
        """Let the timer run on: the limit is that of all attempts together."""
        self.epoch(run)  # it may have fired before the run began again

    def _wind(self, seconds: float) -> None:
        self._cancel()
        self.rings = time.monotonic() + seconds
        self.clock = threading.Timer(max(seconds, 0.0), self._ring)
        self.clock.daemon = True
        self.clock.start()

    def _cancel(self) -> None:
        if self.clock is not None:
            self.clock.cancel()

    def _ring(self) -> None:
        if self.run.has_begun:  # another callback may have refused to start
            self.run.stop("time")

    def state(self) -> dict[str, Any]:
        return {"left": self.rings - time.monotonic()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._wind(state["left"])

    def epoch(self, run: "Trainer") -> None:
        """Check the time after an epoch too: the timer may be about to fire."""
        if time.monotonic() > self.rings:
            run.stop("time")

    def end(self, run: "Trainer") -> None:
        self._cancel()


class Goal(Callback):
    """Ends training as soon as a figure reaches a value.

    Parameters
    ----------
    monitor : str
        A figure of the history, such as "test_accuracy" or "validation_cost".
    value : float
        The value to reach: a minimum for accuracies, F1, AUC and R2, a maximum for costs and RMSE.
    """

    def __init__(self, monitor: str, value: Any) -> None:
        check_type(monitor, str, "the figure of a goal", "the name of a column, such as test_accuracy")
        number = plain_number(value)
        if number is None or math.isnan(number):
            raise ConfigurationError("a goal must be a number", received=repr(value))
        self.monitor, self.value = monitor, number

    def describe(self) -> dict[str, Any]:
        return {"goal": f"{self.monitor}={self.value:g}"}

    def start(self, run: "Trainer") -> None:
        figure_before(run, self.monitor)

    def epoch(self, run: "Trainer") -> None:
        if _sign(self.monitor) * (run.history[-1][self.monitor] - self.value) <= 0:
            run.stop("goal")
