"""Folders and files that no other user can have written: what lies there may be run.

Whoever can write a file of machine code, or put another in its place, decides what the process that runs it
does. So a folder is used only if it belongs to this user and nobody else can write to it, and if nobody else
can replace any of the folders above it. Then nothing can be exchanged between a check and what relies on it.

Windows has other permissions, which Python does not show, and keeps a user's folders private by default:
nothing is checked there.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["NotPrivateError", "private_folder", "read_private"]

_HAS_MODES = os.name == "posix"
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class NotPrivateError(OSError):
    """A folder or a file that another user can have written."""


def private_folder(path: Path) -> Path:
    """Make a folder that only this user can write to, or check one that exists.

    Parameters
    ----------
    path : Path
        Symbolic links on the way to it are followed, and the folders that they lead to are checked.

    Returns
    -------
    Path
        The folder itself, without links, readable by this user alone.

    Raises
    ------
    NotPrivateError
        If it or a folder above it could be changed or replaced by another user.
    OSError
        If it can be neither found nor made.
    """
    folder = Path(os.path.realpath(path))
    if not _HAS_MODES:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    # From the root down: once a folder is found safe, nobody else can replace what is looked at next.
    for above in reversed(folder.parents):
        _check_above(above, _found_or_made(above))
    status = _found_or_made(folder)
    _check_owner(folder, status, os.geteuid())
    if status.st_mode & _WRITABLE_BY_OTHERS:
        raise NotPrivateError(f"other users can write to {folder}")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        folder.chmod(0o700)
    return folder


def _found_or_made(folder: Path) -> os.stat_result:
    try:
        status = os.lstat(folder)
    except FileNotFoundError:
        # Another process may make it at the same time.
        folder.mkdir(mode=0o700, exist_ok=True)
        status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f"{folder} is not a folder")
    return status


def _check_owner(path: Path, status: os.stat_result, *owners: int) -> None:
    if status.st_uid not in owners:
        raise NotPrivateError(f"{path} belongs to another user")


def _check_above(folder: Path, status: os.stat_result) -> None:
    """Refuse a folder in which another user could replace a file."""
    _check_owner(folder, status, os.geteuid(), 0)
    if status.st_mode & stat.S_ISVTX:  # as in /tmp, where everybody can replace only what is their own
        return
    private = _is_private_group(status.st_gid, status.st_uid) and not _has_more_users(folder)
    by_group = status.st_mode & stat.S_IWGRP and not private
    if by_group or status.st_mode & stat.S_IWOTH:
        raise NotPrivateError(f"other users can write to {folder}")


def _is_private_group(group: int, user: int) -> bool:
    """Return whether a user is alone in a group: Debian and Ubuntu give each user one of the user's name."""
    import grp  # not on Windows
    import pwd

    try:
        its = grp.getgrgid(group)
    except KeyError:
        return group == user  # in a container, neither may have a name
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        return False
    return its.gr_name == name and set(its.gr_mem) <= {name}


def _has_more_users(folder: Path) -> bool:
    """Return whether an access list names others: the bits of the group then stand for all of them."""
    with suppress(AttributeError, OSError):  # Linux alone tells; most folders have none
        return bool(os.getxattr(folder, "system.posix_acl_access"))
    return False


def read_private(path: Path) -> bytes:
    """Read a file that only this user can have written.

    Parameters
    ----------
    path : Path
        In a private folder.

    Raises
    ------
    NotPrivateError
        If it is not a regular file, belongs to another user, can be written by one, or has another name
        under which it could be.
    OSError
        If it cannot be read.
    """
    # A link is not followed, and a pipe to which nobody writes is not waited for. What is checked is what was
    # opened, whatever has the name by then.
    flags = os.O_RDONLY | sum(
        getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
    )
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotPrivateError(f"{path} is not a regular file")
        if _HAS_MODES:
            _check_owner(path, status, os.geteuid())
            if status.st_mode & _WRITABLE_BY_OTHERS or status.st_nlink != 1:
                raise NotPrivateError(f"other users can write to {path}")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)
