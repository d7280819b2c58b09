"""The compiled loops by name: compiled when a machine first needs them, found on disk afterwards."""

import ctypes
import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.passes.compiled.generation.emitter import emit
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code import native
from pellucid.passes.compiled.tracing.program import Program

__all__ = ["kernel", "programs"]


@cache
def kernel(name: str, dtype: "np.dtype[Any]", machine: Machine) -> Callable[..., int]:
    """Return a loop, "online", "batches" or "prediction", ready to be called with addresses and integers.

    The function returns the loop's result; other Python threads run meanwhile.
    """

    def write() -> str:
        return _write(name, dtype, machine)

    made_of, kind = (name, str(dtype), _version()), f"loop-{_version()[:16]}"
    # There are few loops, and they stay as long as the process does.
    address = native.load(machine, made_of, write, [name], kernel, kind)[name]
    function = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 5)(address)

    def run(first: int, second: int, third: int = 0) -> int:
        result, nothing = ctypes.c_int64(), ctypes.c_void_p()
        function(ctypes.addressof(result), ctypes.addressof(nothing), first, second, third)
        return result.value

    return run


def _write(name: str, dtype: "np.dtype[Any]", machine: Machine) -> str:
    # Importing Numba takes a quarter of a second, and is needed only where a loop is not on disk yet.
    try:
        from pellucid.passes.compiled.loops.batches import write_batches
        from pellucid.passes.compiled.loops.online import write_online
        from pellucid.passes.compiled.loops.prediction import write_prediction
    except Exception as error:
        raise _does_not_fit(error) from error

    write, what = {
        "online": (write_online, "to learn one example at a time"),
        "batches": (write_batches, "to learn in batches"),
        "prediction": (write_prediction, "to predict"),
    }[name]
    print(f"Making machine code for this processor, once: {what} ...", file=sys.stderr, flush=True)
    try:
        return write(dtype, machine)
    except Exception as error:
        raise _does_not_fit(error) from error


def _does_not_fit(error: Exception) -> ImportError:
    # A Numba that does not fit its Python or its NumPy, or has changed inside, may raise anything.
    return ImportError(f"Numba: {type(error).__name__}: {error}")


@cache
def _version() -> str:
    """Return a fingerprint of all that makes loops."""
    parts = (sys.version, metadata.version("numba"), metadata.version("llvmlite"), _sources())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _sources() -> str:
    """Return a fingerprint of the compiled passes' sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def programs(wanted: Sequence[Program], machine: Machine, user: object) -> dict[str, int]:
    """Return the addresses of programs by their names, to be used as long as the user of them lives."""

    def write() -> str:
        module = ir.Module()
        for program in wanted:
            emit(program, module, machine)
        return str(module)

    made_of = (_sources(), *(program.fingerprint for program in wanted))
    return native.load(machine, made_of, write, [program.name for program in wanted], user)
