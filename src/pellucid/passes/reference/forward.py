"""The forward pass: inputs to outputs."""

from collections.abc import Sequence

import numpy as np

from pellucid.errors import DataError
from pellucid.network import Floats, Network
from pellucid.passes.reference.trace import Trace

__all__ = ["forward", "predict"]

# Predictions keep no intermediates, but a whole set's widest layer at once would; this many rows at a time.
_ROWS_AT_A_TIME = 4096


def forward(
    network: Network, x: Floats, masks: Sequence[Floats | None] = (), *, learning: bool = False
) -> Trace:
    r"""Carry examples through the network and keep every weighted sum and output.

    For each layer in turn, :math:`z_l = W_l a_{l-1} + b_l` and :math:`a_l = f_l(z_l)`, with
    :math:`a_0 = x`; an example is a row, so the rows are multiplied from the left. Of a
    layer with a normalisation the weighted sums are :math:`s_l`, and :math:`z_l` is what becomes of them.

    Parameters
    ----------
    network : Network
    x : array of float, shape (n_examples, n_in) or (n_in,)
        Examples as rows; one example may come alone.
    masks : sequence of arrays or None
        What the inputs and each hidden layer's outputs are multiplied by before they go on, as dropout does:
        one for each layer of the network, shape (n_examples, n_in) of that layer, or None. None at all unless
        said.
    learning : bool
        Whether the pass is one to learn from: a normalisation over examples then compares those of the batch
        with each other, not with the batches seen.

    Returns
    -------
    Trace
        With ``z`` and ``a`` filled.

    Raises
    ------
    DataError
        If an example has not as many numbers as the network has inputs, or what is given is none.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Network
    >>> trace = forward(Network([4, 2, 3], output="sigmoid"), np.ones(4))
    >>> trace["z1"].shape, trace["a2"].shape
    ((1, 2), (1, 3))
    """
    x = _as_rows(network, x)
    trace = Trace(network, a=[x], masks=list(masks))
    for number, layer in enumerate(network.layers):
        z: Floats = trace.passed_on(number) @ layer.weights
        z += layer.biases
        if layer.normaliser is not None:
            trace.sums[number] = z
            trace.standardised[number], z = layer.normaliser.forward(z, learning=learning)
        trace.z.append(z)
        trace.a.append(layer.activation.forward(z))
    return trace


def predict(network: Network, x: Floats) -> Floats:
    """Carry examples through the network and keep the outputs only.

    Parameters
    ----------
    network : Network
    x : array of float, shape (n_examples, n_in) or (n_in,)

    Returns
    -------
    array of the network's dtype, shape (n_examples, n_out)

    Raises
    ------
    DataError
        As for `forward`.
    """
    x = _as_rows(network, x)
    if len(x) > _ROWS_AT_A_TIME:
        parts = [
            predict(network, x[start : start + _ROWS_AT_A_TIME])
            for start in range(0, len(x), _ROWS_AT_A_TIME)
        ]
        return np.concatenate(parts)
    return forward(network, x).a[-1]


def _as_rows(network: Network, x: Floats) -> Floats:
    try:
        x = np.asarray(x)
        rows = x if x.ndim == 2 else x.reshape(1, -1)
        rows = rows if rows.dtype == network.dtype else rows.astype(network.dtype)
    except (TypeError, ValueError) as error:
        raise DataError(
            "the examples are no numbers",
            expected="an array of numbers, a row for each example",
            received=str(error),
        ) from None
    n_in = network.layers[0].n_in
    if rows.shape[1] != n_in:
        raise DataError(
            "the examples do not fit the network",
            expected=f"{n_in} numbers an example",
            received=f"{rows.shape[1]}",
            remedy="give one row for each example, with the columns that the network was made for",
        )
    return rows
