"""``pellucid train``."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from pellucid.cli.bar import TrainingBar
from pellucid.cli.find_rate import check_find_rate, find_rate
from pellucid.cli.options import DeclarationName, Layers, Names, as_json, data_argument, engine_option
from pellucid.cli.output import console, emit, print_line, print_notes, show_warnings
from pellucid.cli.tables import diagnosis_panel, network_table
from pellucid.cli.training_options import (
    callbacks_of,
    settings_of,
    training_options,
    validation_of,
)
from pellucid.cli.warm_start import start_of, was_said
from pellucid.cli.written import check_written
from pellucid.data import DEFAULT_TEST_SIZE, TASKS, Dataset, load_data, read_own
from pellucid.errors import ConfigurationError, StorageError
from pellucid.model import Model
from pellucid.network import Network, Objective, activations, costs, initializers
from pellucid.storage import save_model
from pellucid.training import Callback, Progress, Settings, Trainer, build_network
from pellucid.training.progress import stop_on_interruption
from pellucid.training.weighting import ClassWeight

__all__ = ["load_as", "train", "train_and_report"]

_MOST_WEIGHTS = 10**10
_STOPPED = {
    "converged": "Nothing more to be gained: the search ended",
    "early": "Stopped early, no longer getting better,",
    "time": "Stopped by the clock",
    "goal": "Stopped with the goal reached",
    "failed": "Stopped by an error",
}
# The exit status after an error in a callback, and where nothing was learned.
_FAILED = 2


@click.command()
@data_argument
@click.option(
    "-t", "--target", multiple=True,
    help="The column to predict; the last one unless said. May be given several times.",
)  # fmt: skip
@click.option("--split-column", help="A column that says train or test in each row.")
@click.option(
    "--test-size", type=float,
    help=f"A share, or a number of rows.  [default: {DEFAULT_TEST_SIZE}]",
)  # fmt: skip
@click.option(
    "--task", type=click.Choice(TASKS),
    help="What to predict; the target decides unless said. Multilabel: yes or no to each of several columns, "
    "or to each label in a column of text such as comedy;drama.",
)  # fmt: skip
@click.option("--drop", multiple=True, help="A column to leave out; may be given several times.")
@click.option("--delimiter", help="What separates the columns of a text file, if its ending does not say.")
@click.option(
    "--header/--no-header", default=None,
    help="Whether the first line of a text file names its columns; its cells decide unless said.",
)  # fmt: skip
@click.option(
    "-l", "--layers", type=Layers(), default="64", show_default=True, help="Neurons of the hidden layers."
)
@click.option(
    "-a", "--activation", type=Names(activations), default="relu", show_default=True,
    help="Of the hidden layers: one, or one a layer.",
)  # fmt: skip
@click.option(
    "--output", type=DeclarationName(activations),
    help="The output layer's activation; the task decides unless said.",
)  # fmt: skip
@click.option("--cost", type=DeclarationName(costs), help="The cost; the output layer decides unless said.")
@click.option(
    "--initializer", type=DeclarationName(initializers),
    help="How weights begin; the activation decides unless said.",
)  # fmt: skip
@click.option(
    "--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True,
    help="How numbers are kept.",
)  # fmt: skip
@training_options
@click.option(
    "--find-rate", is_flag=True,
    help="Train nothing: try all learning rates in a short run, draw the costs, and suggest one.",
)  # fmt: skip
@click.option("--save", type=click.Path(path_type=Path), help="Save the model to this file.")
@click.option("--force", is_flag=True, help="Let files that are there be replaced.")
@engine_option
@as_json
def train(data: str, save: Path | None, force: bool, as_json: bool, **options: Any) -> None:
    """Train a network on DATA, and say how good it is and why.

    DATA is a CSV, TSV, Parquet or .npz file, a folder with MNIST's four files, or one of the names digits
    (1,797 handwritten digits that come along; the default) and mnist (downloaded once).
    """
    show_warnings()
    settings = settings_of(options)
    if options["find_rate"]:
        check_find_rate()
    start = start_of(options)
    if start is None:
        _check_names(options)
    elif not was_said("data"):
        data, _ = read_own(start.provenance)
    written = {"--save": save, "--log": options["log"], "--checkpoint": options["checkpoint"]}
    read = [data, options["validation"]]
    check_written(written, read, force=force, folders={"--tensorboard": options["tensorboard"]})
    callbacks = callbacks_of(options, force=force)
    dataset = load_as(data, options, like=start)
    network = _fresh_network(dataset, options) if start is None else start.network
    cost = options["cost"] if start is None else options["cost"] or str(start.cost)
    if options["find_rate"]:
        find_rate(network, dataset, settings, cost, options["class_weight"], as_json=as_json)
        return
    model = train_and_report(
        network,
        dataset,
        settings,
        cost,
        class_weight=options["class_weight"],
        callbacks=callbacks,
        measure_every=options["measure_every"],
        measure_rows=options["measure_rows"],
        as_json=as_json,
        save=save,
        force=force,
    )
    # After a signal the status is the signal's, whatever was learned until then.
    if model.stopped == "failed" or not (model.has_learned or model.stopped == "interrupted"):
        raise click.exceptions.Exit(_FAILED)


def _fresh_network(dataset: Dataset, options: dict[str, Any]) -> Network:
    return build_network(
        dataset,
        options["layers"],
        options["activation"],
        output=options["output"],
        cost=options["cost"],
        normalise=options["normalise"],
        initializer=options["initializer"],
        dtype=options["dtype"],
        seed=options["seed"],
    )


def load_as(data: str, options: dict[str, Any], like: Model | None = None) -> Dataset:
    """Read data the way that options say."""
    return load_data(
        data,
        target=options["target"] or None,
        split_column=options["split_column"],
        test_size=_share_or_count(options["test_size"]),
        task=options["task"],
        seed=options["seed"],
        delimiter=options["delimiter"],
        header=options["header"],
        drop=options["drop"],
        like=like,
        weights=options["weight_column"],
        **validation_of(options),
    )


def _check_names(options: dict[str, Any]) -> None:
    """Refuse what does not exist before any data are read."""
    # The inputs are not known yet; one stands for them.
    names = [options["activation"]] if isinstance(options["activation"], str) else options["activation"]
    for name in [*names, *filter(None, [options["output"]])]:
        activations.get(name).check_trainable()
    if options["cost"]:
        cost = costs.get(options["cost"])
        if options["output"]:
            Objective(activations.get(options["output"]), cost)
    if options["initializer"]:
        initializers.get(options["initializer"])
    layers = options["layers"]
    if len(names) > 1 and len(names) != len(layers):
        raise ConfigurationError(
            "the activations do not match the layers",
            expected=f"one for all hidden layers, or one for each of the {len(layers)}",
            received=f"{len(names)}: {', '.join(names)}",
            where="--activation",
            remedy="say the output layer's with --output",
        )
    sizes = [1, *layers, 2]  # as few inputs and outputs as any data have
    if sum(n_in * n_out for n_in, n_out in pairwise(sizes) if n_in > 0 < n_out) > _MOST_WEIGHTS:
        raise ConfigurationError(
            "the layers are too large for any memory",
            expected=f"fewer than {_MOST_WEIGHTS:,} weights",
            received=f"layers of {', '.join(f'{size:,}' for size in layers)} neurons",
            where="--layers",
        )
    Network(sizes, "relu", normalise=options["normalise"], dtype=options["dtype"], seed=options["seed"])


def _share_or_count(size: float | None) -> float | None:
    return int(size) if size is not None and size >= 1 and size.is_integer() else size


def train_and_report(
    network: Network,
    dataset: Dataset,
    settings: Settings,
    cost: str | None = None,
    *,
    class_weight: ClassWeight | None = None,
    callbacks: Sequence[Callback] = (),
    measure_every: int = 1,
    measure_rows: int | None = None,
    as_json: bool = False,
    save: Path | None = None,
    force: bool = False,
) -> Model:
    """Train with everything on show, save if wanted, and say how it went."""
    progress = Progress()
    bar = TrainingBar(console, progress, dataset)
    shown: Callback = _Json() if as_json else _Screen(bar, dataset)
    # What cannot be trained is refused before anything is printed.
    trainer = Trainer(
        network,
        dataset,
        settings,
        cost=cost,
        class_weight=class_weight,
        callbacks=[*callbacks, shown],
        progress=progress,
        measure_every=measure_every,
        measure_rows=measure_rows,
    )
    print_notes(dataset.notes)
    with stop_on_interruption(progress):  # what is learned is saved and shown too
        with bar:
            model = trainer.fit().model()
        if save:
            try:
                save_model(model, save, force=force)
            except StorageError:
                _report(model, dataset, None, as_json)
                raise
        _report(model, dataset, save, as_json)
    return model


class _Json(Callback):
    """Emits the figures of each epoch."""

    def epoch(self, run: Trainer) -> None:
        emit({"event": "epoch", **run.history[-1]})


class _Screen(Callback):
    """Shows what is trained on what once all others have found nothing to refuse, and then each epoch."""

    def __init__(self, bar: TrainingBar, dataset: Dataset) -> None:
        self.bar, self.dataset = bar, dataset

    def start(self, run: Trainer) -> None:
        _print_dataset(self.dataset)
        console.print(network_table(run.network))
        self.bar.open()

    def epoch(self, run: Trainer) -> None:
        row = run.history[-1]
        if not math.isnan(row["train_cost"]):
            self.bar.print_epoch(row)


def _print_dataset(dataset: Dataset) -> None:
    """Say in a line what the data are."""
    words = {"train": "training", "validation": "validation", "test": "test"}
    counts = [f"{len(dataset.sets[name]):,} {word}" for name, word in words.items() if name in dataset.sets]
    sets = f"{', '.join(counts[:-1])} and {counts[-1]}" if len(counts) > 1 else counts[0]
    print_line(
        (dataset.name, "bold"), f": {sets} examples, {dataset.n_inputs:,} inputs, {dataset.target.aim}"
    )


def _report(model: Model, dataset: Dataset, save: Path | None, as_json: bool) -> None:
    last = {key: value for key, value in model.figures.items() if key not in ("epoch", "seconds")}
    if as_json:
        emit(
            {
                "event": "end",
                "data": dataset.name,
                "task": dataset.task,
                "network": repr(model.network),
                "parameters": model.network.n_parameters,
                "cost": str(model.cost),
                "epochs": model.history.n_epochs,
                "kept_epoch": model.kept_epoch,
                "learned": model.has_learned,
                **last,
                "seconds": sum(model.history["seconds"]),
                "stopped": model.stopped,
                "saved": str(save) if save else None,
                "diagnosis": model.diagnosis.to_dict() if model.diagnosis else None,
            }
        )
        return
    if model.stopped == "interrupted":
        kept = "kept" if save else "in the figures, but not saved: that takes --save"
        epoch = model.history.n_epochs
        print_line(f"Stopped in epoch {epoch}; what was learned until then is {kept}.", style="yellow")
    elif model.stopped in _STOPPED:
        print_line(f"{_STOPPED[model.stopped]} in epoch {model.history.n_epochs}.", style="yellow")
    elif model.stopped == "diverged":
        print_line(f"Training diverged in epoch {model.history.n_epochs + 1}.", style="yellow")
    if not model.has_learned:
        print_line("Nothing was learned: the network has the weights that it began with.", style="yellow")
    elif model.kept_epoch != model.history.n_epochs:
        print_line(f"The network has the weights of epoch {model.kept_epoch}, the best.", style="yellow")
    if model.diagnosis:
        console.print(diagnosis_panel(model.diagnosis))
    if save:
        print_line("Saved to ", (str(save), "bold"), ".")
