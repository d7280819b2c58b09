"""The options that say how to train, and what they come to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pellucid.cli.options import DeclarationName
from pellucid.cli.written import checkpoint_of
from pellucid.errors import ConfigurationError
from pellucid.network import normalisations
from pellucid.training import (
    Callback,
    EarlyStopping,
    Goal,
    Settings,
    TensorBoardLog,
    TimeLimit,
    optimizers,
    schedules,
)
from pellucid.training.logs import CsvLog
from pellucid.training.options import settings_from

__all__ = ["callbacks_of", "settings_of", "training_options", "validation_of"]

# The share of the training part that validates where a run is to be stopped early and nothing is said.
_VALIDATION_SIZE = 0.1


class Numbers(click.ParamType[Any]):
    """One number for all layers, or one for each between commas."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read numbers."""
        if not isinstance(value, str):
            return value
        try:
            numbers = tuple(float(piece) for piece in value.split(","))
        except ValueError:
            self.fail(f"expected a number, or one for each layer such as 0.2,0.5; received {value!r}", param)
        return numbers[0] if len(numbers) == 1 else numbers


class ClassWeights(click.ParamType[Any]):
    """The word balanced, or a weight for each label: yes=5,no=1; a label may hold commas."""

    name = "weights"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read labels and weights."""
        if not isinstance(value, str) or value == "balanced":
            return value
        weights: dict[str, float] = {}
        said = ""
        for piece in value.split(","):
            said += piece
            label, sign, number = said.rpartition("=")
            if not sign:  # the comma belongs to the label
                said += ","
                continue
            try:
                weight = float(number)
            except ValueError:
                break
            if label.strip() in weights:
                self.fail(f"expected one weight for each label; received {value!r}", param)
            weights[label.strip()], said = weight, ""
        if said:
            self.fail(f"expected balanced, or LABEL=WEIGHT,LABEL=WEIGHT; received {value!r}", param)
        return weights


class GoalType(click.ParamType[Any]):
    """A figure of the history and what it must reach: test_accuracy=0.98."""

    name = "figure=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a column and a number."""
        if not isinstance(value, str):
            return value
        column, _, number = value.partition("=")
        try:
            return column.strip(), float(number)
        except ValueError:
            self.fail(f"expected FIGURE=NUMBER, such as test_accuracy=0.98; received {value!r}", param)


