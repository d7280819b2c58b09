"""Signals that ask a program to end: Ctrl-C, a system that shuts down, a terminal that is closed."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

__all__ = ["SIGNALS", "Interruption", "on_interruption"]

# Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_TIDYING = 1.0  # seconds


@contextmanager
def on_interruption(answer: Callable[[bool], object]) -> "Iterator[Interruption]":
    """Let a function answer the signals that ask to end, for as long as this lasts.

    Ctrl-C is answered by it unless it is ignored, SIGTERM and SIGHUP only where they would end the process: a
    signal that is ignored, as under nohup, stays so, and what the program itself does at one is left alone.
    Outside the main thread, where Python takes no signals, nothing changes.

    Parameters
    ----------
    answer : callable
        Called at the first signal, and at each Ctrl-C that follows, with whether a signal came before. It may
        break off what runs by raising KeyboardInterrupt; signals in the second after that change nothing, so
        that what was broken off can tidy up.
    """
    interruption = Interruption(answer)
    try:
        if threading.current_thread() is threading.main_thread():
            interruption.begin()
        yield interruption
    finally:
        interruption.end()


@dataclass
class _Course:
    """What has happened so far, in one context and those around it."""

    number: int | None = None
    broken_off: float | None = None


class Interruption:
    """The handler of the signals that ask to end."""

    def __init__(self, answer: Callable[[bool], object]) -> None:
        self.answer, self.course = answer, _Course()
        self.before: dict[signal.Signals, Any] = {}

    @property
    def number(self) -> int | None:
        """The signal that came first, here or in a context within this one."""
        return self.course.number

    def begin(self) -> None:
        """Take the place of the handlers that would end a run."""
        for number in SIGNALS:
            before = signal.getsignal(number)
            if _is_replaceable(number, before):
                self.before[number] = before
                if isinstance(before, Interruption):
                    self.course = before.course
                signal.signal(number, self)

    def end(self) -> None:
        """Put the handlers back, unless others have been set meanwhile."""
        for number, before in self.before.items():
            if signal.getsignal(number) is self:
                signal.signal(number, before)

    def ignore(self) -> None:
        """Let further signals change nothing, to the end of the process."""
        # Python gives up its handlers some time before it has ended, but leaves a signal that is ignored.
        for number in self.before:
            signal.signal(number, signal.SIG_IGN)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Answer a signal."""
        again = self.course.number is not None
        if self.course.broken_off is not None:
            # Later ones are answered again: an error that is raised in a destructor is lost.
            if time.monotonic() < self.course.broken_off + _TIDYING:
                return
        elif again and number != signal.SIGINT:
            # A terminal that is closed may send SIGHUP twice, and who sends SIGTERM may repeat it: neither
            # is impatience, as a second Ctrl-C is.
            return
        self.course.number = self.course.number or number
        try:
            self.answer(again)
        except KeyboardInterrupt:
            self.course.broken_off = time.monotonic()
            raise


def _is_replaceable(number: signal.Signals, handler: Any) -> bool:
    if isinstance(handler, Interruption):
        return True
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)  # None: set by another language than Python
    return bool(handler == signal.SIG_DFL)
