"""Temporary files beside their destination, and the removal of abandoned ones."""

import hashlib
import os
import platform
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, which does not remove open files
    fcntl = None  # type: ignore[assignment]  # a module otherwise

__all__ = ["temporary_file"]

_NAME = re.compile(r"\.pellucid-([0-9a-f]{8})-[0-9a-f]{16}")
_DAY = 86_400  # seconds


@contextmanager
def temporary_file(folder: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a new file for writing, which is removed at the end unless it was moved.

    It is locked while it is open. A killed process leaves its file behind unlocked, and the next temporary
    file opened in that folder removes it: at once if it was created since this system booted, where the lock
    is reliable, and otherwise, as in a network folder, after a day without a change. Files of other users
    stay. The mode has the permission bits, before the umask is applied.
    """
    file = _new(folder, mode)
    try:
        with file:
            # The new file's time, which follows the clock of the machine that holds the folder.
            _remove_abandoned(folder, now=os.fstat(file.fileno()).st_mtime)
            yield file
    finally:
        with suppress(FileNotFoundError):
            os.unlink(file.name)


def _new(folder: Path, mode: int) -> BinaryIO:
    while True:
        path = folder / f".pellucid-{_system()}-{secrets.token_hex(8)}"
        file = open(path, "xb", opener=partial(os.open, mode=mode))  # noqa: SIM115  # closed by the caller
        # Before it was locked, another process could have taken it for abandoned.
        if _lock(file.fileno()) is not False and path.exists():
            return file
        file.close()


def _lock(handle: int) -> bool | None:
    """Lock a file unless another process has; None if locks are not supported there."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@cache
def _system() -> str:
    """Return an identifier of the running system: one for each boot, shared by all its containers."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        text = platform.node()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _remove_abandoned(folder: Path, now: float) -> None:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if found := _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _remove_if_abandoned(entry.path, found[1], now)


def _remove_if_abandoned(path: str, system: str, now: float) -> None:
    if fcntl is None:
        os.unlink(path)
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return
        free, is_old = _lock(handle), now - status.st_mtime > _DAY
        if (free and system == _system()) or (free is not False and is_old):
            os.unlink(path)  # while it is locked, so that its owner cannot begin to write to it
    finally:
        os.close(handle)
