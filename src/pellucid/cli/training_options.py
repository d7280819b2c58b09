"""The options of training, and the callbacks and the validation set made from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pellucid.cli.data_options import read_option
from pellucid.cli.options import option, with_options
from pellucid.cli.output import print_notes
from pellucid.cli.parameter_types import CLASS_WEIGHTS, GOAL, NUMBERS, DeclarationName
from pellucid.errors import ConfigurationError
from pellucid.model import Model
from pellucid.network import normalisations
from pellucid.storage import save_model
from pellucid.training import (
    Callback,
    Checkpoint,
    EarlyStopping,
    Goal,
    TensorBoardLog,
    TimeLimit,
    optimizers,
    schedules,
)
from pellucid.training.logs import CsvLog

__all__ = [
    "USUAL_VALIDATION_SIZE",
    "callbacks_of",
    "needs_validation",
    "share_or_count",
    "training_options",
]

# The default share of the training set to validate on if early stopping needs a validation set.
USUAL_VALIDATION_SIZE = 0.1
_PATH = click.Path(path_type=Path)
_PER_LAYER = "One number, or one per layer."

_OPTIONS = [
    option("--optimizer", DeclarationName(optimizers),
        "The optimizer (see pellucid optimizers), with parameters such as adam:beta2=0.95.",
        default="sgd", show_default=True),
    option("-r --learning-rate", float,
        "The learning rate, by default the usual one of the optimizer, 0.01 for sgd, or a lower one if"
        " training diverges with it."),
    option("--schedule", DeclarationName(schedules),
        "The learning-rate schedule (see pellucid schedules); linear decreases to 0.",
        default="linear", show_default=True),
    option("-b --batch-size", int, "Examples per update, by default 1, or all for a full-batch optimizer."),
    option("--start", _PATH,
        "Continue training this model; the data are read and encoded like its training data.",
        metavar="MODEL"),
    option("-e --epochs", int, "Number of epochs.", default=20, show_default=True),
    option("-s --seed", int, "The random seed of the run.", default=0, show_default=True),
    option("--l1", NUMBERS, f"Penalty on the absolute values of the weights. {_PER_LAYER}", default=0.0),
    option("--l2", NUMBERS, f"Penalty on the squares of the weights. {_PER_LAYER}", default=0.0),
    option("--weight-decay", NUMBERS,
        f"Decoupled weight decay, relative to the learning rate. {_PER_LAYER}", default=0.0),
    option("--biases", bool, "Apply penalties, weight decay and the maximum norm also to biases.",
        is_flag=True),
    option("--max-norm", NUMBERS, f"Maximum norm of the weights into a neuron. {_PER_LAYER}"),
    option("--dropout", NUMBERS,
        "Dropout rate of the hidden layers. One number, or one per hidden layer.", default=0.0),
    option("--normalise", DeclarationName(normalisations),
        "Normalise the hidden layers (see pellucid normalisations)."),
    option("--input-dropout", float, "Dropout rate of the inputs.", default=0.0),
    option("--input-noise", float, "Standard deviation of noise on the inputs.", default=0.0),
    option("--label-smoothing", float, "Share of each target that is distributed over all classes.",
        default=0.0),
    option("--clip-norm", float, "Maximum norm of the gradient of an update."),
    option("--clip-value", float, "Maximum absolute value of the entries of a gradient."),
    option("--average", float,
        "Use the exponential moving average of the weights, with a decay such as 0.999.", metavar="DECAY"),
    option("--class-weight", CLASS_WEIGHTS, "balanced, or class weights such as yes=5,no=1."),
    read_option("weight_column"),
    option("--validation-size", float, "Share or number of training rows for the validation set."),
    option("--validation", click.Path(), "A file with a separate validation set."),
    option("--measure-every", int,
        "The number of epochs between evaluations; 0 evaluates only before and after training.",
        default=1, show_default=True, metavar="EPOCHS"),
    option("--measure-rows", int,
        "Evaluate at most this many examples of each set, always the same ones; by default all.",
        metavar="ROWS"),
    option("--early-stopping", int,
        "Stop after this many epochs without improvement on the validation set, and keep the best "
        "epoch. By default, a tenth of the training rows form the validation set.", metavar="EPOCHS"),
    option("--monitor", None,
        "The metric for early stopping, by default validation_cost, or validation_weighted_cost with "
        "sample or class weights.", metavar="METRIC"),
    option("--min-delta", float,
        "The metric must improve by more than this; by default, any improvement counts.", metavar="NUMBER"),
    option("--least-improvement", float, "The former name of --min-delta.", hidden=True),
    option("--max-seconds", float, "Stop after this time, and keep the model."),
    option("--goal", GOAL, "Stop when a metric reaches a value: test_accuracy=0.98."),
    option("--log", _PATH, "Write the metrics of each epoch to this CSV file."),
    option("--tensorboard", _PATH,
        "Write metrics, statistics and histograms of each epoch to this folder for TensorBoard.",
        metavar="FOLDER"),
    option("--checkpoint", _PATH,
        "Save the model to this file after each epoch; the file is always complete."),
    option("--checkpoint-every", int, "The number of epochs between checkpoints, by default 1.",
        metavar="EPOCHS"),
]  # fmt: skip

training_options = with_options(_OPTIONS)

# Options that have an effect only with another one: the problem without it, and what is expected.
_NEEDED = {
    "monitor": ("early_stopping", "has no effect without early stopping", "--early-stopping EPOCHS"),
    "min_delta": ("early_stopping", "has no effect without early stopping", "--early-stopping EPOCHS"),
    "checkpoint_every": ("checkpoint", "requires a file", "--checkpoint FILE"),
}


def share_or_count(size: float | None) -> float | None:
    """Return the size of a set: a share, or a number of rows as an integer."""
    return int(size) if size is not None and size >= 1 and size.is_integer() else size


def needs_validation(options: dict[str, Any]) -> bool:
    """Return whether early stopping needs a validation set, and none is given."""
    given = options["validation_size"] is not None or options["validation"] is not None
    monitored = options["monitor"] or "validation_cost"
    return bool(options["early_stopping"]) and not given and monitored.startswith("validation")


def callbacks_of(options: dict[str, Any], *, force: bool) -> list[Callback]:
    """Return the callbacks from the options; the checkpoints come after all that select the weights."""
    if options["least_improvement"] is not None:
        print_notes(["--least-improvement is the former name of --min-delta, and will be removed"])
        options["min_delta"] = options["least_improvement"]
    for name, (needed, problem, expected) in _NEEDED.items():
        if options[name] is not None and options[needed] is None:
            said = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{said} {problem}", expected=f"{expected} with {said}", received=f"{said} {options[name]}"
            )

    def save(model: Model) -> None:
        save_model(model, options["checkpoint"], force=True)  # a checkpoint replaces the previous one

    def stopping(patience: int) -> Callback:
        return EarlyStopping(patience, options["monitor"], options["min_delta"] or 0.0)

    def checkpoint(_: Path) -> Callback:
        every = options["checkpoint_every"]
        return Checkpoint(save, 1 if every is None else every)

    made: dict[str, Callable[[Any], Callback]] = {
        "early_stopping": stopping,
        "max_seconds": TimeLimit,
        "goal": lambda goal: Goal(*goal),
        "log": lambda path: CsvLog(path, force=force),
        "tensorboard": lambda path: TensorBoardLog(path, force=force),
        "checkpoint": checkpoint,
    }
    return [make(options[name]) for name, make in made.items() if options[name] is not None]
