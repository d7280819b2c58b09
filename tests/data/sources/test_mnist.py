import hashlib

import pytest

from pellucid.data import load_data
from pellucid.data.sources import mnist as module
from pellucid.errors import StorageError


def test_the_checksums_are_those_of_the_real_files(data_folder):
    for name, sha256 in module.CHECKSUMS.items():
        assert hashlib.sha256((data_folder / "mnist" / name).read_bytes()).hexdigest() == sha256


def test_found_in_the_folder_of_data(data_folder, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_folder))
    assert repr(load_data("mnist")).startswith("<Dataset mnist: 60,000 rows to train on, 10,000 to test with")


def test_downloaded_into_the_cache_and_found_there(idx_parts, idx_folder_of, tmp_path, monkeypatch):
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    published = idx_folder_of(idx_parts, gzipped=True)
    sums = {name: hashlib.sha256((published / name).read_bytes()).hexdigest() for name in module.CHECKSUMS}
    monkeypatch.setattr(module, "CHECKSUMS", sums)
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: cache / name)
    raw = module.mnist(mirrors=[f"{published.as_uri()}/"])
    assert (len(raw), raw.name) == (10, "mnist")
    assert sorted(path.name for path in (cache / "pellucid" / "mnist").iterdir()) == sorted(sums)
    assert len(module.mnist(mirrors=[])) == 10


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
