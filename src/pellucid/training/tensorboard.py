"""A log for TensorBoard: curves, statistics and histograms, one run for each set of the data."""

import math
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.atomic_file import check_folder, copy_permissions
from pellucid.errors import ConfigurationError, ExistingFileError, StorageError
from pellucid.network import Floats
from pellucid.training.logs import Statistics

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["TensorBoardLog"]

_PARTS = ("train", "test", "validation")
_BINS = 64


class TensorBoardLog(Statistics):
    """Writes figures, statistics and histograms of each epoch to event files for TensorBoard.

    Each set of the data is a run of its own in the folder, so that TensorBoard draws their curves in one
    chart: the figures of the history, such as `cost` and `accuracy` (or `rmse` and `r2`), of "train", "test"
    and, if there is one, "validation"; undefined figures are omitted. The run "train" also has the rest:
    `learning_rate`, `seconds`, `penalty`; `gradient/layer_1`, `output/layer_1`, `spread/layer_1` and
    `silent/layer_1` as in `Statistics`; and the histograms of `parameters/W1`, `parameters/b1` and so on. A
    step is an epoch; step 0 is before training. The files are complete after each epoch.

    Parameters
    ----------
    folder : str or Path
        The folder, created if it does not exist.
    force : bool
        Whether to replace the events of another run.

    Raises
    ------
    ConfigurationError
        If tensorboardX is not installed; all errors are raised when the log is created.
    ExistingFileError
        If the folder has the events of another run.
    StorageError
        If the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data = load_data("digits")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = train(build_network(data, [8]), data, epochs=1, callbacks=[TensorBoardLog(folder)])
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['test', 'train']
    """

    def __init__(self, folder: str | Path, *, force: bool = False) -> None:
        try:
            import tensorboardX.event_file_writer  # an optional extra  # noqa: F401
        except ImportError as error:
            raise ConfigurationError(
                "the log for TensorBoard needs a library that is not installed",
                expected="tensorboardX",
                received=str(error),
                remedy="pip install 'pellucid[tensorboard]'",
            ) from None
        self.folder, self.force = check_folder(folder), force
        self._events_there()

    def _events_there(self) -> list[Path]:
        """Return the event files of another run, if they may be replaced."""
        there = self._all_events()
        if there and not self.force:
            raise ExistingFileError(
                "the folder has the events of another run",
                received=str(there[0]),
                remedy="choose another folder, or replace them with --force (force=True)",
            )
        return there

    def _all_events(self) -> list[Path]:
        return [path for part in _PARTS for path in sorted((self.folder / part).glob("*.tfevents.*"))]

    def start(self, run: "Trainer") -> None:
        """Open a file for each set, and write the figures before training."""
        super().start(run)
        self.files: dict[str, Any] = {}
        self._open(run, self._events_there())

    def restart(self, run: "Trainer") -> None:
        """Begin the files anew."""
        self.end(run)
        super().start(run)
        self._open(run, self._all_events())

    def _open(self, run: "Trainer", there: list[Path]) -> None:
        """Open a file for each set in place of those that are there, and write the figures so far."""
        from tensorboardX.event_file_writer import EventsWriter

        try:
            before = {path.parent: path.stat() for path in there}
            for path in there:
                path.unlink()
            for part in run.measures:
                (self.folder / part).mkdir(parents=True, exist_ok=True)
                self.files[part] = EventsWriter(str(self.folder / part / "events"))
            for folder, rights in before.items():
                for path in folder.glob("*.tfevents.*"):
                    copy_permissions(path, rights)
            self._write(run)
        except OSError as error:
            raise StorageError(
                "the log for TensorBoard cannot be written",
                received=error.strerror or str(error),
                where=str(error.filename or self.folder),
            ) from error

    def epoch(self, run: "Trainer") -> None:
        super().epoch(run)
        self._write(run)

    def end(self, run: "Trainer") -> None:
        with ExitStack() as stack:  # all of them, even if one cannot be closed
            for file in self.files.values():
                stack.callback(_close, file)

    def _write(self, run: "Trainer") -> None:
        row = run.history[-1]
        for name, value in row.items():
            part, _, figure = name.partition("_")
            if math.isnan(value):
                continue
            if part in self.files:
                self._scalar(part, figure, value, row["epoch"])
            elif name != "epoch":
                self._scalar("train", name, value, row["epoch"])
        for statistics in self.rows[-len(run.network.layers) :]:
            if statistics["epoch"] != row["epoch"]:
                continue  # L-BFGS has none
            for name in ("gradient", "output", "spread", "silent"):
                tag = f"{name}/layer_{statistics['layer']}"
                self._scalar("train", tag, statistics[name], row["epoch"])
        for name, array in run.shown.parameters.items():
            self._histogram(f"parameters/{name}", array, row["epoch"])
        for file in self.files.values():
            file.flush()

    def _scalar(self, part: str, tag: str, value: float, epoch: int) -> None:
        from tensorboardX.summary import scalar

        self._event(part, scalar(tag, value), epoch)

    def _histogram(self, tag: str, array: Floats, epoch: int) -> None:
        from tensorboardX.summary import histogram

        values = array.astype(np.float64)
        low, high = float(values.min()), float(values.max())
        if low == high:
            low, high = low - 0.5, high + 0.5
        # NumPy's own edges fail if the values are almost equal.
        self._event("train", histogram(tag, values, np.linspace(low, high, _BINS + 1)), epoch)

    def _event(self, part: str, summary: Any, epoch: int) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self.files[part].write_event(Event(wall_time=time.time(), step=epoch, summary=summary))


def _close(file: Any) -> None:
    """Close a writer of events."""
    try:
        file.close()
    except OSError:
        # When the file is deleted, Python would try to write the rest again, and print that it failed.
        file._py_recordio_writer._writer.raw.close()
        raise
