"""The compiled loops by name: shipped, or compiled when a machine first needs them and kept on disk."""

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
from pellucid.passes.compiled.machine_code.shipped import find_shipped, untested_target
from pellucid.passes.compiled.tracing.program import Program

__all__ = ["LOOPS", "kernel", "programs", "sources", "write_loop"]

# The loops by name, and what each is for.
LOOPS = {
    "online": "to learn one example at a time",
    "batches": "to learn in batches",
    "prediction": "to predict",
}


@cache
def kernel(name: str, dtype: "np.dtype[Any]", machine: Machine) -> Callable[..., int]:
    """Return one of the `LOOPS`, ready to be called with addresses and integers.

    The function returns the loop's result; other Python threads run meanwhile.

    Raises
    ------
    ImportError
        If the loop has to be compiled, and Numba is not installed or does not fit.
    """

    def write() -> str:
        print(f"Making machine code for this processor, once: {LOOPS[name]} ...", file=sys.stderr, flush=True)
        return write_loop(name, dtype, machine)

    shipped = find_shipped(name, dtype, machine, sources())
    version = sources() if shipped else _version(machine)
    made_of, kind = (name, str(dtype), version), f"loop-{version[:16]}"
    # There are few loops, and they stay as long as the process does.
    address = native.load(machine, made_of, write, [name], kernel, kind, shipped)[name]
    function = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 5)(address)

    def run(first: int, second: int, third: int = 0) -> int:
        result, nothing = ctypes.c_int64(), ctypes.c_void_p()
        function(ctypes.addressof(result), ctypes.addressof(nothing), first, second, third)
        return result.value

    return run


def write_loop(name: str, dtype: "np.dtype[Any]", machine: Machine) -> str:
    """Return one of the `LOOPS` as LLVM's text.

    Raises
    ------
    ImportError
        If Numba is not installed or does not fit.
    """
    # Importing Numba takes half a second, and is needed only where a loop is not on disk yet.
    try:
        from pellucid.passes.compiled.loops.batches import write_batches
        from pellucid.passes.compiled.loops.online import write_online
        from pellucid.passes.compiled.loops.prediction import write_prediction

        write = {"online": write_online, "batches": write_batches, "prediction": write_prediction}[name]
        return write(dtype, machine)
    except Exception as error:
        # A Numba that does not fit its Python or its NumPy, or has changed inside, may raise anything.
        raise ImportError(f"Numba: {type(error).__name__}: {error}") from error


def _version(machine: Machine) -> str:
    """Return a fingerprint of all that makes loops."""
    if (numba := _numba_version()) is None:
        raise ImportError(_not_installed(machine))
    parts = (sys.version, numba, metadata.version("llvmlite"), sources())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# Looking for a package takes a millisecond, and where there is none, each prediction asks for it.
@cache
def _numba_version() -> str | None:
    try:
        return metadata.version("numba")
    except metadata.PackageNotFoundError:
        return None


def _not_installed(machine: Machine) -> str:
    said = (
        "the package contains no machine code for this processor, and Numba, which makes it, is not "
        "installed: pip install 'pellucid[compile]'"
    )
    if untested := untested_target(machine):
        said += f"; or set PELLUCID_UNTESTED=1 to use the code for {untested}, which is untested"
    return said


@cache
def sources() -> str:
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

    made_of = (sources(), *(program.fingerprint for program in wanted))
    return native.load(machine, made_of, write, [program.name for program in wanted], user)
