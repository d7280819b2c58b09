"""Random numbers, each from its key and its place alone, as `pellucid.random.words` draws them."""

from typing import Any

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Indices, Numbers, primitive

__all__ = ["Chance"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Chance(Pieces):
    """Primitives that draw consecutive words, and make numbers of them."""

    @primitive
    def mask(self, *, code, c: Numbers, count, first, key: Indices, threshold, kept: float):
        """Return a function that draws a dropout mask: 0 where a word is below a threshold, else a scale.

        Its arguments: the mask's address and its length, the place of its first word, the address of the key,
        the threshold, and the scale.
        """
        builder = code.builder
        least = code.spread(builder.trunc(threshold, _I32), self.lanes)
        full = code.spread(code.convert(kept, self.scalar), self.lanes)

        def number(word):
            return builder.select(builder.icmp_unsigned(">=", word, least), full, self._nothing(1)[0])

        self._draw(code, c, count, first, key, number)

    @primitive
    def draw(self, *, code, c: Numbers, count, first, key: Indices):
        """Return a function that draws numbers uniformly from 0 to below 1: the upper 24 bits of words.

        Its arguments: the numbers' address and how many, the place of the first word, the address of the key.
        """
        builder, part = code.builder, ir.Constant(self.vector, [2.0**-24] * self.lanes)

        def number(word):
            return builder.fmul(builder.uitofp(builder.lshr(word, self._all(8)), self.vector), part)

        self._draw(code, c, count, first, key, number)

    def _draw(
        self, code: Code, c: ir.Value, count: ir.Value, first: ir.Value, key: ir.Value, number: Any
    ) -> None:
        """Store a function of each word, in whole vectors."""
        builder, lanes = code.builder, self.lanes
        halves = [code.spread(builder.load(builder.gep(key, [_I64(half)])), lanes) for half in range(2)]
        own = ir.Constant(ir.VectorType(_I32, lanes), list(range(lanes)))
        with code.loop(_I64(0), count, _I64(lanes)) as j:
            at = code.spread(builder.trunc(builder.add(first, j), _I32), lanes)
            word = self._mixed(builder, builder.xor(builder.add(at, own), halves[0]))
            word = self._mixed(builder, builder.add(word, halves[1]))
            code.store(number(word), builder.gep(c, [j]))

    def _mixed(self, builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
        for by, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = builder.mul(builder.xor(x, builder.lshr(x, self._all(by))), self._all(factor))
        return builder.xor(x, builder.lshr(x, self._all(16)))

    def _all(self, number: int) -> ir.Value:
        return ir.Constant(ir.VectorType(_I32, self.lanes), [number] * self.lanes)
