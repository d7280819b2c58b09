"""The backward pass: from the loss back to every gradient."""

from typing import Any

import numpy as np

from pellucid.network import Floats, Objective
from pellucid.passes.reference.trace import Trace

__all__ = ["backward"]


def backward(
    trace: Trace,
    target: Any,
    objective: Objective,
    weights: Floats | None = None,
    *,
    divisor: float | None = None,
) -> Trace:
    r"""Pass the error back through the network and keep all error terms and gradients.

    At the output layer :math:`\delta_L = \partial L / \partial z_L` comes from the objective; then for each
    layer, right to left,

    .. math::
        \frac{\partial L}{\partial W_l} = \delta_l a_{l-1}^T, \quad
        \frac{\partial L}{\partial b_l} = \delta_l, \quad
        \delta_{l-1} = f'_{l-1}(z_{l-1}) * W_l^T \delta_l

    Where outputs were masked in the forward pass, their derivatives are masked in the same way. If a layer
    has a normalisation, :math:`\delta_l` first passes back through it to the weighted sums :math:`s_l`:

    .. math::
        \frac{\partial L}{\partial \gamma_l} = \delta_l * \hat s_l, \quad
        \frac{\partial L}{\partial \beta_l} = \delta_l, \quad
        \frac{\partial L}{\partial \hat s_l} = \gamma_l * \delta_l

    and the derivatives in :math:`s_l` take the place of :math:`\delta_l` in the rules above. A batch's
    gradients are the means over its examples, with their weights. All are taken at the weights of the
    forward pass; no weight is changed.

    Parameters
    ----------
    trace : Trace
        The trace of the forward pass.
    target : array, shape (n_examples, n_out), or (n_examples,) for class numbers
    objective : Objective
        The output layer's activation with its cost.
    weights : array, shape (n_examples,), optional
        The sample weights, 1 on average; by default all 1.

    divisor : float, optional
        What the gradients, summed over the examples, are divided by; by default, the number of examples.

    Returns
    -------
    Trace
        The same trace, with ``delta``, ``sum_slopes`` and all gradients filled.

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
    layers, divisor = trace.network.layers, len(trace.z[-1]) if divisor is None else divisor
    delta = objective.error_term(trace.z[-1], trace.a[-1], target)
    if weights is not None:
        delta = delta * np.asarray(weights, dtype=delta.dtype)[:, None]
    deltas, sum_slopes, gradients = [delta], [], []
    for number in range(len(layers) - 1, -1, -1):
        normaliser, of_normaliser = layers[number].normaliser, {}
        if normaliser is not None:
            standardised = trace.standardised[number]
            shares = _shares(delta, divisor)
            of_normaliser = {"gain": (shares * standardised.values).sum(axis=0), "shift": shares.sum(axis=0)}
            delta = standardised.backward(delta * normaliser.gain)
        sum_slopes.append(delta)
        shares = _shares(delta, divisor)
        of_layer = {"W": _outer_sum(trace.passed_on(number), shares), "b": shares.sum(axis=0)}
        gradients.append(of_layer | of_normaliser if of_normaliser else of_layer)
        if number > 0:
            slope_in_a = delta @ layers[number].weights.T
            mask = trace.masks[number] if trace.masks else None
            if mask is not None:
                slope_in_a *= mask
            delta = layers[number - 1].activation.backward(trace.z[number - 1], trace.a[number], slope_in_a)
            deltas.append(delta)
    # Only now, so that an error above leaves the trace as the forward pass made it.
    trace.target, trace.objective, trace.weights = target, objective, weights
    trace.delta, trace.sum_slopes, trace.gradients = deltas[::-1], sum_slopes[::-1], gradients[::-1]
    return trace


def _shares(delta: Floats, divisor: float) -> Floats:
    """Return each example's share of the gradient."""
    return delta if divisor == 1 else delta / divisor


def _outer_sum(inputs: Floats, shares: Floats) -> Floats:
    # For a single example the sum has one term, and broadcasting is several times as fast as a product of
    # a column and a row through BLAS.
    gradient: Floats = inputs.T * shares if len(shares) == 1 else inputs.T @ shares
    return gradient
