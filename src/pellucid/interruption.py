"""Handling of the signals that ask a program to end: Ctrl-C, a system shutdown, a closed terminal."""

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

_CLEANUP = 1.0  # seconds


@contextmanager
def on_interruption(answer: Callable[[bool], object]) -> "Iterator[Interruption]":
    """Handle the signals that ask to end with a function, within this context.

    It handles Ctrl-C unless that is ignored, and SIGTERM and SIGHUP only where they would end the process: an
    ignored signal, as under nohup, stays ignored, and the program's own handlers stay in place. Outside the
    main thread, where Python receives no signals, nothing changes.

    The function is called at the first signal and at each further Ctrl-C, with whether a signal came before.
    It may interrupt the running code by raising KeyboardInterrupt; for one second after that signals are
    ignored, so that the interrupted code can clean up.
    """
    interruption = Interruption(answer)
    try:
        if threading.current_thread() is threading.main_thread():
            interruption.begin()
        yield interruption
    finally:
        interruption.end()


@dataclass
class _Progress:
    """The signals received so far, in one context and those around it."""

    number: int | None = None
    interrupted: float | None = None


class Interruption:
    """The handler of the signals that ask to end."""

    def __init__(self, answer: Callable[[bool], object]) -> None:
        self.answer, self.progress = answer, _Progress()
        self.before: dict[signal.Signals, Any] = {}

    @property
    def number(self) -> int | None:
        """The first signal received, here or in a context within this one."""
        return self.progress.number

    def begin(self) -> None:
        """Replace the handlers that would end a run."""
        for number in SIGNALS:
            before = signal.getsignal(number)
            if _is_replaceable(number, before):
                self.before[number] = before
                if isinstance(before, Interruption):
                    self.progress = before.progress
                signal.signal(number, self)

    def end(self) -> None:
        """Restore the previous handlers, unless others have been set in the meantime."""
        for number, before in self.before.items():
            if signal.getsignal(number) is self:
                signal.signal(number, before)

    def ignore(self) -> None:
        """Ignore further signals until the process ends."""
        # Python drops its handlers some time before it ends, but a signal that is ignored stays ignored.
        for number in self.before:
            signal.signal(number, signal.SIG_IGN)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        again = self.progress.number is not None
        if self.progress.interrupted is not None:
            # Later ones are handled again, because an error raised in a destructor is lost.
            if time.monotonic() < self.progress.interrupted + _CLEANUP:
                return
        elif again and number != signal.SIGINT:
            # A closed terminal may send SIGHUP twice, and SIGTERM may be repeated: neither shows impatience
            # as a second Ctrl-C does.
            return
        self.progress.number = self.progress.number or number
        try:
            self.answer(again)
        except KeyboardInterrupt:
            self.progress.interrupted = time.monotonic()
            raise


def _is_replaceable(number: signal.Signals, handler: Any) -> bool:
    if isinstance(handler, Interruption):
        return True
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)  # None: not set from Python
    return bool(handler == signal.SIG_DFL)
