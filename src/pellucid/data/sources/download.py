"""Downloads: checked, resumed where they were cut, never half there."""

import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from pellucid.errors import FormatError, StorageError

__all__ = ["fetch"]

_BLOCK = 1 << 16
_SECONDS = 30
_ATTEMPTS = 3


def fetch(name: str, sha256: str, mirrors: Sequence[str], folder: Path) -> Path:
    """Download a file unless it is there.

    What arrives goes into a file that ends in .part; only when all of it is there and its checksum is
    right does it take its name. A cut connection is resumed, now or by the next call.

    Parameters
    ----------
    name : str
        The file's name, on the mirrors and here.
    sha256 : str
        Its checksum, in hexadecimal.
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
        When no mirror answers, or the file cannot be written.
    """
    path = folder / name
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    troubles: list[str] = []
    wrong = False
    for mirror in mirrors:
        print(f"Downloading {mirror}{name}", file=sys.stderr)
        trouble = _complete(f"{mirror}{name}", part)
        if trouble is None and _checksum(part) == sha256:
            os.replace(part, path)
            return path
        if trouble is None:
            wrong = True
            trouble = f"checksum {_checksum(part)}"
            part.unlink()
        troubles.append(f"{mirror}: {trouble}")
    raise (FormatError if wrong else StorageError)(
        f"{name} could not be downloaded",
        expected=f"a file with the SHA-256 {sha256}",
        received="; ".join(troubles),
        where=str(folder),
        remedy=f"try again later, or put the file into {folder} by hand; what arrived so far is kept"
        if part.is_file()
        else f"try again later, or put the file into {folder} by hand",
    )


def _complete(address: str, part: Path) -> str | None:
    """Bring a partial file to its end, however often the connection is cut; say what was in the way."""
    trouble = ""
    for _ in range(_ATTEMPTS):
        try:
            if _receive(address, part):
                return None
            trouble = "the connection was cut"
        except urllib.error.HTTPError as error:
            error.close()
            # What is there is longer than what the server has: begin anew.
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return f"the server answers {error.code} {error.reason}"
            part.unlink(missing_ok=True)
            trouble = "the part that was there does not fit"
        except (http.client.HTTPException, urllib.error.URLError, ConnectionError, TimeoutError) as error:
            reason = getattr(error, "reason", error)
            trouble = f"no connection ({reason})"
    return trouble


def _receive(address: str, part: Path) -> bool:
    """Append what is missing; tell whether all that was announced has come."""
    start = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        announced = answer.headers.get("Content-Length")
        received = 0
        with part.open("ab" if resumed else "wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                received += len(block)
    return announced is None or received == int(announced)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
