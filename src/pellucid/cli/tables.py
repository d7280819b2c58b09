"""Tables and panels that several commands print."""

from collections.abc import Collection, Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pellucid.cli.output import bullet
from pellucid.evaluation import FIGURES, Diagnosis, Report
from pellucid.network import Network

__all__ = [
    "classes_table",
    "confusion_table",
    "diagnosis_panel",
    "labels_table",
    "measures_line",
    "mistakes_table",
    "network_table",
    "plain_table",
    "values_table",
]

_COLOURS = {"good": "green", "overfitting": "red", "underfitting": "red"}
# A wider confusion matrix would not fit a terminal.
_MOST_CLASSES = 20


def plain_table(heads: Iterable[str], left: Collection[str] = ()) -> Table:
    """Return a table without lines, whose columns are aligned right except for some."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="left" if head in left else "right")
    return table


def network_table(network: Network) -> Table:
    """Return a table with the layers of a network."""
    table = plain_table(network.SUMMARY_HEADS, left=("activation", "W", "b"))
    *layers, total = network.summary_rows()
    for row in layers:
        table.add_row(*row)
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


def classes_table(report: Report) -> Table:
    """Return a table with the metrics of each class."""
    table = plain_table(("class", "examples", "precision", "recall"), left=("class",))
    for figures in report.classes:
        table.add_row(figures.name, f"{figures.n:,}", _share(figures.precision), _share(figures.recall))
    return table


def confusion_table(report: Report) -> Table | Text:
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


def mistakes_table(report: Report) -> Table:
    """Return a table with the most confident mistakes."""
    table = plain_table(("row", "predicted", "true", "confidence"), left=("predicted", "true"))
    for mistake in report.mistakes:
        table.add_row(str(mistake.row), mistake.said, mistake.truth, f"{mistake.confidence:.4f}")
    return table


def labels_table(report: Report) -> Table:
    """Return a table with the metrics of each label."""
    table = plain_table(("label", "yes", "precision", "recall", "F1", "accuracy"), left=("label",))
    for label in report.labels:
        f1 = "-" if label.f1 is None else f"{label.f1:.4f}"
        shares = [_share(label.precision), _share(label.recall), f1, _share(label.accuracy)]
        table.add_row(label.name, f"{label.n:,}", *shares)
    return table


def values_table(report: Report) -> Table:
    """Return a table with the metrics of each value."""
    shown = [figure for figure in FIGURES if figure.name in report.values[0].figures]
    table = plain_table(("target", *(figure.words for figure in shown)), left=("target",))
    for value in report.values:
        table.add_row(value.name, *(figure.number(value.figures[figure.name]) for figure in shown))
    mean = report.measures.figures
    table.add_row("(mean)", *(figure.number(mean[figure.name]) for figure in shown), style="dim")
    return table


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
