"""Worker processes that train candidates in parallel, and end with the search in any case."""

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
from pellucid.tuning.candidate import Failure, Outcome, Plan
from pellucid.tuning.sending import Own, register

__all__ = ["Crew", "Epoch", "Worker"]

# Spawn instead of fork: a copy of this process would contain locks of threads that do not exist there.
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Epoch:
    """A worker's message after an epoch, with the metric. The worker waits for the answer."""

    number: int
    figure: float


def _work(connection: Connection) -> None:
    """Receive the plan, then train one candidate after the other until the search ends."""
    threading.Thread(target=_end_with_the_search, daemon=True).start()
    try:
        plan, own = connection.recv()
        register(own)
    except Exception as error:  # a module cannot be imported, or lacks a class
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
        connection.send(plan.attempt(options, go_on))


def _end_with_the_search() -> None:
    """End this process when its parent has ended, even in the middle of an epoch."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a worker
    wait([parent.sentinel])
    os._exit(1)


class Worker:
    """A worker process, as seen by the search."""

    def __init__(self) -> None:
        self.connection, self._theirs = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(target=_work, args=(self._theirs,), daemon=True)
        self.is_ready = False
        self.trial: Any = None

    def start(self) -> None:
        """Start the process."""
        with _without_signals():
            self.process.start()
        self._theirs.close()  # otherwise the end of the worker would go unnoticed

    def begin(self, trial: Any, options: Mapping[str, Any]) -> None:
        """Send a candidate of a trial."""
        self.trial = trial
        self.send(dict(options))

    def send(self, message: Any) -> None:
        """Send the plan and the custom declarations, options, or after an epoch whether to continue."""
        with suppress(OSError):  # the worker has died, which receive will report
            self.connection.send(message)

    def receive(self) -> Outcome | Epoch | Failure | None:
        """Return the next message: None if the worker is ready, a failure if it has died."""
        try:
            told: Outcome | Epoch | Failure | None = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return Failure(f"the worker process ended unexpectedly ({_how_it_ended(self.process.exitcode)})")
        return told

    def end(self) -> None:
        """Kill the process."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.connection.close()


class Crew:
    """A pool of workers that know a plan and custom declarations; one that dies is replaced."""

    def __init__(self, plan: Plan, size: int, own: Own = ()) -> None:
        self.plan, self.size, self.own = plan, size, own

    def __enter__(self) -> "Crew":
        self.workers: list[Worker] = []
        try:
            for _ in range(self.size):
                self.workers.append(Worker())  # before it is started, so that it is ended in any case
                self.workers[-1].start()  # all start in parallel, before the first one is awaited
            for worker in self.workers:
                worker.send((self.plan, self.own))  # this waits until it is received
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ends:  # all workers, even if ending one fails
            for worker in self.workers:
                ends.callback(worker.end)

    @property
    def idle(self) -> list[Worker]:
        """The workers without a candidate."""
        return [worker for worker in self.workers if worker.is_ready and worker.trial is None]

    @property
    def busy(self) -> list[Worker]:
        """The workers with a candidate."""
        return [worker for worker in self.workers if worker.trial is not None]

    def told(self, seconds: float) -> Iterator[tuple[Worker, Outcome | Epoch | Failure]]:
        """Yield the messages of workers within some seconds; a worker that dies is replaced."""
        connections = {worker.connection: worker for worker in self.workers}
        for connection in wait(list(connections), seconds):
            worker = connections[connection]  # type: ignore[index]  # only connections are waited for
            message = worker.receive()
            if message is None:
                worker.is_ready = True
                continue
            if isinstance(message, Failure) and not worker.is_ready:
                raise PellucidError(
                    "a worker process did not start",
                    received=message.reason,
                    remedy='in a script, call tune below `if __name__ == "__main__":` and declare above it'
                    " what candidates use, because each worker imports the script again; or use --workers 1"
                    " (workers=1)",
                )
            if isinstance(message, Failure) and not worker.process.is_alive():
                self.replace(worker)
            yield worker, message

    def replace(self, worker: Worker) -> None:
        """Replace a worker that has died."""
        worker.end()
        new = Worker()
        self.workers[self.workers.index(worker)] = new
        new.start()
        new.send((self.plan, self.own))


def _how_it_ended(status: int | None) -> str:
    if status is not None and status < 0:
        return f"signal {signal.Signals(-status).name}; the system may have run out of memory"
    return f"exit status {status}"


@contextmanager
def _without_signals() -> Iterator[None]:
    """Block signals while a process starts, which inherits this: the search ends its workers itself."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        ensure_running()  # unblocks some of the signals
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
