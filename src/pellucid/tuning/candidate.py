"""A candidate: options of training, and the network that they make and train, again and again the same."""

import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from pellucid.data import Dataset, ValueTarget
from pellucid.errors import ConfigurationError, UnknownNameError, check_type, did_you_mean
from pellucid.evaluation import MORE_IS_BETTER, OutputHead, measure
from pellucid.model import Model
from pellucid.network import Network, activations
from pellucid.training import Callback, EarlyStopping, Trainer, build_network
from pellucid.training.options import SETTINGS, settings_from
from pellucid.training.progress import stop_on_interruption
from pellucid.training.stopping import check_defined

__all__ = ["OPTIONS", "Outcome", "Plan", "check_choice", "check_names", "check_options", "usual_monitor"]

_NETWORK = tuple(name for name in inspect.signature(build_network).parameters if name != "data")
_TRAINING = ("cost", "class_weight")

# Every option that a candidate is made of.
OPTIONS = tuple(dict.fromkeys((*_NETWORK, *SETTINGS, *_TRAINING)))


# What is an option to `train` and none of a candidate, and what to say instead.
_ELSEWHERE = {
    "regularisation": "say its parts themselves: dropout=0.1, l2=0.001",
    "clipping": "say its parts themselves: clip_norm=1, or clip_value=1",
    "early_stopping": "patience is an argument of its own",
    "patience": "it is an argument of its own",
    "monitor": "it is an argument of its own",
}


