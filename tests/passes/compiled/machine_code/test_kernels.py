"""The loops by name."""

import gc
import sys
from collections import OrderedDict
from types import ModuleType

import numpy as np
import pytest
from numba.core.registry import cpu_target

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.machine_code import kernels


def test_a_numba_that_does_not_fit_is_one_that_cannot_be_imported(monkeypatch, tmp_path):
    class Broken(ModuleType):
        def __getattr__(self, name):
            raise SystemError("initialization failed")

    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pellucid.passes.compiled.loops.batches", Broken("batches"))
    monkeypatch.setattr(kernels.native, "_engines", OrderedDict())
    kernels.kernel.cache_clear()
    with pytest.raises(ImportError, match="Numba: SystemError: initialization failed"):
        kernels.kernel("online", np.dtype("float32"), this_machine())
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} <= {"lock"}


def test_a_numba_that_is_another_inside_does_not_fit_either(monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    monkeypatch.delattr(cpu_target.target_context.codegen(), "_engine")
    monkeypatch.setattr(kernels.native, "_engines", OrderedDict())
    kernels.kernel.cache_clear()
    with pytest.raises(ImportError, match=r"Numba: AttributeError: .*_engine"):
        kernels.kernel("online", np.dtype("float32"), this_machine())
    assert gc.isenabled()
