"""How numbers flow through a network: forward to the prediction, back to the gradients."""
