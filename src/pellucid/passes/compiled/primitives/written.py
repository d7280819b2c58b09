"""Functions for Numba whose code is written in LLVM's language; annotations say what they take and return."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pellucid.passes.compiled.generation.vectors import Code

__all__ = ["Bytes", "Doubles", "Indices", "Integers", "Numbers", "primitive", "written"]


class Numbers:
    """The address of numbers of the network's dtype."""


class Doubles:
    """The address of float64."""


class Integers:
    """The address of 64-bit integers."""


class Indices:
    """The address of a list of indices."""


class Bytes:
    """The address of bytes."""


_POINTS_TO = {
    Doubles: ir.DoubleType(),
    Integers: ir.IntType(64),
    Indices: ir.IntType(32),
    Bytes: ir.IntType(8),
}
_KINDS = {float: types.float64, int: types.int64, bool: types.boolean, None: types.void}


def primitive(write: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method that returns a function for Numba, of one that writes its code.

    What stands before the star is chosen when the function is made. Behind it stand ``code``, with which it
    is written, and the arguments of a call: integers where they are not annotated. Addresses are integers
    too, and pointers where the code is written.
    """

    @wraps(write)
    def make(self: Any, *chosen: Any, **named: Any) -> Any:
        given = [
            each for each in inspect.signature(write).parameters.values() if each.kind is each.KEYWORD_ONLY
        ]
        return _made(partial(write, self, *chosen, **named), given[1:], write, self.scalar)

    return make


def written(write: Callable[..., Any]) -> Any:
    """Make a function for Numba of one that writes its code, with ``code`` as its first argument."""
    _, *given = inspect.signature(write).parameters.values()
    return _made(write, given, write)


def _made(
    write: Callable[..., Any],
    taken: list[inspect.Parameter],
    declared: Callable[..., Any],
    own: ir.Type | None = None,
) -> Any:
    kinds = [_KINDS.get(each.annotation, types.int64) for each in taken]
    returned = _KINDS[declared.__annotations__.get("return")]

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, given: Any) -> ir.Value:
        arguments = {}
        for each, value in zip(taken, given, strict=True):
            target = own if each.annotation is Numbers else _POINTS_TO.get(each.annotation)
            arguments[each.name] = builder.inttoptr(value, target.as_pointer()) if target else value
        found = write(code=Code(builder), **arguments)
        return context.get_dummy_value() if returned is types.void else found

    def piece(typing_context: Any, *_: Any) -> Any:
        return returned(*kinds), generate

    piece.__name__, piece.__doc__ = declared.__name__, declared.__doc__
    # Numba binds the arguments of a call to the names that it finds here.
    names = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        for name in ("typing_context", *(each.name for each in taken))
    ]
    piece.__signature__ = inspect.Signature(names)
    return intrinsic(piece)
