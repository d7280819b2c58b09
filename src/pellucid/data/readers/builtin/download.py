"""Downloads: verified at each use, resumed after an interruption, never incomplete.

Neither the server nor the folder is trusted: the size and checksum of a file are known in advance.
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

from pellucid.data.readers.builtin.published import PublishedFile, checksum
from pellucid.data.readers.builtin.transfer import Transfer, TransferError
from pellucid.data.readers.excerpt import excerpt
from pellucid.errors import FormatError, StorageError

__all__ = ["fetch"]

_ATTEMPTS = 3
# The time limit for a mirror, however slowly it sends.
_SECONDS = 600


def fetch(file: PublishedFile, mirrors: Sequence[str], folder: Path) -> Path:
    """Download a file, unless it exists and its checksum is right.

    The download is written to a file that ends in .part, which is renamed when it is complete and its
    checksum is right. An interrupted download is resumed, now or by the next call; one that cannot be resumed
    is deleted.
    """
    path = folder / file.name
    try:
        if file.is_at(path):
            return path
        if os.path.lexists(path):
            print(f"{path} differs from the published file; downloading it again", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{file.name}.part"
        _download(file, mirrors, part)
        os.replace(part, path)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            "the downloaded file cannot be stored",
            received=error.strerror or str(error),
            where=str(error.filename or folder),
        ) from None
    return path


def _download(file: PublishedFile, mirrors: Sequence[str], part: Path) -> None:
    """Complete a partial file from one of the mirrors."""
    failures: list[str] = []
    wrong = False
    for mirror in mirrors:
        print(f"Downloading {mirror}{file.name}", file=sys.stderr)
        deadline = time.monotonic() + _SECONDS
        failure = ""
        for _ in range(_ATTEMPTS):
            resumed = _length(part) > 0
            try:
                _append(f"{mirror}{file.name}", part, file, deadline)
            except TransferError as error:
                failure = str(error)
                if error.final:
                    break
                continue
            if file.is_at(part):
                return
            failure = f"checksum {checksum(part)}"
            part.unlink()
            wrong = True
            if not resumed:  # otherwise the first part may have come from another file
                break
        failures.append(f"{mirror}: {excerpt(failure)}")
    partial = _length(part) > 0
    raise (FormatError if wrong else StorageError)(
        f"{file.name} could not be downloaded",
        expected=f"a file of {file.size:,} bytes with the SHA-256 {file.sha256}",
        received="; ".join(failures),
        where=str(part.parent),
        remedy=f"try again later, or put the file into {part.parent} by hand"
        + ("; the partial download is kept" if partial else ""),
    )


def _append(address: str, part: Path, file: PublishedFile, deadline: float) -> None:
    """Append the rest of a partial file, or start again if the server does not support ranges."""
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
        raise TransferError("the server sent more than the size of the file", final=True)
    if received < file.size:
        raise TransferError("the connection was interrupted")


def _length(part: Path) -> int:
    """Return the size of a partial file that can be resumed: only of the user's own file, else 0."""
    with suppress(FileNotFoundError):
        found = part.lstat()
        own = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        if stat.S_ISREG(found.st_mode) and own and found.st_nlink == 1:
            return found.st_size
    return 0


def _opened(part: Path, *, resumed: bool) -> BinaryIO:
    """Open a partial file for appending; a new one replaces an existing file or link."""
    if resumed:
        return part.open("ab")
    part.unlink(missing_ok=True)
    return part.open("xb")
