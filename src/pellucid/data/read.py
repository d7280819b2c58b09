"""From a data source to raw data: a name, a path, arrays or a data frame."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.cells.arrays import is_frame
from pellucid.data.needs import Known, Needs
from pellucid.data.options import ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.arrays import arrays, set_target
from pellucid.data.readers.builtin.named import NAMED_SOURCES
from pellucid.data.readers.files import read_file, refuse_options
from pellucid.data.readers.format import OF_TABLES
from pellucid.data.readers.idx_names import is_set
from pellucid.data.readers.piped import data_file, standard_input
from pellucid.data.sparse_rows import is_sparse
from pellucid.errors import DataError, MissingFileError, PellucidError, StorageError, near_miss

__all__ = ["read_again", "read_data", "read_source"]


def read_data(source: object, *, require_target: bool = True, **options: Any) -> RawData:
    """Read data, without fitting an encoding.

    Parameters
    ----------
    source
        As in `load_data`.
    require_target : bool
        Whether there must be targets. If not, as for a prediction, x may be given alone, no column is the
        target unless it is named, and rows with a missing target stay.
    **options
        Target, split_column, task, delimiter, header and drop as in `load_data`; weight_column, its
        `weights`, if they are a column.

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
    return read_source(source, ReadOptions.of(**options), Needs(require_target, columns=require_target))


def read_again(
    source: object,
    options: ReadOptions | Mapping[str, Any],
    *,
    require_target: bool = True,
    download: bool = True,
    known: Known | None = None,
    **given: Any,
) -> RawData:
    """Read data, the same or others, with the options of a model's own data.

    The target columns are the same; the split, weight and dropped columns are removed if they are present.

    Parameters
    ----------
    source : str, path, arrays or data frame
        As in `load_data`.
    options : ReadOptions or dict
        The model's options, or the provenance that is stored with it and contains them.
    require_target : bool
        As in `read_data`.
    download : bool
        Whether to download a built-in data set that is not on this machine.
    known : Known, optional
        What the model knows of the columns: `known` of its encoding.
    **given
        How the file is read (delimiter, header), by default like the model's own data.

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
    if not isinstance(options, ReadOptions):
        options = ReadOptions.from_provenance(options)
    return read_source(
        source,
        options.for_file(**given),
        Needs(
            require_target,
            columns=False,
            patterns=False,
            download=download,
            sheets=given.get("sheet") is not None,
            known=known or Known(),
        ),
    )


def read_source(source: object, options: ReadOptions, needs: Needs) -> RawData:
    """Read data with checked options."""
    try:
        return _dispatch(source, options, needs)
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


def _dispatch(source: Any, options: ReadOptions, needs: Needs) -> RawData:
    if isinstance(source, str) and source in NAMED_SOURCES:
        refuse_options(options, needs, source)
        return NAMED_SOURCES[source](needs.download)
    if isinstance(source, str) and source == "-":
        with standard_input() as path:
            return read_file(path, options, needs)
    if isinstance(source, str) and not source:  # it would mean the current folder
        raise MissingFileError(
            "the name of the data is empty",
            expected=f"a file, a folder, or one of the names {', '.join(NAMED_SOURCES)}",
            received="''",
        )
    if isinstance(source, str | os.PathLike):
        path = Path(os.path.expanduser(source))
        if not path.exists() and not is_set(path):
            raise _missing(path)
        with data_file(path) as copy:
            return read_file(copy, options, needs)
    if is_frame(source):
        refuse_options(options, needs, "a data frame", OF_TABLES)
        return _frame(source, options, needs)
    if isinstance(source, tuple):
        return _pair(source, options, needs)
    if (isinstance(source, list | np.ndarray) or is_sparse(source)) and not needs.target:
        if options.missing and not is_sparse(source):
            return _pair((source, None), options, needs)
        refuse_options(options, needs, "an array")
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
        expected="a name, a path, a pair of arrays (x, y), a polars or pandas data frame, or a pyarrow table",
        received=type(source).__name__,
        remedy="call its method collect() first"
        if hasattr(source, "collect")
        else "convert it: polars.DataFrame(table)"
        if hasattr(source, "__arrow_c_stream__")
        else f"the known names are {', '.join(NAMED_SOURCES)}",
    )


def _frame(frame: object, options: ReadOptions, needs: Needs) -> RawData:
    from pellucid.data.cells.frames import tidy_frame  # polars takes 0.1 s to import
    from pellucid.data.readers.separation import separate
    from pellucid.data.readers.table import Table

    return separate(Table(tidy_frame(frame), words=needs.known.words), "data frame", options, needs)


def _pair(source: tuple[object, ...], options: ReadOptions, needs: Needs) -> RawData:
    if len(source) != 2:
        raise DataError(
            "the tuple of arrays is not a pair", expected="(x, y)", received=f"{len(source)} items"
        )
    x, y = source
    if y is None and needs.target:
        raise DataError("y is missing", expected="labels or values", received="None")
    if options.missing or options.task == "regression":
        from pellucid.data.readers.array_cells import as_columns, read_written_target, without_missing

    columns = as_columns(x) if options.missing and not is_frame(x) and not is_sparse(x) else None
    if columns is not None:  # missing values are filled in columns
        refuse_options(replace(options, missing=()), needs, "a pair of arrays")
        x = columns
    if is_frame(x):
        refuse_options(replace(options, target=()), needs, "a pair of data frame and y", OF_TABLES)
        refuse_options(ReadOptions(target=options.target), needs, "a pair of data frame and y")
        raw = _frame(x, replace(options, target=()), replace(needs, target=False))
    else:
        refuse_options(options, needs, "a pair of arrays")
        raw = arrays(x, None)
    if y is not None:
        set_target(raw, without_missing(y, options.missing) if options.missing else y)
    if options.task == "regression":
        notes = read_written_target(raw, options.decimal)
        raw.notes += notes if needs.columns else []
    return raw


def _missing(path: Path) -> MissingFileError:
    if path.is_symlink():
        return MissingFileError(
            "the link leads to no file",
            expected="a link to a file or a folder",
            received=f"a link to {os.readlink(path)}",
            where=str(path),
        )
    folder = path.parent
    neighbours = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    return MissingFileError(
        "no such file or data set",
        expected=f"a file, a folder, or one of the names {', '.join(NAMED_SOURCES)}",
        received=str(path),
        where=f"the folder {folder.resolve()}" if folder.is_dir() else f"the folder {folder} does not exist",
        remedy=near_miss(path.name, [*neighbours, *NAMED_SOURCES]),
    )
