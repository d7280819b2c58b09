"""What takes part in a contest, and how it says that it cannot."""

from typing import Any, Protocol

__all__ = ["Contestant", "MissingPeerError"]


class MissingPeerError(Exception):
    """A peer that is not installed, or that has no such thing as what is asked of it."""


class Contestant(Protocol):
    """One that does the work over and over.

    It is made in a process of its own, with everything that is not to be timed done in its constructor:
    data, compilation, the choice of its best number of threads, a first run.
    """

    def disagreement(self) -> float | None:
        """Give how far its numbers are from the reference's, or None where they cannot be compared."""

    def run(self) -> float:
        """Do the work once and give its time, in seconds (or what else the subject measures)."""

    def details(self) -> dict[str, Any]:
        """Say what should be known about its figures, ready for JSON."""
