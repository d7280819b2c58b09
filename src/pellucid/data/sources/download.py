"""Downloads: checked at each use, resumed where they were cut, never half there.

Neither a server nor the folder is trusted: a file's size and checksum are known beforehand.
"""

import os
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from pellucid.data.sources.excerpt import excerpt
from pellucid.data.sources.published import PublishedFile, checksum
from pellucid.data.sources.transfer import Transfer, TransferError
from pellucid.errors import FormatError, StorageError

__all__ = ["fetch"]

_ATTEMPTS = 3
# How long a mirror may take, however slowly it sends.
_SECONDS = 600


def fetch(file: PublishedFile, mirrors: Sequence[str], folder: Path) -> Path:
    """Download a file, unless it is there and its checksum is right.

    What arrives goes into a file that ends in .part; only when all of it is there and its checksum is
    right does it take its name. A cut connection is resumed, now or by the next call; what cannot be resumed
    is deleted.

    Parameters
    ----------
    file : PublishedFile
    mirrors : sequence of str
        Addresses of folders, each ending in a slash, tried in order.
    folder : Path
        Where it goes; made if need be.

    Returns
    -------
    Path

    Raises
    ------
    FormatError
        When the checksum of what came is wrong.
    StorageError
        When no mirror sends the file, or it cannot be written.
    """
    path = folder / file.name
    try:
        if file.is_at(path):
            return path
        if os.path.lexists(path):
            print(f"{path} has changed since it was published; it is downloaded anew", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{file.name}.part"
        _download(file, mirrors, part)
        os.replace(part, path)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            "a downloaded file cannot be kept",
            received=error.strerror or str(error),
            where=str(error.filename or folder),
        ) from None
    return path


def _download(file: PublishedFile, mirrors: Sequence[str], part: Path) -> None:
    """Bring a partial file to its end, from one of the mirrors."""
    troubles: list[str] = []
    wrong = False
    for mirror in mirrors:
        print(f"Downloading {mirror}{file.name}", file=sys.stderr)
        deadline = time.monotonic() + _SECONDS
        trouble = ""
        for _ in range(_ATTEMPTS):
            resumed = _length(part) > 0
            try:
                _append(f"{mirror}{file.name}", part, file, deadline)
            except TransferError as error:
                trouble = str(error)
                if error.final:
                    break
                continue
            if file.is_at(part):
                return
            trouble = f"checksum {checksum(part)}"
            part.unlink()
            wrong = True
            if not resumed:  # else the beginning may have been another's
                break
        troubles.append(f"{mirror}: {excerpt(trouble)}")
    kept = _length(part) > 0
    raise (FormatError if wrong else StorageError)(
        f"{file.name} could not be downloaded",
        expected=f"a file of {file.size:,} bytes with the SHA-256 {file.sha256}",
        received="; ".join(troubles),
        where=str(part.parent),
        remedy=f"try again later, or put the file into {part.parent} by hand"
        + ("; what arrived so far is kept" if kept else ""),
    )


def _append(address: str, part: Path, file: PublishedFile, deadline: float) -> None:
    """Append what is missing of a partial file, or begin anew where the server does not resume."""
    start = _length(part)
    if start >= file.size:
        start = 0
    transfer = Transfer(address, start, file.size, deadline)
    try:
        transfer.begin()
    except TransferError as error:
        if error.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
        raise
    with _opened(part, resumed=transfer.start > 0) as written:
        received = transfer.start
        for block in transfer.blocks():
            written.write(block)
            received += len(block)
    if received > file.size:
        part.unlink()
        raise TransferError("it sends more than the file has", final=True)
    if received < file.size:
        raise TransferError("the connection was cut")


def _length(part: Path) -> int:
    """Return how many bytes of a partial file are there to be continued: only of a file of one's own."""
    with suppress(FileNotFoundError):
        found = part.lstat()
        own = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        if stat.S_ISREG(found.st_mode) and own and found.st_nlink == 1:
            return found.st_size
    return 0


def _opened(part: Path, *, resumed: bool) -> BinaryIO:
    """Open a partial file to append to it; a new one takes the place of what was there, a link included."""
    if resumed:
        return part.open("ab")
    part.unlink(missing_ok=True)
    return part.open("xb")
