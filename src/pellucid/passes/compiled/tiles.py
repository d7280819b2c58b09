"""The innermost pieces of the passes, written in vectors: what is held in registers while it is added to.

Each is a function of Numba's whose body is LLVM's own language. Addresses and lengths are plain whole
numbers, lengths count numbers and not bytes. Rows of weights, sums and error terms lie on whole blocks of 64
bytes, so that no piece has a remainder in its columns. Every sum is taken in one order, whatever the
vectors' width.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.layout import BLOCK_BYTES
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.vectors import Code

__all__ = ["Tiles"]

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)


class Tiles:
    """Makes the pieces for a dtype and a machine.

    Parameters
    ----------
    dtype : numpy dtype
        The network's.
    machine : Machine
    """

    def __init__(self, dtype: "np.dtype[Any]", machine: Machine) -> None:
        self.dtype, self.machine = dtype, machine
        self.lanes = machine.lanes(dtype)
        self.block = BLOCK_BYTES // dtype.itemsize
        self.parts = self.block // self.lanes  # vectors in a block
        self.scalar = ir.FloatType() if dtype == np.float32 else ir.DoubleType()
        self.vector = ir.VectorType(self.scalar, self.lanes)

    # -- writing -----------------------------------------------------------------------------------------

    def _pointer(self, builder: ir.IRBuilder, address: ir.Value, kind: ir.Type | None = None) -> ir.Value:
        return builder.inttoptr(address, (kind or self.scalar).as_pointer())

    def _load_blocks(self, code: Code, at: ir.Value, blocks: int) -> list[ir.Value]:
        builder = code.builder
        return [
            code.load(builder.gep(at, [_I64(self.lanes * part)]), self.lanes)
            for part in range(blocks * self.parts)
        ]

    def _fetch_blocks(self, code: Code, at: ir.Value, blocks: int) -> None:
        """Have blocks brought near that are needed at the end of a sum only, while it is taken."""
        for number in range(blocks):
            code.fetch(code.builder.gep(at, [_I64(self.block * number)]))

    def _store_blocks(self, code: Code, at: ir.Value, values: list[ir.Value]) -> None:
        for part, value in enumerate(values):
            code.store(value, code.builder.gep(at, [_I64(self.lanes * part)]))

    def _nothing(self, count: int) -> list[ir.Value]:
        return [ir.Constant(self.vector, [0.0] * self.lanes)] * count

    def _plus(self, code: Code, sums: list[ir.Value], at: ir.Value) -> list[ir.Value]:
        """Add what stands in memory to sums of some blocks."""
        stored = self._load_blocks(code, at, len(sums) // self.parts)
        return [code.builder.fadd(total, start) for total, start in zip(sums, stored, strict=True)]

    def _fma(self, code: Code, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        return code.intrinsic("fma", [a, b, c])

    def _carried(self, code: Code, start: ir.Value, end: ir.Value, first: list[ir.Value], step: Any) -> Any:
        """Write a loop that carries values from turn to turn, and give them as they are in the end."""
        builder = code.builder
        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("turn", "body", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(_I64)
        index.add_incoming(start, before)
        carried = []
        for value in first:
            phi = builder.phi(value.type)
            phi.add_incoming(value, before)
            carried.append(phi)
        builder.cbranch(builder.icmp_signed("<", index, end), body, after)
        builder.position_at_end(body)
        by, grown = step(index, carried)
        index.add_incoming(builder.add(index, _I64(by)), builder.block)
        for phi, value in zip(carried, grown, strict=True):
            phi.add_incoming(value, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        return index, carried

    # -- products ----------------------------------------------------------------------------------------

    def product(self, rows: int, blocks: int) -> Any:
        r"""Make a piece of :math:`C = S + A B`: some rows and blocks of C, all of the depth.

        Its arguments: A's address, the distance of its rows and of its columns, B's address and the distance
        of its rows, S's address and the distance of its rows (0 for one row that is added to all), C's and
        the distance of its rows, and the depth. S is added last: weights are large beside what a batch adds
        to them, and would take the last digits of each example.
        """

        @intrinsic
        def piece(typing_context, a, a_row, a_column, b, b_row, s, s_row, c, c_row, depth):
            def generate(context, builder, signature, given):
                a, a_row, a_column, b, b_row, s, s_row, c, c_row, depth = given
                code = Code(builder)
                a, b, s, c = (self._pointer(builder, address) for address in (a, b, s, c))
                offsets = [builder.mul(a_row, _I64(row)) for row in range(rows)]
                starts = [builder.gep(s, [builder.mul(s_row, _I64(row))]) for row in range(rows)]
                width = blocks * self.parts
                for start in starts:
                    self._fetch_blocks(code, start, blocks)

                def step(k, sums):
                    b_now = self._load_blocks(code, builder.gep(b, [builder.mul(k, b_row)]), blocks)
                    a_at = builder.gep(a, [builder.mul(k, a_column)])
                    grown = []
                    for row in range(rows):
                        factor = code.spread(builder.load(builder.gep(a_at, [offsets[row]])), self.lanes)
                        held = sums[row * len(b_now) : (row + 1) * len(b_now)]
                        grown += [
                            self._fma(code, factor, b, so_far) for b, so_far in zip(b_now, held, strict=True)
                        ]
                    return 1, grown

                _, sums = self._carried(code, _I64(0), depth, self._nothing(rows * width), step)
                for row, start in enumerate(starts):
                    total = self._plus(code, sums[row * width : (row + 1) * width], start)
                    self._store_blocks(code, builder.gep(c, [builder.mul(c_row, _I64(row))]), total)
                return context.get_dummy_value()

            return types.void(*[types.int64] * 10), generate

        return piece

    def listed_sum(self, blocks: int) -> Any:
        r"""Make :math:`c = s + \sum_k v_k B_{i_k}`: rows of B that a list names, some blocks of each.

        Its arguments: c's address, s's, B's and the distance of its rows, the list's, the values', and how
        many they are. Several sums run side by side where one would wait for itself.
        """
        ways = max(1, 8 // blocks)

        @intrinsic
        def piece(typing_context, c, s, b, b_row, index, values, count):
            def generate(context, builder, signature, given):
                c, s, b, b_row, index, values, count = given
                code = Code(builder)
                c, s, b, values = (self._pointer(builder, address) for address in (c, s, b, values))
                index = self._pointer(builder, index, _I32)
                width = blocks * self.parts
                self._fetch_blocks(code, s, blocks)

                def add(k, sums, way):
                    row = builder.sext(builder.load(builder.gep(index, [k])), _I64)
                    rows = self._load_blocks(code, builder.gep(b, [builder.mul(row, b_row)]), blocks)
                    factor = code.spread(builder.load(builder.gep(values, [k])), self.lanes)
                    held = sums[way * width : (way + 1) * width]
                    return [self._fma(code, factor, b, c) for b, c in zip(rows, held, strict=True)]

                def together(k, sums):
                    return ways, [
                        value for way in range(ways) for value in add(builder.add(k, _I64(way)), sums, way)
                    ]

                def alone(k, sums):
                    return 1, add(k, sums, 0) + sums[width:]

                whole = builder.sub(count, builder.srem(count, _I64(ways)))
                k, sums = self._carried(code, _I64(0), whole, self._nothing(width * ways), together)
                if ways > 1:
                    k, sums = self._carried(code, k, count, sums, alone)
                while len(sums) > width:  # the ways are joined as the halves of a block are
                    half = len(sums) // 2
                    sums = [builder.fadd(sums[k], sums[k + half]) for k in range(half)]
                self._store_blocks(code, c, self._plus(code, sums, s))
                return context.get_dummy_value()

            return types.void(*[types.int64] * 7), generate

        return piece

    def listed_add(self, blocks: int) -> Any:
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
        """Give, for each row, the lane that its folded sum has ended in."""
        groups = [[lane] for lane in range(self.lanes)]
        while len(groups) > 1:
            half = len(groups) // 2
            groups = [first + second for first, second in zip(groups[:half], groups[half:], strict=True)]
        return [groups[0].index(lane) for lane in range(self.lanes)]

    def _shuffle(self, builder: ir.IRBuilder, a: ir.Value, b: ir.Value, order: list[int]) -> ir.Value:
        return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_I32, len(order)), order))

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

    # -- rows --------------------------------------------------------------------------------------------

    def scaled(self) -> Any:
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

    def cleared(self) -> Any:
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

    def joined(self, operation: str) -> Any:
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
        """Make what tells whether all numbers are finite; its arguments: their address, the length."""

        @intrinsic
        def piece(typing_context, x, length):
            def generate(context, builder, signature, given):
                x, length = given
                code = Code(builder)
                x = self._pointer(builder, x)
                nothing = ir.Constant(self.vector, [0.0] * self.lanes)

                def step(j, so_far):
                    # 0 times what is not finite is no number, and stays so.
                    return self.lanes, [
                        self._fma(code, code.load(builder.gep(x, [j]), self.lanes), nothing, so_far[0])
                    ]

                _, found = self._carried(code, _I64(0), length, [nothing], step)
                total = code.fold(found, builder.fadd)
                return builder.fcmp_ordered("==", total, ir.Constant(self.scalar, 0.0))

            return types.boolean(types.int64, types.int64), generate

        return piece

    def scattered(self) -> Any:
        """Make c[i_k] = a_k b_k; its arguments: c's address, the list's, a's, b's, and how many there are."""

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

    def moved(self) -> Any:
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

    def got(self) -> Any:
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

    # -- reading examples --------------------------------------------------------------------------------

    def _source(self, kind: str) -> ir.Type:
        return {"uint8": _I8, "float32": ir.FloatType(), "float64": ir.DoubleType()}[kind]

    def _read(self, code: Code, at: ir.Value, kind: str, scale: ir.Value) -> ir.Value:
        """Read some lanes of stored inputs as the network sees them."""
        builder = code.builder
        if kind == "uint8":
            wide = ir.VectorType(_I8, self.lanes)
            stored = builder.load(builder.bitcast(at, wide.as_pointer()))
            stored.align = 1
            value = builder.uitofp(stored, self.vector)
        else:
            value = code.convert(code.load(at, self.lanes), self.scalar)
        return builder.fmul(value, scale)

    def inputs(self, kind: str) -> Any:
        """Make what reads a row of stored inputs, of any dtype, into numbers of the network's.

        Its arguments: the row's address, how many numbers it has, what they are multiplied by, and where
        they go; past the end, zeros up to a whole block.
        """
        stored = self._source(kind)

        @intrinsic
        def piece(typing_context, row, count, scale, x):
            def generate(context, builder, signature, given):
                row, count, scale, x = given
                code = Code(builder)
                row, x = self._pointer(builder, row, stored), self._pointer(builder, x)
                factor = code.spread(code.convert(scale, self.scalar), self.lanes)
                whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
                with code.loop(_I64(0), whole, _I64(self.lanes)) as j:
                    code.store(self._read(code, builder.gep(row, [j]), kind, factor), builder.gep(x, [j]))
                with code.loop(whole, count, _I64(1)) as j:
                    value = self._read_one(code, builder.gep(row, [j]), kind, scale)
                    builder.store(value, builder.gep(x, [j]))
                return context.get_dummy_value()

            return types.void(types.int64, types.int64, types.float64, types.int64), generate

        return piece

    def _read_one(self, code: Code, at: ir.Value, kind: str, scale: ir.Value) -> ir.Value:
        builder = code.builder
        stored = builder.load(at)
        value = builder.uitofp(stored, self.scalar) if kind == "uint8" else code.convert(stored, self.scalar)
        return builder.fmul(value, code.convert(scale, self.scalar))

    def nonzero(self, kind: str) -> Any:
        """Make what lists the inputs of a stored row that are not 0, and gives how many there are.

        Its arguments: the row's address, how many numbers it has, what they are multiplied by, and where
        their places and their values go.
        """
        stored = self._source(kind)

        @intrinsic
        def piece(typing_context, row, count, scale, index, values):
            def generate(context, builder, signature, given):
                row, count, scale, index, values = given
                code = Code(builder)
                row, values = self._pointer(builder, row, stored), self._pointer(builder, values)
                index = self._pointer(builder, index, _I32)
                factor = code.spread(code.convert(scale, self.scalar), self.lanes)
                counting = ir.Constant(ir.VectorType(_I32, self.lanes), list(range(self.lanes)))
                nothing = ir.Constant(self.vector, [0.0] * self.lanes)

                def several(j, found):
                    value = self._read(code, builder.gep(row, [j]), kind, factor)
                    kept = builder.fcmp_unordered("!=", value, nothing)
                    place = builder.add(code.spread(builder.trunc(j, _I32), self.lanes), counting)
                    for given, at in ((value, values), (place, index)):
                        code.store(self._compress(builder, given, kept), builder.gep(at, found))
                    bits = builder.bitcast(kept, ir.IntType(self.lanes))
                    many = builder.zext(builder.ctpop(bits), _I64)
                    return self.lanes, [builder.add(found[0], many)]

                def single(j, found):
                    value = self._read_one(code, builder.gep(row, [j]), kind, scale)
                    builder.store(value, builder.gep(values, found))
                    builder.store(builder.trunc(j, _I32), builder.gep(index, found))
                    kept = builder.fcmp_unordered("!=", value, ir.Constant(self.scalar, 0.0))
                    return 1, [builder.add(found[0], builder.zext(kept, _I64))]

                whole = builder.sub(count, builder.srem(count, _I64(self.lanes)))
                j, found = self._carried(code, _I64(0), whole, [_I64(0)], several)
                _, found = self._carried(code, j, count, found, single)
                return found[0]

            return types.int64(types.int64, types.int64, types.float64, types.int64, types.int64), generate

        return piece

    def _compress(self, builder: ir.IRBuilder, value: ir.Value, kept: ir.Value) -> ir.Value:
        """Bring the lanes that are kept to the front."""
        kind = value.type
        name = f"llvm.experimental.vector.compress.v{kind.count}{kind.element.intrinsic_name}"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(kind, [kind, kept.type, kind]), name
        )
        return builder.call(function, [value, kept, ir.Constant(kind, ir.Undefined)])
