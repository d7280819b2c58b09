"""Files that are whole or not there: never half written, never replaced by surprise."""

import os
import tempfile
from pathlib import Path

from pellucid.errors import ExistingFileError, MissingFileError, StorageError

__all__ = ["check_free", "write_whole"]


def check_free(path: str | Path, *, force: bool = False) -> Path:
    """Refuse a place that a file cannot be saved to, before any time is spent on it.

    Raises
    ------
    ExistingFileError
        If there is a file already and it may not be replaced.
    StorageError
        If the folder does not exist, or the place is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise StorageError("this is a folder", expected="a file name", received=f"the folder {path}")
    if not path.parent.is_dir():
        raise MissingFileError(
            "the folder to save to does not exist",
            received=str(path.parent),
            remedy="make it, or choose another",
        )
    if path.exists() and not force:
        raise ExistingFileError(
            "there is a file of that name already",
            received=str(path),
            remedy="choose another name, or replace it with --force (force=True)",
        )
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its final place and move it there when it is whole.

    Neither a full disk nor a power cut leaves half a file; an old one stays until the new one is complete.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    try:
        _write_and_move(path, content)
    except OSError as error:
        raise StorageError(
            "the file could not be written",
            received=error.strerror or str(error),
            where=str(path),
            remedy="free some space or choose another place; a file that was there before is unchanged",
        ) from error


def _write_and_move(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _usual_mode())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _usual_mode() -> int:
    # A temporary file is private; the model gets the rights that any new file would have.
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
