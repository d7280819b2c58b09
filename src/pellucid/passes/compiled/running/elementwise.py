"""A formula over a row of numbers, in machine code: the learning rates of an epoch, say."""

import ctypes
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from pellucid.declarations import Declaration
from pellucid.network import Floats
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import programs
from pellucid.passes.compiled.memory.layout import address, rows_of
from pellucid.passes.compiled.tracing.expression import EVERYWHERE, listen
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.compiled.tracing.retracing import Formula
from pellucid.passes.compiled.tracing.signatures import Signature

__all__ = ["evaluate"]

_FUNCTION = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64, ctypes.c_int64)
# The machine code of a program stays as long as the program does.
_functions: WeakKeyDictionary[Program, Callable[..., None]] = WeakKeyDictionary()


def evaluate(
    formula: Callable[..., Any],
    values: Floats,
    numbers: Mapping[str, float],
    machine: Machine,
    declared: Sequence[Declaration] = (),
    key: Hashable = None,
) -> Floats:
    """Evaluate a formula for each of some numbers.

    Parameters
    ----------
    formula : callable
        Takes a number, and plain numbers by name.
    values : array of float, shape (n,)
    numbers : dict
        The plain numbers.
    declared : sequence of Declaration
        The declarations that the formula belongs to.
    """
    dtype, key = values.dtype, None if key is None else (key, *numbers, values.dtype, machine)
    signature = Signature({"x": EVERYWHERE}, {"y": EVERYWHERE}, tuple(numbers))
    x, *plain = operands = signature.traced(dtype)

    def write() -> Program:
        said = dict(zip(numbers, plain, strict=True))
        result = listen(lambda x: formula(x, **said), x)
        return signature.program("formula", operands, {"y": result})

    program = Formula(declared, write, key).settled()
    if program not in _functions:
        _functions[program] = _FUNCTION(programs([program], machine, program)["formula"])
    given, found = rows_of(1, len(values), dtype), rows_of(1, len(values), dtype)
    given[0, : len(values)] = values
    addresses = signature.addresses({"x": address(given), "y": address(found)})
    strides, said = np.zeros(len(addresses), np.int64), np.array([*numbers.values(), 0.0])
    _functions[program](address(addresses), address(strides), address(said), 1, len(values))
    return found[0, : len(values)]
