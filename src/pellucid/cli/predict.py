"""``pellucid predict``."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.text import Text

from pellucid.atomic_file import check_ending, write_atomically
from pellucid.cli.data_options import file_options
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
from pellucid.errors import ConfigurationError
from pellucid.evaluation import outputs_of
from pellucid.model import Model

__all__ = ["predict"]

# The number of predictions that are printed; a file contains all.
_SHOWN = 20
# What a record contains besides the columns that are kept.
_OWN = ("row", "prediction", "outputs")


@click.command()
@model_and_data
@option(
    "-o --output",
    click.Path(path_type=Path),
    "Write the predictions to this file: .csv, .json (one list), or .jsonl (one object per line).",
)
@option(
    "--keep",
    None,
    "Columns of DATA to repeat beside the predictions: a name, several separated by commas, or a pattern "
    "such as 'x_*'. May be repeated.",
    multiple=True,
    metavar="COLUMNS",
)
@click.option("--force", is_flag=True, help="Overwrite the --output file.")
@part_option("all")
@file_options
@engine_option
@as_json
def predict(
    model: Path,
    data: str | None,
    output: Path | None,
    keep: tuple[str, ...],
    force: bool,
    part: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Predict with MODEL for each row of DATA, which needs no target column.

    The result contains, for each row, its number, counted from 0, the columns to --keep, the prediction, and
    the outputs of the network.
    """
    if output:
        check_ending(output, _FORMATS, "predictions")
    check_written({"--output": output}, [data, model], force=force)
    loaded, raw, part = read_with_model(model, data, part, **given)
    records = _records(loaded, raw, part, keep)
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


def _records(model: Model, raw: RawData, part: str, keep: Sequence[str]) -> list[dict[str, Any]]:
    kept = raw.columns(*keep) if keep else None  # refused before the outputs are computed
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
    if kept is not None:
        _check_distinct(kept.columns, records[0])
        rows = kept[np.searchsorted(raw.origin, examples.origin)].iter_rows(named=True)
        return [_with_kept(record, row) for record, row in zip(records, rows, strict=True)]
    return records


def _check_distinct(kept: Sequence[str], record: dict[str, Any]) -> None:
    taken = {*record, *_cells(record)}
    for name in kept:
        if name in taken:
            raise ConfigurationError(
                f"column {name!r} cannot be kept, because the predictions have a column of this name",
                expected="a name that they do not have",
                received=name,
                where="--keep",
                remedy="rename it in the data, or join the predictions with the data by row",
            )


def _with_kept(record: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Return a record with cells of the data after its number; whole numbers without a decimal point."""
    kept = {
        name: int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell
        for name, cell in row.items()
    }
    return {"row": record["row"], **kept, **record}


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
    return {"row": record["row"], **_kept(record), **answers, **outputs}


def _kept(record: dict[str, Any]) -> dict[str, Any]:
    return {name: cell for name, cell in record.items() if name not in _OWN}


_FORMATS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    ".csv": _as_csv,
    ".json": lambda records: as_json_text(records) + "\n",
    ".jsonl": lambda records: "".join(as_json_text(record) + "\n" for record in records),
}


def _show(records: list[dict[str, Any]]) -> None:
    """Print the first predictions with their three highest outputs."""
    left = ("prediction", "outputs, highest first" if "outputs" in records[0] else "")
    kept = tuple(_kept(records[0]))
    table = plain_table(("row", *kept, *left), left=left)
    for record in records[:_SHOWN]:
        outputs = sorted(record.get("outputs", {}).items(), key=lambda item: -item[1])[:3]
        beside = "   ".join(f"{name} {value:.3f}" for name, value in outputs)
        answer = Text(_in_words(record["prediction"]), "bold"), Text(beside, "dim")
        cells = ("" if cell is None else str(cell) for cell in _kept(record).values())
        table.add_row(str(record["row"]), *map(Text, cells), *answer)
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
