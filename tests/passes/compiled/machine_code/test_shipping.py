"""A build makes object files for processors other than its own, or leaves nothing."""

import json
from importlib import metadata

import llvmlite.binding as llvm
import numpy as np
import pytest

from pellucid.passes.compiled.machine_code import kernels, shipped
from pellucid.passes.compiled.machine_code.shipped import TARGETS, find_shipped
from pellucid.passes.compiled.machine_code.shipping import ship

# The architecture in the header of an ELF file (e_machine): x86-64, AArch64.
ELF = {"linux-x86-64-v3": 62, "linux-aarch64": 183}


@pytest.mark.slow
def test_what_is_shipped_is_found(tmp_path, monkeypatch):
    place = tmp_path / "shipped"
    place.mkdir()
    (place / "old").touch()
    monkeypatch.setattr(shipped, "PLACE", place)
    monkeypatch.setenv("PELLUCID_UNTESTED", "1")
    ship(place, list(ELF), ["online"], ["float64"])
    for name, number in ELF.items():
        code = find_shipped("online", np.dtype("float64"), TARGETS[name].machine, kernels.sources())
        assert code[:4] == b"\x7fELF"
        assert int.from_bytes(code[18:20], "little") == number
        # What the loop takes from the process that it is linked into; nothing of Python.
        file = llvm.ObjectFileRef.from_data(code)
        assert any(section.is_text() and section.size() > 1000 for section in file.sections())
        assert b"sched_yield" not in code  # one thread waits for no other
        assert b"Py" not in code
    index = json.loads((place / "index.json").read_text())
    assert index["made_with"] == {name: metadata.version(name) for name in ("numba", "llvmlite")}
    files = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert files == {"index.json", *(f"{name}/online-float64.o" for name in ELF)}


def test_without_numba_nothing_is_left(tmp_path, monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    place = tmp_path / "shipped"
    place.mkdir()
    (place / "index.json").touch()
    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(ImportError, match="numba"):
        ship(place)
    assert not place.exists()
