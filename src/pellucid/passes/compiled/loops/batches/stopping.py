"""Stopping in the middle of an update that nothing has followed yet.

Whether one is begun or given up is noted for all threads, in a place that none of them writes to any more
when they read it: one for the run, one for the way forward and back, one for gradients that are added up.
"""

from pellucid.passes.compiled.primitives.intrinsics import load_int, store_int
from pellucid.passes.compiled.primitives.numba_code import part_of_loop

__all__ = ["ADDING_UP", "CARRYING", "GOING_ON", "halted"]

# Where it is noted: far enough apart for a line of the cache each.
GOING_ON, CARRYING, ADDING_UP = 0, 8, 16


@part_of_loop
def halted(run, during):
    """Tell whether the run is to stop; the update that is being worked out is then made by no thread."""
    if load_int(run.stop, 0) == 0:
        return False
    store_int(run.status, during, 0)
    return True
