"""The passes in plain NumPy, every intermediate kept: what they are is said here."""

from pellucid.passes.reference.backward import backward
from pellucid.passes.reference.forward import forward, predict, predict_with_losses
from pellucid.passes.reference.trace import Trace

__all__ = ["Trace", "backward", "forward", "predict", "predict_with_losses"]
