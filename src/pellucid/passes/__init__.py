"""How numbers flow through a network: forward to the prediction, back to the gradients."""

from pellucid.passes.engines import engine
from pellucid.passes.outputs import predict, predict_with_losses

__all__ = ["engine", "predict", "predict_with_losses"]
