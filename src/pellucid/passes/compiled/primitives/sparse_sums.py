"""Sums of rows that a list names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import join_halves
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, WIDE
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import primitive

__all__ = ["SparseSums"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


@dataclass(frozen=True)
class _Shape:
    """The shape of a piece with machine code of its own: see `SparseSums.sparse_sum`.

    ``ways`` sums of each number run side by side, a power of 2, and are joined in the end.
    """

    blocks: int
    ways: int
    goes_on: bool
    pairs: bool

    @property
    def name(self) -> str:
        return f"sparse_{self.blocks}_{self.ways}{'_on' * self.goes_on}{'_pairs' * self.pairs}"


class SparseSums(Pieces):
    """Pieces of products whose left side is mostly zeros: lists name the rows that count."""

    @primitive
    def sparse_sum(
        self,
        blocks: Sequence[int],
        goes_on: bool = False,
        pairs: bool = False,
        in_order: bool = False,
        *,
        code,
        c,
        c_panel,
        s,
        s_panel,
        b,
        b_row,
        b_panel,
        index,
        values,
        count,
        n_blocks,
    ):
        r"""Make :math:`c = s + \sum_k v_k B_{i_k}`: rows of B that a list names, some blocks of each.

        Its arguments: the address of c and the distance of its panels; the same of s; the address of B, the
        distance of its rows and of its panels; the addresses of the list and of the values, and their number;
        the number of blocks.

        Parameters
        ----------
        blocks : sequence of int
            The numbers of blocks that a call may have; each has machine code of its own.
        goes_on : bool
            Whether the sum begins with s, and goes on from it: the end of one list is the start of the next.
            Otherwise s is added last, as in `Products.product`.
        pairs : bool
            Whether each entry of the list is followed by its value, in as many bytes; the address of the
            values is that of the first then.
        in_order : bool
            Whether each sum is taken in the order of the list, as `Products.product` does: with nothing left
            out but zeros, the bits are the same.
        """
        given = [c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count]

        def of_blocks(many):
            # Additions of one sum wait for each other, so several sums run side by side: as many on every
            # machine, for the same bits.
            ways = 1 if in_order or many >= 8 else 8 if many == 1 else 4 if many < 4 else 2
            self._fit_sparse(code.builder, _Shape(many, ways, goes_on, pairs), given)

        self._choose(code.builder, n_blocks, blocks, of_blocks)

    def _fit_sparse(self, builder: ir.IRBuilder, shape: _Shape, given: list[ir.Value]) -> None:
        """Call a piece, one part of its blocks after the other where not all fit into the registers."""
        c, c_panel, s, s_panel, b, b_row, b_panel, *listed = given
        most, first = max(1, 3 * self.machine.registers // (4 * shape.ways * self.parts)), 0
        while first < shape.blocks:
            left, within = shape.blocks - first, first % WIDE
            far = _I64(self.dtype.itemsize * (first // WIDE))
            many = left if left <= most and not within else min(most, WIDE - within, left)
            c_at, s_at, b_at = (
                builder.add(at, builder.add(builder.mul(distance, far), _I64(BLOCK_BYTES * within)))
                for at, distance in ((c, c_panel), (s, s_panel), (b, b_panel))
            )
            part = replace(shape, blocks=many)
            moved = [c_at, c_panel, s_at, s_panel, b_at, b_row, b_panel, *listed]
            self._call(builder, part.name, moved, partial(self._write_sparse, part))
            first += many

    def _write_sparse(self, shape, code, c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count):
        builder, width, ways = code.builder, shape.blocks * self.parts, shape.ways
        c, s, b, values = (self._pointer(builder, address) for address in (c, s, b, values))
        index = self._pointer(builder, index, _I32)
        # How far apart entries and values are, in numbers of their kinds.
        entry, value = (2 * self.dtype.itemsize // 4, 2) if shape.pairs else (1, 1)

        def panels(at, distance):
            """Walk over the panels, each with the number of its blocks."""
            for first in range(0, shape.blocks, WIDE):
                far = builder.mul(distance, _I64(first // WIDE))
                yield builder.gep(at, [far]), min(WIDE, shape.blocks - first)

        def load(at, distance):
            return [
                number
                for panel, many in panels(at, distance)
                for number in self._load_blocks(code, panel, many)
            ]

        def add(k, sums, way):
            row = self._entry(code, index, builder.mul(k, _I64(entry)))
            rows = load(self._row(code, b, b_row, row), b_panel)
            factor = self._factor(code, values, builder.mul(k, _I64(value)))
            return self._add_product(code, factor, rows, sums[way * width : (way + 1) * width])

        def together(k, sums):
            added = [add(builder.add(k, _I64(way)), sums, way) for way in range(ways)]
            return ways, [number for of_way in added for number in of_way]

        def alone(k, sums):
            return 1, add(k, sums, 0) + sums[width:]

        for panel, many in panels(c, c_panel):
            self._prefetch_blocks(code, panel, many)
        whole = builder.sub(count, builder.srem(count, _I64(ways)))
        first = load(s, s_panel) if shape.goes_on else self._nothing(width)
        first += self._nothing(width * (ways - 1))
        k, sums = self._carried(code, _I64(0), whole, first, together)
        if ways > 1:
            k, sums = self._carried(code, k, count, sums, alone)
        sums = join_halves(sums, builder.fadd, width)  # the ways, as the lanes of a block are
        if not shape.goes_on:
            sums = [builder.fadd(a, b) for a, b in zip(sums, load(s, s_panel), strict=True)]
        for panel, many in panels(c, c_panel):
            self._store_blocks(code, panel, sums[: many * self.parts])
            sums = sums[many * self.parts :]
