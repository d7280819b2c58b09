"""A call's frame: what is passed stands where a program reads it."""

import numba
import numpy as np
import pytest

from pellucid.passes.compiled.memory.frame import FRAME_BYTES, NUMBERS, STRIDES
from pellucid.passes.compiled.memory.layout import address, zeros
from pellucid.passes.compiled.primitives import calls
from pellucid.passes.compiled.tracing.expression import BY_COLUMN, BY_ROW, EVERYWHERE
from pellucid.passes.compiled.tracing.signatures import Signature

EXAMPLE = Signature({"x": EVERYWHERE, "row": BY_ROW}, {"y": EVERYWHERE, "column": BY_COLUMN}, ("rate", "t"))


@pytest.fixture(scope="module")
def functions():
    set_array, set_number, set_operands = calls.set_array, calls.set_number, calls.set_operands
    return {
        "array": numba.njit(lambda frame, slot, at, row: set_array(frame, slot, at, row)),
        "number": numba.njit(lambda frame, slot, number: set_number(frame, slot, number)),
        "operands": numba.njit(lambda *given: set_operands(*given)),
    }


@pytest.fixture
def frame():
    return zeros(FRAME_BYTES, np.uint8)


def parts(frame):
    addresses, strides = frame[:STRIDES].view(np.int64), frame[STRIDES:NUMBERS].view(np.int64)
    return addresses, strides, frame[NUMBERS:].view(np.float64)


def test_single_arrays_and_numbers(functions, frame):
    functions["array"](address(frame), EXAMPLE.slots.y, 640, 48)
    functions["number"](address(frame), EXAMPLE.slots.t, 0.5)
    addresses, strides, numbers = parts(frame)
    assert (addresses[2], strides[2], numbers[1]) == (640, 48, 0.5)
    assert np.count_nonzero(addresses) == np.count_nonzero(strides) == np.count_nonzero(numbers) == 1


def test_all_arrays_moved_on_to_a_block(functions, frame):
    operands = EXAMPLE.operands({"x": 1000, "row": 2000, "y": 3000, "column": 4000})
    functions["operands"](address(frame), address(operands), len(operands), 100, 20, 3, 48)
    addresses, strides, numbers = parts(frame)
    assert addresses[:4].tolist() == [1100, 2020, 3100, 4003]
    assert strides[:4].tolist() == [48, 0, 48, 0]
    assert not addresses[4:].any()
    assert not numbers.any()
