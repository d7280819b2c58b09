"""Rows of numbers and single ones: scaled, combined, cleared, copied."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.primitives.pieces import Pieces

__all__ = ["Rows"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Rows(Pieces):
    """Primitives on rows of numbers."""

    def scale(self) -> Any:
        """Make c = f b; its arguments: c's address, f, b's address and the length, a multiple of a block."""

        @intrinsic
        def piece(typing_context, c, f, b, length):
            def generate(context, builder, signature, given):
                c, f, b, length = given
                code = Code(builder)
                c, b = self._pointer(builder, c), self._pointer(builder, b)
                factor = code.spread(code.convert(f, self.scalar), self.lanes)
                with code.loop(_I64(0), length, _I64(self.lanes)) as j:
                    value = code.load(builder.gep(b, [j]), self.lanes)
                    code.store(builder.fmul(factor, value), builder.gep(c, [j]))
                return context.get_dummy_value()

            return types.void(types.int64, types.float64, types.int64, types.int64), generate

        return piece

    def clear(self) -> Any:
        """Make c = 0; its arguments: c's address and the length, a multiple of a block."""

        @intrinsic
        def piece(typing_context, c, length):
            def generate(context, builder, signature, given):
                c, length = given
                code = Code(builder)
                c = self._pointer(builder, c)
                with code.loop(_I64(0), length, _I64(self.lanes)) as j:
                    code.store(self._nothing(1)[0], builder.gep(c, [j]))
                return context.get_dummy_value()

            return types.void(types.int64, types.int64), generate

        return piece

    def pack(self, width: int) -> Any:
        """Make what copies a few columns of some rows: c = b, so many numbers wide.

        Its arguments: c's address and the distance of its rows, the same of b, and how many rows.
        """
        lanes = min(width, self.lanes)

        @intrinsic
        def piece(typing_context, c, c_row, b, b_row, rows):
            def generate(context, builder, signature, given):
                c, c_row, b, b_row, rows = given
                code = Code(builder)
                c, b = self._pointer(builder, c), self._pointer(builder, b)
                with code.loop(_I64(0), rows, _I64(1)) as row:
                    to = builder.gep(c, [builder.mul(c_row, row)])
                    at = builder.gep(b, [builder.mul(b_row, row)])
                    for column in range(0, width, lanes):
                        value = code.load(builder.gep(at, [_I64(column)]), lanes)
                        code.store(value, builder.gep(to, [_I64(column)]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 5), generate

        return piece

    def combine(self, operation: str) -> Any:
        """Make c = a + b or a * b; its arguments: the addresses of c, a and b, and the length."""

        @intrinsic
        def piece(typing_context, c, a, b, length):
            def generate(context, builder, signature, given):
                *addresses, length = given
                code = Code(builder)
                c, a, b = (self._pointer(builder, address) for address in addresses)
                with code.loop(_I64(0), length, _I64(self.lanes)) as j:
                    first, second = (code.load(builder.gep(at, [j]), self.lanes) for at in (a, b))
                    code.store(code.operation(operation, [first, second], self.vector), builder.gep(c, [j]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 4), generate

        return piece

    def finite(self) -> Any:
        """Make what returns whether all numbers are finite; its arguments: their address, the length."""

        @intrinsic
        def piece(typing_context, x, length):
            def generate(context, builder, signature, given):
                x, length = given
                code = Code(builder)
                x = self._pointer(builder, x)
                nothing = ir.Constant(self.vector, [0.0] * self.lanes)

                def step(j, so_far):
                    # 0 times infinity or NaN is NaN, and a sum with NaN stays NaN.
                    return self.lanes, [
                        self._fma(code, code.load(builder.gep(x, [j]), self.lanes), nothing, so_far[0])
                    ]

                _, found = self._carried(code, _I64(0), length, [nothing], step)
                total = code.fold(found, builder.fadd)
                return builder.fcmp_ordered("==", total, ir.Constant(self.scalar, 0.0))

            return types.boolean(types.int64, types.int64), generate

        return piece

    def sum_of_squares(self) -> Any:
        """Make the sum of squares in float64; its arguments: the address and the length, whole blocks."""

        @intrinsic
        def piece(typing_context, x, length):
            def generate(context, builder, signature, given):
                x, length = given
                code, double = Code(builder), ir.DoubleType()
                x = self._pointer(builder, x)
                nothing = ir.Constant(ir.VectorType(double, self.lanes), [0.0] * self.lanes)

                def step(j, so_far):
                    values = self._load_blocks(code, builder.gep(x, [j]), 1)
                    values = [code.convert(value, double) for value in values]
                    sums = [self._fma(code, v, v, s) for v, s in zip(values, so_far, strict=True)]
                    return self.block, sums

                _, found = self._carried(code, _I64(0), length, [nothing] * self.parts, step)
                return code.fold(found, builder.fadd)

            return types.float64(types.int64, types.int64), generate

        return piece

    def scatter(self) -> Any:
        """Make c[i_k] = a_k b_k; its arguments: c's address, the list's, a's, b's, and the length."""

        @intrinsic
        def piece(typing_context, c, index, a, b, count):
            def generate(context, builder, signature, given):
                c, index, a, b, count = given
                code = Code(builder)
                c, a, b = (self._pointer(builder, address) for address in (c, a, b))
                index = self._pointer(builder, index, _I32)
                with code.loop(_I64(0), count, _I64(1)) as k:
                    row = builder.sext(builder.load(builder.gep(index, [k])), _I64)
                    first, second = (builder.load(builder.gep(at, [k])) for at in (a, b))
                    builder.store(builder.fmul(first, second), builder.gep(c, [row]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 5), generate

        return piece

    def move(self) -> Any:
        """Make c[i] = b[j]; its arguments: c's address, i, b's address, j."""

        @intrinsic
        def piece(typing_context, c, i, b, j):
            def generate(context, builder, signature, given):
                c, i, b, j = given
                value = builder.load(builder.gep(self._pointer(builder, b), [j]))
                builder.store(value, builder.gep(self._pointer(builder, c), [i]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 4), generate

        return piece

    def get(self) -> Any:
        """Make what reads one number; its arguments: the address and the place."""

        @intrinsic
        def piece(typing_context, c, place):
            def generate(context, builder, signature, given):
                c, place = given
                number = builder.load(builder.gep(self._pointer(builder, c), [place]))
                return Code(builder).convert(number, ir.DoubleType())

            return types.float64(types.int64, types.int64), generate

        return piece

    def put(self) -> Any:
        """Make what writes one number; its arguments: the address, the place and the number."""

        @intrinsic
        def piece(typing_context, c, place, value):
            def generate(context, builder, signature, given):
                c, place, value = given
                number = Code(builder).convert(value, self.scalar)
                builder.store(number, builder.gep(self._pointer(builder, c), [place]))
                return context.get_dummy_value()

            return types.void(types.int64, types.int64, types.float64), generate

        return piece
