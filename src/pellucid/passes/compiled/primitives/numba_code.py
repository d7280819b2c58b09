"""Loops written in Python, translated to LLVM's language by Numba."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.extending import register_jitable

__all__ = ["as_text", "part_of_loop"]

# The same for all, or Numba would compile a function twice that is called under two sets of options.
_OPTIONS: dict[str, Any] = {
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "no_rewrites": True,
    "_nrt": False,
}

# Marks a function that loops call, and Python never does.
part_of_loop = register_jitable(**_OPTIONS)


def as_text(function: Any, kind: Any) -> str:
    """Compile a function that needs nothing of Python, and return LLVM's text of it under its own name."""
    with _as_written():
        compiled = numba.njit(kind, error_model="numpy", **_OPTIONS)(function)
    [made] = compiled.overloads.values()
    text: str = made.library.get_llvm_str()
    return text.replace(made.fndesc.llvm_func_name, function.__name__)


class _NoEngine:
    """Stands in for Numba's engine: machine code is made elsewhere, of the whole module at once."""

    def __init__(self) -> None:
        self._room = ctypes.c_void_p()

    def add_module(self, module: Any) -> None:
        """Accept a module."""

    def finalize_object(self) -> None:
        """Do nothing."""

    def is_symbol_defined(self, name: str) -> bool:
        """Return that there is no machine code yet."""
        return False

    def get_global_value_address(self, name: str) -> int:
        """Return an address for the environment of a function; nobody reads it."""
        return ctypes.addressof(self._room)


@contextmanager
def _as_written() -> Iterator[None]:
    """Keep Numba from optimizing and from making machine code: LLVM does that once, for the whole module.

    Both settings apply to all that Numba compiles, so nothing else is compiled meanwhile. The garbage
    collector is off: it would find little, and take a twelfth of the time.
    """
    with global_compiler_lock:
        codegen = cpu_target.target_context.codegen()
        level, engine, collects = config.OPT, codegen._engine, gc.isenabled()
        try:
            config.OPT, codegen._engine = type(level)(0), _NoEngine()
            gc.disable()
            yield
        finally:
            config.OPT, codegen._engine = level, engine
            if collects:
                gc.enable()
