"""LLVM's operations on numbers and vectors of them, by the names that formulas use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

__all__ = ["Code", "declare", "join_halves"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)

# By the names of formulas: what a builder does, with its name there; comparisons; and LLVM's own functions.
_BUILDER = {
    "add": "fadd",
    "subtract": "fsub",
    "multiply": "fmul",
    "divide": "fdiv",
    "negative": "fneg",
    "and": "and_",
    "or": "or_",
    "not": "not_",
    "where": "select",
}
_ORDER = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "=="}
_INTRINSICS = {"absolute": "fabs"} | {
    name: name for name in ("sqrt", "rint", "floor", "ceil", "trunc", "copysign", "fma")
}


def declare(module: ir.Module, kind: ir.FunctionType, name: str) -> ir.Function:
    """Declare a function once in a module."""
    return module.globals.get(name) or ir.Function(module, kind, name)


def join_halves(values: list[Any], join: Callable[[Any, Any], Any], left: int = 1) -> list[Any]:
    """Join the first half of some values with the second, repeatedly, until `left` of them remain."""
    while len(values) > left:
        half = len(values) // 2
        values = [join(*both) for both in zip(values[:half], values[half:], strict=True)]
    return values


class Code:
    """Writes operations where an LLVM builder stands; numbers and vectors are treated alike.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
    """

    def __init__(self, builder: ir.IRBuilder) -> None:
        self.builder = builder

    def operation(self, name: str, given: list[ir.Value], kind: ir.Type) -> ir.Value:
        """Write an operation with a result of a given type."""
        if name in _BUILDER:
            return getattr(self.builder, _BUILDER[name])(*given)
        if name in _ORDER:
            return self.builder.fcmp_ordered(_ORDER[name], *given)
        if name in _INTRINSICS:
            return self.intrinsic(_INTRINSICS[name], given)
        written: Callable[..., ir.Value] = getattr(self, f"_{name}")
        return written(kind, *given)

    def intrinsic(self, name: str, given: list[ir.Value]) -> ir.Value:
        """Call one of LLVM's own functions."""
        kind = given[0].type
        vector = isinstance(kind, ir.VectorType)
        letters = (f"v{kind.count}" if vector else "") + (kind.element if vector else kind).intrinsic_name
        function = declare(
            self.builder.module, ir.FunctionType(kind, [kind] * len(given)), f"llvm.{name}.{letters}"
        )
        return self.builder.call(function, given)

    def maximum(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """Return the larger of two; NaN if either is NaN."""
        return self._extreme("<", a, b)

    def _extreme(self, order: str, a: ir.Value, b: ir.Value) -> ir.Value:
        found = self.builder.select(self.builder.fcmp_ordered(order, a, b), b, a)
        return self.builder.select(self.builder.fcmp_unordered("uno", b, b), b, found)

    def _maximum(self, kind: ir.Type, a: ir.Value, b: ir.Value) -> ir.Value:
        return self.maximum(a, b)

    def _minimum(self, kind: ir.Type, a: ir.Value, b: ir.Value) -> ir.Value:
        return self._extreme(">", a, b)

    def _not_equal(self, kind: ir.Type, a: ir.Value, b: ir.Value) -> ir.Value:
        return self.builder.fcmp_unordered("!=", a, b)

    def _positive(self, kind: ir.Type, a: ir.Value) -> ir.Value:
        return a

    def _convert(self, kind: ir.Type, a: ir.Value) -> ir.Value:
        return self.convert(a, kind.element if isinstance(kind, ir.VectorType) else kind)

    def _scale(self, kind: ir.Type, a: ir.Value, power: ir.Value) -> ir.Value:
        """Multiply by 2 to a whole power; that must be a normal number."""
        whole, bias, shift = self._layout(kind)
        # Beside so large a number, a whole number stands in the lowest bits: no conversion is needed, which
        # would be slow where the processor has no instruction for it, and undefined for NaN.
        beside = self.builder.fadd(power, ir.Constant(kind, self._all(kind, 1.5 * 2**shift)))
        exponent = self.builder.add(
            self.builder.bitcast(beside, whole), ir.Constant(whole, self._all(whole, bias))
        )
        raised = self.builder.shl(exponent, ir.Constant(whole, self._all(whole, shift)))
        return self.builder.fmul(a, self.builder.bitcast(raised, kind))

    def _exponent(self, kind: ir.Type, a: ir.Value) -> ir.Value:
        """Return the exponent of a normal number above 0, as its bits say."""
        whole, bias, shift = self._layout(kind)
        raised = self.builder.lshr(
            self.builder.bitcast(a, whole), ir.Constant(whole, self._all(whole, shift))
        )
        beside = ir.Constant(whole, self._all(whole, (bias + shift) << shift))  # the bits of 2 to the shift
        number = self.builder.bitcast(self.builder.or_(raised, beside), kind)
        return self.builder.fsub(number, ir.Constant(kind, self._all(kind, float(2**shift + bias))))

    def _fraction(self, kind: ir.Type, a: ir.Value) -> ir.Value:
        """Return the significand of a normal number above 0: 1 or more, below 2."""
        whole, bias, shift = self._layout(kind)
        below = ir.Constant(whole, self._all(whole, (1 << shift) - 1))
        one = ir.Constant(whole, self._all(whole, bias << shift))
        kept = self.builder.or_(self.builder.and_(self.builder.bitcast(a, whole), below), one)
        return self.builder.bitcast(kept, kind)

    def _layout(self, kind: ir.Type) -> tuple[ir.Type, int, int]:
        """Return the integers as wide as a type, the bias of its exponents, and where their bits begin."""
        element = kind.element if isinstance(kind, ir.VectorType) else kind
        bits, bias, shift = (32, 127, 23) if isinstance(element, ir.FloatType) else (64, 1023, 52)
        return self._like(kind, ir.IntType(bits)), bias, shift

    def _like(self, kind: ir.Type, element: ir.Type) -> ir.Type:
        return ir.VectorType(element, kind.count) if isinstance(kind, ir.VectorType) else element

    def _all(self, kind: ir.Type, value: Any) -> Any:
        return [value] * kind.count if isinstance(kind, ir.VectorType) else value

    def convert(self, value: ir.Value, element: ir.Type) -> ir.Value:
        """Return a number, or each of a vector, in another type."""
        builder = self.builder
        now = value.type.element if isinstance(value.type, ir.VectorType) else value.type
        wanted = self._like(value.type, element)
        if now == element:
            return value
        if isinstance(value, ir.Constant) and not isinstance(value.type, ir.VectorType):
            return ir.Constant(element, value.constant)
        if isinstance(element, ir.FloatType):
            return builder.fptrunc(value, wanted)
        return builder.fpext(value, wanted)

    def spread(self, value: ir.Value, lanes: int) -> ir.Value:
        """Put one number into every lane."""
        wide = ir.VectorType(value.type, lanes)
        if isinstance(value, ir.Constant):
            return ir.Constant(wide, [value.constant] * lanes)
        nothing = ir.Constant(wide, ir.Undefined)
        first = self.builder.insert_element(nothing, value, _I32(0))
        return self.builder.shuffle_vector(
            first, nothing, ir.Constant(ir.VectorType(_I32, lanes), [0] * lanes)
        )

    def fold(self, lanes: list[ir.Value], join: Callable[[ir.Value, ir.Value], ir.Value]) -> ir.Value:
        """Reduce the lanes of a block to one number: each half is joined with the other, again and again.

        The order is the same however many vectors the block is made of.
        """
        [left] = join_halves(lanes, join)
        count = left.type.count
        nothing = ir.Constant(left.type, ir.Undefined)
        while count > 1:
            count //= 2
            order = [k + count if k < count else 0 for k in range(left.type.count)]
            moved = self.builder.shuffle_vector(
                left, nothing, ir.Constant(ir.VectorType(_I32, left.type.count), order)
            )
            left = join(left, moved)
        return self.builder.extract_element(left, _I32(0))

    def load(self, pointer: ir.Value, lanes: int, align: int = 4) -> ir.Value:
        """Load a vector."""
        wide = ir.VectorType(pointer.type.pointee, lanes)
        value = self.builder.load(self.builder.bitcast(pointer, wide.as_pointer()))
        value.align = align
        return value

    def store(self, value: ir.Value, pointer: ir.Value) -> None:
        """Store a vector."""
        self.builder.store(value, self.builder.bitcast(pointer, value.type.as_pointer())).align = 4

    def prefetch(self, pointer: ir.Value, *, to_write: bool = False, near: bool = True) -> None:
        """Prefetch the memory at an address.

        What is to be written is taken from other cores' caches. Near is the first-level cache, not the
        second.
        """
        byte = ir.IntType(8).as_pointer()
        function = declare(
            self.builder.module, ir.FunctionType(ir.VoidType(), [byte, _I32, _I32, _I32]), "llvm.prefetch.p0"
        )
        writes, cache, data = _I32(int(to_write)), _I32(3 if near else 2), _I32(1)
        self.builder.call(function, [self.builder.bitcast(pointer, byte), writes, cache, data])

    def hidden(self, value: ir.Value) -> ir.Value:
        """Return a value whose origin LLVM cannot see."""
        kind = ir.FunctionType(value.type, [value.type])
        return self.builder.asm(kind, "", "=r,0", [value], False)

    def room(self, kind: ir.Type, start: float) -> ir.Value:
        """Make a variable with an initial value; LLVM keeps it in a register."""
        with self.builder.goto_entry_block():
            slot = self.builder.alloca(kind)
        self.builder.store(ir.Constant(kind, self._all(kind, start)), slot)
        return slot

    @contextmanager
    def loop(self, start: ir.Value, end: ir.Value, step: ir.Value) -> Iterator[ir.Value]:
        """Write a loop; what is written inside is its body."""
        builder = self.builder
        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("loop", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(_I64)
        index.add_incoming(start, before)
        builder.cbranch(builder.icmp_signed("<", index, end), body, after)
        builder.position_at_end(body)
        yield index
        index.add_incoming(builder.add(index, step), builder.block)
        builder.branch(head)
        builder.position_at_end(after)
