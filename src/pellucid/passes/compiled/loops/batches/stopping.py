"""Stopping in the middle of an update, as long as it has changed nothing.

Whether an update begins or is given up is noted in the run's status for all threads. There is a place for
each phase, which no thread writes to any more when the others read it: one for the run, one for the way
forward and back, one for gradients that are added up.
"""

from pellucid.passes.compiled.memory.layout import LINE_INTS
from pellucid.passes.compiled.primitives.intrinsics import load_int, store_int
from pellucid.passes.compiled.primitives.numba_code import part_of_loop

__all__ = ["ADDING_UP", "CARRYING", "GOING_ON", "halted"]

# The places, each on a cache line of its own.
GOING_ON, CARRYING, ADDING_UP = range(0, 3 * LINE_INTS, LINE_INTS)


@part_of_loop
def halted(run, during):
    """Return whether the run is to stop; if so, no thread makes the current update."""
    if load_int(run.stop, 0) == 0:
        return False
    store_int(run.status, during, 0)
    return True
