"""Machine code: made once on a machine, kept on disk, found again by all that it is made of."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
from platformdirs import user_cache_path

from pellucid.passes.compiled.machine import Machine

__all__ = ["folder", "load"]

_MARK = b"pellucid machine code 1\n"
_lock = threading.Lock()
_engines: dict[str, "llvm.ExecutionEngine"] = {}


def folder() -> Path:
    """Where machine code is kept: ``PELLUCID_CACHE``, or where the system keeps what can be made again."""
    said = os.environ.get("PELLUCID_CACHE")
    return (Path(said) if said else user_cache_path("pellucid", appauthor=False)) / "kernels"


def load(
    machine: Machine, made_of: Iterable[str], write: Callable[[], str], names: Sequence[str]
) -> dict[str, int]:
    """Give the addresses of functions, from disk if they were made before.

    A file that cannot be read, was cut short or is another's is as good as none; a folder that cannot be
    written to only means that the code is made again next time.

    Parameters
    ----------
    machine : Machine
    made_of : iterable of str
        All that the code depends on, beside the processor and LLVM.
    write : callable
        Gives the module as LLVM's text, where it has to be made.
    names : sequence of str
        The functions that are asked for.

    Returns
    -------
    dict
        The address of each function.
    """
    key = _key(machine, [*names, *made_of])
    with _lock:
        if key not in _engines:
            code = _read(key)
            if code is None:
                code = _compile(write(), machine, names)
                _write(key, code)
            _engines[key] = _link(code, machine)
        return {name: _engines[key].get_function_address(name) for name in names}


def _key(machine: Machine, made_of: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in (llvmlite.__version__, machine.cpu, machine.features, str(machine.vector_bytes), *made_of):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _read(key: str) -> bytes | None:
    try:
        content = (folder() / key).read_bytes()
    except OSError:
        return None
    mark, checksum, code = content[: len(_MARK)], content[len(_MARK) :][:32], content[len(_MARK) + 32 :]
    return code if mark == _MARK and checksum == hashlib.sha256(code).digest() else None


def _write(key: str, code: bytes) -> None:
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder())
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + hashlib.sha256(code).digest() + code)
            Path(temporary).chmod(0o644)  # a temporary file is its owner's alone, and code is for all
            Path(temporary).replace(folder() / key)
        except OSError:
            Path(temporary).unlink(missing_ok=True)


@cache
def _prepare() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target(machine: Machine) -> "llvm.TargetMachine":
    _prepare()
    target: llvm.TargetMachine = llvm.Target.from_default_triple().create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )
    return target


def _compile(text: str, machine: Machine, names: Sequence[str]) -> bytes:
    target = _target(machine)
    module = llvm.parse_assembly(text)
    for function in module.functions:  # what nobody asks for is left out
        if not function.is_declaration and function.name not in names:
            function.linkage = "internal"
    module.triple, module.data_layout = llvm.get_process_triple(), str(target.target_data)
    module.verify()
    # The loops are written out as far as it pays: more of that takes a fifth of the time, and gains nothing.
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    code: bytes = target.emit_object(module)
    return code


def _link(code: bytes, machine: Machine) -> "llvm.ExecutionEngine":
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(machine))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
