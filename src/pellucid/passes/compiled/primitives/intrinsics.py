"""Memory and calls by address, barriers, and the treatment of denormals, for the loops."""

import os

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.emitter import program_type
from pellucid.passes.compiled.generation.vectors import declare
from pellucid.passes.compiled.machine import is_x86
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, LINE_INTS
from pellucid.passes.compiled.primitives.written import Bytes, Doubles, Indices, Integers, written

__all__ = [
    "barrier",
    "call_program",
    "flush_denormals",
    "load_double",
    "load_index",
    "load_int",
    "nth",
    "prefetch",
    "restore_denormals",
    "store_double",
    "store_index",
    "store_int",
]

# How often a thread checks whether the others have come before it yields its core.
_LOOKS = 4000

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


# Bits of an x86's control register: denormal results, and denormal operands, are taken as 0.
_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6


def _control(builder, name):
    """Return a function that reads or writes the control register, and a variable for its contents."""
    with builder.goto_entry_block():
        slot = builder.alloca(_I32)
    byte = ir.IntType(8).as_pointer()
    function = declare(builder.module, ir.FunctionType(ir.VoidType(), [byte]), f"llvm.x86.sse.{name}")
    return lambda: builder.call(function, [builder.bitcast(slot, byte)]), slot


@written
def flush_denormals(code) -> int:
    """Take denormals as 0 in this thread, and return how they were taken before.

    The errors of confident outputs are that small. They change no weight, but each costs Intel's processors
    extra cycles: an epoch of confident outputs takes up to three times as long.
    """
    builder = code.builder
    if not is_x86():
        return _I64(0)
    read, slot = _control(builder, "stmxcsr")
    read()
    before = builder.load(slot)
    write, slot = _control(builder, "ldmxcsr")
    builder.store(builder.or_(before, _I32(_FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO)), slot)
    write()
    return builder.zext(before, _I64)


@written
def restore_denormals(code, before):
    """Take denormals as they were taken before."""
    if is_x86():
        write, slot = _control(code.builder, "ldmxcsr")
        code.builder.store(code.builder.trunc(before, _I32), slot)
        write()


@written
def call_program(code, program, addresses: Integers, strides: Integers, numbers: Doubles, rows, columns):
    """Call the program at an address; the other arguments are those of `Program`."""
    function = code.builder.inttoptr(program, program_type().as_pointer())
    code.builder.call(function, [addresses, strides, numbers, rows, columns])


@written
def barrier(code, at: Integers, threads):
    """Wait until all threads have arrived; then each sees what the others have written.

    The address is that of two integers, a cache line apart: the number of threads that have arrived, and how
    often all have.
    """
    builder = code.builder
    here, met = builder.gep(at, [_I64(0)]), builder.gep(at, [_I64(LINE_INTS)])
    with builder.if_then(builder.icmp_signed(">", threads, _I64(1))):
        times = builder.load_atomic(met, "acquire", 8)
        came = builder.atomic_rmw("add", here, _I64(1), "acq_rel")
        all_here = builder.icmp_signed("==", builder.add(came, _I64(1)), threads)
        with builder.if_else(all_here) as (last, waits):
            with last:
                builder.store_atomic(_I64(0), here, "release", 8)
                builder.store_atomic(builder.add(times, _I64(1)), met, "release", 8)
            with waits:
                _wait(builder, met, times)


def _wait(builder, met, times):
    """Check again and again whether a number has changed, and yield the core if it takes long."""
    name = "SwitchToThread" if os.name == "nt" else "sched_yield"
    give_way = declare(builder.module, ir.FunctionType(_I32, []), name)
    before = builder.block
    look, again, after = (builder.append_basic_block(name) for name in ("look", "again", "met"))
    builder.branch(look)
    builder.position_at_end(look)
    looks = builder.phi(_I64)
    looks.add_incoming(_I64(0), before)
    changed = builder.icmp_signed("!=", builder.load_atomic(met, "acquire", 8), times)
    builder.cbranch(changed, after, again)
    builder.position_at_end(again)
    with builder.if_then(builder.icmp_signed(">", looks, _I64(_LOOKS)), likely=False):
        builder.call(give_way, [])
    looks.add_incoming(builder.add(looks, _I64(1)), builder.block)
    builder.branch(look)
    builder.position_at_end(after)
