"""The machine: what it is, and how fast it can be at most."""

import ctypes
import platform
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import product
from benchmarks.compiler import compile_c
from benchmarks.contestant import MissingPeerError
from benchmarks.figures import Figure, Unit
from benchmarks.peers.threads import available
from benchmarks.scale import TINY, Scale

__all__ = ["describe", "measure"]

_PACKAGES = (
    "pellucid", "numpy", "numba", "scipy", "scikit-learn", "torch", "jax", "jaxlib", "onnx", "onnxruntime",
)  # fmt: skip
_GIGAFLOPS = Unit("GFLOP/s", 1e-9, inverted=True)
_GIGABYTES = Unit("GB/s", 1e-9, inverted=True)
# So many bytes, read over and over, come from a first cache, a second, and what is behind it.
_READ = {"16 KiB": 1 << 14, "512 KiB": 1 << 19, "8 MiB": 1 << 23, "256 MiB": 1 << 28}


def describe() -> dict[str, Any]:
    """Say what the machine is and which versions are compared, ready for JSON."""
    return {
        "processor": _processor(),
        "cores": available(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": dict(_versions()),
        "commit": _commit(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _versions() -> Iterator[tuple[str, str | None]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, None


def _commit() -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def measure(scale: Scale) -> list[Figure]:
    """Time reading and products on one core, and multiply-adds in float32 that wait for no memory on all."""
    figures = [
        Figure("machine", "peak in float32", name, _GIGAFLOPS)
        for name in ("one core", f"{available()} cores")
    ]
    reading = [Figure("machine", "reading on one core", name, _GIGABYTES) for name in _READ]
    try:
        library = compile_c("peak")
    except MissingPeerError as error:
        for figure in figures + reading:
            figure.out = f"not there: {error}"
        return reading + product.measure(scale) + figures
    library.multiply_add.restype = library.read_over.restype = ctypes.c_double
    rounds = 2_000_000 if scale is TINY else 20_000_000  # a tenth of a second, or it is not awake yet
    for _ in range(scale.runs):
        for figure, threads in zip(figures, (1, available()), strict=True):
            figure.runs.append(_seconds_of_one(library, rounds, threads))
        for figure, size in zip(reading, _READ.values(), strict=True):
            figure.runs.append(_seconds_of_a_byte(library, size, rounds * 50))
    return reading + product.measure(scale) + figures


def _seconds_of_one(library: ctypes.CDLL, rounds: int, threads: int) -> float:
    """Give the time of one operation."""

    def work(_: int) -> float:
        out = np.empty(1024, np.float32)
        done: float = library.multiply_add(ctypes.c_long(rounds), ctypes.c_void_p(out.ctypes.data))
        return done

    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        done = sum(pool.map(work, range(threads)))
        return (time.perf_counter() - began) / done


def _seconds_of_a_byte(library: ctypes.CDLL, size: int, most: int) -> float:
    """Give the time of reading one of so many, over and over, `most` of them in all."""
    memory = np.ones(size // 4 + 16, np.float32)
    first = -memory.ctypes.data % 64  # on a whole vector
    out, rounds = np.empty(1024, np.float32), max(1, most // size)
    addresses = ctypes.c_void_p(memory.ctypes.data + first), ctypes.c_long(size // 4)
    began = time.perf_counter()
    done: float = library.read_over(ctypes.c_long(rounds), *addresses, ctypes.c_void_p(out.ctypes.data))
    return (time.perf_counter() - began) / done
