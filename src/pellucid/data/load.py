"""From whatever holds the data to examples: read, split, learn the encoding, encode."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.dataset import Dataset, split
from pellucid.data.examples import Array, Examples
from pellucid.data.inputs import fit_inputs
from pellucid.data.raw import RawData
from pellucid.data.raw_targets import MANY, as_numbers, detect_task
from pellucid.data.sources.arrays import arrays, check_lengths, is_frame, label_array
from pellucid.data.sources.digits import digits
from pellucid.data.sources.idx import idx_folder
from pellucid.data.sources.mnist import mnist
from pellucid.data.sources.npz import npz
from pellucid.data.splits import check_split
from pellucid.data.targets import ClassTarget, Target, ValueTarget
from pellucid.errors import (
    ConfigurationError,
    DataError,
    FormatError,
    MissingFileError,
    PellucidError,
    StorageError,
    UnknownNameError,
    did_you_mean,
)

__all__ = ["NAMED_SOURCES", "TASKS", "load_data", "read_again", "read_data"]

TASKS = ("classification", "regression")

# What can be asked for by name.
NAMED_SOURCES: Mapping[str, Callable[[], RawData]] = {"digits": digits, "mnist": mnist}


def load_data(
    source: object = "digits",
    *,
    target: str | None = None,
    split_column: str | None = None,
    test_size: float = 0.2,
    task: str | None = None,
    seed: int = 0,
    delimiter: str | None = None,
    drop: Sequence[str] = (),
) -> Dataset:
    """Read data, split it, and make it ready for training.

    Parameters
    ----------
    source : str, path, (x, y) or data frame
        A name (digits, mnist), a folder of idx files, a file (CSV, TSV, Parquet, .npz), a pair of
        arrays, or a polars or pandas data frame.
    target : str, optional
        The column to predict; the last one of a table unless said.
    split_column : str, optional
        A column that says train or test in each row.
    test_size : float or int
        The share of the rows to test with, or how many; not used where the data brings its own split.
    task : {"classification", "regression"}, optional
        What the targets are for; told by the targets unless said.
    seed : int
        Which of all random splits.
    delimiter : str, optional
        What stands between the cells of a text file; by its ending unless said.
    drop : sequence of str
        Columns to leave out.

    Returns
    -------
    Dataset

    Raises
    ------
    PellucidError
        DataError, FormatError, MissingFileError, ConfigurationError or UnknownNameError, which say
        what is wrong and what to do.

    Examples
    --------
    >>> data = load_data("digits", test_size=0.3)
    >>> len(data.train), len(data.test), data.n_inputs, data.n_classes
    (1258, 539, 64, 10)
    """
    check_split(test_size, seed)
    raw = read_data(
        source, target=target, split_column=split_column, task=task, delimiter=delimiter, drop=drop
    )
    notes = list(raw.notes)
    assert raw.target is not None  # it was required
    if task is None:
        task = detect_task(raw.target)
        if raw.image_shape is None:
            notes.append(_task_note(task, raw.target))
    train, test, meaning, targets = _targets(raw, task, test_size, seed)
    inputs, remarks = fit_inputs(raw, train)
    encoded, scale = inputs.encode(raw.rows, raw.place, notes)
    whole = Examples(encoded, targets, scale, raw.origin)
    provenance = {
        "source": str(source) if isinstance(source, str | os.PathLike) else raw.name,
        "target": raw.target_name,
        "split_column": split_column,
        "test_size": float(test_size) if test_size < 1 else int(test_size),
        "seed": int(seed),
        "task": task,
        "delimiter": delimiter,
        "drop": [drop] if isinstance(drop, str) else list(drop),
        "fingerprint": raw.fingerprint(),
    }
    return Dataset(
        raw.name,
        whole.take(_slice_if_one(train)),
        whole.take(_slice_if_one(test)),
        inputs,
        meaning,
        remarks + notes,
        provenance,
    )


def read_data(
    source: object,
    *,
    target: str | None = None,
    split_column: str | None = None,
    task: str | None = None,
    delimiter: str | None = None,
    drop: Sequence[str] = (),
    require_target: bool = True,
) -> RawData:
    """Read data as it is, before anything is learned from it.

    Parameters
    ----------
    source, target, split_column, task, delimiter, drop
        As in `load_data`.
    require_target : bool
        Whether there must be targets. Without, as for a prediction, x may come alone, no column is
        taken for the target unless named, and rows whose target is missing stay.

    Returns
    -------
    RawData

    Raises
    ------
    PellucidError
        As `load_data` does.

    Examples
    --------
    >>> read_data([[0.5, 1.0], [1.5, 2.0]], require_target=False).rows.shape
    (2, 2)
    """
    if task is not None and task not in TASKS:
        raise UnknownNameError(
            f"there is no task {task!r}", received=repr(task), remedy=did_you_mean(str(task), TASKS)
        )
    columns = {
        "target": None if target is None else str(target),
        "split_column": None if split_column is None else str(split_column),
        "drop": (drop,) if isinstance(drop, str) else tuple(drop),
        "task": task,
        "require_target": require_target,
        "strict": require_target,
    }
    return _read(source, delimiter, columns)


def read_again(
    source: object,
    provenance: Mapping[str, Any],
    *,
    delimiter: str | None = None,
    require_target: bool = True,
) -> RawData:
    """Read data, the same or other, the way a model's own data was read.

    The target is the column it was then; split column and dropped columns are taken out where they are.

    Parameters
    ----------
    source : str, path, arrays or data frame
        As in `load_data`.
    provenance : dict
        The data set's, as kept with the model.
    delimiter : str, optional
        As then unless said.
    require_target : bool
        As in `read_data`.

    Returns
    -------
    RawData

    Raises
    ------
    PellucidError
        As `load_data` does.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"size": [1, 2, 3, 4], "kind": ["a", "b", "a", "b"]})
    >>> data = load_data(frame, target="kind", test_size=0.5)
    >>> read_again(pl.DataFrame({"kind": ["b"], "size": [7]}), data.provenance).target
    array(['b'], dtype=object)
    """
    columns = {
        "target": provenance["target"],
        "split_column": provenance["split_column"],
        "drop": tuple(provenance["drop"]),
        "task": provenance["task"],
        "require_target": require_target,
        "strict": False,
    }
    return _read(source, delimiter or provenance["delimiter"], columns)


def _read(source: object, delimiter: str | None, columns: dict[str, Any]) -> RawData:
    try:
        return _dispatch(source, delimiter, columns)
    except PellucidError:
        raise
    except OSError as error:
        raise StorageError(
            "the data cannot be read",
            received=error.strerror or str(error),
            where=str(error.filename or source),
        ) from None


def _dispatch(source: Any, delimiter: str | None, columns: dict[str, Any]) -> RawData:
    if isinstance(source, str) and source in NAMED_SOURCES:
        _refuse_columns(columns, source)
        return NAMED_SOURCES[source]()
    if isinstance(source, str | os.PathLike):
        return _path(Path(os.path.expanduser(source)), delimiter, columns)
    if is_frame(source):
        return _frame(source, "data frame", columns)
    if isinstance(source, tuple):
        return _pair(source, columns)
    if isinstance(source, list | np.ndarray) and not columns["require_target"]:
        _refuse_columns(columns, "an array")
        return arrays(source, None)
    raise DataError(
        "this is no source of data",
        expected="a name, a path, a pair of arrays (x, y), or a polars or pandas data frame",
        received=type(source).__name__,
        remedy=f"names are: {', '.join(NAMED_SOURCES)}",
    )


def _path(path: Path, delimiter: str | None, columns: dict[str, Any]) -> RawData:
    if path.is_dir():
        _refuse_columns(columns, str(path))
        return idx_folder(path)
    if not path.exists():
        raise _missing(path)
    kind = path.suffix.lower()
    if kind == ".npz":
        _refuse_columns(columns, str(path))
        return npz(path, columns["require_target"])
    if kind not in {".csv", ".tsv", ".parquet"} and delimiter is None:
        raise FormatError(
            "the file is of a kind that is not read",
            expected=".csv, .tsv, .parquet or .npz, or a folder of idx files",
            received=kind or "no ending",
            where=str(path),
            remedy="say --delimiter ',' (delimiter=\",\" in Python) to have it read as text all the same",
        )
    from pellucid.data.frames import separate  # polars takes 0.1 s to import
    from pellucid.data.sources.table import read_delimited, read_parquet

    if kind == ".parquet":
        return separate(read_parquet(path), path.name, **columns)
    frame, lines = read_delimited(path, delimiter)
    return separate(frame, path.name, lines=lines, **columns)


def _frame(frame: object, name: str, columns: dict[str, Any]) -> RawData:
    from pellucid.data.frames import separate, tidy_frame  # polars takes 0.1 s to import

    return separate(tidy_frame(frame), name, **columns)


def _pair(source: tuple[object, ...], columns: dict[str, Any]) -> RawData:
    if len(source) != 2:
        raise DataError(
            "a tuple of arrays is not a pair", expected="(x, y)", received=f"{len(source)} of them"
        )
    x, y = source
    if y is None and columns["require_target"]:
        raise DataError("y is missing", expected="labels or values", received="None")
    if not is_frame(x):
        _refuse_columns(columns, "a pair of arrays")
        return arrays(x, y)
    if columns["strict"]:
        _refuse_columns({"target": columns["target"]}, "a pair of data frame and y")
    raw = _frame(x, "data frame", {**columns, "target": None, "require_target": False})
    if y is not None:
        raw.target = label_array(y)
        check_lengths(len(raw), len(raw.target))
    return raw


def _refuse_columns(columns: Mapping[str, Any], where: str) -> None:
    named = [name for name in ("target", "split_column", "drop") if columns.get(name)]
    if named and columns.get("strict", True):
        raise ConfigurationError(
            f"{named[0]} names a column, but the data has no named columns",
            expected="a table for this setting",
            received=f"{named[0]}={columns[named[0]]!r}",
            where=where,
        )


def _missing(path: Path) -> MissingFileError:
    folder = path.parent
    neighbours = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    hint = did_you_mean(path.name, [*neighbours, *NAMED_SOURCES])
    return MissingFileError(
        "there is nothing of that name",
        expected=f"a file, a folder, or one of the names {', '.join(NAMED_SOURCES)}",
        received=str(path),
        where=f"the folder {folder.resolve()}" if folder.is_dir() else f"there is no folder {folder} either",
        remedy=hint if hint.startswith("did") else None,
    )


def _task_note(task: str, target: Array) -> str:
    if task == "classification" and as_numbers(target) is None:
        return "the task is classification, because the targets are words"
    other = TASKS[1 - TASKS.index(task)]
    why = {
        "classification": f"the targets are whole numbers of at most {MANY} kinds",
        "regression": f"the targets are numbers, not whole or of more than {MANY} kinds",
    }
    return f"the task is {task}, because {why[task]}; for {other} say task={other!r} (--task {other})"


def _targets(
    raw: RawData, task: str, test_size: float, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Target, Any]:
    """Both parts' rows, what the targets mean, and the encoded targets of all rows."""
    assert raw.target is not None  # it was required
    if task == "classification":
        classes = ClassTarget.fit(raw.target, raw.target_name, raw.place)
        codes = classes.encode(raw.target, raw.place)
        return *split(raw, test_size, seed, codes, classes.names), classes, codes
    names = None if raw.target_name is None else (raw.target_name,)
    everything = ValueTarget.fit(raw.target, names, raw.place)
    values = everything.encode(raw.target, raw.place)
    train, test = split(raw, test_size, seed, None, ())
    return train, test, ValueTarget.fit(values[train], everything.names), values


def _slice_if_one(rows: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Rows in one piece as a slice, which copies nothing."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows
