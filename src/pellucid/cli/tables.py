"""Tables and panels that several commands print."""

from collections.abc import Collection, Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pellucid.cli.output import bullet
from pellucid.evaluation import Diagnosis, Report
from pellucid.network import Network

__all__ = ["diagnosis_panel", "measures_line", "network_table", "plain_table"]

_COLOURS = {"good": "green", "overfitting": "red", "underfitting": "red"}


def plain_table(
    heads: Iterable[str], rows: Iterable[Iterable[str | Text]] = (), left: Collection[str] = ()
) -> Table:
    """Return a table without lines, whose columns are aligned right except for some."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="left" if head in left else "right")
    for row in rows:
        table.add_row(*row)
    return table


def network_table(network: Network) -> Table:
    """Return a table with the layers of a network."""
    *layers, total = network.summary_rows()
    table = plain_table(network.SUMMARY_HEADS, layers, left=("activation", "W", "b"))
    table.add_row(*total, style="dim")
    return table


def diagnosis_panel(diagnosis: Diagnosis) -> Panel:
    """Return a panel with a diagnosis, its reasons and advice."""
    colour = _COLOURS.get(diagnosis.verdict, "yellow")
    lines: list[RenderableType] = [bullet(reason) for reason in diagnosis.reasons]
    if diagnosis.advice:
        lines.append(Text("What to try next", style="bold"))
        lines += [bullet(advice) for advice in diagnosis.advice]
    title = Text(f"Diagnosis: {diagnosis.verdict}", style=f"bold {colour}")
    return Panel(Group(*lines), title=title, title_align="left", border_style=colour)


def measures_line(report: Report) -> Text:
    """Return the metrics of a model on one line."""
    line = Text(str(report.measures))
    line.highlight_regex(r"(?<=accuracy )[\d.]+ %|(?<=RMSE )[\d.,e+-]+\d", "bold")
    return line
