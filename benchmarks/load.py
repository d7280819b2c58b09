"""Loading a table: read, split, encoded; the time, and the memory that it takes."""

import resource
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.agreement import distance
from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale

__all__ = ["measure"]

_MEBIBYTES = Unit("MiB", 2.0**-20)
_WORDS = ("red", "green", "blue", "yellow", "black")


def measure(scale: Scale) -> list[Figure]:
    """Load a table of numbers, and one of numbers and words, beside pandas and scikit-learn."""
    figures = []
    with TemporaryDirectory() as folder:
        for write, rows in ((_numbers, 93_000), (_mixed, 1_000_000)):
            path = Path(folder, f"{write.__name__}.csv")
            columns = write(path, scale.examples(rows, least=1000))
            size = path.stat().st_size
            work = f"{columns[0]:,} rows of {columns[1]} columns, {size / 2**20:.0f} MiB"
            figures += _compete(work, path, scale.runs)
    return figures


def _compete(work: str, path: Path, runs: int) -> list[Figure]:
    """Let all load a file by turns, each time in a process of its own."""
    found: dict[str, tuple[Figure, Figure]] = {}
    for _ in range(runs):
        for name, load in _CONTESTANTS.items():
            times, memory = found.setdefault(
                name,
                (Figure("load", work, name, Unit("s")), Figure("load", f"{work}: memory", name, _MEBIBYTES)),
            )
            answer = _apart(load, path)
            if isinstance(answer, str):
                times.out = memory.out = answer
                continue
            seconds, peak = answer
            times.runs.append(seconds)
            memory.runs.append(peak)
    found["Pellucid"][0].disagreement = _disagreement(_warm(path))
    return [figure for pair in zip(*found.values(), strict=True) for figure in pair]


def _apart(load: Callable[[Path], None], path: Path) -> tuple[float, float] | str:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, load, path))
    process.start()
    theirs.close()
    try:
        answer: tuple[float, float] | str = ours.recv()
    except EOFError:
        answer = "its process ended"
    process.join()
    return answer


def _answer(connection: Connection, load: Callable[[Path], None], path: Path) -> None:
    """Send the seconds, and the memory at its peak beyond what the packages take."""
    try:
        load(_warm(path))  # imports, and thread pools
        before = _peak()
        began = time.perf_counter()
        load(path)
        seconds = time.perf_counter() - began
        connection.send((seconds, max(_peak() - before, 1.0)))
    except ModuleNotFoundError as error:
        connection.send(f"{error.name} is not installed")


def _peak() -> float:
    kibibytes = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kibibytes)


def _warm(path: Path) -> Path:
    """Write the first hundred rows of a file beside it."""
    short = path.with_name(f"first of {path.name}")
    if not short.exists():
        with path.open() as file:
            short.write_text("".join(line for line, _ in zip(file, range(101), strict=False)))
    return short


def _pellucid(path: Path) -> None:
    import pellucid

    pellucid.load_data(path, task="classification")


def _polars(path: Path) -> None:
    import polars as pl

    pl.read_csv(path)


def _pandas(path: Path) -> None:
    import pandas as pd
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import LabelEncoder

    frame = pd.read_csv(path)
    y = LabelEncoder().fit_transform(frame.pop("y"))
    train, test, _, _ = train_test_split(frame, y, test_size=0.2, stratify=y, random_state=0)
    encoder = _encoder()
    encoder.fit_transform(train)
    encoder.transform(test)


def _encoder() -> Any:
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    return ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("words", OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
        ]
    )


def _disagreement(path: Path) -> float:
    """Return how far the inputs of the training set are from those of scikit-learn's transformers."""
    import pandas as pd

    import pellucid

    train = pellucid.load_data(path, task="classification").train
    rows = pd.read_csv(path).drop(columns="y").iloc[train.origin]
    return distance([np.asarray(train.inputs)], [_encoder().fit_transform(rows)])


_CONTESTANTS: dict[str, Callable[[Path], None]] = {
    "Pellucid": _pellucid,
    "pandas and ColumnTransformer": _pandas,
    "polars, reading alone": _polars,
}


def _numbers(path: Path, rows: int) -> tuple[int, int]:
    import polars as pl

    random = np.random.default_rng(0)
    columns = {f"number_{index}": random.normal(size=rows).round(4) * 100 for index in range(54)}
    pl.DataFrame(columns | {"y": random.integers(0, 7, rows)}).write_csv(path, float_precision=3)
    return rows, 55


def _mixed(path: Path, rows: int) -> tuple[int, int]:
    import polars as pl

    random = np.random.default_rng(1)
    columns = {f"number_{index}": random.normal(size=rows) * 100 for index in range(10)}
    counts = {f"count_{index}": random.integers(0, 1000, rows) for index in range(4)}
    words = {f"word_{index}": np.array(_WORDS)[random.integers(0, 5, rows)] for index in range(5)}
    answer = {"y": np.array(["no", "yes"])[random.integers(0, 2, rows)]}
    pl.DataFrame(columns | counts | words | answer).write_csv(path, float_precision=3)
    return rows, 20
