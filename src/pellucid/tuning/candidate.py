"""A candidate: options of training, which determine the network and its training completely."""

import inspect
import math
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from pellucid.data import Dataset, ValueTarget
from pellucid.errors import (
    ConfigurationError,
    PellucidError,
    PellucidWarning,
    UnknownNameError,
    check_type,
    did_you_mean,
)
from pellucid.evaluation import MORE_IS_BETTER, OutputHead, measure
from pellucid.model import Model
from pellucid.network import Network, activations
from pellucid.training import Callback, EarlyStopping, Trainer, TrainingConfig, build_network
from pellucid.training.options import SETTINGS, settings_from
from pellucid.training.progress import stop_on_interruption
from pellucid.training.stopping import check_defined

__all__ = [
    "OPTIONS",
    "Failure",
    "Outcome",
    "Plan",
    "check_choice",
    "check_names",
    "check_options",
    "usual_monitor",
]

_NETWORK = tuple(name for name in inspect.signature(build_network).parameters if name != "data")
_TRAINING = ("cost", "class_weight")

# All options of a candidate.
OPTIONS = tuple(dict.fromkeys((*_NETWORK, *SETTINGS, *_TRAINING)))

# Arguments of `train` that are not options of a candidate, and what to use instead.
_ELSEWHERE = {
    "regularisation": "give its parts individually, such as dropout=0.1, l2=0.001",
    "clipping": "give its parts individually, such as clip_norm=1 or clip_value=1",
    "early_stopping": "use the argument patience",
    "patience": "use the argument patience",
    "monitor": "use the argument monitor",
}


def check_names(said: object, what: str, expected: str) -> None:
    """Check that a value is a mapping whose keys are strings."""
    check_type(said, Mapping, what, expected)
    for name in said:  # type: ignore[attr-defined]  # it is a mapping
        check_type(name, str, f"a name in {what}", expected)


def check_options(options: Mapping[str, Any]) -> None:
    """Check the names and values of options, independently of the data."""
    check_names(options, "the fixed options", 'options by their names: {"optimizer": "adam"}')
    for name in options:
        if name not in OPTIONS:
            raise UnknownNameError(
                f"there is no training option {name!r}",
                received=repr(name),
                remedy=_ELSEWHERE.get(name) or did_you_mean(name, OPTIONS),
            )
    settings_from(options)
    said = options.get("activation", "relu")
    for activation in said if isinstance(said, list | tuple) else [said]:
        activations.get(activation).check_trainable()


def usual_monitor(data: Dataset, options: Mapping[str, Any]) -> str:
    """Return the default metric: the cost, weighted if there are sample or class weights."""
    weighted = options.get("class_weight") is not None or data.train.weights is not None
    return "validation_weighted_cost" if weighted else "validation_cost"


def check_choice(monitor: str, patience: int) -> None:
    """Check the metric and the patience of a search."""
    check_type(monitor, str, "the metric of the search", "its name, a string")
    if not monitor.startswith("validation_"):
        raise _not_the_metric(monitor, "a metric of the validation set, such as validation_cost")
    EarlyStopping(patience, monitor)


def _not_the_metric(monitor: str, expected: str) -> ConfigurationError:
    problem = f"{monitor!r} cannot be the metric of a search"
    return ConfigurationError(problem, expected=expected, received=repr(monitor))


@dataclass(frozen=True)
class Outcome:
    """The result of a candidate: the best value of the metric in any epoch, and why training ended early."""

    value: float | None
    epochs: int
    seconds: float
    stopped: str | None


@dataclass(frozen=True)
class Failure:
    """The result of a candidate that could not be trained."""

    reason: str


