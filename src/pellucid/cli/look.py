"""``pellucid look``."""

from typing import Any

import click

from pellucid.cli.column_table import columns_table, gathered_columns
from pellucid.cli.data_options import data_options, read_option
from pellucid.cli.options import DATA_IS, as_json, data_argument, option, with_options
from pellucid.cli.output import bullet, console, emit, print_line
from pellucid.cli.tables import plain_table
from pellucid.cli.train import load_as
from pellucid.data import DataReport

__all__ = ["look"]

_MOST_CLASSES = 20
_USES = {"train": "to train on", "validation": "to validate with", "test": "to test with"}


@click.command(epilog=DATA_IS)
@data_argument
@with_options(data_options())
@read_option("weight_column")
@option("-s --seed", int, "The random seed of the split.", default=0, show_default=True)
@option("--validation-size", float, "Share or number of training rows for the validation set.")
@option("--validation", click.Path(), "A file with a separate validation set.")
@click.option("--verbose", is_flag=True, help="Show each column, also if many are alike.")
@as_json
def look(data: str, verbose: bool, as_json: bool, **options: Any) -> None:
    """Show what would be made of DATA, without training.

    The table contains each column: how it was read, missing and distinct values, the minimum, median and
    maximum or frequent values, and what becomes of it. Below it are the target, the sets, repeated rows, and
    notes: why columns are left out, and what is suspicious.
    """
    report = load_as(data, {**options, "early_stopping": None, "monitor": None}).report
    assert report is not None  # the data were loaded
    if as_json:
        emit({"event": "data", **report.to_dict()})
        return
    print_line((report.name, "bold"), f": {report.n_rows:,} rows, {report.n_columns:,} columns\n")
    console.print(columns_table(report.columns if verbose else gathered_columns(report.columns)), "")
    _print_target(report)
    sets = ", ".join(f"{report.sets[name]:,} {use}" for name, use in _USES.items() if name in report.sets)
    print_line(("Rows: ", "bold"), sets)
    print_line(("Repeated rows: ", "bold"), _repeated(report))
    if report.notes:
        print_line("Notes", style="bold")
        for note in report.notes:
            console.print(bullet(note))


def _print_target(report: DataReport) -> None:
    print_line(("Target: ", "bold"), f"{report.aim} ({report.task})")
    if report.classes:
        counts = sorted(report.classes.items(), key=lambda item: -item[1])
        rows = [
            (name, f"{count:,}", f"{100 * count / report.n_rows:.1f} %")
            for name, count in counts[:_MOST_CLASSES]
        ]
        head = "label" if report.task == "multilabel" else "class"
        table = plain_table((head, "rows", "share"), rows, left=(head,))
        table.columns[0].overflow = "fold"
        console.print(table)
        if len(counts) > _MOST_CLASSES:
            print_line(f"and {len(counts) - _MOST_CLASSES:,} more, the rarest with {counts[-1][1]:,} rows")
    for name, quantiles in report.quantiles.items():
        values = ", ".join(f"{quantile} {value:,.6g}" for quantile, value in quantiles.items())
        print_line(f"{name}: {values}")


def _repeated(report: DataReport) -> str:
    if not report.repeated:
        return "none"
    seen = [f"{count:,} {name} rows" for name, count in report.seen.items() if count]
    also = f"; {' and '.join(seen)} are also in the training set" if seen else ""
    are = "is" if report.repeated == 1 else "are"
    return f"{report.repeated:,} {are} the same as an earlier row, inputs and target{also}"
