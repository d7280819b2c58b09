"""The update: every weight and bias a step down its gradient."""

import numpy as np

from pellucid.passes.reference import Trace

__all__ = ["descend"]


def descend(trace: Trace, learning_rate: float) -> None:
    r"""Change all weights and biases of the traced network together.

    .. math::
        W := W - \alpha \frac{\partial L}{\partial W}, \quad b := b - \alpha \frac{\partial L}{\partial b}

    The trace holds all gradients already, each taken at the old weights; they are used up here.

    Parameters
    ----------
    trace : Trace
        What the backward pass kept.
    learning_rate : float
        :math:`\alpha`.

    Examples
    --------
    >>> from pellucid.network import Network, Objective, costs
    >>> from pellucid.passes.reference import backward, forward
    >>> network = Network([1, 1], output="identity")
    >>> network.layers[0].weights[...] = 2
    >>> objective = Objective(network.output, costs.get("mean_squared_error"))
    >>> descend(backward(forward(network, np.array([3.0])), [[0.0]], objective), learning_rate=0.1)
    >>> [f"{value:.1f}" for value in (network.layers[0].weights[0, 0], network.layers[0].biases[0])]
    ['0.2', '-0.6']
    """
    steps = zip(trace.network.layers, trace.weight_gradients, trace.bias_gradients, strict=True)
    for layer, weight_gradient, bias_gradient in steps:
        # In place: a step as large as the weights would be made anew for each example otherwise.
        np.multiply(weight_gradient, learning_rate, out=weight_gradient)
        np.multiply(bias_gradient, learning_rate, out=bias_gradient)
        layer.weights -= weight_gradient
        layer.biases -= bias_gradient
