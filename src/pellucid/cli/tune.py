"""``pellucid tune``."""

import copy
from pathlib import Path
from typing import Any

import click

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

# Options of train that a search has too: how the data are read ...
_DATA = (
    "data", "target", "split_column", "test_size", "task", "drop", "delimiter", "header", "weight_column",
    "validation_size", "validation",
)  # fmt: skip
# ... and, beside what a candidate is made of, how long it waits to get better.
_SHARED = {*_DATA, *OPTIONS, "early_stopping"}
# These two are not searched, and are what they are for train unless said.
_AS_FOR_TRAIN = ("epochs", "seed")
_VALIDATION_SIZE = 0.2
# What is said of these for train is not so here.
_HELP = {
    "learning_rate": "The size of a step.",
    "schedule": "How the learning rate changes: see pellucid schedules.",
    "batch_size": "Examples for each update.",
    "early_stopping": "End a candidate after so many epochs without getting better; never unless said.",
    "validation_size": "Share of the training part, or rows, to choose by; a fifth unless said.",
    "validation": "A file of its own to choose by.",
}


def _shared(option: click.Parameter) -> click.Parameter:
    """Give an option of train as a search has it: unless said, it is not fixed."""
    option = copy.copy(option)
    if isinstance(option, click.Option):
        option.help = _HELP.get(option.name or "", option.help)
        if option.name in OPTIONS and option.name not in _AS_FOR_TRAIN:
            option.default, option.show_default = None, False
    return option


@click.command(params=[_shared(option) for option in train.params if option.name in _SHARED])
@click.option(
    "--search", "asked", multiple=True, metavar="NAME=VALUES",
    help="Search NAME from LOW..HIGH, or among a,b,c; may be given several times. Names: "
    + ", ".join(dimension.name for dimension in DIMENSIONS) + ".",
)  # fmt: skip
@click.option(
    "-n", "--trials", type=click.IntRange(1), default=50, show_default=True,
    help="Candidates in all, those of an earlier search with the same study among them.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1), help="Candidates trained at once; one for each core unless said."
)
@click.option(
    "--monitor", metavar="FIGURE",
    help="What counts: a figure of the validation part. By default it is validation_cost, or "
    "validation_weighted_cost where rows or classes have weights.",
)  # fmt: skip
@click.option("--max-seconds", type=click.FloatRange(0, min_open=True), help="End the search after so long.")
@click.option(
    "--study", type=click.Path(path_type=Path),
    help="Where the trials are kept, and gone on with; DATA-tune.db in this folder unless said.",
)  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the search to this .png, .svg or .pdf.")
@click.option("--save", type=click.Path(path_type=Path), help="Save the best model to this file.")
@click.option("--force", is_flag=True, help="Let --save and --plot replace a file.")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
def tune(data: str, as_json: bool, **options: Any) -> None:
    """Search the network and the settings that do best on DATA.

    What is not said is searched: how many layers and how wide, activation, optimizer, learning rate,
    schedule, batch size, dropout, l2 and weight decay. What is said is held fixed. A validation part decides:
    a fifth of the training part unless --validation-size or --validation says otherwise. A search that was
    ended goes on when the same command is given again.
    """
    show_warnings()
    check_installed("optuna", "filelock", *(["matplotlib"] if options["plot"] else []))
    asked = _read_asked(options["asked"])
    fixed = {
        name: options[name]
        for name in OPTIONS
        if options.get(name) is not None and not (name in asked and name in _AS_FOR_TRAIN)
    }
    Space.of(fixed, asked)  # what cannot be searched is refused before any data are read
    if options["early_stopping"] is None:
        options["early_stopping"] = options["epochs"]  # never early, and the best epoch is kept
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
        # What a search came to that was interrupted is shown at once, and no other signal takes it away.
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
    """Take names and values of dimensions apart."""
    asked: dict[str, str] = {}
    for piece in pieces:
        name, sign, values = piece.partition("=")
        name = name.strip().replace("-", "_")
        if not (sign and values) or name in asked:
            raise ConfigurationError(
                "a dimension is searched twice" if name in asked else "a dimension to search is not said so",
                expected="NAME=LOW..HIGH or NAME=a,b,c, each name once",
                received=piece,
                where="--search",
            )
        asked[name] = values
    return asked


def _check_places(data: str, options: dict[str, Any]) -> None:
    """Refuse places that what comes of a search cannot be saved to."""
    written = {"--save": options["save"], "--plot": options["plot"]}
    check_written(written, [data, options["validation"], options["study"]], force=options["force"])
    if options["plot"]:
        check_picture(options["plot"], force=options["force"])


def _conclude(found: Search, dataset: Dataset, options: dict[str, Any], *, as_json: bool) -> None:
    """Train the best once more, and say what the search came to; one that was interrupted only says it."""
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
        found.best_options  # noqa: B018  # says why there is none


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
