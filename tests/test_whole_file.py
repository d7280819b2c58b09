"""A file is whole or not there; what was there before stays until the new one is complete."""

import errno
import os
import stat
import tempfile

import pytest

from pellucid.errors import ConfigurationError, ExistingFileError, StorageError
from pellucid.whole_file import check_free, write_whole

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


def test_a_link_stays_and_what_it_points_to_is_replaced(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path.name)
    with pytest.raises(ExistingFileError):
        check_free(link)
    write_whole(check_free(link, force=True), NEW)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


def test_a_link_to_nothing_yet_is_followed(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("new")
    write_whole(check_free(link), NEW)
    assert link.is_symlink()
    assert (tmp_path / "new").read_bytes() == NEW


def test_what_is_no_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="no file that could be replaced"):
        check_free(tmp_path / "pipe", force=True)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_what_is_read_from_is_never_replaced(path, tmp_path):
    assert check_free(path, force=True, read_from=tmp_path / "other") == path
    os.link(path, tmp_path / "the same")
    for source in (path, str(path), tmp_path / "the same"):
        with pytest.raises(ExistingFileError, match="being read from"):
            check_free(path, force=True, read_from=source)


def test_no_file_of_a_folder_that_is_read_from_is_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "labels.gz").write_bytes(OLD)
    with pytest.raises(ExistingFileError, match="being read from"):
        check_free(tmp_path / "data" / "labels.gz", force=True, read_from=tmp_path / "data")
    assert check_free(tmp_path / "data" / "new", read_from=tmp_path / "data").name == "new"


def test_a_name_that_is_too_long_is_refused_at_once(tmp_path):
    assert check_free(tmp_path / ("n" * 250)).name == "n" * 250
    with pytest.raises(StorageError, match="no file can be saved there"):
        check_free(tmp_path / ("n" * 260))
    write_whole(tmp_path / ("n" * 250), NEW)
    assert os.listdir(tmp_path) == ["n" * 250]


def test_a_folder_that_takes_no_files_is_refused_at_once(tmp_path, monkeypatch):
    def refuse(**where):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)  # the superuser may write anywhere
    with pytest.raises(StorageError) as caught:
        check_free(tmp_path / "file")
    assert (caught.value.problem, caught.value.received) == (
        "no file can be saved there",
        "Permission denied",
    )


@pytest.mark.parametrize("place", [None, 5, b"bytes"])
def test_what_is_no_path(place):
    with pytest.raises(ConfigurationError, match="the place to save to cannot be of the type"):
        check_free(place)


def test_no_folder(tmp_path):
    with pytest.raises(StorageError):
        write_whole(tmp_path / "no" / "file", NEW)
