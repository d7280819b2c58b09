"""A file is whole or not there; what was there before stays until the new one is complete."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from pellucid.errors import StorageError
from pellucid.storage import load_model, save_model, write_whole

OLD, NEW = b"the old one", b"the new one" * 1000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


def test_replaces_the_whole(path):
    write_whole(path, NEW)
    assert path.read_bytes() == NEW
    assert os.listdir(path.parent) == ["file"]


def test_a_new_file_has_the_usual_rights(path):
    before = os.umask(0o027)
    try:
        write_whole(path, NEW)
    finally:
        assert os.umask(before) == 0o027
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod", "fdopen"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failure_on_the_way_leaves_the_old_one(path, monkeypatch, step, number):
    def fail(*arguments, **more):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(StorageError) as caught:
            write_whole(path, NEW)
    assert caught.value.received == os.strerror(number)
    assert caught.value.where == str(path)
    assert "unchanged" in caught.value.remedy
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_one(path, monkeypatch, error):
    def fail(*arguments):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(error):
            write_whole(path, NEW)
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["file"]


def test_it_is_on_the_disk_before_it_takes_the_place(path, monkeypatch):
    steps = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os,
            name,
            lambda *args, name=name, real=real: (steps.append((name, path.read_bytes())), real(*args)),
        )
    write_whole(path, NEW)
    assert steps == [("fsync", OLD), ("replace", OLD)]


def test_no_folder(tmp_path):
    with pytest.raises(StorageError):
        write_whole(tmp_path / "no" / "file", NEW)


PROGRAM = """
import resource, signal, sys
from pellucid.errors import StorageError
from pellucid.storage import load_model, save_model

model = load_model(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
try:
    save_model(model, sys.argv[2], force=True)
except StorageError as error:
    print(error.problem, "|", error.received)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
"""


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of a file there")
def test_a_real_limit_while_saving(model, saved, path):
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, saved, path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "the file could not be written | File too large\n"
    assert path.read_bytes() == OLD
    assert sorted(os.listdir(path.parent)) == ["file", "model.safetensors"]
    assert load_model(save_model(model, path, force=True)).network == model.network
