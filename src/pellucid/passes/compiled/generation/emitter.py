"""A program's machine code: loops over rows and columns, written in LLVM's language."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.passes.compiled.generation.functions import FUNCTIONS
from pellucid.passes.compiled.generation.vectors import Code
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES
from pellucid.passes.compiled.tracing.expression import (
    BY_COLUMN,
    BY_ROW,
    DOUBLE,
    EVERYWHERE,
    ONCE,
    TRUTH,
    Traced,
    is_weak,
)
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.untraceable import Untraceable

__all__ = ["emit", "program_type"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_F64 = ir.DoubleType()
_REDUCTIONS = ("sum", "max")


def program_type() -> ir.FunctionType:
    """Return LLVM's type of all programs; the arguments are those of `Program`."""
    addresses = strides = _I64.as_pointer()
    return ir.FunctionType(ir.VoidType(), [addresses, strides, _F64.as_pointer(), _I64, _I64])


def emit(program: Program, module: ir.Module, machine: Machine) -> ir.Function:
    """Write a program's function into a module."""
    function = ir.Function(module, program_type(), program.name)
    _Emitter(program, function, machine).run()
    return function


class _Emitter:
    """Writes one function: loops over rows and columns, a loop for each stage of reductions."""

    def __init__(self, program: Program, function: ir.Function, machine: Machine) -> None:
        self.program, self.function = program, function
        self.lanes = machine.lanes(program.dtype)
        self.block = BLOCK_BYTES // program.dtype.itemsize
        self.own = ir.FloatType() if program.dtype == np.float32 else ir.DoubleType()
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.code = Code(self.builder)
        self.expanded: dict[int, Traced] = {}
        self.keep: list[Traced] = []  # so that no id is given to another
        self.scopes: dict[Any, dict[int, Any]] = {
            shape_of: {} for shape_of in (ONCE, BY_ROW, BY_COLUMN, EVERYWHERE)
        }
        self.reduced: dict[int, Any] = {}
        self.parts = 1

    def run(self) -> None:
        """Write everything."""
        addresses, strides, numbers, self.rows, self.columns = self.function.args
        names = self.program.arrays
        builder = self.builder
        self.base, self.stride = {}, {}
        for place, name in enumerate(names):
            at = builder.load(builder.gep(addresses, [_I64(place)]))
            self.base[name] = builder.inttoptr(at, self.own.as_pointer())
            self.stride[name] = builder.load(builder.gep(strides, [_I64(place)]))
        self.plain = {
            name: builder.load(builder.gep(numbers, [_I64(place)]))
            for place, name in enumerate(self.program.numbers)
        }
        stages = self._stages()
        self._work_out(ONCE, self.program.outputs.values())
        axis = next((node.said for stage in stages for node in stage), None)
        by_columns = axis == 0 or (
            axis is None and any(given.shape_of == BY_COLUMN for given in self.program.inputs)
        )
        if by_columns:
            many = 1 if stages else 8
            start = _I64(0)
            for blocks in (many, 1) if many > 1 else (1,):
                start = self._over_columns(start, blocks, stages)
        else:
            with self.code.loop(_I64(0), self.rows, _I64(1)) as row:
                self.row = row
                self._forget(BY_ROW)
                self.reduced = {}
                self._stage_loops(stages, self._each_block, BY_ROW)
        builder.ret_void()

    def _over_columns(self, start: ir.Value, blocks: int, stages: list[list[Traced]]) -> ir.Value:
        """Process a number of blocks of columns at once, as long as that many are left."""
        builder, step = self.builder, _I64(blocks * self.block)
        padded = builder.mul(
            builder.udiv(builder.add(self.columns, _I64(self.block - 1)), _I64(self.block)), _I64(self.block)
        )
        left = builder.sub(padded, start)
        whole = builder.add(start, builder.mul(builder.udiv(left, step), step))
        with self.code.loop(start, whole, step) as column:
            self._enter_columns(column, blocks)
            self._forget(BY_COLUMN)
            self.reduced = {}
            self._stage_loops(stages, self._each_row, BY_COLUMN)
        return whole

    def _enter_columns(self, column: ir.Value, blocks: int) -> None:
        self.column, self.parts = column, blocks * self.block // self.lanes
        builder = self.builder
        left = self.code.spread(builder.trunc(builder.sub(self.columns, column), _I32), self.lanes)
        kind = ir.VectorType(_I32, self.lanes)
        self.inside = [
            builder.icmp_signed(
                "<", ir.Constant(kind, [part * self.lanes + lane for lane in range(self.lanes)]), left
            )
            for part in range(self.parts)
        ]

    def _forget(self, shape_of: Any) -> None:
        """Forget what was computed for a row or column, where a loop goes on to the next."""
        self.scopes[shape_of], self.scopes[EVERYWHERE] = {}, {}

    # -- stages ------------------------------------------------------------------------------------------

    def _stages(self) -> list[list[Traced]]:
        """Order the reductions: those of a stage need only those of the stages before."""
        depths: dict[int, int] = {}
        found: dict[int, list[Traced]] = {}

        def depth(node: Traced) -> int:
            node = self._expand(node)
            if id(node) not in depths:
                deepest = max((depth(given) for given in node.arguments), default=0)
                if node.operation in _REDUCTIONS:
                    deepest += 1
                    found.setdefault(deepest, []).append(node)
                depths[id(node)] = deepest
            return depths[id(node)]

        for output in self.program.outputs.values():
            depth(output)
        if len({node.said for stage in found.values() for node in stage}) > 1:
            raise Untraceable("sums over rows and sums over columns in one formula")
        return [found[key] for key in sorted(found)]

    def _expand(self, node: Traced) -> Traced:
        """Replace a function by the operations that it is made of."""
        if id(node) not in self.expanded:
            made = node
            if node.operation in FUNCTIONS:
                made = self._expand(FUNCTIONS[node.operation](*node.arguments))
            self.keep += [node, made]
            self.expanded[id(node)] = made
        return self.expanded[id(node)]

    def _work_out(self, shape_of: Any, nodes: Iterable[Traced]) -> None:
        """Compute, before a loop, what stays the same throughout it."""
        left, seen = list(nodes), set()
        while left:
            node = self._expand(left.pop())
            if id(node) in seen or id(node) in self.reduced:
                continue
            seen.add(id(node))
            if node.shape_of == shape_of and node.operation not in _REDUCTIONS:
                self._value(node)
            else:
                left += reversed(node.arguments)

    def _stage_loops(self, stages: list[list[Traced]], each: Any, outer: Any) -> None:
        for stage in stages:
            self._work_out(outer, [node.arguments[0] for node in stage])
            self._reduce(stage, each)
        outputs = self.program.outputs
        self._work_out(outer, outputs.values())
        rest = {name: node for name, node in outputs.items() if node.shape_of == EVERYWHERE}
        single = {name: node for name, node in outputs.items() if name not in rest}
        if rest:
            with each():
                for name, node in rest.items():
                    self._store(name, self._vectors(node))
        for name, node in single.items():
            self._store_single(name, node)

    @contextmanager
    def _each_block(self) -> Iterator[None]:
        """Go over the columns of a row, a block at a time."""
        with self.code.loop(_I64(0), self.columns, _I64(self.block)) as column:
            self._enter_columns(column, 1)
            self._forget(BY_COLUMN)
            yield

    @contextmanager
    def _each_row(self) -> Iterator[None]:
        """Go over the rows of a few columns."""
        with self.code.loop(_I64(0), self.rows, _I64(1)) as row:
            self.row = row
            self._forget(BY_ROW)
            yield
        self._forget(BY_ROW)

    def _reduce(self, stage: list[Traced], each: Any) -> None:
        """Run sums and maxima of one stage in one loop, each in as many lanes as a block has."""
        builder = self.builder
        by_row = stage[0].said == 1
        parts = self.block // self.lanes
        slots = {}
        for node in stage:
            kind = ir.VectorType(self._scalar_type(node), self.lanes)
            start = 0.0 if node.operation == "sum" else -np.inf
            slots[id(node)] = [self.code.room(kind, start) for _ in range(parts)]
        with each():
            for node in stage:
                values = self._vectors(node.arguments[0])
                for part, (slot, value) in enumerate(zip(slots[id(node)], values, strict=True)):
                    so_far = builder.load(slot)
                    if node.operation == "sum":
                        grown = builder.fadd(so_far, value)
                    else:
                        grown = self.code.maximum(so_far, value)
                    if by_row:
                        grown = builder.select(self.inside[part], grown, so_far)
                    builder.store(grown, slot)
        for node in stage:
            lanes = [builder.load(slot) for slot in slots[id(node)]]
            fold = builder.fadd if node.operation == "sum" else self.code.maximum
            self.reduced[id(node)] = self.code.fold(lanes, fold) if by_row else lanes
        self.scopes[EVERYWHERE] = {}

    # -- numbers -----------------------------------------------------------------------------------------

    def _scalar_type(self, node: Traced) -> ir.Type:
        if node.kind == DOUBLE:
            return _F64
        return ir.IntType(1) if node.kind == TRUTH else self.own

    def _value(self, node: Traced) -> Any:
        """Return a node's number: one for all lanes, or a list of vectors where it differs by column."""
        node = self._expand(node)
        if id(node) in self.reduced:
            return self.reduced[id(node)]
        scope = self.scopes[node.shape_of]
        if id(node) not in scope:
            scope[id(node)] = self._make(node)
        return scope[id(node)]

    def _vectors(self, node: Traced) -> list[ir.Value]:
        """Return the numbers, as vectors, of a node that differs by column."""
        values: list[ir.Value] = self._value(node)
        return values

    def _make(self, node: Traced) -> Any:
        if node.operation == "operand":
            return self._read(node)
        kind = self._scalar_type(node)
        if node.operation == "constant":
            return ir.Constant(kind, node.said)
        if node.operation == "count":
            return self.builder.sitofp(self.columns if node.said == 1 else self.rows, _F64)
        arguments = [self._as(given, self._wanted(node, given)) for given in node.arguments]
        if not node.shape_of.columns:
            return self.code.operation(node.operation, arguments, kind)
        columns = [
            given if isinstance(given, list) else [self.code.spread(given, self.lanes)] * self.parts
            for given in arguments
        ]
        wide = ir.VectorType(kind, self.lanes)
        return [self.code.operation(node.operation, list(each), wide) for each in zip(*columns, strict=True)]

    def _wanted(self, node: Traced, given: Traced) -> ir.Type | None:
        """Return the type that an argument is converted to first; None where it is not converted."""
        if node.operation == "convert" or given.kind == TRUTH:
            return None
        if node.kind == TRUTH:  # a comparison is made in the wider of what is compared
            strong = [other for other in node.arguments if not is_weak(other)]
            double = any(other.kind == DOUBLE for other in strong) or not strong
            return _F64 if double else self.own
        return self._scalar_type(node)

    def _as(self, node: Traced, kind: ir.Type | None) -> Any:
        value = self._value(node)
        if kind is None:
            return value
        if isinstance(value, list):
            return [self.code.convert(each, kind) for each in value]
        return self.code.convert(value, kind)

    # -- memory ------------------------------------------------------------------------------------------

    def _read(self, node: Traced) -> Any:
        if node.shape_of == ONCE:
            return self.plain[node.said]
        if node.shape_of == BY_ROW:
            return self.builder.load(self.builder.gep(self.base[node.said], [self.row]))
        return [
            self.code.load(self._place(node.said, part, node.shape_of == BY_COLUMN), self.lanes)
            for part in range(self.parts)
        ]

    def _place(self, name: str, part: int, single: bool) -> ir.Value:
        builder = self.builder
        at = builder.add(self.column, _I64(part * self.lanes))
        if not single:
            at = builder.add(at, builder.mul(self.row, self.stride[name]))
        return builder.gep(self.base[name], [at])

    def _store(self, name: str, values: list[ir.Value], *, single: bool = False) -> None:
        for part, value in enumerate(values):
            kept = self.builder.select(self.inside[part], value, ir.Constant(value.type, None))
            self.code.store(kept, self._place(name, part, single))

    def _store_single(self, name: str, node: Traced) -> None:
        """Store a number for each row, or for each column."""
        if node.shape_of.columns:
            self._store(name, self._vectors(node), single=True)
        else:
            self.builder.store(self._value(node), self.builder.gep(self.base[name], [self.row]))
