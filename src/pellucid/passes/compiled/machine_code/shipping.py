"""Making the machine code that comes with the package: the step of the build that needs Numba."""

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from pellucid.passes.compiled.machine_code import native
from pellucid.passes.compiled.machine_code.kernels import LOOPS, sources, write_loop
from pellucid.passes.compiled.machine_code.shipped import INDEX, TARGETS

__all__ = ["ship"]

_DTYPES = ("float32", "float64")
# Each process takes up to 400 MB.
_MOST_PROCESSES = 4


def ship(
    place: Path,
    targets: Iterable[str] = tuple(TARGETS),
    loops: Iterable[str] = tuple(LOOPS),
    dtypes: Iterable[str] = _DTYPES,
) -> None:
    """Make the machine code that comes with the package, with its index.

    Parameters
    ----------
    place : Path
        The folder for it, made here.
    targets, loops, dtypes : iterable of str
        Which code to make, by default all.

    Raises
    ------
    ImportError
        If Numba is not installed or does not fit. The folder is not made then.
    """
    made_with = {name: metadata.version(name) for name in ("numba", "llvmlite")}
    wanted = list(product(targets, loops, dtypes))
    processes = min(_MOST_PROCESSES, os.cpu_count() or 1, len(wanted))
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        codes = list(pool.map(_made, *zip(*wanted, strict=True)))
    checksums = {}
    for (target, loop, dtype), code in zip(wanted, codes, strict=True):
        name = f"{target}/{loop}-{dtype}.o"
        checksums[name] = hashlib.sha256(code).hexdigest()
        (place / target).mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(code)
    # The index comes last: without it, nothing of the folder is used.
    index = {"sources": sources(), "made_with": made_with, "checksums": checksums}
    (place / INDEX).write_text(json.dumps(index, indent=1) + "\n", "utf-8")


def _made(target: str, loop: str, dtype: str) -> bytes:
    machine = TARGETS[target].machine
    native.prepare_all()
    return native.compile_text(write_loop(loop, np.dtype(dtype), machine), machine, [loop])
