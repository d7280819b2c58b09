"""C code of the benchmarks' own, compiled for this machine."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.contestant import MissingPeerError

__all__ = ["compile_c"]

_FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
_C = Path(__file__).parent / "c"


def compile_c(name: str, *flags: str) -> ctypes.CDLL:
    """Compile one of the C files and load it.

    Parameters
    ----------
    name : str
        The file's, without its ending.
    flags : str
        More than optimisation for this very processor.

    Raises
    ------
    MissingPeerError
        If there is no gcc, or it refuses.
    """
    gcc = shutil.which("gcc")
    if gcc is None:
        raise MissingPeerError("gcc is not installed")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / f"{name}.so"
        command = [gcc, *_FLAGS, *flags, str(_C / f"{name}.c"), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingPeerError(f"gcc refused {name}.c: {done.stderr.strip().splitlines()[0]}")
        return ctypes.CDLL(str(library))
