"""Published files, identified by their checksums."""

import hashlib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pellucid.data.readers.opening import open_file, size_of

__all__ = ["PublishedFile", "checksum"]


@dataclass(frozen=True)
class PublishedFile:
    """A published file, which never changes.

    Parameters
    ----------
    name : str
        Its name, on the mirrors and locally.
    size : int
        Its size in bytes.
    sha256 : str
        Its checksum, in hexadecimal.
    """

    name: str
    size: int
    sha256: str

    def is_at(self, path: Path) -> bool:
        """Return whether the file exists, complete and unchanged."""
        try:
            with open_file(path, as_stored=True) as file:
                return size_of(file) == self.size and _sha256(file) == self.sha256
        except FileNotFoundError:
            return False


def checksum(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal."""
    with open_file(path, as_stored=True) as file:
        return _sha256(file)


def _sha256(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
