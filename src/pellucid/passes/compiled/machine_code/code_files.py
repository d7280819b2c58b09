"""Machine code on disk: found by a key of all that it depends on, compiled by one process at a time."""

import hashlib
import os
import re
import sys
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_cache_path

from pellucid.errors import PellucidWarning
from pellucid.passes.compiled.machine_code.private_folder import NotPrivateError, private_folder, read_private

__all__ = ["PROGRAM", "find_or_make", "folder"]

# The kind of code that takes milliseconds to compile; there may be one for each setting that was ever tried.
PROGRAM = "program"
# The largest number that is kept, a few megabytes; those used last stay longest.
_MOST_PROGRAMS = 1000
# Code of other kinds takes seconds to compile. It is removed if it belongs to another version and was not
# used for so many seconds: 90 days.
_LONG = 90 * 24 * 3600
# Files that are removed have such names, or the names that earlier versions gave; no others.
_OURS = re.compile(r"(program|loop|new)-[\w-]+|[0-9a-f]{64}")

# Seconds: how long to wait for another process at most, which may have been stopped; after how many to say
# so; and between two attempts.
_PATIENCE, _SILENT, _PAUSE = 120.0, 1.0, 0.02

_MARK = b"pellucid machine code 1\n"
_said: set[str] = set()


def find_or_make(kind: str, key: str, make: Callable[[], bytes]) -> bytes:
    """Return machine code from disk; if it is not there, compile it and keep it.

    A file that cannot be read, was cut short, or could have been written by another user counts as missing.
    Where nothing can be kept, the code is made again next time.

    Parameters
    ----------
    kind : str
        `PROGRAM`, or ``loop-`` with the version that makes it.
    key : str
        Hexadecimal digits that stand for all that the code depends on.
    make : callable
        Returns the code. Of several processes that want the same, one calls it and the others wait.
    """
    place = folder()
    if place is None:
        return make()
    path = place / f"{kind}-{key}"
    code = _read(path)
    if code is None:
        with _alone(path):
            code = _read(path)  # made while another process was waited for
            if code is None:
                code = make()
                _write(path, code)
                _tidy(place, kind)
    return code


def folder() -> Path | None:
    """Return where machine code is kept: a folder that only this user can write to, or None.

    It lies in ``PELLUCID_CACHE`` or where the system keeps what can be made again. Where another user could
    change what lies there, it is a folder among the temporary files instead, and a warning says so, once.
    """
    wanted = _wanted()
    if wanted is None:
        return None
    try:
        return private_folder(wanted)
    except NotPrivateError as error:
        return _instead(str(error))
    except OSError:
        return None


def _wanted() -> Path | None:
    if said := os.environ.get("PELLUCID_CACHE"):
        return Path(said, "kernels")
    try:
        return user_cache_path("pellucid", appauthor=False) / "kernels"
    except (RuntimeError, KeyError):  # a user without a home
        return None


def _instead(reason: str) -> Path | None:
    place: Path | None = None
    with suppress(OSError):
        # The same name for the same user, so that the folder is found again.
        place = private_folder(Path(tempfile.gettempdir(), f"pellucid-{os.geteuid()}", "kernels"))
    if reason not in _said:
        _said.add(reason)
        where = f"in {place}" if place else "nowhere, and made again each time"
        warnings.warn(
            f"machine code is kept {where}, because {reason}; "
            "set PELLUCID_CACHE to a folder that only you can write to",
            PellucidWarning,
            stacklevel=2,
        )
    return place


def _read(path: Path) -> bytes | None:
    try:
        content = read_private(path)
    except OSError:
        return None
    mark, checksum, code = content[: len(_MARK)], content[len(_MARK) :][:32], content[len(_MARK) + 32 :]
    if mark != _MARK or checksum != hashlib.sha256(code).digest():
        return None
    with suppress(OSError):
        os.utime(path)  # what was used last stays longest
    return code


def _write(path: Path, code: bytes) -> None:
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-")  # readable by its owner alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + hashlib.sha256(code).digest() + code)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _tidy(place: Path, kind: str) -> None:
    """Remove a quarter of the programs when there are too many, and old loops when a new one was made."""

    def used(name: str) -> float:
        return os.stat(place / name).st_mtime

    with suppress(OSError):  # another process may be removing the same files
        names = [name for name in os.listdir(place) if _OURS.fullmatch(name)]
        programs = [name for name in names if name.startswith(f"{PROGRAM}-")]
        gone: list[str] = []
        if len(programs) > _MOST_PROGRAMS:
            gone += sorted(programs, key=used)[: -_MOST_PROGRAMS * 3 // 4]
        if kind != PROGRAM:
            spared, before = (f"{PROGRAM}-", f"{kind}-"), time.time() - _LONG
            gone += [name for name in names if not name.startswith(spared) and used(name) < before]
        for name in gone:
            (place / name).unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process compiles the same code; where files cannot be locked, go on without a lock.

    The lock is on a byte of a file that stays, whose number stands for the path. The system takes it back
    when the process ends, however it ends, and a forked process does not inherit it.
    """
    try:
        from fcntl import LOCK_EX, LOCK_NB, lockf  # not on Windows, where each process makes its own

        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path.parent / "lock", flags, 0o600)
    except (ImportError, OSError):
        yield
        return
    try:
        byte = zlib.crc32(path.name.encode()) >> 1
        _wait_for(lambda: lockf(descriptor, LOCK_EX | LOCK_NB, 1, byte))
        yield
    finally:
        os.close(descriptor)


def _wait_for(take: Callable[[], object]) -> None:
    """Try to take a lock until it is taken, turns out not to exist, or has been waited for long enough."""
    start, told = time.monotonic(), False
    while (waited := time.monotonic() - start) < _PATIENCE:
        try:
            take()
            return
        except (BlockingIOError, PermissionError):  # another process has it
            time.sleep(_PAUSE)
        except OSError:  # a file system without locks
            return
        if waited > _SILENT and not told:
            print("Waiting for another process that makes machine code ...", file=sys.stderr, flush=True)
            told = True
