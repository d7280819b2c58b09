"""Learning by searching along lines: L-BFGS, through SciPy."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.judge import pieces
from pellucid.network import Floats, Network
from pellucid.passes.reference import backward, forward
from pellucid.training.updates import Updates

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["search"]

Flat = NDArray[np.float64]


def search(run: "Trainer", updates: Updates, targets: Any, go_on: Callable[[], bool]) -> None:
    """Lower the cost of all training examples by L-BFGS, an iteration an epoch.

    Parameters
    ----------
    run : Trainer
        Its network is changed.
    updates : Updates
        Knows the penalties.
    targets : array
        What the cost takes, of all training examples.
    go_on : callable
        Called after each iteration with the network as it is then; tells whether there is to be another.

    References
    ----------
    Byrd, Lu, Nocedal and Zhu 1995, https://doi.org/10.1137/0916069
    """
    from scipy.optimize import minimize  # 24 MiB and a tenth of a second, for this one optimizer

    network, n = run.network, len(run.data.train)
    # It ends where a step gains too small a share of the cost, whatever constant is added to that.
    least = run.least["train"] if math.isfinite(run.least["train"]) else 0.0

    def cost_and_slopes(flat: Flat) -> tuple[float, Flat]:
        run.progress.examples = 0
        _put(network, flat)
        cost, slopes = updates.descent.penalty(), np.zeros_like(flat)
        for rows in pieces(n):
            examples = run.data.train.take(rows)
            share = len(examples) / n
            trace = forward(network, examples.rows(slice(None), network.dtype), learning=True)
            backward(trace, targets[rows], run.judge.objective, examples.weights)
            cost += share * trace.loss
            slopes += share * _flat(
                [gradient for of_layer in trace.gradients for gradient in of_layer.values()]
            )
            run.progress.examples += len(examples)
        return cost - least, slopes + _flat(updates.descent.penalty_slopes())

    def after(flat: Flat) -> None:
        _put(network, flat)
        if not go_on():
            raise StopIteration

    memory = int(run.settings.optimizer.parameters["memory"])
    minimize(
        cost_and_slopes,
        _flat(network.parameters.values()),
        jac=True,
        method="L-BFGS-B",
        callback=after,
        options={"maxiter": run.settings.epochs, "maxfun": 10**9, "maxcor": memory},
    )


def _flat(arrays: Iterable[Floats]) -> Flat:
    """Lay parameters, or their slopes, in a row."""
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)


def _put(network: Network, flat: Flat) -> None:
    """Give a network the parameters that lie in a row."""
    start = 0
    for array in network.parameters.values():
        array[...] = flat[start : start + array.size].reshape(array.shape)
        start += array.size
