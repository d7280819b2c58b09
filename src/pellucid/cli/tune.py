"""``pellucid tune``."""

import copy
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pellucid.cli.column_table import print_data_notes
from pellucid.cli.data_options import DATA_OPTIONS
from pellucid.cli.options import check_written, engine_option, option, with_options
from pellucid.cli.output import emit, show_warnings
from pellucid.cli.train import load_as, train
from pellucid.cli.tune_output import SearchBar, print_places, print_search
from pellucid.data import Dataset
from pellucid.data.own_data import name_of_source
from pellucid.errors import ConfigurationError, StorageError
from pellucid.evaluation import Report
from pellucid.interruption import on_interruption
from pellucid.storage import save_model
from pellucid.tuning import Search
from pellucid.tuning import tune as search
from pellucid.tuning.candidate import OPTIONS, check_choice, usual_monitor
from pellucid.tuning.picture import check_picture, draw_search
from pellucid.tuning.space import DIMENSIONS, Space
from pellucid.tuning.study import check_installed
from pellucid.tuning.study_file import check_study_file, plain

__all__ = ["train_line", "tune"]

# Options that tune shares with train: those of the data ...
_DATA = ("data", *DATA_OPTIONS, "validation_size", "validation")
# ... and, besides those of a candidate, the patience of early stopping.
_SHARED = {*_DATA, *OPTIONS, "early_stopping"}
# These two are not searched, and have the same defaults as for train.
_AS_FOR_TRAIN = ("epochs", "seed")
# Arguments of the search with the same name.
_ARGUMENTS = ("trials", "study", "workers", "epochs", "max_seconds", "monitor", "seed")
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


def _shared(param: click.Parameter) -> click.Parameter:
    """Return an option of train for tune, where it is not fixed by default."""
    param = copy.copy(param)
    if isinstance(param, click.Option):
        param.help = _HELP.get(param.name or "", param.help)
        if param.name in OPTIONS and param.name not in _AS_FOR_TRAIN:
            param.default, param.show_default = None, False
    return param


_PATH = click.Path(path_type=Path)
_OPTIONS = [
    option("--search", None, "Search NAME in LOW..HIGH, or among a,b,c. May be repeated. Names: "
        f"{', '.join(dimension.name for dimension in DIMENSIONS)}.", multiple=True, metavar="NAME=VALUES"),
    option("-n --trials", click.IntRange(1),
        "Number of candidates, including those that the study contains already.",
        default=50, show_default=True),
    option("--workers", click.IntRange(1), "Number of parallel worker processes, by default one per core."),
    option("--monitor", None,
        "The metric of the validation set to optimise, by default validation_cost, or "
        "validation_weighted_cost with sample or class weights.", metavar="METRIC"),
    option("--max-seconds", click.FloatRange(0, min_open=True), "Stop after this time."),
    option("--study", _PATH,
        "The file of the trials, from which a search resumes; by default DATA-tune.db in this folder."),
    option("--plot", _PATH, "Plot the search to a .png, .svg or .pdf file."),
    option("--save", _PATH, "Save the best model to this file."),
    option("--force", None, "Overwrite the --save and --plot files.", is_flag=True),
]  # fmt: skip


@click.command(params=[_shared(param) for param in train.params if param.name in _SHARED])
@with_options(_OPTIONS)
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
    asked = _read_asked(options["search"])
    fixed = {
        name: options[name]
        for name in OPTIONS
        if options.get(name) is not None and not (name in asked and name in _AS_FOR_TRAIN)
    }
    Space.of(fixed, asked)  # checks the search space before any data are read
    if options["early_stopping"] is None:
        options["early_stopping"] = options["epochs"]  # never stops early, but keeps the best epoch
    check_choice(options["monitor"] or "validation_cost", options["early_stopping"])
    name = Path(name_of_source(data) or data).resolve().stem
    options["study"] = check_study_file(options["study"] or f"{name}-tune.db")
    written = {"--save": options["save"], "--plot": options["plot"]}
    read = [data, options["validation"], options["test"], options["study"]]
    check_written(written, read, force=options["force"])
    if options["plot"]:
        check_picture(options["plot"], force=options["force"])
    # Early stopping, which is always on here, makes data without a validation set have one.
    dataset = load_as(data, options, usual_size=_VALIDATION_SIZE)
    if dataset.provenance["validation_size"] is not None:
        options["validation_size"] = dataset.provenance["validation_size"]
    print_data_notes(dataset)
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
                patience=options["early_stopping"],
                fixed=fixed,
                space=asked,
                callback=bar.show,
                **{name: options[name] for name in _ARGUMENTS},
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


def _conclude(found: Search, dataset: Dataset, options: dict[str, Any], *, as_json: bool) -> None:
    """Train the best candidate again, unless the search was interrupted, and print the results."""
    line = None
    if found.best:
        how = {"early_stopping": found.plan.patience, "monitor": found.monitor}
        line = train_line({**{name: options[name] for name in _DATA}, **found.best_options, **how})
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


def train_line(options: Mapping[str, Any]) -> str:
    """Return the command line of train with these options, without those that are None."""
    words = ["pellucid", "train"]
    for param in train.params:
        value = options.get(param.name or "")
        if value is None or value == ():
            continue
        if isinstance(param, click.Argument):
            words.append(_word(value))
        elif param.secondary_opts:  # --header/--no-header
            words.append(param.opts[0] if value else param.secondary_opts[0])
        elif isinstance(param, click.Option) and param.is_flag:
            words += [param.opts[-1]] if value else []
        elif param.multiple:
            words += [word for part in value for word in (param.opts[-1], _word(part))]
        else:
            words += [max(param.opts, key=len), _word(value)]
    return shlex.join(words)


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_word(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(_word, value)) or "none"
    return str(value)
