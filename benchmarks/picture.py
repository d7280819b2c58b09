"""What was measured, as a picture: bars for contests, lines for growth."""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from benchmarks.figures import Figure
from benchmarks.report import groups

__all__ = ["draw"]

_OURS, _THEIRS = "#0072b2", "#b0b0b0"
_COLUMNS = 2
_TITLE = 60  # characters of a title's line

# Where Pellucid stands beside itself.
_ALONE = ("shapes", "zeros")


def draw(path: Path, machine: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Draw all works into one picture.

    Parameters
    ----------
    path : Path
        The file; its ending says the format.
    machine : dict
        As `machine.describe` gives it.
    figures : sequence of Figure
    """
    works = [(work, [figure for figure in group if figure.counts]) for work, group in groups(figures)]
    works = [(work, group) for work, group in works if len(group) > 1 and group[0].subject != "machine"]
    if not works:
        return
    rows = math.ceil(len(works) / _COLUMNS)
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        canvas = Canvas(figsize=(13, 0.7 + 2.7 * rows), layout="constrained")
        canvas.suptitle(
            f"{machine['processor']}, {machine['cores']} cores: the median of the runs, on logarithmic scales"
        )
        panels = canvas.subplots(rows, _COLUMNS, squeeze=False).flat
        for panel, (work, group) in zip(panels, works, strict=False):
            (_grow if group[0].subject == "growth" else _compare)(panel, group)
            panel.set_title(textwrap.fill(work, _TITLE), loc="left", fontsize=10)
        for panel in list(canvas.axes)[len(works) :]:
            panel.remove()
        canvas.savefig(path, dpi=150)


def _compare(panel: Any, group: Sequence[Figure]) -> None:
    """Draw a bar for each contestant, on a scale where equal ratios are equally long."""
    finite = [figure for figure in group if math.isfinite(figure.median)]
    if not finite:
        panel.text(0.5, 0.5, "no one reached it", ha="center", transform=panel.transAxes)
        panel.set_axis_off()
        return
    figures = list(reversed(group))
    names = [figure.contestant for figure in figures]
    least, most = min(map(_shown, finite)), max(map(_shown, finite))
    medians = [_shown(figure) if figure in finite else least / 3 for figure in figures]
    ours = group[0].contestant.split(",")[0]
    alone = group[0].subject in _ALONE
    panel.barh(names, medians, color=[_OURS if alone or name.startswith(ours) else _THEIRS for name in names])
    panel.set_xscale("log")
    panel.set_xlim(least / 3, most * (most / least * 3) ** 0.35 * 1.5)
    for place, (figure, length) in enumerate(zip(figures, medians, strict=True)):
        said = f"{figure.unit.show(figure.median)} {figure.unit.name}" if figure in finite else "never"
        panel.text(length * 1.06, place, said, va="center", fontsize=8)
    panel.tick_params(axis="x", which="both", bottom=False, labelbottom=False)
    panel.spines["bottom"].set_visible(False)


def _shown(figure: Figure) -> float:
    """Give the length of a bar: the time, or what is done in a second where that is the unit."""
    return 1 / figure.median if figure.unit.inverted else figure.median


def _grow(panel: Any, group: Sequence[Figure]) -> None:
    """Draw the time against the size, both on logarithmic scales, with the slope of the line."""
    sizes = [figure.details["size"] for figure in group]
    medians = [figure.median for figure in group]
    panel.loglog(sizes, medians, "o-", color=_OURS)
    panel.fill_between(
        sizes,
        [min(figure.runs) for figure in group],
        [max(figure.runs) for figure in group],
        color=_OURS,
        alpha=0.2,
        linewidth=0,
    )
    exponent = group[0].details.get("slope of the line")
    if exponent is not None:
        panel.text(0.04, 0.86, f"slope {exponent:.2f}", transform=panel.transAxes)
    panel.set_xlabel(group[0].work.split(",")[0].removeprefix("an epoch by "))
    panel.set_ylabel("seconds an epoch")
