"""Stored examples, read as the network's numbers or as lists of the nonzero ones."""

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code, declare
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Indices, Numbers, primitive

__all__ = ["Examples"]

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_STORED = {"uint8": _I8, "float32": ir.FloatType(), "float64": ir.DoubleType()}


class Examples(Pieces):
    """Pieces that read rows of inputs."""

    def _read(self, code: Code, at: ir.Value, scale: ir.Value) -> ir.Value:
        """Load some lanes of stored inputs as the network's numbers."""
        value = code.load(at, self.lanes, align=1 if at.type.pointee == _I8 else 4)
        return code.builder.fmul(self._converted(code, value, self.vector), scale)

    def _read_one(self, code: Code, at: ir.Value, scale: ir.Value) -> ir.Value:
        value = self._converted(code, code.builder.load(at), self.scalar)
        return code.builder.fmul(value, code.convert(scale, self.scalar))

    def _converted(self, code: Code, stored: ir.Value, kind: ir.Type) -> ir.Value:
        whole = isinstance(getattr(stored.type, "element", stored.type), ir.IntType)
        return code.builder.uitofp(stored, kind) if whole else code.convert(stored, self.scalar)

    @primitive
    def read(self, kind: str, *, code, row, count, scale: float, x: Numbers):
        """Return a function that reads a row of stored inputs, of any dtype, as the network's numbers.

        Its arguments: the row's address, how many numbers it has, what they are multiplied by, and where
        they go. What lies behind their end is left as it is.
        """
        builder, row = code.builder, self._pointer(code.builder, row, _STORED[kind])
        factor = code.spread(code.convert(scale, self.scalar), self.lanes)
        whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
        with code.loop(_I64(0), whole, _I64(self.lanes)) as j:
            code.store(self._read(code, builder.gep(row, [j]), factor), builder.gep(x, [j]))
        with code.loop(whole, count, _I64(1)) as j:
            builder.store(self._read_one(code, builder.gep(row, [j]), scale), builder.gep(x, [j]))

    @primitive
    def list_nonzero(
        self,
        kind: str,
        by_block: bool = False,
        *,
        code,
        row,
        count,
        scale: float,
        index: Indices,
        values: Numbers,
        until: Indices,
    ) -> int:
        """Return a function that lists the nonzero inputs of a stored row, and returns their number.

        Its arguments: the address of the row, its length, the scale, the addresses for the indices and the
        values, and the address for the number of entries until the end of each block of inputs (`by_block`).
        """
        builder, row = code.builder, self._pointer(code.builder, row, _STORED[kind])
        factor = code.spread(code.convert(scale, self.scalar), self.lanes)
        counting = ir.Constant(ir.VectorType(_I32, self.lanes), list(range(self.lanes)))
        [nothing] = self._nothing(1)

        def say(j, so_far):
            if by_block:
                at = builder.gep(until, [builder.sdiv(j, _I64(self.block))])
                builder.store(builder.trunc(so_far, _I32), at)
            return [so_far]

        def several(j, found):
            value = self._read(code, builder.gep(row, [j]), factor)
            kept = builder.fcmp_unordered("!=", value, nothing)
            place = builder.add(code.spread(builder.trunc(j, _I32), self.lanes), counting)
            for given, at in ((value, values), (place, index)):
                code.store(self._compress(builder, given, kept), builder.gep(at, found))
            bits = builder.bitcast(kept, ir.IntType(self.lanes))
            many = builder.zext(builder.ctpop(bits), _I64)
            return self.lanes, say(j, builder.add(found[0], many))

        def single(j, found):
            value = self._read_one(code, builder.gep(row, [j]), scale)
            builder.store(value, builder.gep(values, found))
            builder.store(builder.trunc(j, _I32), builder.gep(index, found))
            kept = builder.fcmp_unordered("!=", value, ir.Constant(self.scalar, 0.0))
            return 1, say(j, builder.add(found[0], builder.zext(kept, _I64)))

        whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
        j, found = self._carried(code, _I64(0), whole, [_I64(0)], several)
        _, found = self._carried(code, j, count, found, single)
        return found[0]

    def _compress(self, builder: ir.IRBuilder, value: ir.Value, kept: ir.Value) -> ir.Value:
        """Move the lanes that are kept to the front."""
        kind = value.type
        name = f"llvm.experimental.vector.compress.v{kind.count}{kind.element.intrinsic_name}"
        function = declare(builder.module, ir.FunctionType(kind, [kind, kept.type, kind]), name)
        return builder.call(function, [value, kept, ir.Constant(kind, ir.Undefined)])
