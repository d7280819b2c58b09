"""The loops by name: shipped, or made by a Numba that is there and fits."""

import gc
import hashlib
import json
import sys
from collections import OrderedDict
from importlib import metadata
from types import ModuleType

import numpy as np
import pytest
from numba.core.registry import cpu_target

from pellucid.passes.compiled.machine import Machine, this_machine
from pellucid.passes.compiled.machine_code import kernels, native, shipped
from pellucid.passes.compiled.machine_code.shipped import TARGETS, Target

FLOAT = np.dtype("float32")
# A loop that adds up what it is called with, and Numba's way to return it.
ADDS = """
define i32 @online(ptr %result, ptr %nothing, i64 %first, i64 %second, i64 %third) {
  %some = add i64 %first, %second
  %all = add i64 %some, %third
  store i64 %all, ptr %result
  ret i32 0
}
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder for what is shipped: nothing yet, and nothing is kept or in memory."""
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(native, "_engines", OrderedDict())
    monkeypatch.setattr(shipped, "PLACE", tmp_path / "shipped")
    kernels.kernel.cache_clear()
    kernels._numba_version.cache_clear()
    yield tmp_path / "shipped"
    kernels.kernel.cache_clear()
    kernels._numba_version.cache_clear()


@pytest.fixture
def without_numba(monkeypatch):
    """Numba is not installed."""
    version = metadata.version

    def without(name):
        if name == "numba":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    monkeypatch.setitem(sys.modules, "pellucid.passes.compiled.loops.online", None)


def ship(place, sources):
    """Ship a loop for this machine."""
    here = this_machine()
    code = native.compile_text(ADDS, here, ["online"])
    (place / "here").mkdir(parents=True)
    (place / "here" / "online-float32.o").write_bytes(code)
    checksums = {"here/online-float32.o": hashlib.sha256(code).hexdigest()}
    (place / "index.json").write_text(json.dumps({"sources": sources, "checksums": checksums}))
    return {"here": Target(here)}


def test_a_shipped_loop_is_used_without_numba(place, without_numba, monkeypatch):
    monkeypatch.setattr(shipped, "TARGETS", ship(place, kernels.sources()))
    assert kernels.kernel("online", FLOAT, this_machine())(1, 20, 300) == 321
    assert not (place.parent / "cache").exists()  # nothing is kept twice


def test_a_shipped_loop_of_other_sources_is_made_anew(place, monkeypatch):
    monkeypatch.setattr(shipped, "TARGETS", ship(place, "of another version"))
    monkeypatch.setattr(kernels, "write_loop", lambda *_: ADDS.replace("add", "mul"))
    assert kernels.kernel("online", FLOAT, this_machine())(1, 20, 300) == 6000


def test_without_numba_and_a_shipped_loop_the_error_says_what_to_install(without_numba):
    with pytest.raises(ImportError, match=r"Numba.* is not installed: pip install 'pellucid\[compile\]'$"):
        kernels.kernel("online", FLOAT, this_machine())


def test_where_there_is_an_untested_loop_the_error_says_so(without_numba, monkeypatch):
    machine = TARGETS["linux-aarch64"].machine
    with pytest.raises(ImportError, match="PELLUCID_UNTESTED=1 to use the code for linux-aarch64"):
        kernels.kernel("online", FLOAT, machine)
    with pytest.raises(ImportError, match=r"compile\]'$"):
        kernels.kernel("online", FLOAT, Machine("riscv64-unknown-linux-gnu", "generic", "+v", 16))


def test_a_numba_that_does_not_fit_is_one_that_cannot_be_imported(monkeypatch, tmp_path):
    class Broken(ModuleType):
        def __getattr__(self, name):
            raise SystemError("initialization failed")

    monkeypatch.setitem(sys.modules, "pellucid.passes.compiled.loops.batches", Broken("batches"))
    with pytest.raises(ImportError, match="Numba: SystemError: initialization failed"):
        kernels.kernel("online", FLOAT, this_machine())
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} <= {"lock"}


def test_a_numba_that_is_another_inside_does_not_fit_either(monkeypatch):
    monkeypatch.delattr(cpu_target.target_context.codegen(), "_engine")
    with pytest.raises(ImportError, match=r"Numba: AttributeError: .*_engine"):
        kernels.kernel("online", FLOAT, this_machine())
    assert gc.isenabled()
