"""What the processor offers, and how wide its vectors are taken to be."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from pellucid.errors import ConfigurationError

__all__ = ["Machine", "is_x86", "this_machine"]


@dataclass(frozen=True)
class Machine:
    """A processor that machine code is made for.

    Parameters
    ----------
    cpu : str
        LLVM's name of it.
    features : str
        LLVM's list of what it can do.
    vector_bytes : int
        How much a vector holds: 64, 32 or 16 bytes. It changes how fast the numbers come, and no bit of them.
    """

    cpu: str
    features: str
    vector_bytes: int

    def lanes(self, dtype: "np.dtype[Any]") -> int:
        """How many numbers a vector holds."""
        return self.vector_bytes // dtype.itemsize

    @property
    def registers(self) -> int:
        """How many vectors can be held at once."""
        wide = "+avx512f" in self.features.split(",") or not is_x86()
        return 32 if wide else 16


def is_x86() -> bool:
    """Tell whether the processor is one of Intel's family."""
    return str(llvm.get_process_triple()).startswith(("x86_64", "i686"))


def this_machine(width: int | None = None) -> Machine:
    """Describe the processor that this runs on.

    Parameters
    ----------
    width : int, optional
        How many float32 numbers a vector is to hold, 4, 8 or 16; as many as the processor's do unless said
        here or by the environment variable ``PELLUCID_VECTOR_WIDTH``.

    Raises
    ------
    ConfigurationError
        If it is another number.
    """
    said = os.environ.get("PELLUCID_VECTOR_WIDTH") if width is None else str(width)
    if said not in (None, "4", "8", "16"):
        raise ConfigurationError(
            "vectors cannot have this width",
            expected="4, 8 or 16 numbers of float32",
            received=said,
            where=None if width is not None else "the environment variable PELLUCID_VECTOR_WIDTH",
        )
    return _processor(said)


@cache
def _processor(width: str | None) -> Machine:
    features = llvm.get_host_cpu_features()
    widest = 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
    return Machine(llvm.get_host_cpu_name(), features.flatten(), widest if width is None else 4 * int(width))
