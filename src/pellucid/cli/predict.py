"""``pellucid predict``."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from pellucid.atomic_file import check_ending, write_atomically
from pellucid.cli.options import (
    as_json,
    check_written,
    engine_option,
    model_and_data,
    option,
    part_option,
    read_with_model,
)
from pellucid.cli.output import as_json_text, console, emit, print_line, print_notes
from pellucid.cli.tables import plain_table
from pellucid.data import RawData, ValueTarget
from pellucid.evaluation import outputs_of
from pellucid.model import Model

__all__ = ["predict"]

# The number of predictions that are printed; a file contains all.
_SHOWN = 20


@click.command()
@model_and_data
@option(
    "-o --output",
    click.Path(path_type=Path),
    "Write the predictions to this file: .csv, .json (one list), or .jsonl (one object per line).",
)
@click.option("--force", is_flag=True, help="Overwrite the --output file.")
@part_option("all")
@engine_option
@as_json
def predict(
    model: Path, data: str | None, output: Path | None, force: bool, part: str, as_json: bool
) -> None:
    """Predict with MODEL for each row of DATA, which needs no target column.

    The result contains, for each row, its number, counted from 0, the prediction, and the outputs of the
    network.
    """
    if output:
        check_ending(output, _FORMATS, "predictions")
    check_written({"--output": output}, [data, model], force=force)
    loaded, raw, part = read_with_model(model, data, part)
    records = _records(loaded, raw, part)
    print_notes([*loaded.notes, *raw.notes])
    if output:
        write_atomically(output, _FORMATS[output.suffix.lower()](records).encode())
    if as_json:
        for record in records:
            emit(record)
    elif output:
        print_line(f"{len(records):,} predictions written to ", (str(output), "bold"), ".")
    else:
        _show(records)


def _records(model: Model, raw: RawData, part: str) -> list[dict[str, Any]]:
    examples = model.examples(raw, part, targets=False)
    outputs = outputs_of(model.network, examples)
    records: list[dict[str, Any]] = [
        {"row": int(row), "prediction": model.head.target.as_record(answer)}
        for row, answer in zip(examples.origin, model.head.answers(outputs), strict=True)
    ]
    if not isinstance(model.target, ValueTarget):
        names = model.target.output_names(model.network.sizes[-1])
        for record, numbers in zip(records, outputs, strict=True):
            record["outputs"] = dict(zip(names, map(float, numbers), strict=True))
    return records


def _as_csv(records: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=os.linesep)
    if records:
        writer.writerow(_cells(records[0]))
    for record in records:
        writer.writerow(_cells(record).values())
    return text.getvalue()


def _cells(record: dict[str, Any]) -> dict[str, Any]:
    """Return the cells of a record by column name: one for each value or label; yes is 1."""
    said = record["prediction"]
    answers = {"prediction": said}
    if isinstance(said, dict):
        plain = {name: int(value) if isinstance(value, bool) else value for name, value in said.items()}
        answers = {f"prediction_{name}": value for name, value in plain.items()}
    outputs = {f"output_{name}": value for name, value in record.get("outputs", {}).items()}
    return {"row": record["row"], **answers, **outputs}


_FORMATS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    ".csv": _as_csv,
    ".json": lambda records: as_json_text(records) + "\n",
    ".jsonl": lambda records: "".join(as_json_text(record) + "\n" for record in records),
}


def _show(records: list[dict[str, Any]]) -> None:
    """Print the first predictions with their three highest outputs."""
    left = ("prediction", "outputs, highest first" if "outputs" in records[0] else "")
    table = plain_table(("row", *left), left=left)
    for record in records[:_SHOWN]:
        outputs = sorted(record.get("outputs", {}).items(), key=lambda item: -item[1])[:3]
        beside = "   ".join(f"{name} {value:.3f}" for name, value in outputs)
        table.add_row(str(record["row"]), Text(_in_words(record["prediction"]), "bold"), Text(beside, "dim"))
    console.print(table)
    if len(records) > _SHOWN:
        more = len(records) - _SHOWN
        print_line(f"and {more:,} more; use -o FILE to write all to a file", style="dim")


def _in_words(prediction: str | float | dict[str, Any]) -> str:
    """Return a prediction as text: a class, a value, the labels with yes, or each value with its name."""
    if isinstance(prediction, str):
        return prediction
    if not isinstance(prediction, dict):
        return f"{prediction:,.6g}"
    if all(isinstance(said, bool) for said in prediction.values()):
        return ", ".join(name for name, yes in prediction.items() if yes) or "(no label)"
    return ", ".join(f"{name} {value:,.6g}" for name, value in prediction.items())
