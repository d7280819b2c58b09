"""Machine code on disk: found again, never trusted, never missed."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid.passes.compiled import native
from pellucid.passes.compiled.machine import this_machine


def text(number):
    return f"define i64 @answer() {{\n  ret i64 {number}\n}}\n\ndefine i64 @other() {{\n  ret i64 0\n}}\n"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of a cache that is empty, as it is in a process that was just started."""
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_engines", {})
    return tmp_path / "cache" / "kernels"


class Writer:
    """Gives a module's text and counts how often it was asked."""

    def __init__(self, number=42):
        self.text, self.count = text(number), 0

    def __call__(self):
        self.count += 1
        return self.text


def answer(write, *, made_of=("answer",), width=None, names=("answer",)):
    places = native.load(this_machine(width), list(made_of), write, list(names))
    return [ctypes.CFUNCTYPE(ctypes.c_int64)(places[name])() for name in names]


def forget():
    """Be a process that was just started."""
    native._engines.clear()


def test_code_is_made_once(kept):
    write = Writer()
    assert answer(write) == answer(write) == [42]
    forget()
    assert answer(write) == [42]
    assert write.count == 1
    assert len(list(kept.iterdir())) == 1  # and nothing half written is left beside it


@pytest.mark.parametrize(
    "other",
    [{"made_of": ["another"]}, {"made_of": ["ans", "wer"]}, {"width": 4}, {"names": ["answer", "other"]}],
)
def test_other_code_has_another_place(other, kept):
    width = {"width": 16} if "width" in other else {}
    answer(Writer(), **width)
    write = Writer(43)
    assert answer(write, **other)[0] == 43
    assert write.count == 1
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:10],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
        lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        lambda content: b"another program's" + content,
    ],
    ids=["empty", "cut in the mark", "cut short", "too long", "checksum", "a bit of the code", "another's"],
)
def test_a_spoilt_file_is_as_good_as_none(spoil, kept):
    answer(Writer())
    (file,) = kept.iterdir()
    sound = file.read_bytes()
    file.write_bytes(spoil(sound))
    forget()
    write = Writer()
    assert answer(write) == [42]
    assert write.count == 1
    assert file.read_bytes() == sound


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such permissions")
def test_others_may_read_what_was_made(kept):
    assert answer(Writer()) == [42]
    (file,) = kept.iterdir()
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_engines", {})
    write = Writer()
    assert answer(write) == [42]
    forget()
    assert answer(write) == [42]
    assert write.count == 2


def test_a_disk_that_is_full(kept, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert answer(Writer()) == [42]
    assert not list(kept.iterdir())  # nothing half written is left


def test_two_processes_at_once(kept):
    program = (
        "from pellucid.passes.compiled import native\n"
        "from pellucid.passes.compiled.machine import this_machine\n"
        "import ctypes\n"
        f"place = native.load(this_machine(), ['answer'], lambda: {text(42)!r}, ['answer'])['answer']\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_int64)(place)())\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(2)]
    assert [run.communicate()[0].strip() for run in runs] == [b"42", b"42"]
    write = Writer()
    assert answer(write) == [42]
    assert write.count == 0
    assert len(list(kept.iterdir())) == 1


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    assert native.folder() == tmp_path / "kernels"
    monkeypatch.delenv("PELLUCID_CACHE")
    assert native.folder().name == "kernels"
    assert "pellucid" in native.folder().parts
