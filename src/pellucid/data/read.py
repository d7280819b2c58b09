"""From a data source to raw data: a name, a path, arrays or a data frame."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.cells.arrays import is_frame
from pellucid.data.raw import RawData
from pellucid.data.readers.arrays import arrays, set_target
from pellucid.data.readers.builtin.digits import digits
from pellucid.data.readers.builtin.mnist import mnist
from pellucid.data.readers.idx import idx_folder
from pellucid.data.readers.npz import npz
from pellucid.data.reading import check_reading, column_names
from pellucid.data.sparse_rows import is_sparse
from pellucid.errors import (
    ConfigurationError,
    DataError,
    FormatError,
    MissingFileError,
    PellucidError,
    StorageError,
    did_you_mean,
)

__all__ = ["NAMED_SOURCES", "read_again", "read_data"]

# The data sets known by name; called with whether they may be downloaded.
NAMED_SOURCES: Mapping[str, Callable[[bool], RawData]] = {
    "digits": lambda download: digits(),
    "mnist": lambda download: mnist(download=download),
}

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_SPREADSHEETS = (".xlsx", ".xls", ".ods")


def read_data(
    source: object,
    *,
    target: str | Sequence[str] | None = None,
    split_column: str | None = None,
    weight_column: str | None = None,
    task: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    drop: Sequence[str] | None = None,
    require_target: bool = True,
) -> RawData:
    """Read data, without fitting an encoding.

    Parameters
    ----------
    source, target, split_column, task, delimiter, header, drop
        As in `load_data`.
    weight_column : str, optional
        Its `weights`, if they are a column.
    require_target : bool
        Whether there must be targets. If not, as for a prediction, x may be given alone, no column is the
        target unless it is named, and rows with a missing target stay.

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
    text: dict[str, Any] = {"delimiter": delimiter, "header": header}
    others = {"split_column": split_column, "weight_column": weight_column}
    check_reading({"target": target, **others, "drop": drop, "task": task, **text})
    columns = {
        "targets": column_names(target, "target"),
        **others,
        "drop": column_names(drop, "drop"),
        "task": task,
        "require_target": require_target,
        "strict": require_target,
    }
    return _read(source, text, columns)


def read_again(
    source: object,
    provenance: Mapping[str, Any],
    *,
    delimiter: str | None = None,
    require_target: bool = True,
    download: bool = True,
) -> RawData:
    """Read data, the same or others, with the options of a model's own data.

    The target columns are the same; the split, weight and dropped columns are removed if they are present.

    Parameters
    ----------
    source : str, path, arrays or data frame
        As in `load_data`.
    provenance : dict
        The provenance stored with the model.
    delimiter : str, optional
        By default the same as for the model's own data.
    require_target : bool
        As in `read_data`.
    download : bool
        Whether to download a built-in data set that is not on this machine.

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
    >>> from pellucid.data import load_data
    >>> frame = pl.DataFrame({"size": [1, 2, 3, 4], "kind": ["a", "b", "a", "b"]})
    >>> data = load_data(frame, target="kind", test_size=0.5)
    >>> read_again(pl.DataFrame({"kind": ["b"], "size": [7]}), data.provenance).target
    array(['b'], dtype=object)
    """
    columns = {
        "targets": column_names(provenance.get("target"), "target"),
        "split_column": provenance.get("split_column"),
        "weight_column": provenance.get("weight_column"),
        "drop": tuple(provenance.get("drop", ())),
        "task": provenance.get("task"),
        "require_target": require_target,
        "strict": False,
    }
    text: dict[str, Any] = {
        "delimiter": delimiter or provenance.get("delimiter"),
        "header": provenance.get("header"),
    }
    return _read(source, text, columns, download=download)


def _read(
    source: object, text: Mapping[str, Any], columns: dict[str, Any], *, download: bool = True
) -> RawData:
    try:
        return _dispatch(source, text, columns, download)
    except PellucidError:
        raise
    except UnicodeEncodeError as error:  # half of a surrogate pair, which only a Python string can contain
        raise DataError(
            "a string is not valid Unicode",
            expected="text that can be written as UTF-8",
            received=repr(error.object[error.start : error.start + 20]),
            remedy="decode it from its bytes again",
        ) from None
    except OSError as error:
        raise StorageError(
            "the data cannot be read",
            received=error.strerror or str(error),
            where=str(error.filename or source),
        ) from None


