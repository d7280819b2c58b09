"""The processor: its features, and the width of vectors."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from pellucid.errors import ConfigurationError

__all__ = ["Machine", "this_machine"]


@dataclass(frozen=True)
class Machine:
    """A processor, and its system, that machine code is made for.

    Parameters
    ----------
    triple : str
        LLVM's name of its architecture and system, such as ``x86_64-unknown-linux-gnu``.
    cpu : str
        LLVM's name of it.
    features : str
        LLVM's list of its features.
    vector_bytes : int
        The width of a vector: 64, 32 or 16 bytes. It affects speed, and no bit of any result.
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int

    def lanes(self, dtype: "np.dtype[Any]") -> int:
        """Return how many numbers a vector holds."""
        return self.vector_bytes // dtype.itemsize

    @property
    def registers(self) -> int:
        """The number of vector registers."""
        wide = "+avx512f" in self.features.split(",") or not self.is_x86
        return 32 if wide else 16

    @property
    def is_x86(self) -> bool:
        """Whether the processor is an x86."""
        return self.triple.startswith(("x86_64", "i686"))

    @property
    def has_windows(self) -> bool:
        """Whether its system is Windows."""
        return "windows" in self.triple


def this_machine(width: int | None = None) -> Machine:
    """Describe the processor that this runs on.

    Parameters
    ----------
    width : int, optional
        The number of float32 in a vector: 4, 8 or 16; by default ``PELLUCID_VECTOR_WIDTH``, or as many as the
        processor's vectors hold.
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
    vector_bytes = widest if width is None else 4 * int(width)
    return Machine(llvm.get_process_triple(), llvm.get_host_cpu_name(), features.flatten(), vector_bytes)
