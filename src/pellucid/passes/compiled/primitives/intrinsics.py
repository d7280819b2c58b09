"""Memory and calls by address, for the loops."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.emitter import program_type
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES
from pellucid.passes.compiled.primitives.written import Bytes, Doubles, Indices, Integers, written

__all__ = [
    "call_program",
    "load_double",
    "load_index",
    "load_int",
    "nth",
    "prefetch",
    "store_double",
    "store_index",
    "store_int",
]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


@intrinsic
def nth(typing_context, records, number):
    """Return one of the records at an address."""

    def generate(context, builder, signature, given):
        record, (address, number) = context.get_value_type(signature.return_type), given
        first = builder.bitcast(address, record)
        return builder.gep(first, [number])

    return records.dtype(records, types.int64), generate


@written
def load_int(code, address: Integers, place) -> int:
    """Load a 64-bit integer that another thread may have stored."""
    return code.builder.load_atomic(code.builder.gep(address, [place]), "monotonic", 8)


@written
def store_int(code, address: Integers, place, value):
    """Store a 64-bit integer that another thread may load."""
    code.builder.store_atomic(value, code.builder.gep(address, [place]), "monotonic", 8)


@written
def load_index(code, address: Indices, place) -> int:
    """Load an entry of a list of indices."""
    return code.builder.sext(code.builder.load(code.builder.gep(address, [place])), _I64)


@written
def store_index(code, address: Indices, place, value):
    """Store an entry of a list of indices."""
    code.builder.store(code.builder.trunc(value, _I32), code.builder.gep(address, [place]))


@written
def load_double(code, address: Doubles, place) -> float:
    """Load a float64."""
    return code.builder.load(code.builder.gep(address, [place]))


@written
def store_double(code, address: Doubles, place, value: float):
    """Store a float64."""
    code.builder.store(value, code.builder.gep(address, [place]))


@written
def prefetch(code, address: Bytes, count):
    """Prefetch `count` bytes into the second-level cache."""
    with code.loop(_I64(0), count, _I64(BLOCK_BYTES)) as byte:
        code.prefetch(code.builder.gep(address, [byte]), near=False)


@written
def call_program(code, program, addresses: Integers, strides: Integers, numbers: Doubles, rows, columns):
    """Call the program at an address; the other arguments are those of `Program`."""
    function = code.builder.inttoptr(program, program_type().as_pointer())
    code.builder.call(function, [addresses, strides, numbers, rows, columns])