_PER_LAYER = "One number, or one a layer."
_OPTIONS = [
    click.option(
        "--optimizer", type=DeclarationName(optimizers), default="sgd", show_default=True,
        help="How a gradient becomes a change: see pellucid optimizers; adam:beta2=0.95 sets its own.",
    ),
    click.option(
        "-r", "--learning-rate", type=float,
        help="The size of a step; the optimizer's usual one unless said, 0.01 for sgd.",
    ),
    click.option(
        "--schedule", type=DeclarationName(schedules), default="linear", show_default=True,
        help="How the learning rate changes: see pellucid schedules; linear falls towards 0.",
    ),
    click.option(
        "-b", "--batch-size", type=int,
        help="Examples for each update; 1 unless said, or all for an optimizer that needs all.",
    ),
    click.option(
        "--start", type=click.Path(path_type=Path), metavar="MODEL",
        help="Go on from this model's weights; the data are read and encoded as its own were.",
    ),
    click.option("-e", "--epochs", type=int, default=20, show_default=True, help="Times through the data."),
    click.option(
        "-s", "--seed", type=int, default=0, show_default=True, help="The same seed gives the same numbers."
    ),
    click.option("--l1", type=Numbers(), default=0.0, help=f"Penalty on the weights' sizes. {_PER_LAYER}"),
    click.option("--l2", type=Numbers(), default=0.0, help=f"Penalty on their squares. {_PER_LAYER}"),
    click.option(
        "--weight-decay", type=Numbers(), default=0.0,
        help=f"Share of each weight taken away, past the optimizer. {_PER_LAYER}",
    ),
    click.option(
        "--biases", is_flag=True, help="Let penalties, decay and the longest norm take in the biases too."
    ),
    click.option("--max-norm", type=Numbers(), help=f"Longest weights into a neuron. {_PER_LAYER}"),
    click.option(
        "--dropout", type=Numbers(), default=0.0,
        help="Share of a hidden layer's outputs left out in an update. One number, or one a hidden layer.",
    ),
    click.option(
        "--normalise", type=DeclarationName(normalisations),
        help="Bring what enters the hidden layers' activations to a common scale: pellucid normalisations.",
    ),
    click.option("--input-dropout", type=float, default=0.0, help="Share of inputs left out in an update."),
    click.option("--input-noise", type=float, default=0.0, help="Standard deviation of noise on the inputs."),
    click.option(
        "--label-smoothing", type=float, default=0.0, help="Share of a target spread over all classes."
    ),
    click.option("--clip-norm", type=float, help="Longest gradient, all of an update together."),
    click.option("--clip-value", type=float, help="Largest entry of a gradient."),
    click.option("--average", type=float, help="Keep the average of the weights, such as 0.999."),
    click.option(
        "--class-weight", type=ClassWeights(), help="balanced, or how much each class counts: yes=5,no=1."
    ),
    click.option(
        "--weight-column", metavar="COLUMN",
        help="The column that says how much each row counts in learning and in the weighted figures.",
    ),
    click.option(
        "--validation-size", type=float, help="Share of the training part, or rows, to validate with."
    ),
    click.option("--validation", type=click.Path(), help="A file of its own to validate with."),
    click.option(
        "--measure-every", type=int, default=1, show_default=True, metavar="EPOCHS",
        help="Measure all sets after so many epochs, and after the last; 0 for before and after only.",
    ),
    click.option(
        "--measure-rows", type=int, metavar="ROWS",
        help="Measure so many examples of each set at most, always the same ones; all by default.",
    ),
    click.option(
        "--early-stopping", type=int, metavar="EPOCHS",
        help="Stop after so many epochs without getting better on the validation part, and keep the best; "
        "a tenth of the training part validates unless said.",
    ),
    click.option(
        "--monitor", metavar="FIGURE",
        help="What counts for that. By default it is validation_cost, or validation_weighted_cost where rows "
        "or classes have weights.",
    ),
    click.option(
        "--least-improvement", type=float, metavar="NUMBER",
        help="A figure better by no more than this is no reason to go on; any is enough unless said.",
    ),
    click.option("--max-seconds", type=float, help="Stop after so long, and keep what was learned."),
    click.option("--goal", type=GoalType(), help="Stop once a figure is reached: test_accuracy=0.98."),
    click.option(
        "--log", type=click.Path(path_type=Path), help="Write each epoch's figures to this CSV file."
    ),
    click.option(
        "--tensorboard", type=click.Path(path_type=Path), metavar="FOLDER",
        help="Write each epoch's figures, statistics and histograms to this folder, for TensorBoard.",
    ),
    click.option(
        "--checkpoint", type=click.Path(path_type=Path),
        help="Save the model so far to this file, whole at any moment, after each epoch.",
    ),
    click.option(
        "--checkpoint-every", type=int, metavar="EPOCHS", help="After so many epochs instead, and at the end."
    ),
]  # fmt: skip


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all options that say how to train."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(options: dict[str, Any]) -> Settings:
    """Make the settings that options ask for."""
    return settings_from(options)


def validation_of(options: dict[str, Any]) -> dict[str, Any]:
    """Say what validates: what was asked for, or a share where a run is to be stopped early by it."""
    size, source = options["validation_size"], options["validation"]
    monitored = options["monitor"] or "validation_cost"
    if options["early_stopping"] and size is None and source is None and monitored.startswith("validation"):
        size = _VALIDATION_SIZE
    if size is not None and size >= 1 and float(size).is_integer():
        size = int(size)
    return {"validation_size": size, "validation": source}


def callbacks_of(options: dict[str, Any], *, force: bool) -> list[Callback]:
    """Make the callbacks that options ask for."""
    for name in ("monitor", "least_improvement"):
        if options[name] is not None and options["early_stopping"] is None:
            said = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{said} says when to stop early, and that was not asked for",
                expected=f"--early-stopping EPOCHS beside {said}",
                received=f"{said} {options[name]}",
            )
    callbacks: list[Callback] = []
    if options["early_stopping"] is not None:
        least = options["least_improvement"] or 0.0
        callbacks.append(EarlyStopping(options["early_stopping"], options["monitor"], least))
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
        callbacks.append(checkpoint)  # after all that decide what is kept
    return callbacks
