"""Pipes and standard input, copied to a temporary file: they can be read once only, from front to back."""

import shutil
import signal
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from pellucid.data.readers.opening import open_file
from pellucid.errors import FormatError, PellucidError, StorageError

__all__ = ["STANDARD_INPUT", "data_file", "errors_name", "standard_input"]

# The name of data from standard input, which "-" stands for.
STANDARD_INPUT = "standard input"

_MOST_BYTES = 1 << 30
_BLOCK = 1 << 20
# Standard input stays on disk until the process ends: it may be needed again, with other options.
_COPIES: weakref.WeakKeyDictionary[TextIO, Path] = weakref.WeakKeyDictionary()


@contextmanager
def data_file(path: Path) -> Iterator[Path]:
    """Yield the path of a regular file or a folder as it is, and a copy of what a pipe delivers.

    Examples
    --------
    >>> with data_file(Path("table.csv")) as path:
    ...     path.name
    'table.csv'
    """
    if not path.is_fifo():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="pellucid-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / path.name
        with open_file(path, pipe=True, as_stored=True) as pipe:
            _copy(pipe, copy, str(path))
        with errors_name(path, copy):
            yield copy


@contextmanager
def standard_input() -> Iterator[Path]:
    """Yield the path of a copy of standard input.

    Raises
    ------
    StorageError
        If it is closed, or a terminal.
    FormatError
        If it is too large.
    """
    stream = sys.stdin
    if stream is None or stream.closed or stream.isatty():
        raise StorageError(
            "there are no data on standard input",
            expected="a file or a pipe, such as: pellucid train - < table.csv",
            received="a terminal" if stream is not None and not stream.closed else "a closed stream",
        )
    if stream not in _COPIES:
        folder = tempfile.mkdtemp(prefix="pellucid-")
        weakref.finalize(stream, shutil.rmtree, folder, ignore_errors=True)
        copy = Path(folder) / STANDARD_INPUT
        _copy(stream.buffer, copy, STANDARD_INPUT)
        _COPIES[stream] = copy
    with errors_name(STANDARD_INPUT, _COPIES[stream]):
        yield _COPIES[stream]


def _copy(pipe: IO[bytes], copy: Path, name: str) -> None:
    """Copy all that a pipe delivers, up to a limit."""
    # Polars lets a system call continue after Ctrl-C, so that waiting for a writer could not be stopped.
    if hasattr(signal, "siginterrupt"):
        signal.siginterrupt(signal.SIGINT, True)
    size = 0
    with copy.open("wb") as file:
        while block := pipe.read(_BLOCK):
            size += file.write(block)
            if size > _MOST_BYTES:
                raise FormatError(
                    "the pipe delivers too much data",
                    expected=f"at most {_MOST_BYTES:,} bytes",
                    received="more",
                    where=name,
                    remedy="save the data to a file first",
                )


@contextmanager
def errors_name(source: Path | str, copy: Path) -> Iterator[None]:
    """Let errors name the source rather than its copy."""
    try:
        yield
    except PellucidError as error:
        if error.where is not None:
            error.where = error.where.replace(str(copy), str(source))
        raise
