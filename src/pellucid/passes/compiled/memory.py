"""What Numba's loops need beside numbers: memory by address, and calls by address."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["call", "load_double", "load_int", "store_index", "store_int"]

_I32, _I64, _F64 = ir.IntType(32), ir.IntType(64), ir.DoubleType()


def _at(builder, address, place, kind):  # type: ignore[no-untyped-def]
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [place])


@intrinsic
def load_int(typing_context, address, place):  # type: ignore[no-untyped-def]
    """Read a whole number of 64 bits; another thread may have written it."""

    def generate(context, builder, signature, given):  # type: ignore[no-untyped-def]
        return builder.load_atomic(_at(builder, *given, _I64), "monotonic", 8)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def store_int(typing_context, address, place, value):  # type: ignore[no-untyped-def]
    """Write a whole number of 64 bits; another thread may read it."""

    def generate(context, builder, signature, given):  # type: ignore[no-untyped-def]
        address, place, value = given
        builder.store_atomic(value, _at(builder, address, place, _I64), "monotonic", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def store_index(typing_context, address, place, value):  # type: ignore[no-untyped-def]
    """Write an entry of a list of rows."""

    def generate(context, builder, signature, given):  # type: ignore[no-untyped-def]
        address, place, value = given
        builder.store(builder.trunc(value, _I32), _at(builder, address, place, _I32))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def load_double(typing_context, address, place):  # type: ignore[no-untyped-def]
    """Read a float64."""

    def generate(context, builder, signature, given):  # type: ignore[no-untyped-def]
        return builder.load(_at(builder, *given, _F64))

    return types.float64(types.int64, types.int64), generate


@intrinsic
def call(typing_context, function, addresses, strides, numbers, rows, columns):  # type: ignore[no-untyped-def]
    """Run a program; its arguments are those of `Program`, without a list of rows."""

    def generate(context, builder, signature, given):  # type: ignore[no-untyped-def]
        function, addresses, strides, numbers, rows, columns = given
        pointer = _I64.as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, pointer, _F64.as_pointer(), pointer, _I64, _I64])
        builder.call(
            builder.inttoptr(function, kind.as_pointer()),
            [
                builder.inttoptr(addresses, pointer),
                builder.inttoptr(strides, pointer),
                builder.inttoptr(numbers, _F64.as_pointer()),
                pointer(None),
                rows,
                columns,
            ],
        )
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), generate
