"""Temporary files beside the place that their content is meant for, and the removal of those left behind."""

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
except ImportError:  # Windows, which removes no file that is open
    fcntl = None  # type: ignore[assignment]  # a module otherwise

__all__ = ["temporary_file"]

_NAME = re.compile(r"\.pellucid-([0-9a-f]{8})-[0-9a-f]{16}")
_DAY = 86_400  # seconds


@contextmanager
def temporary_file(folder: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a new file to write to, which is removed in the end unless it was moved.

    It is locked while it is open. A process that is killed leaves its file behind unlocked, and whoever opens
    the next one in that folder removes it: at once if it was made under this running system, where the lock
    tells for certain, and otherwise, as in a folder on a network, after a day without a change. Files of
    other users stay.

    Parameters
    ----------
    folder : Path
    mode : int
        The permission bits, less the process's umask.

    Yields
    ------
    file
        Its `name` is its path.

    Raises
    ------
    OSError
        If the folder takes no file.
    """
    file = _new(folder, mode)
    try:
        with file:
            # Of a file just made, which goes by the clock of the folder's own machine.
            _remove_abandoned(folder, now=os.fstat(file.fileno()).st_mtime)
            yield file
    finally:
        with suppress(FileNotFoundError):
            os.unlink(file.name)


def _new(folder: Path, mode: int) -> BinaryIO:
    while True:
        path = folder / f".pellucid-{_system()}-{secrets.token_hex(8)}"
        file = open(path, "xb", opener=partial(os.open, mode=mode))  # noqa: SIM115  # closed by whoever asked
        # Until it was locked, another process could take it for abandoned.
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
    """Give a mark of the running system: each boot has its own, shared by all its containers."""
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
            os.unlink(path)  # while it is locked, so that its maker cannot begin to write to it
    finally:
        os.close(handle)
