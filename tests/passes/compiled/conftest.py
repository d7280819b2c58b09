"""What tests of machine code share: a cache of their own, and a program run on arrays."""

import ctypes

import numpy as np
import pytest
from llvmlite import ir

from pellucid.passes.compiled.generation.emitter import emit
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.machine_code import native
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES
from pellucid.passes.compiled.tracing.expression import BY_COLUMN, BY_ROW, EVERYWHERE, ONCE, operand, trace
from pellucid.passes.compiled.tracing.program import Program

KIND = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64, ctypes.c_int64)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """A folder of the test's own for machine code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PELLUCID_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def padded(array, dtype, fill=0.0):
    """Lay rows on whole blocks."""
    block = BLOCK_BYTES // dtype.itemsize
    columns = -(-array.shape[-1] // block) * block
    memory = np.full((*array.shape[:-1], columns), fill, dtype)
    memory[..., : array.shape[-1]] = array
    return memory


_places = {}


def place_of(program, width):
    """Where the machine code of a program is; made once, however often it runs."""
    key = id(program), width
    if key not in _places:
        module, machine = ir.Module(), this_machine(width)
        emit(program, module, machine)
        text = str(module)
        place = native.load(machine, [text], lambda: text, [program.name], program)[program.name]
        _places[key] = place, program  # kept, so that no other has its id
    return _places[key][0]


def run_program(program, given, shape, *, width=None):
    """Run a program and give its outputs by name; what is past the last column must come out as 0.

    Outputs begin as NaN, so that what is not written shows.
    """
    rows, columns = shape
    arrays = {}
    for each in program.inputs:
        if each.shape_of == BY_ROW:
            arrays[each.said] = np.array(given[each.said], program.dtype)
        elif each.shape_of != ONCE:
            arrays[each.said] = padded(np.asarray(given[each.said]), program.dtype)
    empty = np.full((rows, columns), np.nan)
    for name, node in program.outputs.items():
        if node.shape_of == BY_ROW:
            arrays[name] = np.full(rows, np.nan, program.dtype)
        else:
            arrays[name] = padded(empty[0] if node.shape_of == BY_COLUMN else empty, program.dtype, np.nan)
    ordered = [arrays[name] for name in program.arrays]
    addresses = np.array([array.ctypes.data for array in ordered], np.int64)
    strides = np.array([array.shape[-1] for array in ordered], np.int64)
    numbers = np.array([given[name] for name in program.numbers] + [0.0])
    KIND(place_of(program, width))(*(a.ctypes.data for a in (addresses, strides, numbers)), rows, columns)
    found = {}
    for name, node in program.outputs.items():
        if node.shape_of == BY_ROW:
            found[name] = arrays[name]
        else:
            assert not arrays[name][..., columns:].any(), "what is past the last column is not 0"
            found[name] = arrays[name][..., :columns]
    return found


@pytest.fixture(name="run_program", scope="session")
def run_program_fixture():
    return run_program


@pytest.fixture(scope="session")
def evaluate():
    """Work out a function of arrays, all of one dtype, as machine code."""

    def evaluate(function, *arrays, width=None):
        flat = [array.reshape(1, -1) for array in arrays]
        dtype, names = arrays[0].dtype, "xyuv"[: len(arrays)]
        operands = tuple(operand(name, EVERYWHERE, dtype) for name in names)
        program = Program("function", dtype, operands, {"a": trace(function, *operands, like=dtype)})
        given = dict(zip(names, flat, strict=True))
        return run_program(program, given, flat[0].shape, width=width)["a"].reshape(arrays[0].shape)

    return evaluate
