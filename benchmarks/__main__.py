"""Run the benchmarks: ``python -m benchmarks [--quick] [--only SUBJECT] [--runs N]``."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from benchmarks import (
    accuracy,
    batches,
    commands,
    estimators,
    growth,
    load,
    machine,
    many,
    online,
    prediction,
    small,
    zeros,
)
from benchmarks.figures import Figure
from benchmarks.report import print_tables, write_json
from benchmarks.scale import FULL, QUICK, TINY, Scale

SUBJECTS: dict[str, Callable[[Scale], list[Figure]]] = {
    "machine": machine.measure,
    "online": online.measure,
    "online-dense": online.measure_dense,
    "shapes": online.measure_shapes,
    "batches": batches.measure,
    "dense": batches.measure_dense,
    "deep": batches.measure_deep,
    "zeros": zeros.measure,
    "accuracy": accuracy.measure,
    "prediction": prediction.measure,
    "small": small.measure,
    "estimators": estimators.measure,
    "load": load.measure,
    "many": many.measure,
    "commands": commands.measure,
    "growth": growth.measure,
}
# What three minutes hold.
QUICK_SUBJECTS = ("machine", "online", "batches", "accuracy", "prediction")


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(SUBJECTS)), help="A subject; may be repeated.")
@click.option("--quick", is_flag=True, help="Fewer subjects, examples and runs: under three minutes.")
@click.option("--tiny", is_flag=True, help="Whether everything works; the figures mean nothing.")
@click.option("--runs", type=click.IntRange(1), help="How many turns each contestant has, each seed a turn.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Where the results go.")
def main(only: tuple[str, ...], quick: bool, tiny: bool, runs: int | None, out: Path | None) -> None:
    """Measure Pellucid and its peers side by side."""
    scale = TINY if tiny else QUICK if quick else FULL
    if runs is not None:
        scale = replace(scale, runs=runs, seeds=runs)
    named = only or (QUICK_SUBJECTS if quick else tuple(SUBJECTS))
    folder = out or Path(__file__).parent / "results"
    folder.mkdir(parents=True, exist_ok=True)
    about = machine.describe() | {"scale": scale.name}
    figures: list[Figure] = []
    peak: float | None = None
    for name in named:
        began = time.perf_counter()
        found = SUBJECTS[name](scale)
        figures += found
        if name == "machine" and found[-1].counts:
            peak = 1 / found[-1].median / 1e9
        print_tables(found, peak)
        click.echo(f"{name}: {time.perf_counter() - began:.0f} s\n")
        # After each subject, so that hours are not lost.
        write_json(folder / f"{scale.name}.json", about, figures)
    _draw(folder / f"{scale.name}.png", about, figures)


def _draw(path: Path, about: dict[str, object], figures: list[Figure]) -> None:
    try:
        from benchmarks.picture import draw
    except ModuleNotFoundError as error:
        click.echo(f"no picture: {error.name} is not installed")
        return
    draw(path, about, figures)
    click.echo(f"{path} and {path.with_suffix('.json').name} are written")


if __name__ == "__main__":
    main()