def _dispatch(source: Any, text: Mapping[str, Any], columns: dict[str, Any], download: bool) -> RawData:
    if isinstance(source, str) and source in NAMED_SOURCES:
        _refuse_columns(columns, source)
        return NAMED_SOURCES[source](download)
    if isinstance(source, str | os.PathLike):
        return _path(Path(os.path.expanduser(source)), text, columns)
    if is_frame(source):
        return _frame(source, "data frame", columns)
    if isinstance(source, tuple):
        return _pair(source, columns)
    if (isinstance(source, list | np.ndarray) or is_sparse(source)) and not columns["require_target"]:
        _refuse_columns(columns, "an array")
        return arrays(source, None)
    if hasattr(source, "train") and hasattr(source, "provenance"):
        raise DataError(
            "a data set has several splits",
            expected="one of them",
            received=type(source).__name__,
            remedy="pass data.test or data.train",
        )
    raise DataError(
        "not a data source",
        expected="a name, a path, a pair of arrays (x, y), or a polars or pandas data frame",
        received=type(source).__name__,
        remedy=f"the known names are {', '.join(NAMED_SOURCES)}",
    )


def _path(path: Path, text: Mapping[str, Any], columns: dict[str, Any]) -> RawData:
    if path.is_dir():
        _refuse_columns(columns, str(path))
        return idx_folder(path)
    if not path.exists():
        raise _missing(path)
    kind = path.suffix.lower()
    if kind == ".npz":
        _refuse_columns(columns, str(path))
        return npz(path, columns["require_target"])
    if kind not in {".csv", ".tsv", ".parquet"} and text["delimiter"] is None:
        raise FormatError(
            "the file format is not supported",
            expected=".csv, .tsv, .parquet or .npz, or a folder of idx files",
            received=kind or "no file extension",
            where=str(path),
            remedy=_how_to_read(kind),
        )
    from pellucid.data.readers.delimited import read_delimited
    from pellucid.data.readers.parquet import read_parquet
    from pellucid.data.readers.separate import separate  # polars takes 0.1 s to import

    if kind == ".parquet":
        return separate(read_parquet(path), path.name, **columns)
    table = read_delimited(path, **text)
    # Data read for a model are read like its own, so these notes do not apply.
    notes = table.notes if columns["strict"] else []
    raw = separate(table.frame, path.name, lines=table.lines, notes=notes, **columns)
    raw.header = table.header
    return raw


def _frame(frame: object, name: str, columns: dict[str, Any]) -> RawData:
    from pellucid.data.cells.frames import tidy_frame  # polars takes 0.1 s to import
    from pellucid.data.readers.separate import separate

    return separate(tidy_frame(frame), name, **columns)


def _pair(source: tuple[object, ...], columns: dict[str, Any]) -> RawData:
    if len(source) != 2:
        raise DataError(
            "the tuple of arrays is not a pair", expected="(x, y)", received=f"{len(source)} items"
        )
    x, y = source
    if y is None and columns["require_target"]:
        raise DataError("y is missing", expected="labels or values", received="None")
    if not is_frame(x):
        _refuse_columns(columns, "a pair of arrays")
        return arrays(x, y)
    if columns["strict"]:
        _refuse_columns({"targets": columns["targets"]}, "a pair of data frame and y")
    raw = _frame(x, "data frame", {**columns, "targets": (), "require_target": False})
    if y is not None:
        set_target(raw, y)
    return raw


def _refuse_columns(columns: Mapping[str, Any], where: str) -> None:
    settings = {
        "targets": "target",
        "split_column": "split_column",
        "weight_column": "weight_column",
        "drop": "drop",
    }
    named = [key for key in settings if columns.get(key)]
    if named and columns.get("strict", True):
        setting, value = settings[named[0]], columns[named[0]]
        value = value[0] if named[0] == "targets" and len(value) == 1 else value
        raise ConfigurationError(
            f"{setting} names a column, but the data have no named columns",
            expected="a table for this setting",
            received=f"{setting}={value!r}",
            where=where,
        )


def _how_to_read(kind: str) -> str:
    if kind in _COMPRESSED:
        return "unpack it first"
    if kind in _SPREADSHEETS:
        return "export the sheet as CSV"
    return "if it is a text table, rename it to .csv or .tsv, or for training give --delimiter ','"


def _missing(path: Path) -> MissingFileError:
    folder = path.parent
    neighbours = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    hint = did_you_mean(path.name, [*neighbours, *NAMED_SOURCES])
    return MissingFileError(
        "no such file or data set",
        expected=f"a file, a folder, or one of the names {', '.join(NAMED_SOURCES)}",
        received=str(path),
        where=f"the folder {folder.resolve()}" if folder.is_dir() else f"the folder {folder} does not exist",
        remedy=hint if hint.startswith("did") else None,
    )
