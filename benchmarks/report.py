"""What was measured, as tables on the terminal and as JSON."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.figures import Figure, ratio

__all__ = ["groups", "print_tables", "write_json"]


def groups(figures: Sequence[Figure]) -> Iterator[tuple[str, list[Figure]]]:
    """Give the works in their order, each with the figures of all contestants, the first one first."""
    for (_, work), group in groupby(figures, key=lambda figure: (figure.subject, figure.work)):
        yield work, list(group)


def print_tables(figures: Sequence[Figure], peak: float | None, console: Console | None = None) -> None:
    """Print a table for each work.

    Parameters
    ----------
    figures : sequence of Figure
    peak : float or None
        The GFLOP/s of all cores, to say what share of them was used.
    console : Console, optional
        Where to; the terminal unless said.

    Notes
    -----
    "x first" is how many times as long it took as the first of the table, "of peak" the share of the
    machine's measured peak, and "off by" how far the numbers computed were from the reference's.
    """
    shown_on = console or Console(width=None if sys.stdout.isatty() else 110)
    for work, group in groups(figures):
        shown_on.print(_table(work, group, peak))


def _table(work: str, group: Sequence[Figure], peak: float | None) -> Table:
    title = f"{work} ({group[0].unit.name})"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE)
    table.add_column("", max_width=44)
    for head in ("median", "best", "worst", "x first", "GFLOP/s", "of peak", "off by"):
        table.add_column(head, justify="right", no_wrap=True)
    for figure in group:
        table.add_row(*_row(figure, group[0], peak))
    return table


def _row(figure: Figure, first: Figure, peak: float | None) -> list[str]:
    if not figure.counts:
        reason = (figure.out or "no runs").splitlines()[0]
        return [f"{figure.contestant}\n  {escape(reason)}", *[""] * 7]
    gigaflops, times = figure.gigaflops, ratio(figure, first)
    return [
        figure.contestant,
        *(figure.unit.show(value) for value in (figure.median, min(figure.runs), max(figure.runs))),
        "" if times is None else f"{times:.2f}",
        "" if gigaflops is None else f"{gigaflops:.1f}",
        "" if gigaflops is None or peak is None else f"{100 * gigaflops / peak:.0f} %",
        "-" if figure.disagreement is None else f"{figure.disagreement:.0e}",
    ]


def write_json(path: Path, machine: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Write the machine, the versions, and every single run.

    Parameters
    ----------
    path : Path
        The file.
    machine : dict
        As `machine.describe` gives it.
    figures : sequence of Figure
    """
    results = []
    for _, group in groups(figures):
        for figure in group:
            times = ratio(figure, group[0])
            finite = times is not None and times != float("inf")
            results.append(figure.to_dict() | {"times the first": times if finite else None})
    text = json.dumps({"machine": machine, "figures": results}, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
