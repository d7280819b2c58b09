"""What the online loop needs besides: steps of weights, rows that change while they are summed."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.primitives.pieces import Pieces

__all__ = ["Steps"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class Steps(Pieces):
    """Primitives of steps, and of the way back through weights that are not transposed."""

    def sparse_add(self, blocks: int) -> Any:
        r"""Make :math:`B_{i_k} := B_{i_k} + v_k d`: a step for each row that a list names.

        Its arguments: B's address and the distance of its rows, the list's, the values', how many they are,
        and d's.
        """

        @intrinsic
        def piece(typing_context, b, b_row, index, values, count, d):
            def generate(context, builder, signature, given):
                b, b_row, index, values, count, d = given
                code = Code(builder)
                b, values, d = (self._pointer(builder, address) for address in (b, values, d))
                index = self._pointer(builder, index, _I32)
                step = self._load_blocks(code, d, blocks)
                with code.loop(_I64(0), count, _I64(1)) as k:
                    row = builder.sext(builder.load(builder.gep(index, [k])), _I64)
                    at = builder.gep(b, [builder.mul(row, b_row)])
                    factor = code.spread(builder.load(builder.gep(values, [k])), self.lanes)
                    rows = self._load_blocks(code, at, blocks)
                    self._store_blocks(
                        code, at, [self._fma(code, factor, d, b) for d, b in zip(step, rows, strict=True)]
                    )
                return context.get_dummy_value()

            return types.void(*[types.int64] * 6), generate

        return piece

    def add_and_sum(self, blocks: int) -> Any:
        r"""Make :math:`B_k := B_k + u_k d` and :math:`c = s + \sum_k v_k B_k` in one sweep over all rows.

        Its arguments: c's address, s's, B's and the distance of its rows, u's, d's, v's, and how many rows
        there are.
        """

        @intrinsic
        def piece(typing_context, c, s, b, b_row, u, d, v, count):
            def generate(context, builder, signature, given):
                c, s, b, b_row, u, d, v, count = given
                code = Code(builder)
                c, s, b, u, d, v = (self._pointer(builder, address) for address in (c, s, b, u, d, v))
                change = self._load_blocks(code, d, blocks)

                def step(k, sums):
                    at = builder.gep(b, [builder.mul(k, b_row)])
                    before = code.spread(builder.load(builder.gep(u, [k])), self.lanes)
                    now = code.spread(builder.load(builder.gep(v, [k])), self.lanes)
                    rows = self._load_blocks(code, at, blocks)
                    rows = [self._fma(code, before, d, b) for d, b in zip(change, rows, strict=True)]
                    self._store_blocks(code, at, rows)
                    return 1, [self._fma(code, now, b, c) for b, c in zip(rows, sums, strict=True)]

                _, sums = self._carried(code, _I64(0), count, self._nothing(blocks * self.parts), step)
                self._store_blocks(code, c, self._plus(code, sums, s))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 8), generate

        return piece

    def dots(self) -> Any:
        r"""Make :math:`c_k = B_{i_k} \cdot d` for a block of rows that a list names.

        Its arguments: c's address, B's and the distance of its rows, the list's, d's, and how many numbers
        they are long, a multiple of a block. The lanes of a sum are folded in halves.
        """

        @intrinsic
        def piece(typing_context, c, b, b_row, index, d, length):
            def generate(context, builder, signature, given):
                c, b, b_row, index, d, length = given
                code = Code(builder)
                c, b, d = (self._pointer(builder, address) for address in (c, b, d))
                index = self._pointer(builder, index, _I32)
                nothing = ir.Constant(self.vector, [0.0] * self.lanes)
                for group in range(self.parts):
                    starts = []
                    for lane in range(self.lanes):
                        row = builder.load(builder.gep(index, [_I64(group * self.lanes + lane)]))
                        starts.append(builder.gep(b, [builder.mul(builder.sext(row, _I64), b_row)]))

                    def step(j, sums, starts=starts):
                        d_now = self._load_blocks(code, builder.gep(d, [j]), 1)
                        grown = []
                        for lane, start in enumerate(starts):
                            row = self._load_blocks(code, builder.gep(start, [j]), 1)
                            held = sums[lane * self.parts : (lane + 1) * self.parts]
                            grown += [
                                self._fma(code, b, d, c) for b, d, c in zip(row, d_now, held, strict=True)
                            ]
                        return self.block, grown

                    first = [nothing] * (self.lanes * self.parts)
                    _, sums = self._carried(code, _I64(0), length, first, step)
                    found = self._fold_together(code, sums)
                    code.store(found, builder.gep(c, [_I64(group * self.lanes)]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 6), generate

        return piece

    def _fold_together(self, code: Code, sums: list[ir.Value]) -> ir.Value:
        """Fold as many rows as a vector has lanes, each as `Code.fold` does, into one vector."""
        builder, folded = code.builder, []
        for lane in range(self.lanes):
            parts = sums[lane * self.parts : (lane + 1) * self.parts]
            while len(parts) > 1:
                half = len(parts) // 2
                parts = [builder.fadd(parts[k], parts[k + half]) for k in range(half)]
            folded += parts
        # Two vectors, each of groups of lanes that are to be folded, become one with groups half as long.
        width = self.lanes
        while len(folded) > 1:
            half, width = len(folded) // 2, width // 2
            joined = []
            for first, second in zip(folded[:half], folded[half:], strict=True):
                low, high = [], []
                for source in range(2):
                    for start in range(0, self.lanes, 2 * width):
                        low += [source * self.lanes + start + k for k in range(width)]
                        high += [source * self.lanes + start + width + k for k in range(width)]
                joined.append(
                    builder.fadd(
                        self._shuffle(builder, first, second, low),
                        self._shuffle(builder, first, second, high),
                    )
                )
            folded = joined
        order = self._order_of_folding()
        return self._shuffle(builder, folded[0], folded[0], order)

    def _order_of_folding(self) -> list[int]:
        """Return, for each row, the lane of its folded sum."""
        groups = [[lane] for lane in range(self.lanes)]
        while len(groups) > 1:
            half = len(groups) // 2
            groups = [first + second for first, second in zip(groups[:half], groups[half:], strict=True)]
        return [groups[0].index(lane) for lane in range(self.lanes)]
