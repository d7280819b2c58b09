"""The progress bar of training, with the data and the network, then a row for each epoch above it."""

import math
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from pellucid import training
from pellucid.cli.output import console, print_line
from pellucid.cli.tables import network_table
from pellucid.data import Dataset
from pellucid.training import Callback

__all__ = ["TrainingScreen"]


def _columns(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the columns of the history to show, and their headers."""
    words = {"train": "train", "validation": "valid", "test": "test"}
    shown = {name: word for name, word in words.items() if name in dataset.sets}
    narrow = len(shown) > 2  # with a third set, columns are shortened to fit a terminal
    if dataset.task == "regression":
        heads = {"cost": "cost", "rmse": "RMSE"} if narrow else {"cost": "cost", "rmse": "RMSE", "r2": "R2"}
    else:
        heads = {"cost": "cost", "accuracy": "acc" if narrow else "accuracy"}
    figures = [
        (f"{name}_{key}", f"{word} {head}") for key, head in heads.items() for name, word in shown.items()
    ]
    return [("epoch", "epoch"), *figures, ("seconds", "sec" if narrow else "seconds")]


class _PollingProgress(Progress):
    """Reads the counters of training whenever it is drawn, so that the training loop need not report."""

    def __init__(self, run: training.Progress) -> None:
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


class TrainingScreen(Callback):
    """The display of training: the data and the network, then each epoch above the bar."""

    def __init__(self, progress: training.Progress, dataset: Dataset) -> None:
        self.columns, self.dataset = _columns(dataset), dataset
        self._is_open = False
        self._bar = _PollingProgress(progress)

    def __enter__(self) -> "TrainingScreen":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_open:
            self._bar.stop()

    def start(self, run: training.Trainer) -> None:
        """Print the data, the network and the column headers, and start the bar."""
        _print_dataset(self.dataset)
        console.print(network_table(run.network))
        print_line(("".join(head.rjust(_width(head)) for _, head in self.columns), "bold"))
        self._bar.start()
        self._is_open = True

    def restart(self, run: training.Trainer) -> None:
        """Print that training starts again."""
        print_line(f"{str(run.restarts[-1]).capitalize()}.", style="yellow")

    def epoch(self, run: training.Trainer) -> None:
        """Print the metrics of an epoch above the bar."""
        row = run.history[-1]
        if not math.isnan(row["train_cost"]):
            print_line("".join(_cell(row[key], key).rjust(_width(head)) for key, head in self.columns))


def _print_dataset(dataset: Dataset) -> None:
    """Print a summary of the data on one line."""
    words = {"train": "training", "validation": "validation", "test": "test"}
    counts = [f"{len(dataset.sets[name]):,} {word}" for name, word in words.items() if name in dataset.sets]
    sets = f"{', '.join(counts[:-1])} and {counts[-1]}" if len(counts) > 1 else counts[0]
    inputs = f"{dataset.n_inputs:,} input{'s' * (dataset.n_inputs != 1)}"
    print_line((dataset.name, "bold"), f": {sets} examples, {inputs}, {dataset.target.aim}")


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
