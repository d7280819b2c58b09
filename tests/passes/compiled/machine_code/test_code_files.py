"""Machine code on disk: what others could have written is not used, one process makes it, little is kept."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pytest

from pellucid.errors import PellucidWarning
from pellucid.passes.compiled.machine_code import code_files as home
from pellucid.passes.compiled.machine_code.code_files import PROGRAM, find_or_make, folder

KEY = "0123456789abcdef"
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions and locks")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache that is empty, and a place for temporary files beside it."""
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(home, "_said", set())
    return tmp_path / "cache" / "kernels"


class Maker:
    """Makes code, and counts how often it was asked to."""

    def __init__(self, code=b"code"):
        self.code, self.count = code, 0

    def __call__(self):
        self.count += 1
        return self.code


def codes(place):
    """What is kept, beside the file that locks are on."""
    return sorted(path.name for path in place.iterdir() if path.name != "lock")


def test_code_is_found_again(cache):
    make = Maker()
    assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert make.count == 1
    assert codes(cache) == [f"program-{KEY}"]


@posix
def test_what_is_kept_is_for_its_owner_alone(cache):
    find_or_make(PROGRAM, KEY, Maker())
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o600}


def open_to_all(place):
    place.chmod(0o777)


def in_a_folder_open_to_all(place):
    place.parent.chmod(0o777)


def of_another_user(place):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(place, 4321, 4321)


@posix
@pytest.mark.parametrize("unfit", [open_to_all, in_a_folder_open_to_all, of_another_user])
def test_an_unfit_folder_is_left_alone_for_one_of_its_own(cache, tmp_path, unfit):
    find_or_make(PROGRAM, KEY, Maker(b"planted"))
    unfit(cache)
    kept, make = codes(cache), Maker()
    with pytest.warns(PellucidWarning, match=r"kept in .*pellucid-.*kernels, because") as said:
        found = [find_or_make(PROGRAM, key, make) for key in (KEY, KEY, "other")]
    assert found == [b"code"] * 3
    assert len(said) == 1
    assert make.count == 2
    own = (tmp_path / "tmp" / f"pellucid-{os.geteuid()}" / "kernels").resolve()
    assert folder() == own
    assert codes(own) == [f"program-{KEY}", "program-other"]
    assert codes(cache) == kept


@posix
def test_where_no_folder_is_fit_nothing_is_kept(cache, tmp_path):
    (tmp_path / "tmp").chmod(0o777)
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    make = Maker()
    with pytest.warns(
        PellucidWarning, match="kept nowhere.*because other users can write to .*kernels"
    ) as said:
        assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert len(said) == 1
    assert make.count == 2
    assert not list(cache.iterdir())
    assert not list((tmp_path / "tmp").iterdir())


@posix
@pytest.mark.parametrize("taken", ["pellucid", "kernels"])
def test_a_temporary_folder_that_another_user_made_first_is_not_used(cache, tmp_path, taken):
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    own = tmp_path / "tmp" / f"pellucid-{os.geteuid()}"
    (own / "kernels").mkdir(parents=True)
    of_another_user(own if taken == "pellucid" else own / "kernels")
    with pytest.warns(PellucidWarning, match="kept nowhere"):
        assert folder() is None


@pytest.mark.parametrize("error", [RuntimeError, KeyError])
def test_a_user_without_a_home_keeps_nothing(monkeypatch, error):
    def nowhere(*names, **others):
        raise error

    monkeypatch.delenv("PELLUCID_CACHE")
    monkeypatch.setattr(home, "user_cache_path", nowhere)
    make = Maker()
    assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert make.count == 2


def test_a_folder_that_cannot_be_made_is_done_without(cache):
    cache.parent.write_text("a file")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert folder() is None
    assert find_or_make(PROGRAM, KEY, Maker()) == b"code"


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    assert folder() == (tmp_path / "kernels").resolve()
    monkeypatch.delenv("PELLUCID_CACHE")
    monkeypatch.setattr(home, "user_cache_path", lambda name, appauthor: tmp_path / "user" / name)
    assert folder() == (tmp_path / "user" / "pellucid" / "kernels").resolve()


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def pipe(path):
    path.unlink()
    os.mkfifo(path)


@posix
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.chmod(0o622),
        lambda path: os.link(path, path.with_name("elsewhere")),
        of_another_user,
        link,
        pipe,
    ],
    ids=["open to others", "under two names", "of another user", "a link", "a pipe"],
)
def test_a_file_that_others_could_have_written_is_made_again(cache, change):
    find_or_make(PROGRAM, KEY, Maker(b"planted"))
    change(cache / f"program-{KEY}")
    make = Maker()
    assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert make.count == 1


def test_a_folder_in_the_place_of_a_file_stays_there(cache):
    (cache / f"program-{KEY}").mkdir(parents=True)
    make = Maker()
    assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert make.count == 2
    assert codes(cache) == [f"program-{KEY}"]


