"""Random numbers, each from its key and its place alone, as `pellucid.random.words` draws them."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.primitives.pieces import Pieces

__all__ = ["Chance"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Chance(Pieces):
    """Primitives that draw consecutive words, and make numbers of them."""

    def mask(self) -> Any:
        """Make what draws a dropout mask: 0 where a word is below a threshold, and elsewhere a scale.

        Its arguments: the mask's address and its length, the place of its first word, the address of the key,
        the threshold, and the scale.
        """

        @intrinsic
        def piece(typing_context, c, count, first, key, threshold, kept):
            def generate(context, builder, signature, given):
                c, count, first, key, threshold, kept = given
                code = Code(builder)
                least = self._spread(builder, builder.trunc(threshold, _I32))
                full = code.spread(code.convert(kept, self.scalar), self.lanes)

                def number(word):
                    return builder.select(builder.icmp_unsigned(">=", word, least), full, self._nothing(1)[0])

                self._draw(code, c, count, first, key, number)
                return context.get_dummy_value()

            return types.void(*[types.int64] * 5, types.float64), generate

        return piece

    def draw(self) -> Any:
        """Make what draws numbers uniformly from 0 to below 1: the upper 24 bits of words.

        Its arguments: the numbers' address and how many, the place of the first word, the address of the key.
        """

        @intrinsic
        def piece(typing_context, c, count, first, key):
            def generate(context, builder, signature, given):
                c, count, first, key = given
                code = Code(builder)
                part = ir.Constant(self.vector, [2.0**-24] * self.lanes)

                def number(word):
                    upper = builder.lshr(word, self._all(8))
                    return builder.fmul(builder.uitofp(upper, self.vector), part)

                self._draw(code, c, count, first, key, number)
                return context.get_dummy_value()

            return types.void(*[types.int64] * 4), generate

        return piece

    def _draw(
        self, code: Code, c: ir.Value, count: ir.Value, first: ir.Value, key: ir.Value, number: Any
    ) -> None:
        """Store a function of each word, in whole vectors."""
        builder, c, key = code.builder, self._pointer(code.builder, c), self._pointer(code.builder, key, _I32)
        halves = [self._spread(builder, builder.load(builder.gep(key, [_I64(half)]))) for half in range(2)]
        own = ir.Constant(ir.VectorType(_I32, self.lanes), list(range(self.lanes)))
        with code.loop(_I64(0), count, _I64(self.lanes)) as j:
            at = self._spread(builder, builder.trunc(builder.add(first, j), _I32))
            word = self._mixed(builder, builder.xor(builder.add(at, own), halves[0]))
            word = self._mixed(builder, builder.add(word, halves[1]))
            code.store(number(word), builder.gep(c, [j]))

    def _mixed(self, builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        for by, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = builder.mul(builder.xor(x, builder.lshr(x, self._all(by))), self._all(factor))
        return builder.xor(x, builder.lshr(x, self._all(16)))

    def _all(self, number: int) -> ir.Value:
        return ir.Constant(ir.VectorType(_I32, self.lanes), [number] * self.lanes)

    def _spread(self, builder: ir.IRBuilder, word: ir.Value) -> ir.Value:
        kind = ir.VectorType(_I32, self.lanes)
        alone = builder.insert_element(ir.Constant(kind, ir.Undefined), word, _I32(0))
        return self._shuffle(builder, alone, ir.Constant(kind, ir.Undefined), [0] * self.lanes)
