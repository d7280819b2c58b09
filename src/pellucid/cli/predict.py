"""``pellucid predict``."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import click

from pellucid.cli.options import as_json, model_argument, part_option
from pellucid.cli.output import console, emit
from pellucid.data import ClassTarget
from pellucid.model import Model
from pellucid.storage import check_free, load_model, write_whole

__all__ = ["predict"]

# So many predictions are printed for people; a file gets all of them.
_SHOWN = 20


@click.command()
@model_argument
@click.argument("data", default="digits")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the predictions to this file, .csv or .json.",
)
@click.option("--force", is_flag=True, help="Let --output replace a file.")
@part_option("all")
@as_json
def predict(model: Path, data: str, output: Path | None, force: bool, part: str, as_json: bool) -> None:
    """Predict with MODEL for each row of DATA, which needs no target column.

    Rows come with their number, counted from 0, the prediction, and all outputs of the network.
    """
    if output:
        check_free(output, force=force)
    loaded = load_model(model)
    raw = loaded.read(data)
    if part == "auto":
        part = "test" if loaded.has_parts(raw) else "all"
    records = _records(loaded, raw, part)
    if output:
        text = _as_json_lines(records) if output.suffix == ".json" else _as_csv(records)
        write_whole(output, text.encode())
    if as_json:
        for record in records:
            emit(record)
    elif output:
        console.print(f"{len(records):,} predictions written to [bold]{output}[/].")
    else:
        _show(records)


def _records(model: Model, raw: Any, part: str) -> list[dict[str, Any]]:
    examples = model.examples(raw, part)
    outputs = model.judge.outputs(model.network, examples)
    answers = model.judge.answers(outputs)
    if isinstance(model.target, ClassTarget):
        names = model.target.names if model.network.sizes[-1] > 1 else model.target.names[1:]
        predictions = [model.target.names[answer] for answer in answers]
        return [
            {
                "row": int(row),
                "prediction": prediction,
                "outputs": dict(zip(names, map(float, numbers), strict=True)),
            }
            for row, prediction, numbers in zip(examples.origin, predictions, outputs, strict=True)
        ]
    return [
        {"row": int(row), "prediction": float(values[0]) if len(values) == 1 else values.tolist()}
        for row, values in zip(examples.origin, answers, strict=True)
    ]


def _as_csv(records: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=os.linesep)
    outputs = list(records[0].get("outputs", {})) if records else []
    several = bool(records) and isinstance(records[0]["prediction"], list)
    n_values = len(records[0]["prediction"]) if several else 0
    heads = [f"prediction_{k}" for k in range(1, n_values + 1)] if several else ["prediction"]
    writer.writerow(["row", *heads, *(f"output_{name}" for name in outputs)])
    for record in records:
        values = record["prediction"] if several else [record["prediction"]]
        writer.writerow([record["row"], *values, *record.get("outputs", {}).values()])
    return text.getvalue()


def _as_json_lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _show(records: list[dict[str, Any]]) -> None:
    for record in records[:_SHOWN]:
        outputs = sorted(record.get("outputs", {}).items(), key=lambda item: -item[1])[:3]
        beside = "   ".join(f"{name} {value:.3f}" for name, value in outputs)
        console.print(f"{record['row']:>8}  [bold]{record['prediction']}[/]   [dim]{beside}[/]")
    if len(records) > _SHOWN:
        console.print(f"[dim]and {len(records) - _SHOWN:,} more; write them to a file with -o FILE[/]")
