"""The plot of a search: the importances, and the values of all trials."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.atomic_file import check_ending, check_save_path, write_atomically
from pellucid.tuning.search import Search

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["check_picture", "draw_search"]

_ENDINGS = (".png", ".svg", ".pdf")
_BLUE, _ORANGE, _GREY = "#3b6ea8", "#d1752b", "#9a9a9a"


def check_picture(path: Path, *, force: bool = False) -> Path:
    """Check that a plot can be saved to a path, and that its extension is supported."""
    check_ending(path, _ENDINGS, "the plot")
    return check_save_path(path, force=force)


def draw_search(search: Search, path: Path, *, force: bool = False) -> None:
    """Plot a search, and write the file atomically."""
    from matplotlib.figure import Figure  # without pyplot, which has windows and global state

    path = check_picture(path, force=force)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    _draw_importances(left, search.importances)
    _draw_history(right, search)
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:].lower(), dpi=150)
    write_atomically(path, content.getvalue())


def _draw_importances(axes: "Axes", importances: dict[str, float]) -> None:
    axes.set_title("importances", loc="left")
    if not importances:
        axes.set_axis_off()
        axes.text(0, 0.9, "too few trials", color=_GREY, transform=axes.transAxes)
        return
    names = list(importances)[::-1]
    bars = axes.barh(names, [100 * importances[name] for name in names], color=_BLUE)
    axes.bar_label(bars, fmt="%.0f %%", padding=3)
    axes.set_xlabel("share of the variance (%)")
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_history(axes: "Axes", search: Search) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title("trials", loc="left")
    valued = [row for row in search.rows if row["value"] is not None]
    for state, filled in (("finished", _BLUE), ("pruned", "none")):
        some = [row for row in valued if row["state"] == state]
        if some:
            axes.scatter(*_points(some), s=28, label=state, facecolors=filled, edgecolors=_BLUE)
    finished = sorted((row for row in valued if row["state"] == "finished"), key=lambda row: row["number"])
    if finished:
        numbers, values = _points(finished)
        axes.step(numbers, search.plan.best_so_far(values), where="post", color=_ORANGE, label="best so far")
    if valued and not search.plan.more_is_better and min(row["value"] for row in valued) > 0:
        axes.set_yscale("log")
    axes.set_xlabel("trial")
    axes.set_ylabel(search.monitor.replace("_", " "))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    if valued:
        axes.legend(frameon=False)


def _points(rows: list[dict[str, Any]]) -> tuple[list[int], list[float]]:
    return [row["number"] for row in rows], [row["value"] for row in rows]
