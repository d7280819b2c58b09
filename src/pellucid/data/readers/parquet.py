"""Parquet files, read in a separate process.

Polars ends the whole process if a damaged or malicious Parquet file makes it request more memory than there
is: Rust aborts, without an exception that could be caught. To protect the user's session the file is read in
another process, which takes about 0.2 s to start.
"""

import json
import os
import subprocess
import sys
import tempfile
from io import BufferedReader
from pathlib import Path
from typing import Any

import polars as pl

from pellucid.data.cells.frames import tidy_frame
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns, most_cells, most_columns
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import FormatError, StorageError

__all__ = ["read_parquet"]

_READER = Path(__file__).with_name("parquet_reader.py")
_SECONDS = 30
_BYTES_PER_SECOND = 1_000_000


def read_parquet(path: Path) -> pl.DataFrame:
    """Read a Parquet file into columns of float64 and of text."""
    with (
        open_file(path, as_stored=True) as file,
        # Polars may memory-map the table's file, and Windows does not remove mapped files.
        tempfile.TemporaryDirectory(prefix="pellucid-", ignore_cleanup_errors=True) as folder,
    ):
        size = size_of(file)
        frame_file = Path(folder) / "frame.arrow"
        answer = _read_apart(file, size, frame_file, path)
        if "columns" in answer:
            check_columns(answer["columns"], str(path))
        if "cells" in answer:
            check_cells(answer["cells"], size, str(path), frame=True)
        if "refused" in answer:
            raise _unreadable(answer["refused"], path)
        if "not written" in answer:
            raise StorageError(
                "the process that read the table could not write it to a temporary file",
                received=answer["not written"],
                where=folder,
                remedy="free some space there, or set the environment variable TMPDIR to another folder",
            )
        frame = pl.read_ipc(frame_file)
    return tidy_frame(frame)


def _read_apart(file: BufferedReader, size: int, frame_file: Path, path: Path) -> dict[str, Any]:
    """Let another process read an open file and write the table to `frame_file`; return its answer."""
    if not sys.executable or getattr(sys, "frozen", False):
        raise _no_process("there is no Python interpreter to start")
    arguments = (_READER, frame_file, most_cells(size, frame=True), most_columns())
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
        raise _unreadable(f"reading it took longer than {seconds:.0f} s", path) from None
    except OSError as error:
        raise _no_process(error.strerror or str(error)) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        ended = f"exit status {done.returncode}" if done.returncode >= 0 else f"signal {-done.returncode}"
        raise _unreadable(f"content that ended the reading process ({ended})", path) from None
    return answer


def _unreadable(received: str, path: Path) -> FormatError:
    return FormatError(
        "the file is not a readable Parquet file",
        expected="a complete Parquet file",
        received=excerpt(received),
        where=str(path),
        remedy="write or copy the file again; if other programs can read it, there may be too little memory",
    )


def _no_process(reason: str) -> StorageError:
    return StorageError(
        "the separate process that reads Parquet files could not be started",
        received=reason,
        remedy="read it with polars.read_parquet, and pass the data frame",
    )
