"""``pellucid evaluate``."""

from pathlib import Path

import click

from pellucid.cli.options import (
    as_json,
    choose_part,
    engine_option,
    model_argument,
    model_data_argument,
    part_option,
)
from pellucid.cli.output import console, emit, print_line, print_note, print_notes
from pellucid.cli.tables import (
    classes_table,
    confusion_table,
    labels_table,
    measures_line,
    mistakes_table,
    values_table,
)
from pellucid.storage import load_model

__all__ = ["evaluate"]


@click.command()
@model_argument
@model_data_argument
@part_option("auto")
@engine_option
@as_json
def evaluate(model: Path, data: str | None, part: str, as_json: bool) -> None:
    """Evaluate MODEL on DATA, which must contain the targets.

    By default, DATA is the data that the model was trained on, of which only the test set is used.
    """
    loaded = load_model(model)
    raw = loaded.read(data, require_target=True)
    part = choose_part(part, loaded, raw)
    report = loaded.evaluate(raw, part)
    print_notes([*loaded.notes, *raw.notes])
    if as_json:
        emit({"event": "evaluation", "data": raw.name, "part": part, **report.to_dict()})
        return
    if part != "all":
        print_note(f"the {'training' if part == 'train' else part} set of {raw.name}")
    console.print(measures_line(report))
    if report.classes:
        console.print("", classes_table(report), "", confusion_table(report), sep="\n")
    if report.labels:
        console.print("", labels_table(report), sep="\n")
    if report.values:
        console.print("", values_table(report), sep="\n")
    if report.mistakes:
        print_line(("\nThe most confident mistakes", "bold"), " (rows counted from 0)")
        console.print(mistakes_table(report))
