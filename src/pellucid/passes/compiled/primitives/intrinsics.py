"""What loops need besides numbers: memory and calls by address, barriers, how denormals are treated."""

import os

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.emitter import program_type
from pellucid.passes.compiled.generation.vectors import Code, get_or_insert_function
from pellucid.passes.compiled.machine import is_x86
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, LINE_INTS

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

_I32, _I64, _F64 = ir.IntType(32), ir.IntType(64), ir.DoubleType()


def _at(builder, address, place, kind):
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [place])


@intrinsic
def nth(typing_context, records, number):
    """Return one of the records at an address."""

    def generate(context, builder, signature, given):
        record, (address, number) = context.get_value_type(signature.return_type), given
        first = builder.bitcast(address, record)
        return builder.gep(first, [number])

    return records.dtype(records, types.int64), generate


@intrinsic
def load_int(typing_context, address, place):
    """Load a 64-bit integer that another thread may have stored."""

    def generate(context, builder, signature, given):
        return builder.load_atomic(_at(builder, *given, _I64), "monotonic", 8)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def store_int(typing_context, address, place, value):
    """Store a 64-bit integer that another thread may load."""

    def generate(context, builder, signature, given):
        address, place, value = given
        builder.store_atomic(value, _at(builder, address, place, _I64), "monotonic", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def store_index(typing_context, address, place, value):
    """Store an entry of a list of indices."""

    def generate(context, builder, signature, given):
        address, place, value = given
        builder.store(builder.trunc(value, _I32), _at(builder, address, place, _I32))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def prefetch(typing_context, address, count):
    """Prefetch so many bytes into the second-level cache."""

    def generate(context, builder, signature, given):
        address, count = given
        code = Code(builder)
        first = builder.inttoptr(address, ir.IntType(8).as_pointer())
        with code.loop(_I64(0), count, _I64(BLOCK_BYTES)) as byte:
            code.prefetch(builder.gep(first, [byte]), near=False)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


# Bits of an x86's control register: denormal results, and denormal operands, are taken as 0.
_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6


def _control(builder, name):
    """Return a function that reads or writes the control register, and a variable for its contents."""
    with builder.goto_entry_block():
        slot = builder.alloca(_I32)
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte])
    function = get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}")
    return lambda: builder.call(function, [builder.bitcast(slot, byte)]), slot


@intrinsic
def flush_denormals(typing_context):
    """Take denormals as 0 in this thread, and return how they were taken before.

    The errors of confident outputs are that small. They change no weight, but each costs Intel's processors
    extra cycles: an epoch of confident outputs takes up to three times as long.
    """

    def generate(context, builder, signature, given):
        if not is_x86():
            return _I64(0)
        read, slot = _control(builder, "stmxcsr")
        read()
        before = builder.load(slot)
        write, slot = _control(builder, "ldmxcsr")
        builder.store(builder.or_(before, _I32(_FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO)), slot)
        write()
        return builder.zext(before, _I64)

    return types.int64(), generate


@intrinsic
def restore_denormals(typing_context, before):
    """Take denormals as they were taken before."""

    def generate(context, builder, signature, given):
        if is_x86():
            write, slot = _control(builder, "ldmxcsr")
            builder.store(builder.trunc(given[0], _I32), slot)
            write()
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
def load_double(typing_context, address, place):
    """Load a float64."""

    def generate(context, builder, signature, given):
        return builder.load(_at(builder, *given, _F64))

    return types.float64(types.int64, types.int64), generate


@intrinsic
def call_program(typing_context, program, addresses, strides, numbers, rows, columns):
    """Call the program at an address; the other arguments are those of `Program`."""

    def generate(context, builder, signature, given):
        program, *arrays, rows, columns = given
        kind = program_type()
        pointers = [builder.inttoptr(array, kind.args[place]) for place, array in enumerate(arrays)]
        builder.call(builder.inttoptr(program, kind.as_pointer()), [*pointers, rows, columns])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), generate


@intrinsic
def load_index(typing_context, address, place):
    """Load an entry of a list of indices."""

    def generate(context, builder, signature, given):
        return builder.sext(builder.load(_at(builder, *given, _I32)), _I64)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def store_double(typing_context, address, place, value):
    """Store a float64."""

    def generate(context, builder, signature, given):
        builder.store(given[2], _at(builder, given[0], given[1], _F64))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), generate


@intrinsic
def barrier(typing_context, at, threads):
    """Wait until all threads are here; what each has written before, all see after.

    At the address are two integers, a cache line apart: the number of threads that are here, and how often
    all have been.
    """

    def generate(context, builder, signature, given):
        at, threads = given
        here, met = _at(builder, at, _I64(0), _I64), _at(builder, at, _I64(LINE_INTS), _I64)
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
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _wait(builder, met, times):
    """Check again and again whether a number has changed, and yield the core if it takes long."""
    module = builder.module
    name = "SwitchToThread" if os.name == "nt" else "sched_yield"
    give_way = module.globals.get(name) or ir.Function(module, ir.FunctionType(_I32, []), name)
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
