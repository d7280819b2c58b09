"""The loop that learns in batches."""

from pellucid.passes.compiled.loops.batches.loop import write_batches

__all__ = ["write_batches"]