def test_nothing_half_written_is_left_where_writing_is_broken_off(cache, monkeypatch):
    def broken_off(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", broken_off)
    with pytest.raises(KeyboardInterrupt):
        find_or_make(PROGRAM, KEY, Maker())
    assert codes(cache) == []


# -- processes --------------------------------------------------------------------------------------------

MANY = """
import os, sys, time
from pathlib import Path
from pellucid.passes.compiled.machine_code.code_files import find_or_make

def make():
    with open(sys.argv[1], "a") as file:
        file.write("made\\n")
    time.sleep(0.3)
    return b"code"

children = []
for number in range(30):
    children.append(os.fork())
    if not children[-1]:
        code = find_or_make("loop-1", "abc", make)
        os._exit(0 if code == b"code" else 1)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
"""

HOLDER = """
import time
from pellucid.passes.compiled.machine_code.code_files import find_or_make

def make():
    print("making", flush=True)
    time.sleep(1000)

find_or_make("loop-1", "abc", make)
"""


@posix
def test_thirty_processes_at_once_make_it_once(cache, tmp_path):
    subprocess.run([sys.executable, "-c", MANY, str(tmp_path / "made")], check=True, timeout=60)
    assert (tmp_path / "made").read_text() == "made\n"
    assert codes(cache) == ["loop-1-abc"]


@pytest.fixture
def holder(cache):
    """A process that makes code, and is never done."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"making\n"
        yield process
        process.kill()


@posix
def test_a_process_that_was_killed_is_not_waited_for(holder, monkeypatch):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    monkeypatch.setattr(home.time, "sleep", None)
    assert find_or_make("loop-1", "abc", Maker()) == b"code"


@posix
def test_what_was_made_while_another_process_was_waited_for_is_used(cache, monkeypatch):
    monkeypatch.setattr(home, "_wait_for", lambda take: home._write(cache / f"program-{KEY}", b"theirs"))
    assert find_or_make(PROGRAM, KEY, None) == b"theirs"


@posix
def test_a_process_that_is_never_done_is_not_waited_for_without_end(holder, monkeypatch, capsys):
    for name, seconds in {"_PATIENCE": 0.1, "_SILENT": 0.0, "_PAUSE": 0.01}.items():
        monkeypatch.setattr(home, name, seconds)
    assert find_or_make("loop-1", "abc", Maker()) == b"code"
    assert capsys.readouterr().err == "Waiting for another process that makes machine code ...\n"


@posix
def test_other_code_is_not_waited_for(holder, monkeypatch):
    monkeypatch.setattr(home.time, "sleep", None)
    assert find_or_make("loop-1", "another", Maker()) == b"code"


@posix
@pytest.mark.parametrize("what", ["no locks here", "no locks in Python", "a folder in its place"])
def test_where_nothing_can_be_locked_it_is_made_all_the_same(cache, monkeypatch, what):
    def refuse(*arguments):
        raise OSError(37, "No locks available")

    if what == "no locks here":
        monkeypatch.setattr("fcntl.lockf", refuse)
    elif what == "no locks in Python":
        monkeypatch.setitem(sys.modules, "fcntl", None)
    else:
        (cache / "lock").mkdir(parents=True)
    make = Maker()
    assert find_or_make(PROGRAM, KEY, make) == find_or_make(PROGRAM, KEY, make) == b"code"
    assert make.count == 1


# -- how much is kept --------------------------------------------------------------------------------------


def used(path, days):
    """Have a file be used last so many days ago."""
    os.utime(path, (time.time() - 86400 * days,) * 2)


def test_the_programs_used_last_are_kept(cache, monkeypatch):
    monkeypatch.setattr(home, "_MOST_PROGRAMS", 3)
    find_or_make("loop-1", "abc", Maker())
    used(cache / "loop-1-abc", 1000)
    for number in range(3):
        find_or_make(PROGRAM, f"{number}", Maker())
        used(cache / f"program-{number}", 10 - number)
    find_or_make(PROGRAM, "0", Maker())  # used again
    find_or_make(PROGRAM, "3", Maker())
    assert codes(cache) == ["loop-1-abc", "program-0", "program-2", "program-3"]


def test_a_quarter_of_the_programs_goes_at_a_time(cache, monkeypatch):
    monkeypatch.setattr(home, "_MOST_PROGRAMS", 8)
    for number in range(9):
        find_or_make(PROGRAM, f"{number}", Maker())
        if number < 8:
            used(cache / f"program-{number}", 10 - number)
    assert codes(cache) == [f"program-{number}" for number in range(3, 9)]


def test_loops_of_other_versions_are_removed_when_they_were_not_used_for_long(cache):
    find_or_make("loop-1", "abc", Maker())
    earlier = [
        "0" * 64,
        "new-abandoned",
        "loop-0-abc",
        "loop-0-def",
        "loop-1-abc",
        "program-abc",
        "notes.txt",
    ]
    for name in earlier:
        (cache / name).touch()
        used(cache / name, 91)
    used(cache / "loop-0-def", 89)
    find_or_make("loop-1", "other", Maker())
    assert codes(cache) == ["loop-0-def", "loop-1-abc", "loop-1-other", "notes.txt", "program-abc"]


def test_what_another_process_removes_meanwhile_is_no_matter(cache, monkeypatch):
    monkeypatch.setattr(home, "_MOST_PROGRAMS", 1)
    find_or_make(PROGRAM, "0", Maker())
    entries = [*os.listdir(cache), "program-1"]
    (cache / "program-0").unlink()
    monkeypatch.setattr(os, "listdir", lambda place: entries)
    assert find_or_make(PROGRAM, "1", Maker()) == b"code"
    assert (cache / "program-1").exists()
