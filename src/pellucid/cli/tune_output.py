"""The output of a search: a row per trial, then the best candidates and the importances."""

from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pellucid.cli.output import console, print_line
from pellucid.cli.tables import diagnosis_panel, measures_line, plain_table
from pellucid.evaluation import Report
from pellucid.model import Model
from pellucid.tuning import Search

__all__ = ["SearchBar", "print_places", "print_search"]

_MOST_ROWS = 10
_BAR = 30
_WHY = {
    "interrupted": "Interrupted. ",
    "time": "Stopped by the time limit. ",
    "exhausted": "All candidates of the search space were tried. ",
}
_STYLES = {"finished": "", "pruned": "dim", "failed": "red", "interrupted": "yellow"}


class SearchBar(Progress):
    """A progress bar of the trials, with a row for each finished one above it; with JSON, nothing."""

    def __init__(self, trials: int, monitor: str, *, as_json: bool) -> None:
        self.head, self.as_json = monitor.replace("_", " "), as_json
        self.has_something = False
        super().__init__(
            TextColumn("trial"),
            MofNCompleteColumn(),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=as_json or not console.is_terminal,  # otherwise an empty line would be written to a file
        )
        self._line = self.add_task("", total=trials)

    def show(self, row: dict[str, Any], ended: int) -> None:
        """Print a trial that has ended, and update the bar."""
        self.update(self._line, completed=ended)
        is_first, self.has_something = not self.has_something, True
        if self.as_json:
            return
        if is_first:
            print_line((f"trial  {self.head:>18}  epochs  seconds  state", "bold"))
        cells = f"{row['number']:>5}  {_said(row['value'], '.5g'):>18}  {_said(row['epochs']):>6}"
        seconds = _said(row["seconds"], ".2f")
        line = Text(f"{cells}  {seconds:>7}  {row['state']}", style=_STYLES[row["state"]])
        if row["state"] == "failed":
            line.append(f": {row['reason']}".partition("\n")[0])
        console.print(line)


def print_search(found: Search, model: Model | None, report: Report | None, line: str | None) -> None:
    """Print the results of a search, and of the best candidate, trained again by the command in the line."""
    print_line(_summary(found), style="yellow" if found.stopped else "")
    if not found.best:
        return
    console.print(_best_table(found), "", sep="\n")
    if found.stopped != "interrupted":
        _print_importances(found.importances)
    if model and report:
        if model.diagnosis:
            console.print(diagnosis_panel(model.diagnosis))
        console.print(
            Text.assemble(
                "The best candidate on the test set, which was not used in the search: ",
                measures_line(report),
            )
        )
    print_line("\nTo train the best candidate again:", style="bold")
    console.print(Text(line or ""), soft_wrap=True)


def print_places(found: Search, study: Path, saved: Path | None, plotted: Path | None) -> None:
    """Print where the study, the model and the plot were saved."""
    for what, path in (("The best model was saved to ", saved), ("The plot was saved to ", plotted)):
        if path:
            print_line(what, (str(path), "bold"), ".")
    more = "increase --trials to continue the search"
    if found.stopped:
        more = "the same command resumes the search"
    if found.stopped == "exhausted":
        more = "use another --search and another --study to continue"
    print_line("The trials were saved to ", (str(study), "bold"), f"; {more}.")


def _summary(found: Search) -> str:
    trials = f"{len(found.rows)} trial{'s' * (len(found.rows) != 1)}"
    return f"{_WHY.get(found.stopped or '', '')}{trials}: {found.counts_in_words}."


def _best_table(found: Search) -> Table:
    """Return a table with the best finished candidates."""
    finished = [row for row in found.rows if row["state"] == "finished"]
    finished.sort(key=lambda row: row["value"], reverse=found.plan.more_is_better)
    heads = ("trial", found.monitor.replace("_", " "), "seconds", "parameters")
    rows = (
        (str(row["number"]), _said(row["value"], ".5g"), _said(row["seconds"], ".2f"), _chosen(row))
        for row in finished[:_MOST_ROWS]
    )
    return plain_table(heads, rows, left=("parameters",))


def _chosen(row: dict[str, Any]) -> str:
    def said(value: Any) -> str:
        if isinstance(value, list):
            return ",".join(map(str, value))
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    # Values that are names are clear without the name of the parameter.
    return ", ".join(
        said(value) if isinstance(value, str) else f"{name.replace('_', ' ')} {said(value)}"
        for name, value in row["parameters"].items()
        if value is not None
    )


def _print_importances(importances: dict[str, float]) -> None:
    if not importances:
        print_line("Too few trials to estimate importances.", style="dim")
        return
    print_line(("Importances", "bold"), " (share of the variance between trials)")
    width = max(map(len, importances))
    for name, share in importances.items():
        print_line(f"{name:<{width}}  {100 * share:>3.0f} %  {'█' * round(_BAR * share)}")


def _said(value: float | None, form: str = "") -> str:
    return "-" if value is None else format(value, form)
