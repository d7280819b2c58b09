"""The weights before any learning, drawn as scikit-learn draws them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pellucid.network import Floats

__all__ = ["first_weights"]


def first_weights(
    sizes: Sequence[int], activation: object, random_state: np.random.RandomState, dtype: "np.dtype[Any]"
) -> tuple[list[Floats], list[Floats]]:
    r"""Return weights and biases, uniform within :math:`\pm\sqrt{6 / (n_{in} + n_{out})}`, layer by layer.

    With the logistic activation the bound is :math:`\sqrt{2 / (n_{in} + n_{out})}`.

    References
    ----------
    Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html

    Examples
    --------
    >>> first_weights([2, 1], "relu", np.random.RandomState(0), np.dtype("float32"))
    ([array([[0.13806544],
           [0.60864747]], dtype=float32)], [array([0.2906587], dtype=float32)])
    """
    coefs, intercepts = [], []
    for n_in, n_out in pairwise(sizes):
        bound = np.sqrt((2.0 if activation == "logistic" else 6.0) / (n_in + n_out))
        coefs.append(random_state.uniform(-bound, bound, (n_in, n_out)).astype(dtype, copy=False))
        intercepts.append(random_state.uniform(-bound, bound, n_out).astype(dtype, copy=False))
    return coefs, intercepts
