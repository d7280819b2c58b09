"""The backward pass: from the loss back to every gradient."""

from typing import Any

import numpy as np

from pellucid.network import Floats, Objective
from pellucid.passes.reference.trace import Trace

__all__ = ["backward"]


def backward(trace: Trace, target: Any, objective: Objective, weights: Floats | None = None) -> Trace:
    r"""Carry the error back through the network and keep every error term and gradient.

    At the output layer :math:`\delta_L = \partial L / \partial z_L` comes from the objective; then for each
    layer, right to left,

    .. math::
        \frac{\partial L}{\partial W_l} = \delta_l a_{l-1}^T, \quad
        \frac{\partial L}{\partial b_l} = \delta_l, \quad
        \delta_{l-1} = f'_{l-1}(z_{l-1}) * W_l^T \delta_l

    Where outputs were masked on their way forward, what comes back to them is masked alike. A batch's
    gradients are the means over its examples, each as often as its weight says. All are taken at the weights
    of the forward pass; nothing is changed here.

    Parameters
    ----------
    trace : Trace
        What `forward` kept.
    target : array, shape (n_examples, n_out), or (n_examples,) for class numbers
    objective : Objective
        The output layer's activation with its cost.
    weights : array, shape (n_examples,), optional
        How much each example counts, 1 on average; all alike unless said.

    Returns
    -------
    Trace
        The same trace, with ``delta``, ``weight_gradients`` and ``bias_gradients`` filled.

    Raises
    ------
    ConfigurationError
        If a layer lets no error pass.

    References
    ----------
    Rumelhart, Hinton and Williams 1986, https://doi.org/10.1038/323533a0

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Network, costs
    >>> from pellucid.passes.reference import forward
    >>> network = Network([4, 2, 3], output="sigmoid")
    >>> objective = Objective(network.output, costs.get("mean_squared_error"))
    >>> trace = backward(forward(network, np.ones(4)), [[1, 0, 0]], objective)
    >>> trace["dL/dW1"].shape, trace["delta2"].shape
    ((2, 4), (1, 3))
    """
    layers = trace.network.layers
    delta = objective.error_term(trace.z[-1], trace.a[-1], target)
    if weights is not None:
        delta = delta * np.asarray(weights, dtype=delta.dtype)[:, None]
    deltas, weight_gradients, bias_gradients = [delta], [], []
    for number in range(len(layers) - 1, -1, -1):
        mean = delta if len(delta) == 1 else delta / len(delta)
        weight_gradients.append(_outer_sum(trace.passed_on(number), mean))
        bias_gradients.append(mean.sum(axis=0))
        if number > 0:
            slope_in_a = delta @ layers[number].weights.T
            mask = trace.masks[number] if trace.masks else None
            if mask is not None:
                slope_in_a *= mask
            delta = layers[number - 1].activation.backward(trace.z[number - 1], trace.a[number], slope_in_a)
            deltas.append(delta)
    # Only now, so that a refusal on the way leaves the trace as the forward pass made it.
    trace.target, trace.objective, trace.weights = target, objective, weights
    trace.delta = deltas[::-1]
    trace.weight_gradients, trace.bias_gradients = weight_gradients[::-1], bias_gradients[::-1]
    return trace


def _outer_sum(inputs: Floats, mean: Floats) -> Floats:
    # For a single example the sum has one term, and broadcasting is several times as fast as a product of
    # a column and a row through BLAS.
    gradient: Floats = inputs.T * mean if len(mean) == 1 else inputs.T @ mean
    return gradient
