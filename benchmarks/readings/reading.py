"""One table: written as files, read and trained on as it comes, beside pandas and boosted trees."""

import csv
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

import pellucid
from benchmarks.readings.comparison import differences, disagreements
from benchmarks.readings.tables import MOST_COLUMNS, MOST_ROWS, Source, content, target_of
from benchmarks.readings.trees import score_of_trees, score_on_inputs

__all__ = ["MUCH_WORSE", "Attempt", "attempt", "attempt_frame", "written"]

# The network is much worse than the trees if its score is lower by more than this.
MUCH_WORSE = 0.1
# R writes NA without quotation marks.
_MISSING = "\0NA\0"


@dataclass
class Attempt:
    """What became of a table.

    Parameters
    ----------
    table : str
        Its package and name.
    rows, columns : int
        Its size, without the names of its rows.
    content : str
        A hash of its cells.
    target : str or None
        The target; None if a person would not train on the table.
    is_last : bool
        Whether the target is the last column, which is used unless another is named.
    outcome : str
        "trained", "diverged", "refused" or "crashed".
    problem : str
        The error or the end of the traceback, where it did not train.
    task : str
        The task that was detected.
    inputs : int
        The number of inputs of the network.
    score, trees, constant : float or None
        Accuracy or R2 in the test set: of the network, of HistGradientBoosting, and of the answer that is
        best without any inputs.
    trees_on_inputs : float or None
        That of the same trees on the inputs of the network, if the network is much worse than the trees.
    notes : list of str
        What Pellucid said about the reading.
    differences : list of str
        Where its reading differs from that of pandas, or between the files.
    """

    table: str
    rows: int
    columns: int
    content: str
    target: str | None
    is_last: bool
    outcome: str = ""
    problem: str = ""
    task: str = ""
    inputs: int = 0
    score: float | None = None
    trees: float | None = None
    constant: float | None = None
    trees_on_inputs: float | None = None
    notes: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def written(frame: pd.DataFrame, folder: Path) -> dict[str, Path]:
    """Write a table as R writes it, with the names of its rows, as pandas writes it, and as Parquet."""
    of_r = frame.set_axis(frame.index.astype(str))
    for name in of_r.select_dtypes("bool"):
        of_r[name] = of_r[name].map({True: "TRUE", False: "FALSE"})
    paths = {"R": folder / "r.csv", "pandas": folder / "pandas.csv", "Parquet": folder / "table.parquet"}
    text = of_r.to_csv(index_label="", na_rep=_MISSING, quoting=csv.QUOTE_NONNUMERIC)
    paths["R"].write_text(text.replace(f'"{_MISSING}"', "NA").replace(_MISSING, "NA"), encoding="utf-8")
    frame.to_csv(paths["pandas"], index=False)
    try:
        frame.reset_index(drop=True).to_parquet(paths["Parquet"])
    except (TypeError, ValueError):  # columns of objects of several kinds, which Parquet cannot contain
        del paths["Parquet"]
    return paths


def attempt(source: Source, most_rows: int = MOST_ROWS) -> Attempt | None:
    """Try a table with the settings as they come; None if it is too large, or not a table."""
    frame = source.load()
    if frame is None or len(frame) > most_rows or frame.shape[1] > MOST_COLUMNS:
        return None
    with TemporaryDirectory() as folder:
        return attempt_frame(source.name, frame, Path(folder))


def attempt_frame(name: str, frame: pd.DataFrame, folder: Path) -> Attempt:
    """Write a table as files, train on it, and say what became of it."""
    target = target_of(frame)
    rows, columns = frame.shape
    is_last = target in (None, frame.columns[-1])
    found = Attempt(name, rows, columns, content(frame), target, is_last)
    paths = written(frame, folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _train(found, paths)
        except pellucid.PellucidError as error:
            found.outcome, found.problem = "refused", str(error)
        except Exception:  # the finding that matters most
            found.outcome, found.problem = "crashed", traceback.format_exc()
    return found


def _train(found: Attempt, paths: dict[str, Path]) -> None:
    """Read the file that R would write, train on it, and compare."""
    target = None if found.is_last else found.target
    data = pellucid.load_data(paths["R"], target=target)
    found.task, found.inputs, found.notes = data.task, data.n_inputs, list(data.notes)
    read = pd.read_csv(paths["R"], index_col=0, low_memory=False).rename(columns=str.strip)
    found.differences = differences(data, read)
    for name in ("pandas", "Parquet"):
        if name in paths:
            other = pellucid.load_data(paths[name], target=target)
            found.differences += [f"{name}: {text}" for text in disagreements(data, other)]
    model = pellucid.train(pellucid.build_network(data), data)
    found.outcome = "diverged" if model.stopped == "diverged" else "trained"
    found.score, found.constant = _scores(model, data)
    found.trees = score_of_trees(data, read)
    if found.trees is not None and found.score < found.trees - MUCH_WORSE:
        found.trees_on_inputs = score_on_inputs(data)


def _scores(model: pellucid.Model, data: pellucid.Dataset) -> tuple[float, float]:
    """Return the score of a model in the test set, and that of the best constant answer."""
    assert data.test is not None
    truth: Any = data.test.targets
    known: Any = data.train.targets
    predicted = model.predict(data.test)
    if data.task == "classification":
        codes = data.target.encode(predicted)
        return float(np.mean(codes == truth)), float(np.mean(truth == np.bincount(known).argmax()))
    truth = truth[:, 0]
    spread = float(np.sum((truth - truth.mean()) ** 2))
    own, constant = (float(np.sum((truth - answer) ** 2)) for answer in (predicted, known.mean()))
    return (1 - own / spread, 1 - constant / spread) if spread else (float("nan"), float("nan"))
