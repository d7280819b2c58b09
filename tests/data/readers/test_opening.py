import os
import socket
import sys

import pytest

from pellucid.data import load_data
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import DataError, PellucidError, StorageError

KINDS = ["csv", "tsv", "parquet", "npz"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")


def test_a_file(written):
    with open_file(written("abc")) as file:
        assert (size_of(file), file.read()) == (3, b"abc")


@pytest.mark.parametrize("pipe", [False, True])
@pytest.mark.parametrize(("path", "kind"), [("/dev/zero", "a device"), ("/dev", "a folder")])
def test_what_has_no_end_is_not_opened(tmp_path, path, kind, pipe):
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(StorageError, match="cannot be read from here") as caught:
        open_file(tmp_path / "link", pipe=pipe)
    assert caught.value.received == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_under_the_name_of_data(tmp_path, kind):
    path = tmp_path / f"data.{kind}"
    path.symlink_to("/dev/zero")
    with pytest.raises(StorageError, match="cannot be read from here"):
        load_data(path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_named_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path, kind):
    path = tmp_path / f"data.{kind}"
    os.mkfifo(path)
    with pytest.raises(DataError):
        load_data(path)


def test_a_socket(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind("data.csv")
        with pytest.raises(PellucidError):
            load_data("data.csv")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_under_the_name_of_data(tmp_path, kind):
    path = tmp_path / f"data.{kind}"
    path.mkdir()
    with pytest.raises(StorageError):
        load_data(path)
