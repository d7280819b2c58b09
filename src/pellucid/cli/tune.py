"""``pellucid tune``."""

import copy
from pathlib import Path
from typing import Any

import click

from pellucid.cli.data_options import DATA_OPTIONS
from pellucid.cli.options import engine_option
from pellucid.cli.output import emit, print_notes, show_warnings
from pellucid.cli.train import load_as, train
from pellucid.cli.train_line import train_line
from pellucid.cli.tune_output import SearchBar, print_places, print_search
from pellucid.cli.written import check_written
from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, StorageError
from pellucid.evaluation import Report
from pellucid.interruption import on_interruption
from pellucid.storage import save_model
from pellucid.tuning import Search
from pellucid.tuning import tune as search
from pellucid.tuning.about import plain
from pellucid.tuning.candidate import OPTIONS, check_choice, usual_monitor
from pellucid.tuning.picture import check_picture, draw_search
from pellucid.tuning.space import DIMENSIONS, Space
from pellucid.tuning.study import check_installed
from pellucid.tuning.study_file import check_study_file

__all__ = ["tune"]

# Options that tune shares with train: those of the data ...
_DATA = ("data", *DATA_OPTIONS, "validation_size", "validation")
# ... and, besides those of a candidate, the patience of early stopping.
_SHARED = {*_DATA, *OPTIONS, "early_stopping"}
# These two are not searched, and have the same defaults as for train.
_AS_FOR_TRAIN = ("epochs", "seed")
_VALIDATION_SIZE = 0.2
# Help texts that differ from those of train.
_HELP = {
    "learning_rate": "The learning rate.",
    "schedule": "The learning-rate schedule (see pellucid schedules).",
    "batch_size": "Examples per update.",
    "early_stopping": "Stop a candidate after this many epochs without improvement; by default never.",
    "validation_size": "Share or number of training rows for the validation set, by default a fifth.",
    "validation": "A file with a separate validation set.",
}


def _shared(option: click.Parameter) -> click.Parameter:
    """Return an option of train for tune, where it is not fixed by default."""
    option = copy.copy(option)
    if isinstance(option, click.Option):
        option.help = _HELP.get(option.name or "", option.help)
        if option.name in OPTIONS and option.name not in _AS_FOR_TRAIN:
            option.default, option.show_default = None, False
    return option


@click.command(params=[_shared(option) for option in train.params if option.name in _SHARED])
@click.option(
    "--search", "asked", multiple=True, metavar="NAME=VALUES",
    help="Search NAME in LOW..HIGH, or among a,b,c. May be repeated. Names: "
    + ", ".join(dimension.name for dimension in DIMENSIONS) + ".",
)  # fmt: skip
@click.option(
    "-n", "--trials", type=click.IntRange(1), default=50, show_default=True,
    help="Number of candidates, including those that the study contains already.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1), help="Number of parallel worker processes, by default one per core."
)
@click.option(
    "--monitor", metavar="METRIC",
    help="The metric of the validation set to optimise, by default validation_cost, or "
    "validation_weighted_cost with sample or class weights.",
)  # fmt: skip
@click.option("--max-seconds", type=click.FloatRange(0, min_open=True), help="Stop after this time.")
@click.option(
    "--study", type=click.Path(path_type=Path),
    help="The file of the trials, from which a search resumes; by default DATA-tune.db in this folder.",
)  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path), help="Plot the search to a .png, .svg or .pdf file.")
@click.option("--save", type=click.Path(path_type=Path), help="Save the best model to this file.")
@click.option("--force", is_flag=True, help="Overwrite the --save and --plot files.")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tune(data: str, as_json: bool, **options: Any) -> None:
    """Search for the network and the training settings that are best for DATA.

    The search covers the number of layers and their width, activation, optimizer, learning rate, schedule,
    batch size, dropout, l2 and weight decay; options that are given are fixed. Candidates are compared on a
    validation set, by default a fifth of the training rows. The same command resumes a search that was
    interrupted.
    """
    show_warnings()
    check_installed("optuna", "filelock", *(["matplotlib"] if options["plot"] else []))
    asked = _read_asked(options["asked"])
    fixed = {
        name: options[name]
        for name in OPTIONS
        if options.get(name) is not None and not (name in asked and name in _AS_FOR_TRAIN)
    }
    Space.of(fixed, asked)  # checks the search space before any data are read
    if options["early_stopping"] is None:
        options["early_stopping"] = options["epochs"]  # never stops early, but keeps the best epoch
    check_choice(options["monitor"] or "validation_cost", options["early_stopping"])
    options["study"] = check_study_file(options["study"] or f"{Path(data).resolve().stem}-tune.db")
    _check_places(data, options)
    if options["validation_size"] is None and options["validation"] is None:
        options["validation_size"] = _VALIDATION_SIZE
    dataset = load_as(data, options)
    print_notes(dataset.notes)
    fixed = {name: value for name, value in fixed.items() if name not in _AS_FOR_TRAIN}
    options["monitor"] = options["monitor"] or usual_monitor(dataset, fixed)
    bar = SearchBar(options["trials"], options["monitor"], as_json=as_json)

    def break_off(again: bool) -> None:
        # After an interruption, the results so far are shown, and further signals are ignored.
        if not bar.has_something:
            raise KeyboardInterrupt

    with on_interruption(break_off):
        with bar:
            found = search(
                dataset,
                trials=options["trials"],
                study=options["study"],
                workers=options["workers"],
                epochs=options["epochs"],
                max_seconds=options["max_seconds"],
                monitor=options["monitor"],
                patience=options["early_stopping"],
                fixed=fixed,
                space=asked,
                seed=options["seed"],
                callback=bar.show,
            )
        bar.has_something = found.stopped == "interrupted"
        _conclude(found, dataset, {**options, "data": data}, as_json=as_json)


