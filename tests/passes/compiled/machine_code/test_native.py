"""Machine code: found again, never trusted, never missed, and kept as long as somebody may call it."""

import ctypes
import gc
import os
import subprocess
import sys
import weakref
from collections import OrderedDict
from pathlib import Path

import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.machine_code import native


def text(number):
    return f"define i64 @answer() {{\n  ret i64 {number}\n}}\n\ndefine i64 @other() {{\n  ret i64 0\n}}\n"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of a cache that is empty, as it is in a process that was just started."""
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_engines", OrderedDict())
    return tmp_path / "cache" / "kernels"


class Writer:
    """Gives a module's text and counts how often it was asked."""

    def __init__(self, number=42):
        self.text, self.count = text(number), 0

    def __call__(self):
        self.count += 1
        return self.text


def answer(write, *, made_of=("answer",), width=None, names=("answer",)):
    places = native.load(this_machine(width), list(made_of), write, list(names), write)
    return [ctypes.CFUNCTYPE(ctypes.c_int64)(places[name])() for name in names]


def codes(kept):
    """What is kept, beside the file that locks are on."""
    return [path for path in kept.iterdir() if path.name != "lock"]


def forget():
    """Be a process that was just started."""
    native._engines.clear()


def test_code_is_made_once(kept):
    write = Writer()
    assert answer(write) == answer(write) == [42]
    forget()
    assert answer(write) == [42]
    assert write.count == 1
    assert len(codes(kept)) == 1  # and nothing half written is left beside it


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
    assert len(codes(kept)) == 2


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
    (file,) = codes(kept)
    sound = file.read_bytes()
    file.write_bytes(spoil(sound))
    forget()
    write = Writer()
    assert answer(write) == [42]
    assert write.count == 1
    assert file.read_bytes() == sound


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_engines", OrderedDict())
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
    assert not codes(kept)  # nothing half written is left


def test_two_processes_at_once(kept):
    program = (
        "from pellucid.passes.compiled.machine_code import native\n"
        "from pellucid.passes.compiled.machine import this_machine\n"
        "import ctypes\n"
        f"places = native.load(this_machine(), ['answer'], lambda: {text(42)!r}, ['answer'], ctypes)\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_int64)(places['answer'])())\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(2)]
    assert [run.communicate()[0].strip() for run in runs] == [b"42", b"42"]
    write = Writer()
    assert answer(write) == [42]
    assert write.count == 0
    assert len(codes(kept)) == 1


def loaded(number, user):
    """A function that returns a number, for somebody who calls it."""
    place = native.load(this_machine(), [str(number)], lambda: text(number), ["answer"], user)["answer"]
    return ctypes.CFUNCTYPE(ctypes.c_int64)(place)


class User:
    """Somebody who calls machine code."""


def engine_of(user):
    (engine,) = [each for each in native._engines.values() if any(one() is user for one in each._users)]
    return weakref.ref(engine.linked)


def test_what_may_still_be_called_stays_whatever_else_is_made(kept, monkeypatch):
    monkeypatch.setattr(native, "_MOST_UNUSED", 2)
    users = [User() for _ in range(4)]
    functions = [loaded(number, user) for number, user in enumerate(users)]
    for number in range(10, 20):
        loaded(number, User())
    assert len(native._engines) == 4 + 2 + 1  # the last had a user still when it was made
    assert [function() for function in functions] == [0, 1, 2, 3]


def test_what_nobody_can_call_any_more_goes_but_for_the_latest(kept, monkeypatch):
    monkeypatch.setattr(native, "_MOST_UNUSED", 2)
    first, second = User(), User()
    loaded(0, first)
    loaded(0, second)
    loaded(0, second)
    engine = engine_of(first)
    del first
    for number in range(10, 13):
        loaded(number, User())
    assert engine() is not None  # the second may call it
    del second
    for number in range(10, 13):
        loaded(number, User())
    gc.collect()
    assert engine() is None


def test_what_was_used_last_is_not_read_again(kept, monkeypatch):
    loaded(0, User())
    monkeypatch.setattr(native, "find_or_make", None)
    assert loaded(0, User())() == 0


GROWTH = """
import gc
import numpy as np
from pellucid.passes.compiled.running.elementwise import evaluate
from pellucid.passes.compiled.machine import this_machine

def megabytes():
    gc.collect()
    with open("/proc/self/status") as file:
        [size] = [line.split()[1] for line in file if line.startswith("VmRSS")]
    return int(size) / 1024

def with_another_number_each(times, start):
    for k in range(start, start + times):
        evaluate(lambda x: x * (1 + k / 1024), np.arange(8.0), {}, this_machine())

with_another_number_each(70, 0)
before = megabytes()
with_another_number_each(60, 70)
print(megabytes() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells how much memory is in use")
def test_formulas_with_another_number_each_time_take_no_more_memory(kept):
    done = subprocess.run([sys.executable, "-c", GROWTH], stdout=subprocess.PIPE, check=True, timeout=120)
    assert float(done.stdout) < 3  # 8 if nothing were given back


FORK = r"""
import ctypes, os, signal, sys, threading
from pellucid.passes.compiled.machine_code import native
from pellucid.passes.compiled.machine import this_machine

TEXT = "define i64 @answer() {\n  ret i64 42\n}\n"
begun, forks = threading.Event(), threading.Event()

def answer(name, write):
    place = native.load(this_machine(), [name], write, ["answer"], native)["answer"]
    return ctypes.CFUNCTYPE(ctypes.c_int64)(place)()

def slowly():
    begun.set()
    forks.wait()
    threading.Event().wait(0.2)
    return TEXT

thread = threading.Thread(target=answer, args=("slow", slowly))
thread.start()
begun.wait()
forks.set()
child = os.fork()
if not child:
    signal.alarm(20)
    os._exit(answer("slow", lambda: TEXT) + answer("quick", lambda: TEXT) - 42)
thread.join()
assert answer("slow", lambda: TEXT) == 42
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows knows no forks")
def test_a_process_forked_while_code_is_made_can_make_its_own(kept):
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], timeout=30, check=False)
    assert done.returncode == 42