@dataclass(frozen=True)
class Plan:
    """How the candidates of a search are trained, and compared by a metric of the validation set."""

    data: Dataset
    monitor: str
    patience: int

    def __post_init__(self) -> None:
        check_choice(self.monitor, self.patience)

    @property
    def more_is_better(self) -> bool:
        """Whether higher values of the metric are better."""
        return self.monitor.endswith(MORE_IS_BETTER)

    def best_so_far(self, values: Sequence[float]) -> list[float]:
        """Return the best value up to each value."""
        choose: Callable[[float, float], float] = max if self.more_is_better else min
        return list(accumulate(values, choose))

    def network(self, options: Mapping[str, Any]) -> Network:
        """Return the initial network of a candidate."""
        return build_network(self.data, **{name: options[name] for name in _NETWORK if name in options})

    def check(self, options: Mapping[str, Any]) -> str:
        """Check that a candidate can be trained on the data and that its history contains the metric.

        Return a description of its cost: costs are comparable if their descriptions are equal.
        """
        trainer = self._trainer(options)
        if trainer.data.validation is None:
            raise ConfigurationError(
                "the data have no validation set",
                expected="data with a validation set, because the test set is not used in the search",
                received="a training and a test set",
                remedy="use load_data(..., validation_size=0.2)",
            )
        measures = measure(trainer.network, trainer.head, trainer.data.validation)
        kept = measures.named("validation")
        if self.monitor not in kept:
            raise _not_the_metric(self.monitor, f"one of {', '.join(kept)}")
        check_defined(self.monitor, kept[self.monitor])
        return _words_of_cost(trainer.head)

    def check_comparable(self, said: Collection[str]) -> None:
        """Check that the metric is not a cost if candidates have different ones, as returned by `check`."""
        if self.monitor.endswith("_cost") and len(set(said)) > 1:
            other = "validation_rmse" if self.data.task == "regression" else "validation_accuracy"
            raise ConfigurationError(
                "candidates with different costs cannot be compared by their costs",
                expected=f"a metric that is the same for all, such as {other}",
                received=f"{self.monitor}, which would be {' or '.join(dict.fromkeys(said))}",
                remedy=f"use --monitor {other} (monitor={other!r}), or fix the cost and the output",
            )

    def try_out(
        self, options: Mapping[str, Any], go_on: Callable[[int, float], bool], *watching: Callback
    ) -> Outcome:
        """Train a candidate, and return its result.

        After each epoch but the last, `go_on` is called with its number and the metric, and returns whether
        to continue.
        """
        trainer = self._trainer(options, _AfterEpoch(self.monitor, go_on), *watching).fit()
        history = trainer.history
        value = history[trainer.kept_epoch][self.monitor] if history.n_epochs else math.nan
        return Outcome(
            value=float(value) if math.isfinite(value) else None,
            epochs=history.n_epochs,
            seconds=sum(history["seconds"]),
            stopped=trainer.stopped,
        )

    def attempt(
        self, options: Mapping[str, Any], go_on: Callable[[int, float], bool], *watching: Callback
    ) -> Outcome | Failure:
        """Train a candidate as `try_out` does, but return errors, so that the search continues."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PellucidWarning)  # the search has already issued them
                return self.try_out(options, go_on, *watching)
        except PellucidError as error:
            return Failure(str(error))
        except Exception as error:
            return Failure(f"{type(error).__name__}: {error}")

    def model(self, options: Mapping[str, Any], *watching: Callback) -> Model:
        """Train a candidate again, with identical results, and return the model of its best epoch."""
        trainer = self._trainer(options, *watching)
        # An interruption between the two must not lose the model.
        with stop_on_interruption(trainer.progress):
            return trainer.fit().model()

    def _trainer(self, options: Mapping[str, Any], *callbacks: Callback) -> Trainer:
        return Trainer(
            self.network(options),
            self.data,
            _settings(options),
            **{name: options[name] for name in _TRAINING if name in options},
            callbacks=[EarlyStopping(self.patience, self.monitor), *callbacks],
        )


def _settings(options: Mapping[str, Any]) -> TrainingConfig:
    """Return the settings of a candidate, with the usual learning rate as if it were given.

    A candidate that diverges ends: its epochs are compared, one by one, with those of the others.
    """
    settings = settings_from(options)
    return settings if settings.optimizer.searches else replace(settings, learning_rate=settings.rate)


def _words_of_cost(head: OutputHead) -> str:
    """Describe a cost: its name, the number of outputs, and the scale of values."""
    outputs = f"{head.n_outputs} output{'s' * (head.n_outputs != 1)}"
    scale = f" for values divided by {head.target.scale}" if isinstance(head.target, ValueTarget) else ""
    return f"{head.cost} of {outputs}{scale}"


class _AfterEpoch(Callback):
    """Ask after each epoch whether to continue."""

    def __init__(self, monitor: str, go_on: Callable[[int, float], bool]) -> None:
        self.monitor, self.go_on = monitor, go_on

    def epoch(self, run: Trainer) -> None:
        if run.epoch < run.config.epochs and not self.go_on(run.epoch, run.history[-1][self.monitor]):
            run.stop("pruned")
