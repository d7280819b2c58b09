"""A call's frame: where a loop puts what a program takes, and at which distances.

A frame lies in a thread's own memory and is filled anew for each call: the addresses of the arrays, the
distances of their rows in numbers, and the plain numbers, each in its slot. Which array has which slot is
said by the program's signature (`tracing.signatures`) and nowhere else.
"""

__all__ = ["FRAME_BYTES", "MOST_ARRAYS", "MOST_NUMBERS", "NUMBERS", "NUMBERS_BYTES", "STRIDES"]

# The number of slots. An optimizer that keeps six numbers for each weight takes fifteen arrays.
MOST_ARRAYS, MOST_NUMBERS = 16, 16

_SLOT_BYTES = 8
# Addresses come first; strides and numbers begin so many bytes behind them.
STRIDES = _SLOT_BYTES * MOST_ARRAYS
NUMBERS = STRIDES + _SLOT_BYTES * MOST_ARRAYS
NUMBERS_BYTES = _SLOT_BYTES * MOST_NUMBERS
FRAME_BYTES = NUMBERS + NUMBERS_BYTES
