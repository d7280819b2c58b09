"""Products of matrices, as much of the result at a time as fits into the registers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from llvmlite import ir

from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.memory.layout import TILE_ROWS, UNROLL, WIDE
from pellucid.passes.compiled.primitives.pieces import Pieces
from pellucid.passes.compiled.primitives.written import Numbers, primitive

__all__ = ["Products"]

_I64 = ir.IntType(64)

# The numbers of rows of a result that are taken at a time. Most pieces have the most, and are unrolled.
_ROWS = (TILE_ROWS, 4, 2, 1)


class _Factors:
    """The left side of a product: some rows that are walked along together.

    As few addresses as possible are carried from turn to turn, and LLVM must not see how they are related: it
    would compute each from the one before, and the turns would wait for those additions. The step is the
    distance of the rows, or of the columns where they lie across.
    """

    _TOGETHER = 4

    def __init__(
        self, code: Code, scalar: ir.Type, rows: int, a: ir.Value, step: ir.Value, across: bool
    ) -> None:
        self._builder, self._across, self._step = code.builder, across, step
        builder, together = code.builder, self._TOGETHER
        first = builder.inttoptr(a, scalar.as_pointer())
        self.pointers = [first]
        if not across:
            self._distances = [_I64(0)] + [
                code.hidden(builder.mul(step, _I64(row))) for row in range(1, min(rows, together))
            ]
            for row in range(together, rows, together):
                self.pointers.append(code.hidden(builder.gep(first, [builder.mul(step, _I64(row))])))

    @property
    def count(self) -> int:
        """The number of addresses that are carried."""
        return len(self.pointers)

    def load(self, pointers: list[ir.Value], row: int, turn: int) -> ir.Value:
        """Load a row's number, some turns ahead."""
        gep = self._builder.gep
        if self._across:
            at = gep(gep(pointers[0], [self._builder.mul(self._step, _I64(turn))]), [_I64(row)])
        else:
            group, within = divmod(row, self._TOGETHER)
            at = gep(gep(pointers[group], [self._distances[within]]), [_I64(turn)])
        return self._builder.load(at)

    def moved_on(self, pointers: list[ir.Value], turns: int) -> list[ir.Value]:
        """Return the addresses after some turns."""
        by = self._builder.mul(self._step, _I64(turns)) if self._across else _I64(turns)
        return [self._builder.gep(pointer, [by]) for pointer in pointers]


@dataclass(frozen=True)
class _Shape:
    """The shape of a piece with machine code of its own: see `Products.product`.

    ``at_once`` turns of the loop are unrolled. Where that is more than 1, each unrolled turn prefetches a
    block of what is needed next into the second-level cache (all at once would displace what is needed now),
    and goes on in the next panel after as many turns as a panel is wide.
    """

    rows: int
    blocks: int
    across: bool
    in_panels: bool
    at_once: int

    @property
    def name(self) -> str:
        how = f"{'_across' * self.across}{'_panels' * self.in_panels}"
        return f"product_{self.rows}_{self.blocks}{how}_{self.at_once}"


