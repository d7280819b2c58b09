"""Flags in memory that Python and a running loop share."""

import numpy as np

__all__ = ["Flags"]

# Where each number stands: on a cache line of its own, with none of anybody else's.
_STOP, _DONE, _LENGTH = 8, 16, 24


class Flags:
    """Whether a loop is to stop, and how far it is."""

    def __init__(self) -> None:
        self._numbers = np.zeros(_LENGTH, np.int64)

    def _address(self, place: int) -> int:
        return int(self._numbers.ctypes.data) + place * self._numbers.itemsize

    @property
    def stop_at(self) -> int:
        """The address of the stop flag."""
        return self._address(_STOP)

    @property
    def done_at(self) -> int:
        """The address of the counter."""
        return self._address(_DONE)

    @property
    def stop(self) -> bool:
        """Whether the loop must end after the current update."""
        return bool(self._numbers[_STOP])

    @stop.setter
    def stop(self, value: bool) -> None:
        self._numbers[_STOP] = int(value)

    def ask_to_stop(self) -> None:
        """Set the stop flag."""
        self.stop = True

    @property
    def done(self) -> int:
        """The number of examples that have been learned from."""
        return int(self._numbers[_DONE])

    @done.setter
    def done(self, value: int) -> None:
        self._numbers[_DONE] = value
