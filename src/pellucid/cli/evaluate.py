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
    """Tell how good MODEL is on DATA, which must hold the truth as well.

    Of the data that the model was trained on, only the part is judged that it has not seen, unless --part
    says otherwise.
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
        print_note(f"the {part} part of {raw.name}")
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
