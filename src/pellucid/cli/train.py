"""``pellucid train``."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from pellucid.cli.bar import TrainingScreen
from pellucid.cli.column_table import print_data_notes
from pellucid.cli.data_options import data_options
from pellucid.cli.find_rate import check_find_rate, find_rate
from pellucid.cli.options import (
    DATA_IS,
    as_json,
    check_written,
    data_argument,
    engine_option,
    option,
    verbose_option,
    with_options,
)
from pellucid.cli.output import console, emit, print_line, show_warnings
from pellucid.cli.parameter_types import SIZES, DeclarationName, Names
from pellucid.cli.tables import diagnosis_panel
from pellucid.cli.training_options import (
    USUAL_VALIDATION_SIZE,
    callbacks_of,
    needs_validation,
    share_or_count,
    training_options,
)
from pellucid.cli.warm_start import start_of, was_said
from pellucid.data import READ_OPTIONS, Dataset, load_data, read_own
from pellucid.errors import ConfigurationError, StorageError
from pellucid.model import Model
from pellucid.network import Network, Objective, activations, costs, initializers
from pellucid.storage import save_model
from pellucid.training import Callback, Progress, Trainer, TrainingConfig, build_network
from pellucid.training.options import settings_from
from pellucid.training.progress import stop_on_interruption

__all__ = ["load_as", "train", "train_and_report"]

# The options of `build_network`.
_NETWORK = ("layers", "activation", "output", "cost", "normalise", "initializer", "dtype", "seed")
_MOST_WEIGHTS = 10**10
_STOPPED = {
    "converged": "The optimizer converged",
    "early": "Stopped early, without further improvement,",
    "time": "Stopped by the time limit",
    "goal": "Stopped with the goal reached",
    "failed": "Stopped by an error",
}
# The exit status after an error in a callback, or if nothing was learned.
_FAILED = 2


_NETWORK_OPTIONS = [
    option("-l --layers", SIZES, "Sizes of the hidden layers.", default="64", show_default=True),
    option("-a --activation", Names(activations),
        "Activation of the hidden layers: one, or one per layer.", default="relu", show_default=True),
    option("--output", DeclarationName(activations),
        "Activation of the output layer, by default chosen by the task."),
    option("--cost", DeclarationName(costs), "The cost, by default that of the output layer."),
    option("--initializer", DeclarationName(initializers),
        "The initializer of the weights, by default chosen by the activation."),
    option("--dtype", click.Choice(["float32", "float64"]), "The floating-point type.",
        default="float32", show_default=True),
]  # fmt: skip


@click.command(epilog=DATA_IS)
@data_argument
@with_options([*data_options(), *_NETWORK_OPTIONS])
@training_options
@click.option(
    "--find-rate", is_flag=True,
    help="Do not train, but run a learning-rate range test, print its curve, and suggest a learning rate.",
)  # fmt: skip
@verbose_option
@click.option("--save", type=click.Path(path_type=Path), help="Save the model to this file.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@engine_option
@as_json
def train(data: str, save: Path | None, force: bool, as_json: bool, **options: Any) -> None:
    """Train a network on DATA, evaluate it and diagnose the training."""
    show_warnings()
    settings = settings_from(options)
    if options["find_rate"]:
        check_find_rate()
    start = start_of(options)
    if start is None:
        _check_names(options)
    elif not was_said("data"):
        data, _ = read_own(start.provenance, known=start.encoding.known)
    written = {"--save": save, "--log": options["log"], "--checkpoint": options["checkpoint"]}
    read = [data, options["validation"], options["test"]]
    check_written(written, read, force=force, folders={"--tensorboard": options["tensorboard"]})
    callbacks = callbacks_of(options, force=force)
    dataset = load_as(data, options, like=start)
    if start is None:
        network, cost = build_network(dataset, **{name: options[name] for name in _NETWORK}), options["cost"]
    else:
        network, cost = start.network, options["cost"] or str(start.cost)
    if options["find_rate"]:
        find_rate(network, dataset, settings, cost, options["class_weight"], as_json=as_json)
        return
    model = train_and_report(
        network,
        dataset,
        settings,
        cost,
        callbacks=callbacks,
        as_json=as_json,
        save=save,
        force=force,
        verbose=options["verbose"],
        **{name: options[name] for name in ("class_weight", "measure_every", "measure_rows")},
    )
    # After a signal, the exit status is that of the signal.
    if model.stopped == "failed" or not (model.has_learned or model.stopped == "interrupted"):
        raise click.exceptions.Exit(_FAILED)


def load_as(
    data: str, options: dict[str, Any], like: Model | None = None, usual_size: float = USUAL_VALIDATION_SIZE
) -> Dataset:
    """Load the data as the options specify; early stopping may need a validation set that they lack."""
    size = usual_size if needs_validation(options) else None
    # Only a split column, an archive or a folder can contain a validation set; other data are read once.
    if size is None or options["split_column"] or data.lower().endswith(".npz") or Path(data).is_dir():
        dataset = _load(data, options, options["validation_size"], like)
        if size is None or dataset.validation is not None:
            return dataset
    return _load(data, options, size, like)


def _load(data: str, options: dict[str, Any], validation_size: float | None, like: Model | None) -> Dataset:
    read = {name: options[name] for name in READ_OPTIONS if name != "weight_column"}
    return load_data(
        data,
        **read,
        test_size=share_or_count(options["test_size"]),
        seed=options["seed"],
        encoding=like,
        sample_weight=options["weight_column"],
        validation_size=share_or_count(validation_size),
        validation_data=options["validation"],
        test_data=options["test"],
    )


def _check_names(options: dict[str, Any]) -> None:
    """Check names and layer sizes before any data are read."""
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
            "the number of activations does not match the layers",
            expected=f"a single activation, or {len(layers)}, one per hidden layer",
            received=f"{len(names)}: {', '.join(names)}",
            where="--activation",
            remedy="use --output for the activation of the output layer",
        )
    sizes = [1, *layers, 2]  # the smallest possible numbers of inputs and outputs
    if sum(n_in * n_out for n_in, n_out in pairwise(sizes) if n_in > 0 < n_out) > _MOST_WEIGHTS:
        raise ConfigurationError(
            "the layers are too large",
            expected=f"fewer than {_MOST_WEIGHTS:,} weights",
            received=f"layers of {', '.join(f'{size:,}' for size in layers)} neurons",
            where="--layers",
        )
    Network(sizes, "relu", normalise=options["normalise"], dtype=options["dtype"], seed=options["seed"])


def train_and_report(
    network: Network,
    dataset: Dataset,
    settings: TrainingConfig,
    cost: str | None = None,
    *,
    callbacks: Sequence[Callback] = (),
    as_json: bool = False,
    save: Path | None = None,
    force: bool = False,
    verbose: bool = False,
    **more: Any,
) -> Model:
    """Train with live output, save the model if requested, and print the result; `more` is for `Trainer`."""
    progress = Progress()
    screen = TrainingScreen(progress, dataset)
    # The trainer checks everything before anything is printed.
    trainer = Trainer(
        network,
        dataset,
        settings,
        cost=cost,
        callbacks=[*callbacks, _Json() if as_json else screen],
        progress=progress,
        **more,
    )
    print_data_notes(dataset, verbose=verbose, as_json=as_json)
    with stop_on_interruption(progress):  # the model so far is saved and shown, too
        with screen:
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
    """Print the metrics of each epoch, and each restart, as JSON."""

    def restart(self, run: Trainer) -> None:
        last = run.restarts[-1]
        emit(
            {
                "event": "restart",
                "diverged_at": last.learning_rate,
                "diverged_in": last.epoch,
                "learning_rate": last.lower_rate,
                "message": str(last),
            }
        )

    def epoch(self, run: Trainer) -> None:
        emit({"event": "epoch", **run.history[-1]})


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
        kept = "is saved" if save else "is not saved; use --save"
        epoch = model.history.n_epochs
        print_line(f"Stopped in epoch {epoch}; the model {kept}.", style="yellow")
    elif model.stopped in _STOPPED:
        print_line(f"{_STOPPED[model.stopped]} in epoch {model.history.n_epochs}.", style="yellow")
    elif model.stopped == "diverged":
        print_line(f"Training diverged in epoch {model.history.n_epochs + 1}.", style="yellow")
    if not model.has_learned:
        print_line("Nothing was learned: the network has its initial weights.", style="yellow")
    elif model.kept_epoch != model.history.n_epochs:
        print_line(f"The network has the weights of the best epoch, {model.kept_epoch}.", style="yellow")
    if model.diagnosis:
        console.print(diagnosis_panel(model.diagnosis))
    if save:
        print_line("Saved to ", (str(save), "bold"), ".")
