"""Stopping in the middle of an update that nothing has followed yet."""

from pellucid.passes.compiled.loops import part_of_loop
from pellucid.passes.compiled.memory import load_int, store_int

__all__ = ["halted"]


@part_of_loop
def halted(run):
    """Tell whether the run is to stop; the update that is being worked out is then made by no thread."""
    if load_int(run.stop, 0) == 0:
        return False
    store_int(run.sound, 8, 0)
    return True
