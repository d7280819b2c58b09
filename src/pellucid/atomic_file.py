"""Atomic files: never half written, never replaced by accident."""

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pellucid.errors import ConfigurationError, ExistingFileError, MissingFileError, StorageError, check_type
from pellucid.temporary_file import temporary_file

__all__ = [
    "atomic_write",
    "check_ending",
    "check_folder",
    "check_save_path",
    "copy_permissions",
    "write_atomically",
]


def check_save_path(path: str | Path, *, force: bool = False, read_from: str | Path | None = None) -> Path:
    """Check that a file can be saved at a path, before any time is spent on its content.

    Return the path with a link resolved to its target. A file that is read, also as a part of a folder, must
    not be replaced even with `force`.

    Examples
    --------
    >>> check_save_path("no_such_file.pellucid").name
    'no_such_file.pellucid'
    """
    check_type(path, str | os.PathLike, "the path to save to", "a path")
    path = _behind_link(path)
    # os.path treats a name that is too long as missing, where pathlib raises an error.
    if os.path.isdir(path):
        raise StorageError("the path is a folder", expected="a file name", received=f"the folder {path}")
    if os.path.exists(path) and not os.path.isfile(path):
        raise StorageError("not a regular file", expected="a file", received=str(path))
    if not os.path.isdir(path.parent):
        raise MissingFileError(
            "the folder to save to does not exist",
            received=str(path.parent),
            remedy="create it, or choose another folder",
        )
    if os.path.exists(path) and not force:
        raise ExistingFileError(
            "the file already exists",
            received=str(path),
            remedy="choose another name, or replace it with --force (force=True)",
        )
    if read_from is not None and _is_same(path, read_from):
        raise ExistingFileError(
            "the file is being read, so it cannot be replaced",
            received=str(path),
            remedy="choose another name",
        )
    _check_writable(path)
    return path


def check_ending(path: Path, endings: Collection[str], what: str) -> None:
    """Check that a file has one of some extensions."""
    if path.suffix.lower() not in endings:
        raise ConfigurationError(
            f"unsupported file type for {what}",
            expected=f"a file name ending in {', '.join(endings)}",
            received=str(path),
        )


def check_folder(path: str | Path) -> Path:
    """Check that a folder is writable or can be created, before any time is spent on its content.

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
        raise StorageError("not a folder", expected="a folder, or a name for a new one", received=str(there))
    _check_writable(there / path.name)
    return path


def _is_same(path: Path, other: str | Path) -> bool:
    """Return whether a path is the other one, or a file in it if that is a folder."""
    if not (os.path.exists(path) and os.path.exists(other)):
        return False
    return os.path.samefile(path.parent if os.path.isdir(other) else path, other)


def _check_writable(path: Path) -> None:
    """Refuse a folder that is not writable, and a name that the system does not accept."""
    try:
        with suppress(FileNotFoundError):
            os.stat(path)
        with temporary_file(path.parent):
            pass
    except OSError as error:
        raise StorageError(
            "the file cannot be saved there",
            received=error.strerror or str(error),
            where=str(path),
            remedy="choose another folder or name",
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: to a temporary file beside it, which is moved into place when complete.

    Neither a full disk nor a power failure leaves a partial file. An existing file stays until the new one is
    complete, which inherits its permission bits, owner and group.
    """
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        raise StorageError(
            "the file could not be written",
            received=error.strerror or str(error),
            where=str(path),
            remedy="free some space or choose another folder; an existing file is unchanged",
        ) from error


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside a path, and move it there on success.

    The permission bits, group and owner of a replaced file are kept as far as the system permits; a new file
    has the usual ones. A link stays, and its target is replaced.
    """
    path = _behind_link(path)
    before = os.stat(path) if os.path.exists(path) else None
    # The system applies the umask to a new file; a replacement is private until it is moved.
    with temporary_file(path.parent, 0o666 if before is None else 0o600) as file:
        yield file
        file.flush()
        if before is not None:
            copy_permissions(file.fileno(), before)
        os.fsync(file.fileno())
        if os.name == "nt":  # Windows cannot move an open file
            file.close()
        os.replace(file.name, path)


def _behind_link(path: str | Path) -> Path:
    return Path(os.path.realpath(path)) if os.path.islink(path) else Path(path)


def copy_permissions(file: int | Path, before: os.stat_result) -> None:
    """Copy the permission bits, the group and the owner of the replaced file to the new one."""
    mode, now = stat.S_IMODE(before.st_mode) & 0o777, os.stat(file)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        for owner in (-1, before.st_uid):  # only the superuser may change the owner
            with suppress(OSError):
                os.chown(file, owner, before.st_gid)
        now = os.stat(file)
    if now.st_gid != before.st_gid:
        mode &= ~0o070 | (mode & 0o007) << 3  # another group gets no more rights than everybody
    if stat.S_IMODE(now.st_mode) != mode:
        os.chmod(file, mode)