class Products(Pieces):
    """Pieces of products, and transposed blocks."""

    @primitive
    def product(
        self,
        blocks: Sequence[int],
        rows: Sequence[int] = _ROWS,
        across: bool = False,
        in_panels: bool = False,
        *,
        code,
        n_rows,
        n_blocks,
        a,
        a_step,
        b,
        b_row,
        s,
        s_row,
        c,
        c_row,
        depth,
        ahead,
        far,
    ):
        r"""Make a piece of :math:`C = S + A B`: some rows and blocks of C, all of the depth.

        Its arguments: the number of rows and of blocks; the address of A and the distance of its rows, which
        are contiguous; the same of B, of S (distance 0 for one row that is added to all) and of C; the depth;
        the address of what is to be prefetched, and the distance of its panels. S is added last: weights are
        large beside what a batch adds to them, and each example's share would lose its last digits.

        Parameters
        ----------
        blocks, rows : sequence of int
            The numbers of C's blocks and rows that a call may have; each pair has machine code of its own.
        across : bool
            Whether A is transposed, as products of inputs and errors need it: its columns are contiguous, and
            the distance is that of its columns.
        in_panels : bool
            Whether B lies in panels, and a transposed A too, `TILE_ROWS` wide. Where a call has as many
            blocks as a panel, the distances of their rows are constants then, whatever is passed.
        """
        given = [a, a_step, b, b_row, s, s_row, c, c_row, depth, ahead, far]

        def of_rows(many):
            def of_blocks(wide):
                shape = _Shape(many, wide, across, in_panels, UNROLL if many == TILE_ROWS else 1)
                self._fit_product(code.builder, shape, given)

            self._choose(code.builder, n_blocks, blocks, of_blocks)

        self._choose(code.builder, n_rows, rows, of_rows)

    def _fit_product(self, builder: ir.IRBuilder, shape: _Shape, given: list[ir.Value]) -> None:
        """Call a piece, in halves where its sums would not fit into the registers."""
        if 4 * shape.rows * shape.blocks * self.parts <= 3 * self.machine.registers or shape.rows == 1:
            self._call(builder, shape.name, given, partial(self._write_product, shape))
            return
        half = replace(shape, rows=shape.rows // 2)
        down = _I64(self.dtype.itemsize * half.rows)
        a, a_step, b, b_row, s, s_row, c, c_row, *others = given
        self._fit_product(builder, half, given)
        a = builder.add(a, down if shape.across else builder.mul(down, a_step))
        s, c = (builder.add(at, builder.mul(down, row)) for at, row in ((s, s_row), (c, c_row)))
        self._fit_product(builder, half, [a, a_step, b, b_row, s, s_row, c, c_row, *others])

    def _write_product(self, shape, code, a, a_step, b, b_row, s, s_row, c, c_row, depth, ahead, far):
        builder, width = code.builder, shape.blocks * self.parts
        if shape.in_panels and shape.blocks == WIDE:  # what LLVM knows needs no register
            a_step = _I64(TILE_ROWS) if shape.across else a_step
            b_row = _I64(self.block * WIDE)
        s, c = self._pointer(builder, s), self._pointer(builder, c)
        starts = [builder.gep(s, [builder.mul(s_row, _I64(row))]) for row in range(shape.rows)]
        ends = [builder.gep(c, [builder.mul(c_row, _I64(row))]) for row in range(shape.rows)]
        for end in ends:
            self._prefetch_blocks(code, end, shape.blocks)
        factors = _Factors(code, self.scalar, shape.rows, a, a_step, shape.across)
        sums = self._product_sums(shape, code, factors, self._pointer(builder, b), b_row, depth, ahead, far)
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            self._store_blocks(code, end, self._plus(code, sums[row * width : (row + 1) * width], start))

    def _product_sums(self, shape, code, factors, b, b_row, depth, ahead, far):
        """Write the loop over the depth, and return the sums row by row."""
        builder, width, at_once = code.builder, shape.blocks * self.parts, shape.at_once

        def turn(pointers, b_at, sums, number):
            b_now, grown = self._load_blocks(code, b_at, shape.blocks), []
            for row in range(shape.rows):
                factor = code.spread(factors.load(pointers, row, number), self.lanes)
                held = sums[row * width : (row + 1) * width]
                grown += self._add_product(code, factor, b_now, held)
            return grown

        def turns(many, carried):
            b_at, *others = carried
            pointers, sums = others[: factors.count], others[factors.count :]
            for number in range(many):
                sums = turn(pointers, b_at, sums, number)
                b_at = builder.gep(b_at, [b_row])
            return [b_at, *factors.moved_on(pointers, many), *sums]

        # What is prefetched has no loop of its own, whose end the processor would mispredict.
        wide = self.block * WIDE
        jump = builder.sub(far, _I64(self.block * (wide // at_once - 1)))

        def fetching(k, carried):
            at, within, *others = carried
            code.prefetch(at, near=False)
            within = builder.add(within, _I64(at_once))
            ends = builder.icmp_signed("==", within, _I64(wide))
            at = builder.gep(at, [builder.select(ends, jump, _I64(self.block))])
            return at_once, [at, builder.select(ends, _I64(0), within), *turns(at_once, others)]

        carried, whole = [b, *factors.pointers, *self._nothing(shape.rows * width)], _I64(0)
        if at_once > 1:
            whole = builder.sub(depth, builder.srem(depth, _I64(at_once)))
            first = [self._pointer(builder, ahead), _I64(0), *carried]
            _, (_, _, *carried) = self._carried(code, _I64(0), whole, first, fetching)
        _, carried = self._carried(code, whole, depth, carried, lambda k, carried: (1, turns(1, carried)))
        sums: list[ir.Value] = carried[1 + factors.count :]
        return sums

    @primitive
    def transpose(self, *, code, c: Numbers, c_row, b: Numbers, b_row):
        """Make C = B transposed, for one block.

        Its arguments: C's address and the distance of its rows, B's and the distance of its rows.
        """
        builder = code.builder

        def place(at, distance, row, column):
            return builder.gep(at, [builder.add(builder.mul(distance, _I64(row)), _I64(column))])

        for down in range(0, self.block, self.lanes):
            for across in range(0, self.block, self.lanes):
                rows = [code.load(place(b, b_row, down + k, across), self.lanes) for k in range(self.lanes)]
                for k, column in enumerate(self._exchange(builder, rows)):
                    code.store(column, place(c, c_row, across + k, down))

    def _exchange(self, builder: ir.IRBuilder, rows: list[ir.Value]) -> list[ir.Value]:
        """Transpose a square of vectors: quarters are exchanged, then their quarters, and so on."""
        lanes, distance = range(self.lanes), self.lanes // 2
        while distance:
            made = list(rows)
            upper = [self.lanes + lane - distance if lane & distance else lane for lane in lanes]
            lower = [self.lanes + lane if lane & distance else lane + distance for lane in lanes]
            for k in lanes:
                if not k & distance:
                    made[k] = self._shuffle(builder, rows[k], rows[k + distance], upper)
                    made[k + distance] = self._shuffle(builder, rows[k], rows[k + distance], lower)
            rows, distance = made, distance // 2
        return rows
