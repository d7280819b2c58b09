"""When to stop before the last epoch, and what to keep."""

import math
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import ConfigurationError, check_type
from pellucid.evaluation import MORE_IS_BETTER, Measures, figure_of
from pellucid.network import Network
from pellucid.renamed import renamed_arguments
from pellucid.training.callback import Callback
from pellucid.training.plain_number import plain_number
from pellucid.training.updates.state import arrays_by_name

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["EarlyStopping", "Goal", "TimeLimit", "check_column", "check_defined", "sign"]


def sign(column: str) -> int:
    """Give -1 for a figure of which more is better, 1 for all others: what to multiply, so that less is."""
    return -1 if column.endswith(MORE_IS_BETTER) else 1


def check_column(run: "Trainer", column: str) -> None:
    """Refuse a figure that a run does not keep, or that is undefined on its part of the data.

    Raises
    ------
    ConfigurationError
    """
    known = [name for name in run.history.columns if name not in ("epoch", "seconds", "learning_rate")]
    if column not in known:
        validating = column.startswith("validation_") and run.data.validation is None
        raise ConfigurationError(
            f"the figure {column!r} is not kept",
            expected=f"one of {', '.join(known)}",
            received=repr(column),
            remedy="set a validation part apart: load_data(..., validation_size=0.1), or"
            " --validation-size 0.1"
            if validating
            else None,
        )
    check_defined(column, run.history[-1][column])


def check_defined(column: str, value: float) -> None:
    """Refuse to go by a figure that is undefined before any learning.

    Parameters
    ----------
    column : str
        Its name.
    value : float
        What it is: nan where it is undefined.

    Raises
    ------
    ConfigurationError
        Saying why it is undefined.
    """
    if not math.isnan(value):
        return
    figure, part = figure_of(column), column.partition("_")[0]
    raise ConfigurationError(
        f"nothing can be decided by {column!r}, which is undefined",
        expected="a figure that is a number before any learning",
        received=f"a {part} part with {figure.undefined}" if figure else repr(value),
        remedy=f"another figure, such as {part}_cost, or a {part} part in which it is defined",
    )


