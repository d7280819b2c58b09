"""The progress bar of training, with a row for each epoch above it."""

import math
from types import TracebackType
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from pellucid import training
from pellucid.data import Dataset

__all__ = ["TrainingBar"]

_FIGURES = {
    "classification": {"cost": "cost", "accuracy": "accuracy"},
    "multilabel": {"cost": "cost", "accuracy": "accuracy"},
    "regression": {"cost": "cost", "rmse": "RMSE", "r2": "R2"},
}
# With a third set, columns are shortened to fit a terminal.
_SHORT_FIGURES = {
    "classification": {"cost": "cost", "accuracy": "acc"},
    "multilabel": {"cost": "cost", "accuracy": "acc"},
    "regression": {"cost": "cost", "rmse": "RMSE"},
}


def _columns(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the columns of the history to show, and their headers."""
    words = {"train": "train", "validation": "valid", "test": "test"}
    shown = {name: word for name, word in words.items() if name in dataset.sets}
    heads, seconds = _FIGURES[dataset.task], "seconds"
    if len(shown) > 2:
        heads, seconds = _SHORT_FIGURES[dataset.task], "sec"
    figures = [
        (f"{name}_{key}", f"{word} {head}") for key, head in heads.items() for name, word in shown.items()
    ]
    return [("epoch", "epoch"), *figures, ("seconds", seconds)]


class _PollingProgress(Progress):
    """Reads the counters of training whenever it is drawn, so that the training loop need not report."""

    def __init__(self, run: "training.Progress", console: Console) -> None:
        self.run = run
        self.epoch = 0
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not console.is_terminal,  # otherwise an empty line would be written to a file
        )
        self.line = self.add_task("evaluating the initial network", total=None)

    def get_renderables(self) -> Any:
        # The constructor of Progress draws before the line exists.
        if hasattr(self, "line") and self.run.epoch:
            if self.run.epoch != self.epoch:
                self.epoch = self.run.epoch
                self.reset(
                    self.line,
                    total=self.run.n_examples,
                    description=f"epoch {self.epoch}/{self.run.n_epochs}",
                )
            self.update(self.line, completed=self.run.examples)
            if self.run.stop:
                self.update(self.line, description="stopping: evaluating the network")
        yield from super().get_renderables()


class TrainingBar:
    """The progress of training.

    Parameters
    ----------
    console : rich.console.Console
    run : pellucid.training.Progress
        The counters of training.
    dataset : Dataset
        The data; the task and the sets determine the metrics.
    """

    def __init__(self, console: Console, run: "training.Progress", dataset: Dataset) -> None:
        self.columns = _columns(dataset)
        self.console = console
        self._is_open = False
        self._bar = _PollingProgress(run, console)

    def __enter__(self) -> "TrainingBar":
        return self

    def open(self) -> None:
        """Print the column headers, and start the bar."""
        heads = "".join(head.rjust(_width(head)) for _, head in self.columns)
        self.console.print(Text(heads, style="bold"))
        self._bar.start()
        self._is_open = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_open:
            self._bar.stop()

    def print_epoch(self, row: dict[str, Any]) -> None:
        """Print the metrics of an epoch above the bar."""
        line: RenderableType = Text(
            "".join(_cell(row[key], key).rjust(_width(head)) for key, head in self.columns)
        )
        self.console.print(line)


def _width(head: str) -> int:
    return 5 if head == "epoch" else len(head) + 2


def _cell(value: float, key: str) -> str:
    if key == "epoch":
        return str(value)
    if math.isnan(value):
        return "-"
    if key.endswith("accuracy"):
        return f"{100 * value:.2f} %"
    if key == "seconds":
        return f"{value:.2f}"
    if key.endswith("rmse") or abs(value) >= 1e4:
        return f"{value:,.0f}" if 1e4 <= abs(value) < 1e8 else f"{value:.5g}"
    return f"{value:.4f}"
