"""Calls of programs from a loop: a frame is filled slot by slot, and the program called with it."""

from pellucid.passes.compiled.memory.frame import NUMBERS, STRIDES
from pellucid.passes.compiled.primitives.intrinsics import call_program, load_int, store_double, store_int
from pellucid.passes.compiled.primitives.numba_code import part_of_loop
from pellucid.passes.compiled.tracing.expression import BY_ROW, EVERYWHERE
from pellucid.passes.compiled.tracing.signatures import MOVES

__all__ = ["call", "call_with", "set_array", "set_number", "set_operands"]

_EVERYWHERE, _BY_ROW = MOVES[EVERYWHERE], MOVES[BY_ROW]


@part_of_loop
def set_array(frame, slot, address, row):
    """Pass an array: its address, and the distance of its rows in numbers."""
    store_int(frame, slot, address)
    store_int(frame + STRIDES, slot, row)


@part_of_loop
def set_number(frame, slot, number):
    """Pass a plain number."""
    store_double(frame + NUMBERS, slot, number)


@part_of_loop
def set_operands(frame, operands, count, at, row_at, column_at, row):
    """Pass all arrays of a program, laid out by `Signature.operands`, moved on to a block.

    The block begins so many bytes further on in arrays of rows and columns, of rows, and of columns.
    """
    for slot in range(count):
        moves = load_int(operands, 2 * slot + 1)
        further = at if moves == _EVERYWHERE else row_at if moves == _BY_ROW else column_at
        set_array(frame, slot, load_int(operands, 2 * slot) + further, row if moves == _EVERYWHERE else 0)


@part_of_loop
def call(program, frame, rows, columns):
    """Call a program with the arrays and numbers of a frame."""
    call_program(program, frame, frame + STRIDES, frame + NUMBERS, rows, columns)


@part_of_loop
def call_with(numbers, program, frame, rows, columns):
    """Call a program with the arrays of a frame, and with plain numbers that stand elsewhere."""
    call_program(program, frame, frame + STRIDES, numbers, rows, columns)
