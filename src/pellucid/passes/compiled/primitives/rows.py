"""Rows of numbers and single ones: scaled, combined, cleared, copied."""

from typing import Any

from llvmlite import ir

from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Indices, Numbers, primitive

__all__ = ["Rows"]

_I64 = ir.IntType(64)


class Rows(Pieces):
    """Primitives on rows of numbers."""

    def _over(self, code: Any, length: ir.Value) -> Any:
        """Write a loop over a row, a vector at a time."""
        return code.loop(_I64(0), length, _I64(self.lanes))

    @primitive
    def scale(self, *, code, c: Numbers, f: float, b: Numbers, length):
        """Make c = f b; its arguments: c's address, f, b's address and the length, a multiple of a block."""
        factor = code.spread(code.convert(f, self.scalar), self.lanes)
        with self._over(code, length) as j:
            value = code.load(code.builder.gep(b, [j]), self.lanes)
            code.store(code.builder.fmul(factor, value), code.builder.gep(c, [j]))

    @primitive
    def clear(self, *, code, c: Numbers, length):
        """Make c = 0; its arguments: c's address and the length, a multiple of a block."""
        with self._over(code, length) as j:
            code.store(self._nothing(1)[0], code.builder.gep(c, [j]))

    @primitive
    def pack(self, width: int, *, code, c: Numbers, c_row, b: Numbers, b_row, rows):
        """Return a function that copies rows of `width` numbers: c = b.

        Its arguments: c's address and the distance of its rows, the same of b, and how many rows.
        """
        builder, lanes = code.builder, min(width, self.lanes)
        with code.loop(_I64(0), rows, _I64(1)) as row:
            to = builder.gep(c, [builder.mul(c_row, row)])
            at = builder.gep(b, [builder.mul(b_row, row)])
            for column in range(0, width, lanes):
                value = code.load(builder.gep(at, [_I64(column)]), lanes)
                code.store(value, builder.gep(to, [_I64(column)]))

    @primitive
    def combine(self, operation: str, *, code, c: Numbers, a: Numbers, b: Numbers, length):
        """Make c = a + b or a * b; its arguments: the addresses of c, a and b, and the length."""
        with self._over(code, length) as j:
            numbers = [code.load(code.builder.gep(at, [j]), self.lanes) for at in (a, b)]
            code.store(code.operation(operation, numbers, self.vector), code.builder.gep(c, [j]))

    @primitive
    def finite(self, *, code, x: Numbers, length) -> bool:
        """Return a function that says whether all numbers are finite, from their address and number."""
        [nothing] = self._nothing(1)

        def step(j, so_far):
            # 0 times infinity or NaN is NaN, and a sum with NaN stays NaN.
            numbers = code.load(code.builder.gep(x, [j]), self.lanes)
            return self.lanes, [self._fma(code, numbers, nothing, so_far[0])]

        _, found = self._carried(code, _I64(0), length, [nothing], step)
        total = code.fold(found, code.builder.fadd)
        return code.builder.fcmp_ordered("==", total, ir.Constant(self.scalar, 0.0))

    @primitive
    def sum_of_squares(self, *, code, x: Numbers, length) -> float:
        """Make the sum of squares in float64; its arguments: the address and the length, whole blocks."""
        double = ir.DoubleType()
        nothing = ir.Constant(ir.VectorType(double, self.lanes), [0.0] * self.lanes)

        def step(j, so_far):
            values = self._load_blocks(code, code.builder.gep(x, [j]), 1)
            values = [code.convert(value, double) for value in values]
            return self.block, [self._fma(code, v, v, s) for v, s in zip(values, so_far, strict=True)]

        _, found = self._carried(code, _I64(0), length, [nothing] * self.parts, step)
        return code.fold(found, code.builder.fadd)

    @primitive
    def scatter(self, *, code, c: Numbers, index: Indices, a: Numbers, b: Numbers, count):
        """Make c[i_k] = a_k b_k; its arguments: c's address, the list's, a's, b's, and the length."""
        builder = code.builder
        with code.loop(_I64(0), count, _I64(1)) as k:
            row = self._entry(code, index, k)
            first, second = (builder.load(builder.gep(at, [k])) for at in (a, b))
            builder.store(builder.fmul(first, second), builder.gep(c, [row]))

    @primitive
    def move(self, *, code, c: Numbers, i, b: Numbers, j):
        """Make c[i] = b[j]; its arguments: c's address, i, b's address, j."""
        code.builder.store(code.builder.load(code.builder.gep(b, [j])), code.builder.gep(c, [i]))

    @primitive
    def get(self, *, code, c: Numbers, place) -> float:
        """Return a function that reads one number; its arguments: the address and the place."""
        return code.convert(code.builder.load(code.builder.gep(c, [place])), ir.DoubleType())

    @primitive
    def put(self, *, code, c: Numbers, place, value: float):
        """Return a function that writes one number; its arguments: the address, the place and the number."""
        code.builder.store(code.convert(value, self.scalar), code.builder.gep(c, [place]))
