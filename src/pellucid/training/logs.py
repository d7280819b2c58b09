"""Callbacks that log or summarise training."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from pellucid.atomic_file import check_save_path
from pellucid.errors import StorageError
from pellucid.training.callback import Callback
from pellucid.training.trainer_state import rows_of

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["CsvLog", "Statistics"]

# The columns of a row of statistics.
_STATISTICS = ("epoch", "layer", "gradient", "output", "spread", "silent")


class CsvLog(Callback):
    """Writes the figures of each epoch to a CSV file, one line after each epoch.

    Parameters
    ----------
    path : str or Path
        The file.
    force : bool
        Whether to replace an existing file.

    Raises
    ------
    StorageError
        If the file exists, or cannot be written; this is checked when the log is created.
    """

    def __init__(self, path: str | Path, *, force: bool = False) -> None:
        self.path, self.force = check_save_path(path, force=force), force
        self.file: TextIO | None = None

    def start(self, run: "Trainer") -> None:
        """Write the column names, and the figures before training."""
        # There may be one by now: of another run with this very log.
        check_save_path(self.path, force=self.force)
        try:
            self.file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise StorageError(
                "the log cannot be written", received=error.strerror or str(error), where=str(self.path)
            ) from error
        self._write_all(run)

    def restart(self, run: "Trainer") -> None:
        """Begin the file anew."""
        if self.file:
            self.file.seek(0)
            self.file.truncate()
        self._write_all(run)

    def _write_all(self, run: "Trainer") -> None:
        self._write(run.history.columns)
        for row in run.history:  # if training resumes from a state, all epochs so far
            self._write(list(row.values()))

    def epoch(self, run: "Trainer") -> None:
        self._write(list(run.history[-1].values()))

    def end(self, run: "Trainer") -> None:
        if self.file:
            self.file.close()

    def _write(self, cells: list[Any]) -> None:
        if self.file:
            csv.writer(self.file, lineterminator="\n").writerow(cells)
            self.file.flush()


class Statistics(Callback):
    """Statistics of the gradients and outputs, for each epoch and layer.

    Attributes
    ----------
    rows : list of dict
        For each epoch and layer: "epoch", "layer"; "gradient", the mean norm of the weights' gradient over
        the updates; "output" and "spread", mean and standard deviation of the outputs; "silent", the share
        of outputs that were 0.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data, statistics = load_data("digits"), Statistics()
    >>> model = train(build_network(data, [16]), data, epochs=1, callbacks=[statistics])
    >>> [(row["layer"], row["silent"] > 0) for row in statistics.rows]
    [(1, True), (2, False)]
    """

    def start(self, run: "Trainer") -> None:
        self.rows: list[dict[str, float]] = []
        self._forget(run)

    def _forget(self, run: "Trainer") -> None:
        self.n_updates = 0
        self.sums = np.zeros((len(run.network.layers), 5))

    def state(self) -> dict[str, Any]:
        columns = {f"rows.{name}": np.array([row[name] for row in self.rows]) for name in _STATISTICS}
        return {"n_updates": self.n_updates, "sums": self.sums.copy(), **columns}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.n_updates, self.sums = int(state["n_updates"]), np.array(state["sums"])
        self.rows = rows_of(state, "rows.")

    def batch(self, run: "Trainer") -> None:
        assert run.trace is not None
        self.n_updates += 1
        for k, gradient in enumerate(run.trace.weight_gradients):
            a = run.trace.a[k + 1].astype(np.float64)
            length = float(np.sqrt(np.square(gradient, dtype=np.float64).sum()))
            self.sums[k] += (length, a.sum(), np.square(a).sum(), (a == 0).sum(), a.size)

    def epoch(self, run: "Trainer") -> None:
        """Add a row for each layer; L-BFGS has no updates to summarise."""
        if not self.n_updates:
            return
        for k, (length, total, squares, silent, count) in enumerate(self.sums.tolist(), start=1):
            mean = total / count
            self.rows.append(
                {
                    "epoch": run.epoch,
                    "layer": k,
                    "gradient": length / self.n_updates,
                    "output": mean,
                    "spread": max(squares / count - mean**2, 0.0) ** 0.5,
                    "silent": silent / count,
                }
            )
        self._forget(run)
