"""The common part of primitives: blocks of vectors, and loops that carry sums."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES

__all__ = ["Pieces"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Pieces:
    """Writes primitives for a dtype and a machine: functions for Numba, written in LLVM's language.

    Addresses and lengths are integers; lengths count numbers, not bytes. Rows of weights, sums and errors lie
    on whole blocks of 64 bytes, so that no piece has a remainder in its columns. Every
    sum is taken in one order, whatever the vectors' width.

    Parameters
    ----------
    dtype : numpy dtype
        The network's.
    machine : Machine
    """

    def __init__(self, dtype: "np.dtype[Any]", machine: Machine) -> None:
        self.dtype, self.machine = dtype, machine
        self.lanes = machine.lanes(dtype)
        self.block = BLOCK_BYTES // dtype.itemsize
        self.parts = self.block // self.lanes  # vectors in a block
        self.scalar = ir.FloatType() if dtype == np.float32 else ir.DoubleType()
        self.vector = ir.VectorType(self.scalar, self.lanes)

    def _call(self, builder: ir.IRBuilder, name: str, given: list[ir.Value], write: Any) -> None:
        """Call a separate function, written once, so that the code around it takes none of its registers."""
        module = builder.module
        function = module.globals.get(name)
        if function is None:
            kind = ir.FunctionType(ir.VoidType(), [value.type for value in given])
            function = ir.Function(module, kind, name)
            function.linkage = "linkonce_odr"
            function.attributes.add("noinline")
            inside = ir.IRBuilder(function.append_basic_block())
            write(Code(inside), *function.args)
            inside.ret_void()
        builder.call(function, given)

    def _choose(
        self, builder: ir.IRBuilder, number: ir.Value, numbers: Sequence[int], write: Callable[[int], None]
    ) -> None:
        """Write a branch for each of some numbers; the last is also taken for any other number."""
        blocks = [builder.append_basic_block(f"of_{one}") for one in numbers]
        after, choice = builder.append_basic_block("chosen"), builder.switch(number, blocks[-1])
        for one, block in zip(numbers, blocks, strict=True):
            if block is not blocks[-1]:
                choice.add_case(_I64(one), block)
            builder.position_at_end(block)
            write(one)
            builder.branch(after)
        builder.position_at_end(after)

    def _pointer(self, builder: ir.IRBuilder, address: ir.Value, kind: ir.Type | None = None) -> ir.Value:
        return builder.inttoptr(address, (kind or self.scalar).as_pointer())

    def _load_blocks(self, code: Code, at: ir.Value, blocks: int) -> list[ir.Value]:
        builder = code.builder
        return [
            code.load(builder.gep(at, [_I64(self.lanes * part)]), self.lanes)
            for part in range(blocks * self.parts)
        ]

    def _prefetch_blocks(self, code: Code, at: ir.Value, blocks: int) -> None:
        """Prefetch blocks that are written only at the end of a sum."""
        for number in range(blocks):
            code.prefetch(code.builder.gep(at, [_I64(self.block * number)]), to_write=True)

    def _entry(self, code: Code, index: ir.Value, place: ir.Value) -> ir.Value:
        """Load an entry of a list of indices."""
        return code.builder.sext(code.builder.load(code.builder.gep(index, [place])), _I64)

    def _row(self, code: Code, at: ir.Value, distance: ir.Value, number: ir.Value) -> ir.Value:
        """Return where a row begins."""
        return code.builder.gep(at, [code.builder.mul(number, distance)])

    def _factor(self, code: Code, at: ir.Value, place: ir.Value) -> ir.Value:
        """Load a number into every lane."""
        return code.spread(code.builder.load(code.builder.gep(at, [place])), self.lanes)

    def _store_blocks(self, code: Code, at: ir.Value, values: list[ir.Value]) -> None:
        for part, value in enumerate(values):
            code.store(value, code.builder.gep(at, [_I64(self.lanes * part)]))

    def _nothing(self, count: int) -> list[ir.Value]:
        return [ir.Constant(self.vector, [0.0] * self.lanes)] * count

    def _plus(self, code: Code, sums: list[ir.Value], at: ir.Value) -> list[ir.Value]:
        """Add numbers in memory to sums of some blocks."""
        stored = self._load_blocks(code, at, len(sums) // self.parts)
        return [code.builder.fadd(total, start) for total, start in zip(sums, stored, strict=True)]

    def _fma(self, code: Code, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        return code.intrinsic("fma", [a, b, c])

    def _add_product(
        self, code: Code, factor: ir.Value, row: list[ir.Value], sums: list[ir.Value]
    ) -> list[ir.Value]:
        """Return the sums with a factor times a row added to them."""
        return [self._fma(code, factor, b, c) for b, c in zip(row, sums, strict=True)]

    def _carried(self, code: Code, start: ir.Value, end: ir.Value, first: list[ir.Value], step: Any) -> Any:
        """Write a loop that carries values from turn to turn, and return them after the last."""
        builder = code.builder
        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("turn", "body", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(_I64)
        index.add_incoming(start, before)
        carried = []
        for value in first:
            phi = builder.phi(value.type)
            phi.add_incoming(value, before)
            carried.append(phi)
        builder.cbranch(builder.icmp_signed("<", index, end), body, after)
        builder.position_at_end(body)
        by, grown = step(index, carried)
        index.add_incoming(builder.add(index, _I64(by)), builder.block)
        for phi, value in zip(carried, grown, strict=True):
            phi.add_incoming(value, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        return index, carried

    def _shuffle(self, builder: ir.IRBuilder, a: ir.Value, b: ir.Value, order: list[int]) -> ir.Value:
        return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_I32, len(order)), order))
