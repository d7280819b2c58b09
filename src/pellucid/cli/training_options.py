"""The options of training, and the settings and callbacks made from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pellucid.cli.data_options import read_option
from pellucid.cli.options import DeclarationName
from pellucid.cli.output import print_notes
from pellucid.cli.written import checkpoint_of
from pellucid.errors import ConfigurationError
from pellucid.network import normalisations
from pellucid.training import (
    Callback,
    EarlyStopping,
    Goal,
    TensorBoardLog,
    TimeLimit,
    TrainingConfig,
    optimizers,
    schedules,
)
from pellucid.training.logs import CsvLog
from pellucid.training.options import settings_from

__all__ = ["callbacks_of", "settings_of", "training_options", "validation_of"]

# The default share of the training set to validate on if early stopping needs a validation set.
_VALIDATION_SIZE = 0.1


class Numbers(click.ParamType[Any]):
    """One number for all layers, or comma-separated numbers, one per layer."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse numbers."""
        if not isinstance(value, str):
            return value
        try:
            numbers = tuple(float(piece) for piece in value.split(","))
        except ValueError:
            self.fail(f"expected a number, or one per layer such as 0.2,0.5; received {value!r}", param)
        return numbers[0] if len(numbers) == 1 else numbers


class ClassWeights(click.ParamType[Any]):
    """The word balanced, or a weight per class such as yes=5,no=1; names may contain commas."""

    name = "weights"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse class names and weights."""
        if not isinstance(value, str) or value == "balanced":
            return value
        weights: dict[str, float] = {}
        said = ""
        for piece in value.split(","):
            said += piece
            label, sign, number = said.rpartition("=")
            if not sign:  # the comma is part of the name
                said += ","
                continue
            try:
                weight = float(number)
            except ValueError:
                break
            if label.strip() in weights:
                self.fail(f"expected one weight per class; received {value!r}", param)
            weights[label.strip()], said = weight, ""
        if said:
            self.fail(f"expected balanced, or CLASS=WEIGHT,CLASS=WEIGHT; received {value!r}", param)
        return weights


class GoalType(click.ParamType[Any]):
    """A metric of the history and the value to reach, such as test_accuracy=0.98."""

    name = "metric=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse a metric and a number."""
        if not isinstance(value, str):
            return value
        column, _, number = value.partition("=")
        try:
            return column.strip(), float(number)
        except ValueError:
            self.fail(f"expected METRIC=NUMBER, such as test_accuracy=0.98; received {value!r}", param)


