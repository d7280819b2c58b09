"""Processes that try candidates side by side, and end with the search whatever ends it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.resource_tracker import ensure_running
from typing import Any

from pellucid.errors import PellucidError
from pellucid.interruption import SIGNALS
from pellucid.tuning.attempt import Failure, attempt
from pellucid.tuning.candidate import Outcome, Plan
from pellucid.tuning.sending import Own, register

__all__ = ["Crew", "Epoch", "Worker"]

# A new process, not a copy of this one: a copy would have the locks of threads that it has not.
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Epoch:
    """What a worker tells after an epoch: the monitored figure. It waits to be told whether to go on."""

    number: int
    figure: float


def _work(connection: Connection) -> None:
    """Take the plan, then try one candidate after the other, until the search ends."""
    threading.Thread(target=_end_with_the_search, daemon=True).start()
    try:
        plan, own = connection.recv()
        register(own)
    except Exception as error:  # a module that cannot be read again, a class that is not in it
        connection.send(Failure(f"{type(error).__name__}: {error}"))
        return
    connection.send(None)  # ready

    def go_on(number: int, figure: float) -> bool:
        connection.send(Epoch(number, figure))
        return bool(connection.recv())

    while True:
        try:
            options = connection.recv()
        except EOFError:
            return
        connection.send(attempt(plan, options, go_on))


def _end_with_the_search() -> None:
    """End this process at once when the one that started it is gone, even in the midst of an epoch."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a worker
    wait([parent.sentinel])
    os._exit(1)


class Worker:
    """A process that tries candidates, as its search sees it."""

    def __init__(self) -> None:
        self.connection, self._theirs = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(target=_work, args=(self._theirs,), daemon=True)
        self.is_ready = False
        self.trial: Any = None

    def start(self) -> None:
        """Start the process."""
        with _without_signals():
            self.process.start()
        self._theirs.close()  # or its end would not be seen when the worker dies

    def instruct(self, plan: Plan, own: Own) -> None:
        """Hand over what all candidates have in common, once; this waits until it is taken."""
        self._send((plan, own))

    def begin(self, trial: Any, options: Mapping[str, Any]) -> None:
        """Hand over a candidate, and keep in mind whose it is."""
        self.trial = trial
        self._send(dict(options))

    def answer(self, go_on: bool) -> None:
        """Say after an epoch whether to go on."""
        self._send(go_on)

    def receive(self) -> Outcome | Epoch | Failure | None:
        """Take in what the worker tells; None is that it is ready, a failure that it died."""
        try:
            told: Outcome | Epoch | Failure | None = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return Failure(f"its process ended by itself ({_how_it_ended(self.process.exitcode)})")
        return told

    def _send(self, message: Any) -> None:
        with suppress(OSError):  # it has died, which is what will be received next
            self.connection.send(message)

    def end(self) -> None:
        """End the process at once."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.connection.close()


class Crew:
    """Some workers; one that dies is replaced.

    Parameters
    ----------
    plan : Plan
        How they try candidates.
    size : int
        How many there are.
    own : tuple
        The declarations of one's own that candidates can have.
    """

    def __init__(self, plan: Plan, size: int, own: Own = ()) -> None:
        self.plan, self.size, self.own = plan, size, own

    def __enter__(self) -> "Crew":
        self.workers: list[Worker] = []
        try:
            for _ in range(self.size):
                self.workers.append(Worker())  # before it is started, so that it is ended in any case
                self.workers[-1].start()  # all start together, and only then is waited for each
            for worker in self.workers:
                worker.instruct(self.plan, self.own)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ends:  # all of them, even if one is broken off
            for worker in self.workers:
                ends.callback(worker.end)

    @property
    def idle(self) -> list[Worker]:
        """Those that could try a candidate now."""
        return [worker for worker in self.workers if worker.is_ready and worker.trial is None]

    @property
    def busy(self) -> list[Worker]:
        """Those that try one."""
        return [worker for worker in self.workers if worker.trial is not None]

    def told(self, seconds: float) -> Iterator[tuple[Worker, Outcome | Epoch | Failure]]:
        """Give what workers tell within so many seconds; one that dies is replaced."""
        connections = {worker.connection: worker for worker in self.workers}
        for connection in wait(list(connections), seconds):
            worker = connections[connection]  # type: ignore[index]  # only connections are waited for
            message = worker.receive()
            if message is None:
                worker.is_ready = True
                continue
            if isinstance(message, Failure) and not worker.is_ready:
                raise _no_start(message)
            if isinstance(message, Failure) and not worker.process.is_alive():
                self.replace(worker)
            yield worker, message

    def replace(self, worker: Worker) -> None:
        """Start another in the place of one that has died."""
        worker.end()
        new = Worker()
        self.workers[self.workers.index(worker)] = new
        new.start()
        new.instruct(self.plan, self.own)


def _no_start(failure: Failure) -> PellucidError:
    return PellucidError(
        "a worker process did not start",
        received=failure.reason,
        remedy='in a script of your own, call tune below `if __name__ == "__main__":`, and declare above it'
        " what candidates take, for each worker reads the script again; or train in this process alone:"
        " --workers 1 (workers=1)",
    )


def _how_it_ended(status: int | None) -> str:
    if status is not None and status < 0:
        return f"by signal {signal.Signals(-status).name}; if you did not, the system may have, out of memory"
    return f"exit status {status}"


@contextmanager
def _without_signals() -> Iterator[None]:
    """Start a process that no signal that asks to end reaches: the search ends its workers itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        ensure_running()  # which lets some of the signals through again
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
