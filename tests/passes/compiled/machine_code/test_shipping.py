"""A build makes object files for processors other than its own, or makes nothing."""

import json
from importlib import metadata

import llvmlite.binding as llvm
import numpy as np
import pytest

from pellucid.passes.compiled.machine_code import kernels, shipped
from pellucid.passes.compiled.machine_code.shipped import TARGETS, find_shipped
from pellucid.passes.compiled.machine_code.shipping import _made, ship

# The architecture in the header of an ELF file (e_machine): x86-64, AArch64.
ELF = {"linux-x86-64-v3": 62, "linux-aarch64": 183}


def check(code, target):
    """Check that code is an object file for a target's architecture, and takes nothing from Python."""
    assert code[:4] == b"\x7fELF"
    assert int.from_bytes(code[18:20], "little") == ELF[target]
    sections = llvm.ObjectFileRef.from_data(code).sections()
    assert any(section.is_text() and section.size() > 1000 for section in sections)
    assert b"memset" in code  # among the names that are looked up in the process that it is linked into
    assert b"Py" not in code


@pytest.mark.parametrize("target", ELF)
def test_code_for_another_processor(target):
    check(_made(target, "online", "float32"), target)


@pytest.mark.slow
def test_what_is_shipped_is_found(tmp_path, monkeypatch):
    place = tmp_path / "shipped"
    monkeypatch.setattr(shipped, "PLACE", place)
    ship(place, ["linux-x86-64-v3"], ["online"], ["float32", "float64"])
    for dtype in ("float32", "float64"):
        machine = TARGETS["linux-x86-64-v3"].machine
        check(find_shipped("online", np.dtype(dtype), machine, kernels.sources()), "linux-x86-64-v3")
    index = json.loads((place / "index.json").read_text())
    assert index["made_with"] == {name: metadata.version(name) for name in ("numba", "llvmlite")}
    files = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert files == {"index.json", *(f"linux-x86-64-v3/online-{dtype}.o" for dtype in ("float32", "float64"))}


def test_without_numba_nothing_is_made(tmp_path, monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    place = tmp_path / "shipped"
    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(ImportError, match="numba"):
        ship(place)
    assert not place.exists()
