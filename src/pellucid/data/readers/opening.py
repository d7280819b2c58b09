"""Opening data files: regular files, and pipes for text; compressed ones are unpacked."""

import os
import stat
from io import BufferedReader
from pathlib import Path

from pellucid.data.readers.unpacking import unpacked
from pellucid.errors import StorageError

__all__ = ["open_file", "size_of"]

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


def open_file(path: Path, *, pipe: bool = False, as_stored: bool = False) -> BufferedReader:
    """Open a data file to read its bytes: a regular file, or a pipe where one is allowed.

    A compressed file is unpacked while it is read, unless its bytes are wanted as they are stored. A named
    pipe without a writer is empty.

    Examples
    --------
    >>> open_file(Path(os.devnull))
    Traceback (most recent call last):
    pellucid.errors.StorageError: the data cannot be read from here
      expected: a regular file
      received: a device
      where: ...
    """
    # Opened before it is examined, so that it cannot be replaced in between; without O_NONBLOCK, opening a
    # named pipe would wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    kind = stat.S_IFMT(os.fstat(handle).st_mode)
    if kind == stat.S_IFREG or (pipe and kind == stat.S_IFIFO):
        if kind == stat.S_IFIFO:
            os.set_blocking(handle, True)
        file = os.fdopen(handle, "rb")
        return file if as_stored else unpacked(file, path)
    os.close(handle)
    raise StorageError(
        "the data cannot be read from here",
        expected="a regular file, or a pipe of text" if pipe else "a regular file",
        received=_KINDS.get(kind, "something else"),
        where=str(path),
        remedy="save the data to a file first",
    )


def size_of(file: BufferedReader) -> int:
    """Return the size of an open file in bytes, as it is stored; 0 for a pipe."""
    return os.fstat(file.fileno()).st_size
