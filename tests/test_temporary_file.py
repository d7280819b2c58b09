"""Temporary files are gone in the end: moved, removed, or left by a killed process for the next to remove."""

import errno
import os
import random
import subprocess
import sys
import time

import pytest

from pellucid import temporary_file as module
from pellucid.atomic_file import check_save_path, write_atomically
from pellucid.temporary_file import temporary_file

fcntl = pytest.importorskip("fcntl", reason="locks of POSIX")

LONG = 60  # seconds that no process of these tests needs
OTHER_SYSTEM = ".pellucid-00000000-0123456789abcdef"


def names(folder):
    return sorted(os.listdir(folder))


def age(path, days):
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


@pytest.fixture
def process(tmp_path):
    """Start programs that have `folder`, and end them."""
    started = []

    def start(program):
        line = [sys.executable, "-B", "-c", 'from pathlib import Path; folder = Path(".")\n' + program]
        started.append(
            subprocess.Popen(
                line, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate(timeout=LONG)


def test_it_is_removed_unless_it_was_moved(tmp_path):
    with temporary_file(tmp_path) as file:
        assert names(tmp_path) == [os.path.basename(file.name)]
    assert names(tmp_path) == []
    with temporary_file(tmp_path) as file:
        os.replace(file.name, tmp_path / "moved")
    assert names(tmp_path) == ["moved"]
    with pytest.raises(KeyboardInterrupt), temporary_file(tmp_path):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["moved"]


KILLED = """
import os, signal
from pellucid.atomic_file import check_save_path, write_atomically
(folder / "file").write_bytes(b"old")
(folder / "file").chmod(0o640)
def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
os.{step} = kill
{call}
"""


@pytest.mark.parametrize("step", ["chmod", "fsync", "replace", "unlink"])
def test_what_a_killed_writer_leaves_the_next_one_removes(tmp_path, process, step):
    call = (
        "check_save_path(folder / 'new')" if step == "unlink" else "write_atomically(folder / 'file', b'new')"
    )
    assert process(KILLED.format(step=step, call=call)).wait(LONG) == -9
    assert len(names(tmp_path)) == 2
    write_atomically(tmp_path / "another", b"")
    assert names(tmp_path) == ["another", "file"]
    assert (tmp_path / "file").read_bytes() == b"old"


ENDLESS = """
from pellucid.atomic_file import write_atomically
while True:
    write_atomically(folder / "file", b"whole" * 1_000_000)
    print("written", flush=True)
"""


def test_killed_at_any_moment(tmp_path, process):
    draw, left = random.Random(0), 0
    for _ in range(8):
        writer = process(ENDLESS)
        writer.stdout.readline()
        time.sleep(draw.random() * 0.02)
        writer.kill()
        writer.wait(LONG)
        left += len(names(tmp_path)) - 1
        check_save_path(tmp_path / "new")
        assert names(tmp_path) == ["file"]
        assert (tmp_path / "file").read_bytes() == b"whole" * 1_000_000
    assert left  # or nothing was tested


LIVE = """
import os, sys
from pellucid.atomic_file import atomic_write
with atomic_write(folder / "file") as file:
    print(os.path.basename(file.name), flush=True)
    sys.stdin.readline()
    file.write(b"whole")
"""


@pytest.mark.parametrize("days", [0, 30])
def test_what_a_live_process_writes_survives(tmp_path, process, days):
    writer = process(LIVE)
    name = writer.stdout.readline().decode().strip()
    age(tmp_path / name, days)
    write_atomically(tmp_path / "another", b"")
    assert names(tmp_path) == sorted([name, "another"])
    writer.communicate(b"go on\n", timeout=LONG)
    assert writer.returncode == 0
    assert names(tmp_path) == ["another", "file"]
    assert (tmp_path / "file").read_bytes() == b"whole"


def test_two_in_one_process_do_not_disturb_each_other(tmp_path):
    with temporary_file(tmp_path) as first, temporary_file(tmp_path) as second:
        assert names(tmp_path) == sorted(os.path.basename(file.name) for file in (first, second))


@pytest.mark.parametrize(("days", "left"), [(0, True), (0.9, True), (1.1, False)])
def test_what_another_system_left_is_removed_after_a_day(tmp_path, days, left):
    (tmp_path / OTHER_SYSTEM).touch()
    age(tmp_path / OTHER_SYSTEM, days)
    with temporary_file(tmp_path):
        pass
    assert names(tmp_path) == [OTHER_SYSTEM] * left


def test_what_another_system_holds_stays_however_old(tmp_path):
    with (tmp_path / OTHER_SYSTEM).open("wb") as held:
        age(tmp_path / OTHER_SYSTEM, 30)
        fcntl.flock(held, fcntl.LOCK_EX)
        with temporary_file(tmp_path):
            pass
        assert names(tmp_path) == [OTHER_SYSTEM]


@pytest.mark.parametrize(("days", "left"), [(0, True), (1.1, False)])
def test_a_folder_without_locks_goes_by_age_alone(tmp_path, monkeypatch, days, left):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    name = f".pellucid-{module._system()}-0123456789abcdef"
    (tmp_path / name).touch()
    age(tmp_path / name, days)
    write_atomically(tmp_path / "file", b"")
    assert names(tmp_path) == [name] * left + ["file"]


def test_files_of_other_users_stay(tmp_path, monkeypatch):
    (tmp_path / OTHER_SYSTEM).touch()
    age(tmp_path / OTHER_SYSTEM, 30)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with temporary_file(tmp_path):
        pass
    assert names(tmp_path) == [OTHER_SYSTEM]


def test_what_is_not_such_a_file_stays(tmp_path):
    """Neither a user's own file of a similar name, nor a folder, nor a link or what it points to."""
    for name in (".pellucid-notes", OTHER_SYSTEM + "0", "x" + OTHER_SYSTEM, "target"):
        (tmp_path / name).touch()
    (tmp_path / OTHER_SYSTEM).mkdir()
    (tmp_path / OTHER_SYSTEM.replace("f", "e")).symlink_to("target")
    before = names(tmp_path)
    for name in before:
        age(tmp_path / name, 30)
    with temporary_file(tmp_path):
        pass
    assert names(tmp_path) == before


def test_one_that_was_taken_for_abandoned_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    lock, taken = module._lock, []

    def late(handle):
        if not taken:
            taken.extend(names(tmp_path))
            os.unlink(tmp_path / taken[0])
        return lock(handle)

    monkeypatch.setattr(module, "_lock", late)
    write_atomically(tmp_path / "file", b"whole")
    assert len(taken) == 1
    assert names(tmp_path) == ["file"]


def test_windows_removes_what_nobody_has_open(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "fcntl", None)
    (tmp_path / OTHER_SYSTEM).touch()
    module._remove_abandoned(tmp_path, now=time.time())
    assert names(tmp_path) == []
