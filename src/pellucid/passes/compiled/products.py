"""Products of matrices, as much of the result at a time as the registers hold, and sums of listed rows."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.layout import WIDE
from pellucid.passes.compiled.pieces import Pieces
from pellucid.passes.compiled.vectors import Code

__all__ = ["Products"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


class _Factors:
    """Where a product's left side lies: some rows, walked along together.

    As few addresses as possible are carried from turn to turn, and LLVM is kept from seeing how they are
    related: it would work each out from the one before, and the turns would wait for those sums.

    Parameters
    ----------
    code : Code
    scalar : llvmlite.ir.Type
    rows : int
    a, step : llvmlite.ir.Value
        The address, and the distance of its rows, or of its columns where it lies across.
    across : bool
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
        """How many addresses are carried."""
        return len(self.pointers)

    def load(self, pointers: list[ir.Value], row: int, turn: int) -> ir.Value:
        """Read a row's number, so many turns further on."""
        gep = self._builder.gep
        if self._across:
            at = gep(gep(pointers[0], [self._builder.mul(self._step, _I64(turn))]), [_I64(row)])
        else:
            group, within = divmod(row, self._TOGETHER)
            at = gep(gep(pointers[group], [self._distances[within]]), [_I64(turn)])
        return self._builder.load(at)

    def moved_on(self, pointers: list[ir.Value], turns: int) -> list[ir.Value]:
        """Give the addresses after some turns."""
        by = self._builder.mul(self._step, _I64(turns)) if self._across else _I64(turns)
        return [self._builder.gep(pointer, [by]) for pointer in pointers]


