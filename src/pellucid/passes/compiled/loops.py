"""Loops written in Python, brought to LLVM's language by Numba."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import register_jitable

__all__ = ["as_text", "part_of_loop"]

# Marks a function that loops call. Python never does, and needs no way into it.
part_of_loop = register_jitable(no_cpython_wrapper=True, no_cfunc_wrapper=True, no_rewrites=True, _nrt=False)


def as_text(function: Any, kind: Any) -> str:
    """Compile a function that needs nothing of Python's, and give it as LLVM's text under its own name."""
    with _as_written():
        compiled = numba.cfunc(kind, error_model="numpy", _nrt=False)(function)
    text: str = compiled.inspect_llvm()
    return text.replace(compiled.native_name.removeprefix("cfunc."), function.__name__)


@contextmanager
def _as_written() -> Iterator[None]:
    """Have Numba improve nothing: LLVM does, once and on the whole, when it makes machine code.

    How much is improved is one setting for all that Numba compiles, so nothing else is compiled meanwhile.
    """
    with global_compiler_lock:
        before = config.OPT
        config.OPT = type(before)(0)
        try:
            yield
        finally:
            config.OPT = before
