"""Machine code in memory: compiled or found on disk, and kept as long as it may be called."""

import hashlib
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache

import llvmlite
import llvmlite.binding as llvm
from llvmlite.binding.newpassmanagers import NewPassManager

from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.code_files import PROGRAM, find_or_make

__all__ = ["compile_text", "load", "prepare_all"]

# Unused machine code that is kept in memory all the same: so many pieces, those used last.
_MOST_UNUSED = 64


class _Engine:
    """Machine code in memory, and its users."""

    def __init__(self, code: bytes, machine: Machine) -> None:
        self.linked = _link(code, machine)
        self._addresses: dict[str, int] = {}
        self._users: list[weakref.ref[object]] = []

    def is_used(self) -> bool:
        """Return whether any of its users lives."""
        self._users = [user for user in self._users if user() is not None]
        return bool(self._users)

    def add(self, user: object) -> None:
        """Add a user."""
        if not any(known() is user for known in self._users):
            self._users.append(weakref.ref(user))

    def addresses(self, names: Sequence[str]) -> dict[str, int]:
        """Return the addresses of functions."""
        for name in names:
            if name not in self._addresses:
                self._addresses[name] = self.linked.get_function_address(name)
        return {name: self._addresses[name] for name in names}


# The one used last comes last. All that involves LLVM happens under the lock, the end of an engine too: LLVM
# has locks of its own, and a process forked while another thread held one would wait for it for ever. So a
# fork waits until nothing is being compiled.
_engines: OrderedDict[str, _Engine] = OrderedDict()
_lock = threading.RLock()
with suppress(AttributeError):  # Windows knows no forks
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def load(
    machine: Machine,
    made_of: Iterable[str],
    write: Callable[[], str],
    names: Sequence[str],
    user: object,
    kind: str = PROGRAM,
    shipped: bytes | None = None,
) -> dict[str, int]:
    """Return the addresses of functions, from disk if they were compiled before.

    Parameters
    ----------
    machine : Machine
    made_of : iterable of str
        All that the code depends on besides the processor and LLVM.
    write : callable
        Returns the module as LLVM's text, where it has to be made.
    names : sequence of str
        The functions that are asked for.
    user : object
        What will call them. The addresses hold as long as it lives, and are not to be used afterwards.
    kind : str
        As for `find_or_make`.
    shipped : bytes, optional
        The code, where it came with the package: then it is neither looked for nor made.
    """
    key = _key(machine, [*names, *made_of])
    with _lock:
        if key not in _engines:
            if shipped is None:
                code = find_or_make(kind, key, lambda: compile_text(write(), machine, names))
            else:
                code = shipped
            _engines[key] = _Engine(code, machine)
        engine = _engines[key]
        engine.add(user)
        _engines.move_to_end(key)
        _release()
        return engine.addresses(names)


def _release() -> None:
    """Release machine code that cannot be called any more, but for the pieces used last."""
    unused = [key for key, engine in _engines.items() if not engine.is_used()]
    for key in unused[:-_MOST_UNUSED]:
        del _engines[key]


def _key(machine: Machine, made_of: Iterable[str]) -> str:
    digest = hashlib.sha256()
    of_machine = (machine.triple, machine.cpu, machine.features, str(machine.vector_bytes))
    for part in (llvmlite.__version__, *of_machine, *made_of):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


@cache
def _prepare() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def prepare_all() -> None:
    """Let machine code be compiled for processors other than this one."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


def _target(machine: Machine) -> "llvm.TargetMachine":
    _prepare()
    target: llvm.TargetMachine = llvm.Target.from_triple(machine.triple).create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="default", codemodel="jitdefault", jit=True
    )
    return target


def compile_text(text: str, machine: Machine, names: Sequence[str]) -> bytes:
    """Compile a module to an object file, in which only the named functions are visible."""
    target = _target(machine)
    module = llvm.parse_assembly(text, llvm.create_context())  # the common one would keep each constant
    for function in module.functions:  # what nobody asks for is left out
        if not function.is_declaration and function.name not in names:
            function.linkage = "internal"
    module.triple, module.data_layout = machine.triple, str(target.target_data)
    module.verify()
    # The loops are unrolled as far as it pays: LLVM's unrolling takes a fifth of the time and gains nothing.
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_unrolling = False
    builder = llvm.create_pass_builder(target, options)
    manager = builder.getModulePassManager()
    manager.run(module, builder)
    # llvmlite never frees it: its class inherits the way to do so behind one that does nothing.
    NewPassManager._dispose(manager)
    manager.detach()
    code: bytes = target.emit_object(module)
    return code


def _link(code: bytes, machine: Machine) -> "llvm.ExecutionEngine":
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(machine))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
