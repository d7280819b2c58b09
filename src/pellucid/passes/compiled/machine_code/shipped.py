"""The loops' machine code that comes with the package, and the processors that it runs on.

It is made when the package is built (`shipping`). An index beside it says of which sources, so that code that
is older than a checkout's sources is not used.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.passes.compiled.machine import Machine

__all__ = ["INDEX", "PLACE", "TARGETS", "Target", "find_shipped", "untested_target"]

PLACE = Path(__file__).parent.parent / "shipped"
INDEX = "index.json"

_V3 = (
    "+avx,+avx2,+bmi,+bmi2,+cmov,+crc32,+cx16,+cx8,+f16c,+fma,+fxsr,+lzcnt,+mmx,+movbe,+popcnt,+sahf,"
    "+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+xsave"
)
_V4 = f"{_V3},+avx512bw,+avx512cd,+avx512dq,+avx512f,+avx512vl"


@dataclass(frozen=True)
class Target:
    """Processors that the same machine code runs on.

    Parameters
    ----------
    machine : Machine
        The least of them, with all features that the code may use.
    tested : bool
        Whether the code is run before it is shipped. If not, it is used only with ``PELLUCID_UNTESTED=1``.
    """

    machine: Machine
    tested: bool = True

    def includes(self, machine: Machine) -> bool:
        """Return whether a processor is one of them, and has vectors of the same width."""
        own = self.machine
        return (
            _platform(machine) == _platform(own)
            and machine.vector_bytes == own.vector_bytes
            and set(own.features.split(",")) <= set(machine.features.split(","))
        )


def _platform(machine: Machine) -> tuple[str, bool]:
    architecture, *rest = machine.triple.split("-")
    return architecture, "linux" in rest


TARGETS = {
    "linux-x86-64-v3": Target(Machine("x86_64-unknown-linux-gnu", "x86-64-v3", _V3, 32)),
    "linux-x86-64-v4": Target(Machine("x86_64-unknown-linux-gnu", "x86-64-v4", _V4, 64)),
    "linux-aarch64": Target(
        Machine("aarch64-unknown-linux-gnu", "generic", "+fp-armv8,+neon", 16), tested=False
    ),
}


def find_shipped(name: str, dtype: "np.dtype[Any]", machine: Machine, sources: str) -> bytes | None:
    """Return a loop's machine code, or None if none was shipped that runs on a processor.

    Parameters
    ----------
    name : str
    dtype : numpy dtype
    machine : Machine
    sources : str
        The fingerprint of the sources as they are now. Code of others, or with another checksum than in the
        index, counts as missing.
    """
    for folder, target in TARGETS.items():
        if target.includes(machine) and (target.tested or os.environ.get("PELLUCID_UNTESTED") == "1"):
            return _read(f"{folder}/{name}-{dtype}.o", sources)
    return None


def untested_target(machine: Machine) -> str | None:
    """Return the name of the target whose code would run on a processor, but was never tested."""
    return next(
        (name for name, target in TARGETS.items() if target.includes(machine) and not target.tested), None
    )


def _read(name: str, sources: str) -> bytes | None:
    index = _index(PLACE)
    if index.get("sources") != sources:
        return None
    try:
        code = (PLACE / name).read_bytes()
    except OSError:
        return None
    return code if hashlib.sha256(code).hexdigest() == index["checksums"].get(name) else None


@cache
def _index(place: Path) -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads((place / INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return index
