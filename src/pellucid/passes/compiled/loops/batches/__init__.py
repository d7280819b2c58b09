"""The loop over mini-batches."""

from pellucid.passes.compiled.loops.batches.loop import write_batches

__all__ = ["write_batches"]
