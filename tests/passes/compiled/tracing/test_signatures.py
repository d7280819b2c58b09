"""The order of a program's arrays and numbers is said once: programs, addresses and slots follow it."""

import numpy as np
import pytest

from pellucid.passes.compiled.tracing import signatures
from pellucid.passes.compiled.tracing.expression import BY_COLUMN, BY_ROW, EVERYWHERE
from pellucid.passes.compiled.tracing.signatures import MOVES, UPDATE, Signature, update_signature

DTYPE = np.dtype("float32")
EXAMPLE = Signature({"x": EVERYWHERE, "row": BY_ROW}, {"y": EVERYWHERE, "column": BY_COLUMN}, ("rate", "t"))
STATIC = {name: each for name, each in vars(signatures).items() if isinstance(each, Signature)}


def test_a_program_has_its_arrays_and_numbers_where_the_slots_say():
    given = EXAMPLE.traced(DTYPE)
    x, row, rate, t = given
    outputs = {"column": rate * t, "y": x * row}  # in any order
    program = EXAMPLE.program("example", given, outputs)
    for name in ("x", "row", "y", "column"):
        assert program.arrays[getattr(EXAMPLE.slots, name)] == name
    for name in ("rate", "t"):
        assert program.numbers[getattr(EXAMPLE.slots, name)] == name
    assert [each.shape_of for each in (x, row)] == [EVERYWHERE, BY_ROW]
    assert {name: each.shape_of for name, each in program.outputs.items()} == dict(EXAMPLE.outputs)


def test_addresses_are_laid_out_by_their_slots():
    of = {"column": 4, "y": 3, "row": 2, "x": 1}
    addresses, operands = EXAMPLE.addresses(of), EXAMPLE.operands(of)
    for name, shape_of in EXAMPLE.arrays.items():
        slot = getattr(EXAMPLE.slots, name)
        assert addresses[slot] == of[name]
        assert tuple(operands[slot]) == (of[name], MOVES[shape_of])


@pytest.mark.parametrize("lay_out", [EXAMPLE.addresses, EXAMPLE.operands])
@pytest.mark.parametrize("names", [["x", "row", "y"], ["x", "row", "y", "column", "z"], []])
def test_arrays_that_are_not_those_of_the_signature(lay_out, names):
    with pytest.raises(ValueError, match="expected x, row, y, column; received"):
        lay_out(dict.fromkeys(names, 0))


def test_outputs_that_are_not_those_of_the_signature():
    given = EXAMPLE.traced(DTYPE)
    with pytest.raises(ValueError, match="expected y, column; received y"):
        EXAMPLE.program("example", given, {"y": given[0]})


@pytest.mark.parametrize("name", STATIC)
def test_no_two_arrays_or_numbers_share_a_name(name):
    signature = STATIC[name]
    names = [*signature.inputs, *signature.outputs, *signature.numbers]
    assert len(set(names)) == len(names) == len(signature.slots)


def test_a_frame_for_the_way_back_does_for_the_way_forward():
    forward = list(signatures.FORWARD.arrays)
    for way_back in (signatures.SLOPE, signatures.BACKWARD):
        assert list(way_back.arrays)[: len(forward)] == forward


def test_all_updates_begin_alike():
    update = update_signature(["weights", "moment"], [*UPDATE.numbers, "momentum"])
    for name in ("gradient", "weights"):
        assert list(update.arrays)[getattr(UPDATE.slots, name)] == name
    assert list(update.arrays)[-2:] == ["new_weights", "new_moment"]
    assert update.numbers[: len(UPDATE.numbers)] == UPDATE.numbers
    with pytest.raises(ValueError, match="do not begin with rate, t, shrink"):
        update_signature(["weights"], ["t", "rate", "shrink"])
