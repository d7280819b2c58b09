import gzip
import hashlib

import pytest

from pellucid.data import load_data
from pellucid.data.readers.builtin import mnist as module
from pellucid.data.readers.builtin.published import PublishedFile
from pellucid.errors import StorageError


def test_the_published_files_are_the_real_ones(data_folder):
    for file in module.PUBLISHED.values():
        content = (data_folder / "mnist" / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_found_in_the_folder_of_data(data_folder, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_folder))
    assert repr(load_data("mnist")).startswith("<Dataset mnist: 60,000 rows to train on, 10,000 to test with")


@pytest.fixture
def published(idx_parts, idx_folder_of, tmp_path, monkeypatch):
    """Four small files instead of MNIST's, in a folder that they can be downloaded from; and the cache."""
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    folder = idx_folder_of(idx_parts, gzipped=True)
    files = {}
    for part, file in module.PUBLISHED.items():
        content = (folder / file.name).read_bytes()
        files[part] = PublishedFile(file.name, len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(module, "PUBLISHED", files)
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: cache / name)
    return f"{folder.as_uri()}/", cache / "pellucid" / "mnist"


def test_downloaded_into_the_cache_and_found_there(published):
    mirror, cache = published
    raw = module.mnist(mirrors=[mirror])
    assert (len(raw), raw.name) == (10, "mnist")
    names = sorted(file.name for file in module.PUBLISHED.values())
    assert sorted(path.name for path in cache.iterdir()) == names
    assert len(module.mnist(mirrors=[])) == 10


def test_what_was_changed_in_the_cache_is_not_learned_from(published, idx_parts, capsys):
    mirror, cache = published
    true = module.mnist(mirrors=[mirror]).target.tolist()
    labels = bytearray(idx_parts["training labels"])
    labels[-6:] = b"\1\0\1\0\1\0"
    path = cache / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(labels)))
    with pytest.raises(StorageError, match=r"train-labels-idx1-ubyte\.gz could not"):
        module.mnist(mirrors=[])
    assert module.mnist(mirrors=[mirror]).target.tolist() == true
    assert "train-labels-idx1-ubyte.gz differs from the published file" in capsys.readouterr().err


def test_a_file_beside_those_that_were_checked_is_not_read(published, idx_parts):
    mirror, cache = published
    true = module.mnist(mirrors=[mirror]).target.tolist()
    (cache / "train-labels-idx1-ubyte").write_bytes(idx_parts["training labels"][:-6] + b"\1\0\1\0\1\0")
    assert module.mnist(mirrors=[]).target.tolist() == true


def test_a_folder_of_data_without_mnist_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache")
    with pytest.raises(StorageError, match="could not be downloaded"):
        module.mnist(mirrors=[])


def test_without_a_home_it_says_what_is_missing(tmp_path, monkeypatch):
    """As in a container whose user is a number that has no entry."""

    def unknown(user):
        raise KeyError(user)

    for name in ("PELLUCID_DATA", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="no home") as caught:
        module.mnist(mirrors=[])
    assert "XDG_CACHE_HOME" in caught.value.expected
    assert list(tmp_path.iterdir()) == []