class Products(Pieces):
    """Pieces of products, and of sums of rows."""

    def product(self, rows: int, blocks: int, *, across: bool = False, at_once: int = 1) -> Any:
        r"""Make a piece of :math:`C = S + A B`: some rows and blocks of C, all of the depth.

        Its arguments: A's address and the distance of its rows, whose numbers stand side by side; B's address
        and the distance of its rows, S's and the distance of its rows (0 for one row that is added to all),
        C's and the distance of its rows, the depth, the address of what is wanted soon and the distance of
        its panels. S is added last: weights are large beside what a batch adds to them, and would take the
        last digits of each example.

        Parameters
        ----------
        rows, blocks : int
            How many of C's.
        across : bool
            Whether A lies turned, as a product of what came in with errors needs it: its columns are as far
            apart as is said, and the numbers of a column stand side by side.
        at_once : int
            How many turns of the loop are written one after the other. Where it is more than 1, each time
            around brings a block of what is wanted soon into the second cache (all at once would be in the
            way of what is wanted now), and goes on in the next panel after as many turns as a panel is wide.
        """

        def write(code, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far):
            builder = code.builder
            factors = _Factors(code, self.scalar, rows, a, a_step, across)
            s, c, soon = (self._pointer(builder, address) for address in (s, c, soon))
            starts = [builder.gep(s, [builder.mul(s_row, _I64(row))]) for row in range(rows)]
            ends = [builder.gep(c, [builder.mul(c_row, _I64(row))]) for row in range(rows)]
            width, wide = blocks * self.parts, self.block * WIDE
            for end in ends:
                self._fetch_blocks(code, end, blocks)

            def turn(pointers, b_at, sums, number):
                b_now, grown = self._load_blocks(code, b_at, blocks), []
                for row in range(rows):
                    factor = code.spread(factors.load(pointers, row, number), self.lanes)
                    held = sums[row * width : (row + 1) * width]
                    grown += [
                        self._fma(code, factor, b, so_far) for b, so_far in zip(b_now, held, strict=True)
                    ]
                return grown

            def turns(many, carried):
                b_at, *rest = carried
                pointers, sums = rest[: factors.count], rest[factors.count :]
                for number in range(many):
                    sums = turn(pointers, b_at, sums, number)
                    b_at = builder.gep(b_at, [b_row])
                return [b_at, *factors.moved_on(pointers, many), *sums]

            # What is wanted soon is walked along without a loop of its own, whose end would be guessed wrong.
            jump = builder.sub(far, _I64(self.block * (wide // at_once - 1)))

            def fetching(k, carried):
                at, within, *rest = carried
                code.fetch(at, near=False)
                within = builder.add(within, _I64(at_once))
                ends = builder.icmp_signed("==", within, _I64(wide))
                at = builder.gep(at, [builder.select(ends, jump, _I64(self.block))])
                return at_once, [at, builder.select(ends, _I64(0), within), *turns(at_once, rest)]

            carried = [self._pointer(builder, b), *factors.pointers, *self._nothing(rows * width)]
            whole = _I64(0)
            if at_once > 1:
                whole = builder.sub(depth, builder.srem(depth, _I64(at_once)))
                _, (_, _, *carried) = self._carried(code, _I64(0), whole, [soon, _I64(0), *carried], fetching)
            _, carried = self._carried(code, whole, depth, carried, lambda k, carried: (1, turns(1, carried)))
            sums = carried[1 + factors.count :]
            for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
                total = self._plus(code, sums[row * width : (row + 1) * width], start)
                self._store_blocks(code, end, total)

        name = f"product_{rows}_{blocks}_{'across' if across else 'along'}_{at_once}"

        @intrinsic
        def piece(typing_context, a, a_step, b, b_row, s, s_row, c, c_row, depth, soon, far):
            def generate(context, builder, signature, given):
                self._call(builder, name, given, write)
                return context.get_dummy_value()

            return types.void(*[types.int64] * 11), generate

        return piece

    def listed_sum(self, blocks: int, ways: int, *, goes_on: bool = False, pairs: bool = False) -> Any:
        r"""Make :math:`c = s + \sum_k v_k B_{i_k}`: rows of B that a list names, some blocks of each.

        Its arguments: c's address and the distance of its panels, the same of s, B's address and the distance
        of its rows and of its panels, the list's address, the values', and how many they are.

        Parameters
        ----------
        blocks : int
            How many of c's.
        ways : int
            How many sums of each run side by side, a power of 2; they are joined in the end.
        goes_on : bool
            Whether the sum begins with s, and goes on from it: the end of one list is the start of the next.
            Otherwise s is added last, as in `product`.
        pairs : bool
            Whether each entry of the list has its value behind it, in as much room; the values' address is
            that of the first then.
        """
        entry, value = (2 * self.dtype.itemsize // 4, 2) if pairs else (1, 1)  # in numbers of their kinds

        @intrinsic
        def piece(typing_context, c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count):
            def generate(context, builder, signature, given):
                c, c_panel, s, s_panel, b, b_row, b_panel, index, values, count = given
                code = Code(builder)
                c, s, b, values = (self._pointer(builder, address) for address in (c, s, b, values))
                index = self._pointer(builder, index, _I32)
                width = blocks * self.parts

                def panels(at, distance):
                    """Walk over the panels, each with how many blocks are wanted of it."""
                    for first in range(0, blocks, WIDE):
                        far = builder.mul(distance, _I64(first // WIDE))
                        yield builder.gep(at, [far]), min(WIDE, blocks - first)

                def load(at, distance):
                    return [
                        value
                        for panel, many in panels(at, distance)
                        for value in self._load_blocks(code, panel, many)
                    ]

                for panel, many in panels(c, c_panel):
                    self._fetch_blocks(code, panel, many)

                def add(k, sums, way):
                    row = builder.load(builder.gep(index, [builder.mul(k, _I64(entry))]))
                    row = builder.sext(row, _I64)
                    rows = load(builder.gep(b, [builder.mul(row, b_row)]), b_panel)
                    factor = builder.load(builder.gep(values, [builder.mul(k, _I64(value))]))
                    factor = code.spread(factor, self.lanes)
                    held = sums[way * width : (way + 1) * width]
                    return [self._fma(code, factor, b, c) for b, c in zip(rows, held, strict=True)]

                def together(k, sums):
                    return ways, [
                        value for way in range(ways) for value in add(builder.add(k, _I64(way)), sums, way)
                    ]

                def alone(k, sums):
                    return 1, add(k, sums, 0) + sums[width:]

                whole = builder.sub(count, builder.srem(count, _I64(ways)))
                first = load(s, s_panel) if goes_on else self._nothing(width)
                first += self._nothing(width * (ways - 1))
                k, sums = self._carried(code, _I64(0), whole, first, together)
                if ways > 1:
                    k, sums = self._carried(code, k, count, sums, alone)
                while len(sums) > width:  # the ways are joined as the halves of a block are
                    half = len(sums) // 2
                    sums = [builder.fadd(sums[k], sums[k + half]) for k in range(half)]
                if not goes_on:
                    sums = [
                        builder.fadd(total, start)
                        for total, start in zip(sums, load(s, s_panel), strict=True)
                    ]
                for panel, many in panels(c, c_panel):
                    self._store_blocks(code, panel, sums[: many * self.parts])
                    sums = sums[many * self.parts :]
                return context.get_dummy_value()

            return types.void(*[types.int64] * 10), generate

        return piece

    def turned(self) -> Any:
        """Make a block of columns out of a block of rows: B's block, rows and columns exchanged, goes to C.

        Its arguments: C's address and the distance of its rows, B's and the distance of its rows.
        """

        @intrinsic
        def piece(typing_context, c, c_row, b, b_row):
            def generate(context, builder, signature, given):
                c, c_row, b, b_row = given
                code = Code(builder)
                c, b = (self._pointer(builder, address) for address in (c, b))
                for down in range(0, self.block, self.lanes):
                    for across in range(0, self.block, self.lanes):
                        rows = [
                            code.load(
                                builder.gep(
                                    b, [builder.add(builder.mul(b_row, _I64(down + k)), _I64(across))]
                                ),
                                self.lanes,
                            )
                            for k in range(self.lanes)
                        ]
                        for k, column in enumerate(self._exchange(builder, rows)):
                            at = builder.add(builder.mul(c_row, _I64(across + k)), _I64(down))
                            code.store(column, builder.gep(c, [at]))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 4), generate

        return piece

    def _exchange(self, builder: ir.IRBuilder, rows: list[ir.Value]) -> list[ir.Value]:
        """Exchange rows and columns of a square of vectors: squares half as large, again and again."""
        distance = self.lanes // 2
        while distance:
            made = list(rows)
            for k in range(self.lanes):
                if k & distance:
                    continue
                upper = [
                    lane if not lane & distance else self.lanes + lane - distance
                    for lane in range(self.lanes)
                ]
                lower = [
                    lane + distance if not lane & distance else self.lanes + lane
                    for lane in range(self.lanes)
                ]
                made[k] = self._shuffle(builder, rows[k], rows[k + distance], upper)
                made[k + distance] = self._shuffle(builder, rows[k], rows[k + distance], lower)
            rows, distance = made, distance // 2
        return rows
