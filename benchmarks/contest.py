"""A contest: each contestant in a process of its own, taking turns, so that all meet the same moments.

Threads that one library leaves spinning, the memory it holds and the cores it may use are its own; while
one runs, the others wait on a pipe. This module imports none of them: the number of cores must be set before
they look.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.contestant import Contestant, MissingPeerError
from benchmarks.figures import Figure, Unit

__all__ = ["TOLERANCE", "Entry", "compete"]

# How far a contestant's numbers may be from the reference's before its time counts for nothing.
TOLERANCE = 1e-4

# Seconds before each turn: threads of the one before go on spinning for a while, and would take its cores.
_PAUSE = 0.3


@dataclass(frozen=True)
class Entry:
    """Who takes part.

    Parameters
    ----------
    name : str
        What it is called in the table.
    path : str
        Its class, as "module:class".
    arguments : tuple
        What the class is made with.
    cores : int or None
        How many cores it may use; all unless said.
    """

    name: str
    path: str
    arguments: tuple[Any, ...] = ()
    cores: int | None = None


@dataclass
class _Seat:
    """A contestant's process, seen from outside."""

    entry: Entry
    figure: Figure
    connection: Connection
    process: Any = field(repr=False)

    def ask(self, what: str) -> Any:
        """Ask for something and wait for it; one that fails is out, and its figure says why."""
        if self.figure.out:
            return None
        try:
            if what != "ready":
                self.connection.send(what)
            fine, answer = self.connection.recv()
        except (EOFError, OSError):
            fine, answer = False, "its process ended"
        if not fine:
            self.figure.out = answer
            return None
        return answer


def compete(
    subject: str, work: str, entries: Sequence[Entry], *, runs: int, unit: Unit, flops: float | None = None
) -> list[Figure]:
    """Let contestants take turns at the same work.

    Parameters
    ----------
    subject, work : str
        What it is called; the first entry is the one that the others are compared with.
    entries : sequence of Entry
    runs : int
        How many turns each has.
    unit : Unit
        What the runs measure.
    flops : float, optional
        How many floating-point operations a second's worth of the unit stands for: those of one example,
        where a run gives the seconds of one.

    Returns
    -------
    list of Figure
        One for each entry; one that is not there, or whose numbers disagree, has no runs but a reason.
    """
    with contextlib.ExitStack() as stack:
        seats = [
            stack.enter_context(_seat(entry, Figure(subject, work, entry.name, unit, flops=flops)))
            for entry in entries
        ]
        for seat in seats:
            admit(seat.figure, seat.ask("ready"))
        for _ in range(runs):
            for seat in seats:
                time.sleep(_PAUSE)
                value = seat.ask("run")
                if value is not None:
                    seat.figure.runs.append(value)
        for seat in seats:
            seat.figure.details = seat.ask("details") or {}
        return [seat.figure for seat in seats]


def admit(figure: Figure, disagreement: float | None) -> None:
    """Keep how well a contestant agrees with the reference, and put it out if that is not well enough.

    Parameters
    ----------
    figure : Figure
    disagreement : float or None
        None where the numbers cannot be compared.
    """
    figure.disagreement = disagreement
    if disagreement is not None and not disagreement <= TOLERANCE:  # not: so that NaN is refused too
        figure.out = f"refused: its numbers are {disagreement:.1e} from the reference's"


@contextlib.contextmanager
def _seat(entry: Entry, figure: Figure) -> Iterator[_Seat]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, entry), daemon=False)
    process.start()
    theirs.close()
    try:
        yield _Seat(entry, figure, ours, process)
    finally:
        ours.close()
        process.join(timeout=10)
        if process.is_alive():
            process.terminate()
            process.join()


def _serve(connection: Connection, entry: Entry) -> None:
    """Be a contestant: in the process of its own."""
    if entry.cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: entry.cores])
    try:
        module, _, name = entry.path.partition(":")
        contestant: Contestant = getattr(import_module(module), name)(*entry.arguments)
        connection.send((True, contestant.disagreement()))
        while True:
            what = connection.recv()
            connection.send((True, getattr(contestant, what)()))
    except EOFError:
        return
    except ModuleNotFoundError as error:
        connection.send((False, f"not there: {error.name} is not installed"))
    except MissingPeerError as error:
        connection.send((False, f"not there: {error}"))
    except Exception as error:  # whatever it is, the others go on
        connection.send((False, f"failed: {type(error).__name__}: {error}"))
