"""Files that are read in a separate process: Parquet, Arrow, and workbooks.

Polars ends the whole process if a damaged or malicious file makes it request more memory than there is: Rust
aborts, without an exception that could be caught. To protect the user's session such files are read in
another process, which takes about 0.2 s to start.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

import polars as pl

from pellucid.data.cells.frames import tidy_frame
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns, most_cells, most_columns
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import FormatError, StorageError

__all__ = ["read_apart", "read_frame"]

_PROGRAM = Path(__file__).with_name("reading_program.py")
_SECONDS = 30
_BYTES_PER_SECOND = 1_000_000
# What reads each kind of file in the session itself.
_INSTEAD: Mapping[str, str] = {
    "Parquet": "polars.read_parquet",
    "Arrow": "polars.read_ipc",
    "spreadsheet": "polars.read_excel",
}


def read_frame(path: Path, kind: str) -> pl.DataFrame:
    """Read a Parquet or Arrow file into columns of float64, of text and of booleans."""
    with read_apart(path, kind) as (_, frame_file):
        frame = pl.read_ipc(frame_file)
    return tidy_frame(frame)


@contextmanager
def read_apart(
    path: Path, kind: str, unpacked: int = 0, sheet: str | int | None = None
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Read a file in another process; yield its answer and the file with the table.

    Parameters
    ----------
    path : Path
    kind : str
        Parquet, Arrow or spreadsheet.
    unpacked : int
        The size in bytes to which the file unpacks, if it is packed as a whole.
    sheet : str or int, optional
        The name or the number of a sheet, by default the first that contains a table.

    Raises
    ------
    FormatError
        If it cannot be read, or exceeds the limits.
    StorageError
        If there is no such process, or no space.
    """
    with (
        open_file(path, as_stored=True) as file,
        # Polars may memory-map the table's file, and Windows does not remove mapped files.
        tempfile.TemporaryDirectory(prefix="pellucid-", ignore_cleanup_errors=True) as folder,
    ):
        size = size_of(file)
        table = Path(folder) / "table"
        answer = _answer(file, kind, max(size, unpacked), table, path, sheet)
        if "columns" in answer:
            check_columns(answer["columns"], str(path))
        if "cells" in answer:
            check_cells(answer["cells"], size, str(path), frame=True)
        if "refused" in answer:
            raise _unreadable(kind, answer["refused"], path)
        if "not written" in answer:
            raise StorageError(
                "the process that read the table could not write it to a temporary file",
                received=answer["not written"],
                where=folder,
                remedy="free some space there, or set the environment variable TMPDIR to another folder",
            )
        yield answer, table


def _answer(
    file: BufferedReader, kind: str, size: int, table: Path, path: Path, sheet: str | int | None
) -> dict[str, Any]:
    """Let another process read an open file and write its table to a file; return its answer."""
    if not sys.executable or getattr(sys, "frozen", False):
        raise _no_process(kind, "there is no Python interpreter to start")
    most = (most_cells(size_of(file), frame=True), most_columns())
    arguments = (_PROGRAM, kind, json.dumps(sheet), table, *most, size)
    # It finds the same packages as this process.
    packages = os.pathsep.join(str(entry) or os.getcwd() for entry in sys.path)
    seconds = _SECONDS + size / _BYTES_PER_SECOND
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", *map(str, arguments)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": packages, "RUST_BACKTRACE": "0"},
            timeout=seconds,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(kind, f"reading it took longer than {seconds:.0f} s", path) from None
    except OSError as error:
        raise _no_process(kind, error.strerror or str(error)) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        ended = f"exit status {done.returncode}" if done.returncode >= 0 else f"signal {-done.returncode}"
        raise _unreadable(kind, f"content that ended the reading process ({ended})", path) from None
    return answer


def _unreadable(kind: str, received: str, path: Path) -> FormatError:
    return FormatError(
        f"the file is not a readable {kind} file",
        expected=f"a complete {kind} file",
        received=excerpt(received),
        where=str(path),
        remedy="write or copy the file again; if other programs can read it, there may be too little memory",
    )


def _no_process(kind: str, reason: str) -> StorageError:
    return StorageError(
        f"the separate process that reads {kind} files could not be started",
        received=reason,
        remedy=f"read it with {_INSTEAD[kind]}, and pass the data frame",
    )
