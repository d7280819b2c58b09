"""Files that are whole or not there: never half written, never replaced by surprise."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pellucid.errors import ExistingFileError, MissingFileError, StorageError, check_type
from pellucid.temporary_file import temporary_file

__all__ = ["check_folder", "check_free", "keep_rights", "moved_when_whole", "write_whole"]


def check_free(path: str | Path, *, force: bool = False, read_from: str | Path | None = None) -> Path:
    """Refuse a place that a file cannot be saved to, before any time is spent on it.

    Parameters
    ----------
    path : str or Path
        Where to save.
    force : bool
        Whether a file that is there already may be replaced.
    read_from : str or Path, optional
        What is read on the way, which may not be replaced whatever is said.

    Returns
    -------
    Path
        Where the file will really lie: what a link points to, not the link.

    Raises
    ------
    ExistingFileError
        If there is a file already and it may not be replaced.
    StorageError
        If the folder does not exist or takes no files, or the place is a folder or a device.

    Examples
    --------
    >>> check_free("no_such_file.pellucid").name
    'no_such_file.pellucid'
    """
    check_type(path, str | os.PathLike, "the place to save to", "a path")
    path = _behind_link(path)
    # os.path takes a name that is too long for one that is not there; pathlib lets the error through.
    if os.path.isdir(path):
        raise StorageError("this is a folder", expected="a file name", received=f"the folder {path}")
    if os.path.exists(path) and not os.path.isfile(path):
        raise StorageError("this is not a regular file", expected="a file", received=str(path))
    if not os.path.isdir(path.parent):
        raise MissingFileError(
            "the folder to save to does not exist",
            received=str(path.parent),
            remedy="make it, or choose another",
        )
    if os.path.exists(path) and not force:
        raise ExistingFileError(
            "there is a file of that name already",
            received=str(path),
            remedy="choose another name, or replace it with --force (force=True)",
        )
    if read_from is not None and _is_same(path, read_from):
        raise ExistingFileError(
            "this file is being read from, so nothing is saved in its place",
            received=str(path),
            remedy="choose another name",
        )
    _check_writable(path)
    return path


def check_folder(path: str | Path) -> Path:
    """Refuse a folder that takes no files or cannot be made, before any time is spent on it.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Path

    Raises
    ------
    StorageError
        If a file stands in its way, or nothing can be written there.

    Examples
    --------
    >>> check_folder("no_such_folder/or_this").name
    'or_this'
    """
    check_type(path, str | os.PathLike, "the folder to write to", "a path")
    if os.fspath(path) == "":
        raise StorageError("the folder to write to has no name", expected="a path", received="''")
    path = Path(path)
    there = path
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not os.path.isdir(there):
        raise StorageError(
            "this is not a folder", expected="a folder, or a name for one", received=str(there)
        )
    _check_writable(there / path.name)
    return path


def _is_same(path: Path, other: str | Path) -> bool:
    """Tell whether a path is what is read from, or one of the files of a folder that is."""
    if not (os.path.exists(path) and os.path.exists(other)):
        return False
    return os.path.samefile(path.parent if os.path.isdir(other) else path, other)


def _check_writable(path: Path) -> None:
    """Refuse a folder that takes no file, and a name that the system does not."""
    try:
        with suppress(FileNotFoundError):
            os.stat(path)
        with temporary_file(path.parent):
            pass
    except OSError as error:
        raise StorageError(
            "no file can be saved there",
            received=error.strerror or str(error),
            where=str(path),
            remedy="choose another place or name",
        ) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its final place and move it there when it is whole.

    Neither a full disk nor a power cut leaves half a file; an old one stays until the new one is complete,
    which then has its permission bits, owner and group.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    try:
        with moved_when_whole(path) as file:
            file.write(content)
    except OSError as error:
        raise StorageError(
            "the file could not be written",
            received=error.strerror or str(error),
            where=str(path),
            remedy="free some space or choose another place; a file that was there before is unchanged",
        ) from error


@contextmanager
def moved_when_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside a place, and move it there unless an error is raised meanwhile.

    The permission bits, the group and the owner of a file that is replaced are kept, as far as the system
    permits; a new file has those that any new file would have. A link stays, and what it points to is
    replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = _behind_link(path)
    before = os.stat(path) if os.path.exists(path) else None
    # The system takes the umask off the mode of a new file; what replaces one is private until it does.
    with temporary_file(path.parent, 0o666 if before is None else 0o600) as file:
        yield file
        file.flush()
        if before is not None:
            keep_rights(file.fileno(), before)
        os.fsync(file.fileno())
        if os.name == "nt":  # which moves no file that is open
            file.close()
        os.replace(file.name, path)


def _behind_link(path: str | Path) -> Path:
    return Path(os.path.realpath(path)) if os.path.islink(path) else Path(path)


def keep_rights(file: int | Path, before: os.stat_result) -> None:
    """Give a file the permission bits, the group and the owner of the one that it replaces.

    Parameters
    ----------
    file : int or Path
        The file, open or by its path.
    before : os.stat_result
        What the system told of the other.

    Raises
    ------
    OSError
        If its permission bits cannot be changed.
    """
    mode, now = stat.S_IMODE(before.st_mode) & 0o777, os.stat(file)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        for owner in (-1, before.st_uid):  # many may change the group, but only the superuser the owner
            with suppress(OSError):
                os.chown(file, owner, before.st_gid)
        now = os.stat(file)
    if now.st_gid != before.st_gid:
        mode &= ~0o070 | (mode & 0o007) << 3  # another group may do no more than everybody
    if stat.S_IMODE(now.st_mode) != mode:
        os.chmod(file, mode)
