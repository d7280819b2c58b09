"""The forward pass: inputs to outputs."""

from collections.abc import Container, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError
from pellucid.network import Floats, Network, Objective
from pellucid.passes.reference.trace import Trace

__all__ = ["as_rows", "forward", "predict", "predict_with_losses"]

# Predictions process this many rows at a time, because the widest layer of a whole set may not fit memory.
_ROWS_AT_A_TIME = 4096
# Inputs of these dtypes are converted to the network's only when they are needed.
_STORED = {np.dtype(kind) for kind in ("uint8", "float32", "float64")}


def forward(
    network: Network, x: Floats, masks: Sequence[Floats | None] = (), *, learning: bool = False
) -> Trace:
    r"""Pass examples through the network and keep all weighted sums and outputs.

    For each layer in turn, :math:`z_l = W_l a_{l-1} + b_l` and :math:`a_l = f_l(z_l)`, with
    :math:`a_0 = x`; an example is a row, so the rows are multiplied from the left. In a
    layer with a normalisation the weighted sums are :math:`s_l`, and :math:`z_l` are the normalised ones.

    Parameters
    ----------
    network : Network
    x : array of float, shape (n_examples, n_in) or (n_in,)
        Examples as rows, or a single example.
    masks : sequence of arrays or None
        The factors of the inputs and of each hidden layer's outputs, as in dropout: one for each layer of the
        network, shape (n_examples, n_in) of that layer, or None. By default there are none.
    learning : bool
        Whether the pass is for training: batch normalisation then uses the statistics of the batch, not the
        running statistics.

    Returns
    -------
    Trace
        With ``z`` and ``a`` filled.

    Raises
    ------
    DataError
        If the examples are not numbers, or do not have one for each input of the network.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Network
    >>> trace = forward(Network([4, 2, 3], output="sigmoid"), np.ones(4))
    >>> trace["z1"].shape, trace["a2"].shape
    ((1, 2), (1, 3))
    """
    x = as_rows(network, x)
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


def predict(network: Network, x: Any, *, scale: float = 1.0) -> Floats:
    """Pass examples through the network and return the outputs.

    Parameters
    ----------
    network : Network
    x : array of numbers, shape (n_examples, n_in) or (n_in,)
    scale : float
        The factor of x at the network's input.

    Returns
    -------
    array of the network's dtype, shape (n_examples, n_out)

    Raises
    ------
    DataError
        As for `forward`.
    """
    parts = [trace.a[-1] for trace in _in_parts(network, as_rows(network, x, _STORED), scale)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def predict_with_losses(
    network: Network, x: Any, objective: Objective, target: Any, *, scale: float = 1.0
) -> tuple[Floats, Floats]:
    """Pass examples through the network and return their outputs and losses.

    Parameters
    ----------
    network, x, scale
        As for `predict`.
    objective : Objective
        The output layer's activation with its cost.
    target : array, shape (n_examples, n_out), or (n_examples,) for class numbers

    Returns
    -------
    array of the network's dtype, shape (n_examples, n_out)
        The outputs.
    array of the network's dtype, shape (n_examples,)
        The losses.

    Raises
    ------
    DataError
        As for `forward`, or if there is not one target for each output of each example.
    """
    outputs, z = [], []
    for trace in _in_parts(network, as_rows(network, x, _STORED), scale):
        outputs.append(trace.a[-1])
        z.append(trace.z[-1])
    a = np.concatenate(outputs)
    return a, objective.losses(np.concatenate(z), a, target)


def _in_parts(network: Network, rows: NDArray[Any] | SparseRows, scale: float) -> Iterator[Trace]:
    for start in range(0, max(1, len(rows)), _ROWS_AT_A_TIME):
        part: Any = rows[start : start + _ROWS_AT_A_TIME]
        if isinstance(part, SparseRows):
            part = part.dense(network.dtype)
        part = part.astype(network.dtype, copy=False)
        yield forward(network, part if scale == 1.0 else part * network.dtype.type(scale))


def as_rows(network: Network, x: Any, kinds: Container[np.dtype[Any]] = ()) -> Any:
    """Return examples as rows of numbers that fit a network.

    Parameters
    ----------
    network : Network
    x : array of numbers, shape (n_examples, n_in) or (n_in,), or SparseRows
    kinds : container of numpy dtypes
        These dtypes are kept, and sparse rows if there are any; others are converted to the network's.

    Returns
    -------
    array of numbers, shape (n_examples, n_in), or SparseRows

    Raises
    ------
    DataError
        If the examples are not numbers, or do not have one for each input of the network.
    """
    try:
        if isinstance(x, SparseRows):
            rows: Any = x if kinds else x.dense(network.dtype)
        else:
            x = np.asarray(x)
            rows = x if x.ndim == 2 else x.reshape(1, -1)
            if rows.dtype not in kinds:
                rows = rows.astype(network.dtype, copy=False)
    except (TypeError, ValueError) as error:
        raise DataError(
            "the examples are not numbers",
            expected="an array of numbers, one row per example",
            received=str(error),
        ) from None
    n_in = network.layers[0].n_in
    if rows.shape[1] != n_in:
        raise DataError(
            "the examples do not fit the network",
            expected=f"{n_in} numbers per example",
            received=f"{rows.shape[1]}",
            remedy="pass one row per example, with the columns that the network was made for",
        )
    return rows
