"""A file is whole or not there; what was there before stays until the new one is complete."""

import errno
import os
import stat
import threading

import pytest

from pellucid.atomic_file import check_save_path, copy_permissions, write_atomically
from pellucid.errors import ConfigurationError, ExistingFileError, StorageError

OLD, NEW = b"the old one", b"the new one" * 1000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


def test_replaces_the_whole(path):
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("mask", [0o077, 0o027, 0o002])
def test_a_new_file_has_the_rights_that_the_umask_leaves_now(tmp_path, mask):
    before = os.umask(mask)  # of a program that changes it on the way
    try:
        write_atomically(tmp_path / "new", NEW)
    finally:
        assert os.umask(before) == mask
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_a_file_that_is_replaced_keeps_its_rights(path, mode):
    path.chmod(mode)
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_file_that_is_replaced_keeps_its_owner_and_group(path):
    if os.geteuid() == 0:  # who else may give a file away?
        os.chown(path, 54321, 12345)
    before = path.stat()
    write_atomically(path, NEW)
    after = path.stat()
    assert after.st_ino != before.st_ino
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


@pytest.mark.parametrize(("mode", "kept"), [(0o640, 0o600), (0o664, 0o644), (0o660, 0o600), (0o606, 0o606)])
def test_another_group_may_do_no_more_than_everybody(path, monkeypatch, mode, kept):
    def refuse(*_):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    now = path.stat()
    before = os.stat_result((mode, *now[1:4], now.st_uid, now.st_gid + 1, *now[6:]))
    monkeypatch.setattr(os, "chown", refuse)
    copy_permissions(path, before)
    assert stat.S_IMODE(path.stat().st_mode) == kept


def test_what_replaces_a_private_file_is_never_open_to_others(path, monkeypatch):
    path.chmod(0o600)
    seen, fsync = [], os.fsync

    def look(handle):
        seen.extend(stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(path, NEW)
    assert seen == [0o600, 0o600]


def test_the_umask_of_other_threads_is_left_alone(path, monkeypatch):
    """It belongs to the process: to set it to look at it opens what another thread makes meanwhile."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
    thread = threading.Thread(target=write_atomically, args=(path.parent / "new", NEW))
    thread.start()
    thread.join()
    write_atomically(path, NEW)
    assert sorted(os.listdir(path.parent)) == ["file", "new"]


@pytest.mark.parametrize("step", ["open", "chmod", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failure_on_the_way_leaves_the_old_one(path, monkeypatch, step, number):
    def fail(*arguments, **more):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(StorageError) as caught:
            write_atomically(path, NEW)
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
            write_atomically(path, NEW)
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["file"]


def test_it_is_on_the_disk_before_it_takes_the_place(path, monkeypatch):
    steps = []

    def watch(name, real):
        def look(*args):
            other = next(entry for entry in path.parent.iterdir() if entry != path)
            steps.append((name, path.read_bytes(), other.read_bytes()))
            real(*args)

        monkeypatch.setattr(os, name, look)

    for name in ("fsync", "replace"):
        watch(name, getattr(os, name))
    write_atomically(path, b"few bytes stay in a buffer")
    assert [step[:2] for step in steps] == [("fsync", OLD), ("replace", OLD)]
    assert {new for *_, new in steps} == {b"few bytes stay in a buffer"}


def test_a_link_stays_and_what_it_points_to_is_replaced(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path.name)
    with pytest.raises(ExistingFileError):
        check_save_path(link)
    write_atomically(check_save_path(link, force=True), NEW)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


def test_a_link_that_was_not_looked_at_before_stays_too(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path.name)
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


def test_a_link_to_nothing_yet_is_followed(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("new")
    write_atomically(check_save_path(link), NEW)
    assert link.is_symlink()
    assert (tmp_path / "new").read_bytes() == NEW


def test_what_is_no_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="not a regular file"):
        check_save_path(tmp_path / "pipe", force=True)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_what_is_read_from_is_never_replaced(path, tmp_path):
    assert check_save_path(path, force=True, read_from=tmp_path / "other") == path
    os.link(path, tmp_path / "the same")
    for source in (path, str(path), tmp_path / "the same"):
        with pytest.raises(ExistingFileError, match="being read"):
            check_save_path(path, force=True, read_from=source)


def test_no_file_of_a_folder_that_is_read_from_is_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "labels.gz").write_bytes(OLD)
    with pytest.raises(ExistingFileError, match="being read"):
        check_save_path(tmp_path / "data" / "labels.gz", force=True, read_from=tmp_path / "data")
    assert check_save_path(tmp_path / "data" / "new", read_from=tmp_path / "data").name == "new"


def test_a_name_that_is_too_long_is_refused_at_once(tmp_path):
    assert check_save_path(tmp_path / ("n" * 250)).name == "n" * 250
    with pytest.raises(StorageError, match="the file cannot be saved there"):
        check_save_path(tmp_path / ("n" * 260))
    write_atomically(tmp_path / ("n" * 250), NEW)
    assert os.listdir(tmp_path) == ["n" * 250]


def test_a_folder_that_takes_no_files_is_refused_at_once(tmp_path, monkeypatch):
    def refuse(*_, **how):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)  # the superuser may write anywhere
    with pytest.raises(StorageError) as caught:
        check_save_path(tmp_path / "file")
    assert (caught.value.problem, caught.value.received) == (
        "the file cannot be saved there",
        "Permission denied",
    )


@pytest.mark.parametrize("place", [None, 5, b"bytes"])
def test_what_is_no_path(place):
    with pytest.raises(ConfigurationError, match="the path to save to cannot be of type"):
        check_save_path(place)


def test_no_folder(tmp_path):
    with pytest.raises(StorageError):
        write_atomically(tmp_path / "no" / "file", NEW)
