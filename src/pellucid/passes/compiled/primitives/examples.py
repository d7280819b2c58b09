"""Stored examples, read as the network's numbers or as lists of the nonzero ones."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.primitives.pieces import Pieces

__all__ = ["Examples"]

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)


class Examples(Pieces):
    """Pieces that read rows of inputs."""

    def _source(self, kind: str) -> ir.Type:
        return {"uint8": _I8, "float32": ir.FloatType(), "float64": ir.DoubleType()}[kind]

    def _read(self, code: Code, at: ir.Value, kind: str, scale: ir.Value) -> ir.Value:
        """Load some lanes of stored inputs as the network's numbers."""
        builder = code.builder
        if kind == "uint8":
            wide = ir.VectorType(_I8, self.lanes)
            stored = builder.load(builder.bitcast(at, wide.as_pointer()))
            stored.align = 1
            value = builder.uitofp(stored, self.vector)
        else:
            value = code.convert(code.load(at, self.lanes), self.scalar)
        return builder.fmul(value, scale)

    def read(self, kind: str) -> Any:
        """Make what reads a row of stored inputs, of any dtype, as the network's numbers.

        Its arguments: the row's address, how many numbers it has, what they are multiplied by, and where
        they go. What lies behind their end is left as it is.
        """
        stored = self._source(kind)

        @intrinsic
        def piece(typing_context, row, count, scale, x):
            def generate(context, builder, signature, given):
                row, count, scale, x = given
                code = Code(builder)
                row, x = self._pointer(builder, row, stored), self._pointer(builder, x)
                factor = code.spread(code.convert(scale, self.scalar), self.lanes)
                whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
                with code.loop(_I64(0), whole, _I64(self.lanes)) as j:
                    code.store(self._read(code, builder.gep(row, [j]), kind, factor), builder.gep(x, [j]))
                with code.loop(whole, count, _I64(1)) as j:
                    value = self._read_one(code, builder.gep(row, [j]), kind, scale)
                    builder.store(value, builder.gep(x, [j]))
                return context.get_dummy_value()

            return types.void(types.int64, types.int64, types.float64, types.int64), generate

        return piece

    def _read_one(self, code: Code, at: ir.Value, kind: str, scale: ir.Value) -> ir.Value:
        builder = code.builder
        stored = builder.load(at)
        value = builder.uitofp(stored, self.scalar) if kind == "uint8" else code.convert(stored, self.scalar)
        return builder.fmul(value, code.convert(scale, self.scalar))

    def list_nonzero(self, kind: str, *, by_block: bool = False) -> Any:
        """Make what lists the nonzero inputs of a stored row, and returns their number.

        Its arguments: the address of the row, its length, the scale, the addresses for the indices and the
        values, and the address for the number of entries until the end of each block of inputs (`by_block`).
        """
        stored = self._source(kind)

        @intrinsic
        def piece(typing_context, row, count, scale, index, values, until):
            def generate(context, builder, signature, given):
                row, count, scale, index, values, until = given
                code = Code(builder)
                row, values = self._pointer(builder, row, stored), self._pointer(builder, values)
                index, until = (self._pointer(builder, address, _I32) for address in (index, until))
                factor = code.spread(code.convert(scale, self.scalar), self.lanes)
                counting = ir.Constant(ir.VectorType(_I32, self.lanes), list(range(self.lanes)))
                nothing = ir.Constant(self.vector, [0.0] * self.lanes)

                def say(j, so_far):
                    if not by_block:
                        return so_far
                    at = builder.gep(until, [builder.sdiv(j, _I64(self.block))])
                    builder.store(builder.trunc(so_far, _I32), at)
                    return so_far

                def several(j, found):
                    value = self._read(code, builder.gep(row, [j]), kind, factor)
                    kept = builder.fcmp_unordered("!=", value, nothing)
                    place = builder.add(code.spread(builder.trunc(j, _I32), self.lanes), counting)
                    for given, at in ((value, values), (place, index)):
                        code.store(self._compress(builder, given, kept), builder.gep(at, found))
                    bits = builder.bitcast(kept, ir.IntType(self.lanes))
                    many = builder.zext(builder.ctpop(bits), _I64)
                    return self.lanes, [say(j, builder.add(found[0], many))]

                def single(j, found):
                    value = self._read_one(code, builder.gep(row, [j]), kind, scale)
                    builder.store(value, builder.gep(values, found))
                    builder.store(builder.trunc(j, _I32), builder.gep(index, found))
                    kept = builder.fcmp_unordered("!=", value, ir.Constant(self.scalar, 0.0))
                    return 1, [say(j, builder.add(found[0], builder.zext(kept, _I64)))]

                whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
                j, found = self._carried(code, _I64(0), whole, [_I64(0)], several)
                _, found = self._carried(code, j, count, found, single)
                return found[0]

            return types.int64(types.int64, types.int64, types.float64, *[types.int64] * 3), generate

        return piece

    def _compress(self, builder: ir.IRBuilder, value: ir.Value, kept: ir.Value) -> ir.Value:
        """Move the lanes that are kept to the front."""
        kind = value.type
        name = f"llvm.experimental.vector.compress.v{kind.count}{kind.element.intrinsic_name}"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(kind, [kind, kept.type, kind]), name
        )
        return builder.call(function, [value, kept, ir.Constant(kind, ir.Undefined)])
