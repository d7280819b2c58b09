"""``pellucid evaluate``."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from pellucid.cli.data_options import file_options
from pellucid.cli.options import as_json, engine_option, model_and_data, part_option, read_with_model
from pellucid.cli.output import console, emit, print_line, print_note, print_notes
from pellucid.cli.tables import measures_line, plain_table
from pellucid.evaluation import FIGURES, Report

__all__ = ["evaluate"]

# A wider confusion matrix would not fit a terminal.
_MOST_CLASSES = 20


@click.command()
@model_and_data
@part_option("auto")
@file_options
@engine_option
@as_json
def evaluate(model: Path, data: str | None, part: str, as_json: bool, **given: Any) -> None:
    """Evaluate MODEL on DATA, which must contain the targets.

    By default, DATA is the data that the model was trained on, of which only the test set is used.
    """
    loaded, raw, part = read_with_model(model, data, part, require_target=True, **given)
    report = loaded.evaluate(raw, part)
    print_notes([*loaded.notes, *raw.notes])
    if as_json:
        emit({"event": "evaluation", "data": raw.name, "part": part, **report.to_dict()})
        return
    if part != "all":
        print_note(f"the {'training' if part == 'train' else part} set of {raw.name}")
    console.print(measures_line(report))
    if report.classes:
        console.print("", _classes_table(report), "", _confusion_table(report), sep="\n")
    if report.labels:
        console.print("", _labels_table(report), sep="\n")
    if report.values:
        console.print("", _values_table(report), sep="\n")
    if report.mistakes:
        print_line(("\nThe most confident mistakes", "bold"), " (rows counted from 0)")
        console.print(_mistakes_table(report))


def _classes_table(report: Report) -> Table:
    rows = [(c.name, f"{c.n:,}", _share(c.precision), _share(c.recall)) for c in report.classes]
    return plain_table(("class", "examples", "precision", "recall"), rows, left=("class",))


def _confusion_table(report: Report) -> Table | Text:
    """Return the confusion matrix; rows are true classes, columns are predicted classes."""
    if report.confusion is None or len(report.classes) > _MOST_CLASSES:
        return Text(f"(use --json for the confusion matrix of {len(report.classes)} classes)", style="dim")
    corner = "true \\ predicted"
    table = plain_table((corner, *(figures.name for figures in report.classes)), left=(corner,))
    for k, figures in enumerate(report.classes):
        cells = []
        for said, count in enumerate(report.confusion[k].tolist()):
            style = "green" if said == k else "red" if count else "dim"
            cells.append(Text(f"{count:,}" if count else "·", style=style))
        table.add_row(Text(figures.name, style="bold"), *cells)
    return table


def _mistakes_table(report: Report) -> Table:
    rows = [(str(m.row), m.said, m.truth, f"{m.confidence:.4f}") for m in report.mistakes]
    return plain_table(("row", "predicted", "true", "confidence"), rows, left=("predicted", "true"))


def _labels_table(report: Report) -> Table:
    table = plain_table(("label", "yes", "precision", "recall", "F1", "accuracy"), left=("label",))
    for label in report.labels:
        f1 = "-" if label.f1 is None else f"{label.f1:.4f}"
        shares = [_share(label.precision), _share(label.recall), f1, _share(label.accuracy)]
        table.add_row(label.name, f"{label.n:,}", *shares)
    return table


def _values_table(report: Report) -> Table:
    shown = [figure for figure in FIGURES if figure.name in report.values[0].figures]
    table = plain_table(("target", *(figure.words for figure in shown)), left=("target",))
    for value in report.values:
        table.add_row(value.name, *(figure.number(value.figures[figure.name]) for figure in shown))
    mean = report.measures.figures
    table.add_row("(mean)", *(figure.number(mean[figure.name]) for figure in shown), style="dim")
    return table


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