def check_names(said: object, what: str, expected: str) -> None:
    """Refuse what is no mapping, or has names that are no text.

    Raises
    ------
    ConfigurationError
    """
    check_type(said, Mapping, what, expected)
    for name in said:  # type: ignore[attr-defined]  # it is a mapping
        check_type(name, str, f"a name in {what}", expected)


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse options that cannot be used, whatever the data.

    Raises
    ------
    ConfigurationError
    """
    check_names(options, "the fixed options", 'options by their names: {"optimizer": "adam"}')
    for name in options:
        if name not in OPTIONS:
            raise UnknownNameError(
                f"there is no option {name!r} of training",
                received=repr(name),
                remedy=_ELSEWHERE.get(name) or did_you_mean(name, OPTIONS),
            )
    settings_from(options)
    said = options.get("activation", "relu")
    for activation in said if isinstance(said, list | tuple) else [said]:
        activations.get(activation).check_trainable()


def usual_monitor(data: Dataset, options: Mapping[str, Any]) -> str:
    """Return the figure to go by where none is named: the cost, weighted where rows or classes have weights.

    Parameters
    ----------
    data : Dataset
    options : mapping
        What is fixed for every candidate.
    """
    weighted = options.get("class_weight") is not None or data.train.weights is not None
    return "validation_weighted_cost" if weighted else "validation_cost"


def check_choice(monitor: str, patience: int) -> None:
    """Refuse a figure that no candidate can be chosen by, or a patience that none can have.

    Raises
    ------
    ConfigurationError
    """
    check_type(monitor, str, "the figure to go by", "its name, as text")
    if not monitor.startswith("validation_"):
        raise ConfigurationError(
            f"a search cannot go by {monitor!r}",
            expected="a figure of the validation part, such as validation_cost: no other decides",
            received=repr(monitor),
        )
    EarlyStopping(patience, monitor)


@dataclass(frozen=True)
class Outcome:
    """What a candidate came to.

    Parameters
    ----------
    value : float or None
        The best that the monitored figure was over all epochs; None if it never was.
    epochs : int
        How many were trained.
    seconds : float
        How long they took, measuring included.
    stopped : str or None
        Why it ended before its last epoch, if it did.
    """

    value: float | None
    epochs: int
    seconds: float
    stopped: str | None


@dataclass(frozen=True)
class Plan:
    """How every candidate of a search is tried.

    Parameters
    ----------
    data : Dataset
        With a validation part.
    monitor : str
        The figure of the history that counts.
    patience : int
        After so many epochs without a better one a candidate is left as it is.
    """

    data: Dataset
    monitor: str
    patience: int

    def __post_init__(self) -> None:
        check_choice(self.monitor, self.patience)

    @property
    def more_is_better(self) -> bool:
        """Whether the monitored figure is one of which more is better."""
        return self.monitor.endswith(MORE_IS_BETTER)

    def best_so_far(self, values: Sequence[float]) -> list[float]:
        """Give for each of some values in order the best until then."""
        choose: Callable[[float, float], float] = max if self.more_is_better else min
        return list(accumulate(values, choose))

    def network(self, options: Mapping[str, Any]) -> Network:
        """Make a candidate's network, as it is before any learning."""
        return build_network(self.data, **{name: options[name] for name in _NETWORK if name in options})

    def check(self, options: Mapping[str, Any]) -> str:
        """Refuse a candidate that cannot be trained on the data, or does not keep the monitored figure.

        Returns
        -------
        str
            What its cost is: of two candidates with the same, costs can be compared.

        Raises
        ------
        ConfigurationError
        DataError
        """
        trainer = self._trainer(options)
        if trainer.data.validation is None:
            raise ConfigurationError(
                "there is nothing to choose by",
                expected="data with a validation part: the test part decides nothing",
                received="training and test part alone",
                remedy="set one apart: load_data(..., validation_size=0.2)",
            )
        measures = measure(trainer.network, trainer.head, trainer.data.validation)
        kept = measures.named("validation")
        if self.monitor not in kept:
            raise ConfigurationError(
                f"a search cannot go by {self.monitor!r}",
                expected=f"one of {', '.join(kept)}",
                received=repr(self.monitor),
            )
        check_defined(self.monitor, kept[self.monitor])
        return _words_of_cost(trainer.head)

    def check_comparable(self, said: Collection[str]) -> None:
        """Refuse to go by a cost where candidates have different ones, as `check` gave them.

        Raises
        ------
        ConfigurationError
        """
        if self.monitor.endswith("_cost") and len(set(said)) > 1:
            other = "validation_rmse" if self.data.task == "regression" else "validation_accuracy"
            raise ConfigurationError(
                "candidates that are judged by different costs cannot be compared by them",
                expected=f"a figure that is the same for all, such as {other}",
                received=f"{self.monitor}, which would be {' or '.join(dict.fromkeys(said))}",
                remedy=f"say --monitor {other} (monitor={other!r}), or leave the cost and the output fixed",
            )

    def try_out(
        self, options: Mapping[str, Any], go_on: Callable[[int, float], bool], *watching: Callback
    ) -> Outcome:
        """Train a candidate, and tell what it came to.

        Parameters
        ----------
        options : mapping
        go_on : callable
            Is told the monitored figure after each epoch that is not the last, and says whether to go on.
        *watching : Callback
            What looks on as well, or ends it.
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

    def model(self, options: Mapping[str, Any], *watching: Callback) -> Model:
        """Train a candidate again, to the same numbers, and keep the weights of its best epoch."""
        trainer = self._trainer(options, *watching)
        with stop_on_interruption(trainer.progress):  # or what was learned would be lost between the two
            return trainer.fit().model()

    def _trainer(self, options: Mapping[str, Any], *callbacks: Callback) -> Trainer:
        return Trainer(
            self.network(options),
            self.data,
            settings_from(options),
            **{name: options[name] for name in _TRAINING if name in options},
            callbacks=[EarlyStopping(self.patience, self.monitor), *callbacks],
        )


def _words_of_cost(head: OutputHead) -> str:
    """Say what a cost is, to its scale: its name, how many outputs it sums over, and what of values."""
    outputs = f"{head.n_outputs} output{'s' * (head.n_outputs != 1)}"
    scale = f" for values divided by {head.target.scale}" if isinstance(head.target, ValueTarget) else ""
    return f"{head.cost} of {outputs}{scale}"


class _AfterEpoch(Callback):
    """Asks after each epoch whether to go on."""

    def __init__(self, monitor: str, go_on: Callable[[int, float], bool]) -> None:
        self.monitor, self.go_on = monitor, go_on

    def epoch(self, run: Trainer) -> None:
        if run.epoch < run.settings.epochs and not self.go_on(run.epoch, run.history[-1][self.monitor]):
            run.stop("pruned")