def _read_asked(pieces: tuple[str, ...]) -> dict[str, str]:
    """Parse names and values of dimensions."""
    asked: dict[str, str] = {}
    for piece in pieces:
        name, sign, values = piece.partition("=")
        name = name.strip().replace("-", "_")
        if not (sign and values) or name in asked:
            raise ConfigurationError(
                "a dimension is given twice" if name in asked else "not a dimension to search",
                expected="NAME=LOW..HIGH or NAME=a,b,c, each name once",
                received=piece,
                where="--search",
            )
        asked[name] = values
    return asked


def _check_places(data: str, options: dict[str, Any]) -> None:
    """Check that the results of the search can be saved."""
    written = {"--save": options["save"], "--plot": options["plot"]}
    check_written(written, [data, options["validation"], options["study"]], force=options["force"])
    if options["plot"]:
        check_picture(options["plot"], force=options["force"])


def _conclude(found: Search, dataset: Dataset, options: dict[str, Any], *, as_json: bool) -> None:
    """Train the best candidate again, unless the search was interrupted, and print the results."""
    line = _train_line(found, options) if found.best else None
    model = found.best_model() if found.best and found.stopped != "interrupted" else None
    if model and model.stopped == "interrupted":
        found.stopped, model = "interrupted", None
    report = model.evaluate(dataset.test_set) if model else None

    def show(saved: Path | None, plotted: Path | None) -> None:
        if as_json:
            more = {"command": line, "saved": saved, "study": options["study"]}
            emit(_record(found, dataset, report, more))
            return
        print_search(found, model, report, line)
        print_places(found, options["study"], saved, plotted)

    try:
        if options["plot"]:
            draw_search(found, options["plot"], force=options["force"])
        if model and options["save"]:
            save_model(model, options["save"], force=options["force"])
    except StorageError:
        show(None, None)
        raise
    show(options["save"] if model else None, options["plot"])
    if not found.best and found.stopped in (None, "exhausted"):
        found.best_options  # noqa: B018  # raises an error with the reason


def _train_line(found: Search, options: dict[str, Any]) -> str:
    said = {name: options[name] for name in _DATA}
    how = {"early_stopping": found.plan.patience, "monitor": found.monitor}
    return train_line({**said, **found.best_options, **how})


def _record(found: Search, dataset: Dataset, report: Report | None, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "end",
        "data": dataset.name,
        "task": dataset.task,
        "monitor": found.monitor,
        "fixed": plain(found.fixed),
        "counts": found.counts,
        "trials": found.rows,
        "best": found.best,
        "importances": found.importances,
        "test": report.to_dict() if report else None,
        "stopped": found.stopped,
        **{name: None if value is None else str(value) for name, value in more.items()},
    }