class EarlyStopping(Callback):
    """Ends a run that no longer gets better, and keeps the best epoch's weights.

    They are kept whether or not the run was ended early. The network as it came is the first to be beaten, so
    that one that had learned before is not made worse.

    Parameters
    ----------
    patience : int
        After so many epochs without a better figure the run ends.
    monitor : str, optional
        The figure of the history that counts: "validation_accuracy", "validation_auc", "test_cost" ... Of
        accuracies, F1, AUC and R2 more is better, of costs and RMSE less. By default it is
        "validation_weighted_cost" where rows or classes have weights, else "validation_cost".
    min_delta : float
        A figure that is better by no more than this is no reason to go on; its weights are kept all the same.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used; when a run starts, if it does not keep that figure, or it is undefined.

    References
    ----------
    Prechelt 1998, https://doi.org/10.1007/3-540-49430-8_3
    """

    @renamed_arguments(least="min_delta")
    def __init__(self, patience: int = 10, monitor: str | None = None, min_delta: float = 0.0) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int | np.integer) or patience < 1:
            raise ConfigurationError(
                f"the patience cannot be {patience!r}",
                expected="a number of epochs, 1 or more",
                received=repr(patience),
            )
        gain = plain_number(min_delta)
        if gain is None or not 0 <= gain < math.inf:
            raise ConfigurationError(
                f"min_delta cannot be {min_delta!r}", expected="0 or more", received=repr(min_delta)
            )
        check_type(
            monitor, str | None, "the figure to monitor", "the name of a column, such as validation_cost"
        )
        self.patience, self.monitor, self.min_delta = int(patience), monitor, gain

    def describe(self) -> dict[str, Any]:
        """Give what was asked for, ready for JSON; the run says what is monitored where that was not said."""
        least = {"least_improvement": self.min_delta} if self.min_delta else {}
        return {"early_stopping": self.patience, "monitor": self.monitor, **least}

    def start(self, run: "Trainer") -> None:
        """Begin with the network as it is before any learning."""
        self.column = self.monitor or run.history.cost_column("validation")
        run.asked["monitor"] = self.column
        check_column(run, self.column)
        self.best = self.mark = sign(self.column) * run.history[0][self.column]
        self.since = 0
        self.kept: tuple[int, Network, dict[str, Measures] | None] = (0, run.shown.copy(), run.measures)

    def state(self) -> dict[str, Any]:
        """Return the best figures, how long it has waited, and the best weights."""
        epoch, best, _ = self.kept
        return {
            "figure": self.best,
            "mark": self.mark,
            "since": self.since,
            "epoch": epoch,
            **{f"best.{name}": array.copy() for name, array in arrays_by_name(best).items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on waiting."""
        self.best, self.mark, self.since = state["figure"], state["mark"], state["since"]
        _, best, _ = self.kept
        for name, array in arrays_by_name(best).items():
            array[...] = state[f"best.{name}"]
        self.kept = (state["epoch"], best, None)

    def epoch(self, run: "Trainer") -> None:
        """Keep the weights if they are the best so far; count the epochs that gained too little."""
        figure = sign(self.column) * run.history[-1][self.column]
        if figure < self.best:
            self.best = figure
            self.kept = (run.epoch, run.shown.copy(), run.measures)
        if figure < self.mark - self.min_delta:
            self.mark, self.since = figure, run.epoch
        elif run.epoch - self.since >= self.patience and not math.isnan(figure):
            run.stop("early")

    def end(self, run: "Trainer") -> None:
        """Go back to the best epoch."""
        run.kept_epoch, best, measures = self.kept
        run.shown.restore(best)
        run.measures = run.measuring.measure(best) if measures is None else measures


class TimeLimit(Callback):
    """Ends a run after so many seconds, with the update that runs then.

    Parameters
    ----------
    seconds : float
        Above 0.
    """

    def __init__(self, seconds: float) -> None:
        limit = plain_number(seconds)
        if limit is None or not 0 < limit < math.inf:
            raise ConfigurationError(
                f"a run cannot last {seconds!r} seconds", expected="a number above 0", received=repr(seconds)
            )
        self.seconds = limit

    def describe(self) -> dict[str, Any]:
        """Give what was asked for, ready for JSON."""
        return {"max_seconds": self.seconds}

    def start(self, run: "Trainer") -> None:
        """Wind the clock; it rings in a thread of its own, whatever the run does by then."""
        self.run = run
        self._wind(self.seconds)

    def _wind(self, seconds: float) -> None:
        self.rings = time.monotonic() + seconds
        self.clock = threading.Timer(max(seconds, 0.0), self.run.stop, ("time",))
        self.clock.daemon = True
        self.clock.start()

    def state(self) -> dict[str, Any]:
        """Return the seconds that are left."""
        return {"left": self.rings - time.monotonic()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Wind the clock to the seconds that were left."""
        self.clock.cancel()
        self._wind(state["left"])

    def epoch(self, run: "Trainer") -> None:
        """Look at the clock after an epoch too: it may just be about to ring."""
        if time.monotonic() > self.rings:
            run.stop("time")

    def end(self, run: "Trainer") -> None:
        """Stop the clock."""
        self.clock.cancel()


class Goal(Callback):
    """Ends a run as soon as a figure is reached.

    Parameters
    ----------
    monitor : str
        The figure of the history: "test_accuracy", "validation_cost" ...
    value : float
        What it must reach: at least, of accuracies, F1, AUC and R2, at most, of costs and RMSE.
    """

    def __init__(self, monitor: str, value: Any) -> None:
        check_type(monitor, str, "the figure that is a goal", "the name of a column, such as test_accuracy")
        number = plain_number(value)
        if number is None or math.isnan(number):
            raise ConfigurationError("a goal is a number", received=repr(value))
        self.monitor, self.value = monitor, number

    def describe(self) -> dict[str, Any]:
        """Give what was asked for, ready for JSON."""
        return {"goal": f"{self.monitor}={self.value:g}"}

    def start(self, run: "Trainer") -> None:
        """Look whether the figure is kept."""
        check_column(run, self.monitor)

    def epoch(self, run: "Trainer") -> None:
        """End the run if it is reached."""
        if sign(self.monitor) * (run.history[-1][self.monitor] - self.value) <= 0:
            run.stop("goal")
