"""Loops translated to LLVM's language."""

import gc

import llvmlite.binding as llvm
import numba
import pytest
from numba import types
from numba.core import config

from pellucid.passes.compiled.primitives.numba_code import as_text, part_of_loop


def _written() -> str:
    @part_of_loop
    def least(a, b):
        return min(a, b) // b

    @part_of_loop
    def both(a, b):
        return least(a, b) + least(b, a)

    def lowest(a, b):
        return both(a, b) * least(a, b)

    return as_text(lowest, types.int64(types.int64, types.int64))


def test_a_loop_stands_under_its_own_name_with_its_parts_written_once():
    module = llvm.parse_assembly(_written())
    defined = [function.name for function in module.functions if not function.is_declaration]
    assert "lowest" in defined
    assert len([name for name in defined if "5least" in name]) == 1


def test_numba_works_for_others_as_before():
    level = config.OPT
    _written()
    assert config.OPT is level
    assert gc.isenabled()

    @numba.njit
    def theirs(a, b):
        return min(a, b) // b

    assert theirs(12, 5) == 1
    assert theirs.inspect_asm()
    with pytest.raises(ZeroDivisionError):
        theirs(12, 0)


def test_who_has_garbage_left_alone_is_left_alone():
    gc.disable()
    try:
        _written()
        assert not gc.isenabled()
    finally:
        gc.enable()
