"""A thread of a loop: its treatment of denormals, and how it waits for the others."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code, declare
from pellucid.passes.compiled.memory.layout import LINE_INTS
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Integers, primitive

__all__ = ["Threads"]

# How often a thread checks whether the others have come before it yields its core.
_LOOKS = 4000

# Bits of an x86's control register: denormal results, and denormal operands, are taken as 0.
_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Threads(Pieces):
    """Primitives that depend on the architecture or the system, whatever the dtype."""

    @primitive
    def flush_denormals(self, *, code) -> int:
        """Return a function that takes denormals as 0 in its thread, and returns how they were taken before.

        The errors of confident outputs are that small. They change no weight, but each costs Intel's
        processors extra cycles: an epoch of confident outputs takes up to three times as long.
        """
        builder = code.builder
        if not self.machine.is_x86:
            return _I64(0)
        read, slot = self._control(builder, "stmxcsr")
        read()
        before = builder.load(slot)
        write, slot = self._control(builder, "ldmxcsr")
        builder.store(builder.or_(before, _I32(_FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO)), slot)
        write()
        return builder.zext(before, _I64)

    @primitive
    def restore_denormals(self, *, code, before):
        """Return a function that takes denormals as they were taken before."""
        if self.machine.is_x86:
            write, slot = self._control(code.builder, "ldmxcsr")
            code.builder.store(code.builder.trunc(before, _I32), slot)
            write()

    def _control(self, builder: ir.IRBuilder, name: str) -> tuple[Callable[[], Any], ir.Value]:
        """Return a function that reads or writes the control register, and a variable for its contents."""
        with builder.goto_entry_block():
            slot = builder.alloca(_I32)
        byte = ir.IntType(8).as_pointer()
        function = declare(builder.module, ir.FunctionType(ir.VoidType(), [byte]), f"llvm.x86.sse.{name}")
        return lambda: builder.call(function, [builder.bitcast(slot, byte)]), slot

    @primitive
    def barrier(self, *, code, at: Integers, threads):
        """Return a function that waits until all threads have arrived; then each sees what the others wrote.

        Its arguments: the address of two integers, a cache line apart, which are the number of threads that
        have arrived and how often all have; and the number of threads.
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
                    self._wait(code, met, times)

    def _wait(self, code: Code, met: ir.Value, times: ir.Value) -> None:
        """Check again and again whether a number has changed, and yield the core if it takes long."""
        builder = code.builder
        name = "SwitchToThread" if self.machine.has_windows else "sched_yield"
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