_PER_LAYER = "One number, or one per layer."
_OPTIONS = [
    click.option(
        "--optimizer", type=DeclarationName(optimizers), default="sgd", show_default=True,
        help="The optimizer (see pellucid optimizers), with parameters such as adam:beta2=0.95.",
    ),
    click.option(
        "-r", "--learning-rate", type=float,
        help="The learning rate, by default the usual one of the optimizer: 0.01 for sgd.",
    ),
    click.option(
        "--schedule", type=DeclarationName(schedules), default="linear", show_default=True,
        help="The learning-rate schedule (see pellucid schedules); linear decreases to 0.",
    ),
    click.option(
        "-b", "--batch-size", type=int,
        help="Examples per update, by default 1, or all for a full-batch optimizer.",
    ),
    click.option(
        "--start", type=click.Path(path_type=Path), metavar="MODEL",
        help="Continue training this model; the data are read and encoded like its training data.",
    ),
    click.option("-e", "--epochs", type=int, default=20, show_default=True, help="Number of epochs."),
    click.option(
        "-s", "--seed", type=int, default=0, show_default=True, help="The random seed of the run."
    ),
    click.option(
        "--l1", type=Numbers(), default=0.0,
        help=f"Penalty on the absolute values of the weights. {_PER_LAYER}",
    ),
    click.option(
        "--l2", type=Numbers(), default=0.0, help=f"Penalty on the squares of the weights. {_PER_LAYER}"
    ),
    click.option(
        "--weight-decay", type=Numbers(), default=0.0,
        help=f"Decoupled weight decay, relative to the learning rate. {_PER_LAYER}",
    ),
    click.option(
        "--biases", is_flag=True, help="Apply penalties, weight decay and the maximum norm also to biases."
    ),
    click.option(
        "--max-norm", type=Numbers(), help=f"Maximum norm of the weights into a neuron. {_PER_LAYER}"
    ),
    click.option(
        "--dropout", type=Numbers(), default=0.0,
        help="Dropout rate of the hidden layers. One number, or one per hidden layer.",
    ),
    click.option(
        "--normalise", type=DeclarationName(normalisations),
        help="Normalise the hidden layers (see pellucid normalisations).",
    ),
    click.option("--input-dropout", type=float, default=0.0, help="Dropout rate of the inputs."),
    click.option("--input-noise", type=float, default=0.0, help="Standard deviation of noise on the inputs."),
    click.option(
        "--label-smoothing", type=float, default=0.0,
        help="Share of each target that is distributed over all classes."
    ),
    click.option("--clip-norm", type=float, help="Maximum norm of the gradient of an update."),
    click.option("--clip-value", type=float, help="Maximum absolute value of the entries of a gradient."),
    click.option(
        "--average", type=float, metavar="DECAY",
        help="Use the exponential moving average of the weights, with a decay such as 0.999.",
    ),
    click.option(
        "--class-weight", type=ClassWeights(), help="balanced, or class weights such as yes=5,no=1."
    ),
    read_option("weight_column"),
    click.option(
        "--validation-size", type=float, help="Share or number of training rows for the validation set."
    ),
    click.option("--validation", type=click.Path(), help="A file with a separate validation set."),
    click.option(
        "--measure-every", type=int, default=1, show_default=True, metavar="EPOCHS",
        help="The number of epochs between evaluations; 0 evaluates only before and after training.",
    ),
    click.option(
        "--measure-rows", type=int, metavar="ROWS",
        help="Evaluate at most this many examples of each set, always the same ones; by default all.",
    ),
    click.option(
        "--early-stopping", type=int, metavar="EPOCHS",
        help="Stop after this many epochs without improvement on the validation set, and keep the best "
        "epoch. By default, a tenth of the training rows form the validation set.",
    ),
    click.option(
        "--monitor", metavar="METRIC",
        help="The metric for early stopping, by default validation_cost, or validation_weighted_cost with "
        "sample or class weights.",
    ),
    click.option(
        "--min-delta", type=float, metavar="NUMBER",
        help="The metric must improve by more than this; by default, any improvement counts.",
    ),
    click.option("--least-improvement", type=float, hidden=True),
    click.option("--max-seconds", type=float, help="Stop after this time, and keep the model."),
    click.option(
        "--goal", type=GoalType(), help="Stop when a metric reaches a value: test_accuracy=0.98."
    ),
    click.option(
        "--log", type=click.Path(path_type=Path), help="Write the metrics of each epoch to this CSV file."
    ),
    click.option(
        "--tensorboard", type=click.Path(path_type=Path), metavar="FOLDER",
        help="Write metrics, statistics and histograms of each epoch to this folder for TensorBoard.",
    ),
    click.option(
        "--checkpoint", type=click.Path(path_type=Path),
        help="Save the model to this file after each epoch; the file is always complete.",
    ),
    click.option(
        "--checkpoint-every", type=int, metavar="EPOCHS",
        help="The number of epochs between checkpoints, by default 1."
    ),
]  # fmt: skip


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all options of training to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(options: dict[str, Any]) -> TrainingConfig:
    """Return the settings from the options."""
    return settings_from(options)


def validation_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return the validation set of the options: by default a share of the data for early stopping."""
    size, source = options["validation_size"], options["validation"]
    monitored = options["monitor"] or "validation_cost"
    if options["early_stopping"] and size is None and source is None and monitored.startswith("validation"):
        size = _VALIDATION_SIZE
    if size is not None and size >= 1 and float(size).is_integer():
        size = int(size)
    return {"validation_size": size, "validation_data": source}


def callbacks_of(options: dict[str, Any], *, force: bool) -> list[Callback]:
    """Return the callbacks from the options."""
    if options["least_improvement"] is not None:
        print_notes(["--least-improvement is the former name of --min-delta, and will be removed"])
        options["min_delta"] = options["least_improvement"]
    for name in ("monitor", "min_delta"):
        if options[name] is not None and options["early_stopping"] is None:
            said = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{said} has no effect without early stopping",
                expected=f"--early-stopping EPOCHS with {said}",
                received=f"{said} {options[name]}",
            )
    callbacks: list[Callback] = []
    if options["early_stopping"] is not None:
        min_delta = options["min_delta"] or 0.0
        callbacks.append(EarlyStopping(options["early_stopping"], options["monitor"], min_delta))
    if options["max_seconds"] is not None:
        callbacks.append(TimeLimit(options["max_seconds"]))
    if options["goal"] is not None:
        callbacks.append(Goal(*options["goal"]))
    if options["log"] is not None:
        callbacks.append(CsvLog(options["log"], force=force))
    if options["tensorboard"] is not None:
        callbacks.append(TensorBoardLog(options["tensorboard"], force=force))
    checkpoint = checkpoint_of(options)
    if checkpoint is not None:
        callbacks.append(checkpoint)  # after all callbacks that select the weights
    return callbacks
