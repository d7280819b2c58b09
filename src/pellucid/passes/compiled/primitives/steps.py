"""Primitives of the online loop: steps of weights, rows that change while they are summed."""

import operator
from collections.abc import Sequence

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code, join_halves
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Indices, Numbers, primitive

__all__ = ["Steps"]

_I64 = ir.IntType(64)


class Steps(Pieces):
    """Primitives of steps, and of the way back through weights that are not transposed."""

    @primitive
    def sparse_add(
        self,
        blocks: Sequence[int],
        *,
        code,
        b: Numbers,
        b_row,
        index: Indices,
        values: Numbers,
        count,
        d: Numbers,
        n_blocks,
    ):
        r"""Make :math:`B_{i_k} := B_{i_k} + v_k d`: a step for each row that a list names.

        Its arguments: B's address and the distance of its rows, the list's, the values', how many they are,
        d's, and the number of blocks, one of those that it is made for.
        """

        def of_blocks(many):
            step = self._load_blocks(code, d, many)
            with code.loop(_I64(0), count, _I64(1)) as k:
                at = self._row(code, b, b_row, self._entry(code, index, k))
                factor = self._factor(code, values, k)
                rows = self._load_blocks(code, at, many)
                self._store_blocks(code, at, self._add_product(code, factor, step, rows))

        self._choose(code.builder, n_blocks, blocks, of_blocks)

    @primitive
    def add_and_sum(
        self,
        blocks: Sequence[int],
        *,
        code,
        c: Numbers,
        s: Numbers,
        b: Numbers,
        b_row,
        u: Numbers,
        d: Numbers,
        v: Numbers,
        count,
        n_blocks,
    ):
        r"""Make :math:`B_k := B_k + u_k d` and :math:`c = s + \sum_k v_k B_k` in one sweep over all rows.

        Its arguments: c's address, s's, B's and the distance of its rows, u's, d's, v's, how many rows there
        are, and the number of blocks, one of those that it is made for.
        """

        def of_blocks(many):
            change = self._load_blocks(code, d, many)

            def step(k, sums):
                at = self._row(code, b, b_row, k)
                before, now = self._factor(code, u, k), self._factor(code, v, k)
                rows = self._add_product(code, before, change, self._load_blocks(code, at, many))
                self._store_blocks(code, at, rows)
                return 1, self._add_product(code, now, rows, sums)

            _, sums = self._carried(code, _I64(0), count, self._nothing(many * self.parts), step)
            self._store_blocks(code, c, self._plus(code, sums, s))

        self._choose(code.builder, n_blocks, blocks, of_blocks)

    @primitive
    def dots(self, *, code, c: Numbers, b: Numbers, b_row, index: Indices, d: Numbers, length):
        r"""Make :math:`c_k = B_{i_k} \cdot d` for a block of rows that a list names.

        Its arguments: c's address, B's and the distance of its rows, the list's, d's, and how many numbers
        they are long, a multiple of a block. The lanes of a sum are folded in halves.
        """
        builder = code.builder
        for first in range(0, self.block, self.lanes):
            starts = [
                self._row(code, b, b_row, self._entry(code, index, _I64(first + lane)))
                for lane in range(self.lanes)
            ]

            def step(j, sums, starts=starts):
                d_now = self._load_blocks(code, builder.gep(d, [j]), 1)
                grown = []
                for lane, start in enumerate(starts):
                    row = self._load_blocks(code, builder.gep(start, [j]), 1)
                    held = sums[lane * self.parts : (lane + 1) * self.parts]
                    grown += [self._fma(code, b, d, c) for b, d, c in zip(row, d_now, held, strict=True)]
                return self.block, grown

            nothing = self._nothing(self.lanes * self.parts)
            _, sums = self._carried(code, _I64(0), length, nothing, step)
            code.store(self._fold_together(code, sums), builder.gep(c, [_I64(first)]))

    def _fold_together(self, code: Code, sums: list[ir.Value]) -> ir.Value:
        """Fold as many rows as a vector has lanes, each as `Code.fold` does, into one vector."""
        builder, lanes, parts = code.builder, range(self.lanes), self.parts
        rows = [sums[lane * parts : (lane + 1) * parts] for lane in lanes]
        folded = [join_halves(row, builder.fadd)[0] for row in rows]
        # Two vectors, each of groups of lanes that are to be folded, become one with groups half as long.
        width = self.lanes
        while len(folded) > 1:
            width //= 2
            low = [lane for lane in range(2 * self.lanes) if not lane & width]
            high = [lane + width for lane in low]

            def join(first, second, low=low, high=high):
                upper, lower = (self._shuffle(builder, first, second, half) for half in (low, high))
                return builder.fadd(upper, lower)

            folded = join_halves(folded, join, len(folded) // 2)
        # For each row, the lane of its folded sum.
        [order] = join_halves([[lane] for lane in lanes], operator.add)
        return self._shuffle(builder, folded[0], folded[0], [order.index(lane) for lane in lanes])
