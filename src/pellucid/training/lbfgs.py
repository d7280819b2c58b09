"""Training by L-BFGS, through SciPy: a line search by the cost of all training examples."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.network import Floats
from pellucid.training.updates.choose import ROWS
from pellucid.training.updates.state import arrays_by_name

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["lbfgs"]

Flat = NDArray[np.float64]


class _Stopped(Exception):  # noqa: N818 # an event, not an error
    """The stop flag was set while the cost was being computed."""


def lbfgs(run: "Trainer", go_on: Callable[[], bool]) -> None:
    """Minimise the cost of all training examples by L-BFGS, one iteration per epoch.

    If the stop flag is set in the middle of an iteration, the weights of the last finished one are kept.

    After each iteration, when the network has its weights, `go_on` returns whether to continue.

    References
    ----------
    Byrd, Lu, Nocedal and Zhu 1995, https://doi.org/10.1137/0916069
    """
    from scipy.optimize import minimize  # 24 MiB and a tenth of a second, for this one solver

    cost = _Cost(run)
    last = cost.weights()

    def after(flat: Flat) -> None:
        nonlocal last
        last = flat.copy()
        cost.put(last)
        if not go_on():
            raise StopIteration

    asked = run.config.optimizer.parameters
    options = {
        "maxiter": run.config.epochs,
        "maxcor": int(asked["memory"]),
        "maxfun": int(asked["max_fun"]),
        "gtol": asked["gtol"],
        "ftol": asked["ftol"],
    }
    try:
        found = minimize(cost, last, jac=True, method="L-BFGS-B", callback=after, options=options)
        if found.nfev >= options["maxfun"]:
            run.stopped = run.stopped or "max_fun"
    except _Stopped:
        run.stopped = run.stopped or "interrupted"
    cost.put(last)  # the line search may end at weights it has only tried


class _Cost:
    """The cost of all training examples and its gradient, as a function of the flattened weights."""

    def __init__(self, run: "Trainer") -> None:
        # The updates of L-BFGS only add up gradients.
        self.network, self.updates, self.examples = run.network, run.updates, run.data.train
        # The search ends when the relative fall of the cost is small: a constant in it must not count.
        least = run.measuring.least["train"]
        self.least = least if math.isfinite(least) else 0.0
        n = len(self.examples)
        batch = min(ROWS, n)
        self.order = np.arange(n)
        self.shares = np.diff(np.append(np.arange(0, n, batch), n)) / n
        self.updates.learn_from(self.examples, run.targets, batch)
        self.start = self.updates.state()

    def __call__(self, flat: Flat) -> tuple[float, Flat]:
        """Return the cost and its gradient."""
        updates = self.updates
        self.put(flat)
        updates.load_state(self.start | arrays_by_name(self.network))  # no gradient is added up yet
        updates.begin(self.order, self.shares)
        if updates.learn(0, len(self.shares)) < len(self.shares):
            if updates.flags.stop:
                raise _Stopped
            return math.nan, np.full_like(flat, math.nan)
        losses = updates.losses.astype(np.float64)
        if self.examples.weights is not None:
            losses *= self.examples.weights
        cost = float(losses.sum()) / len(losses) + updates.rule.penalty(self.network) - self.least
        sums = (array for name, array in updates.state().items() if name.startswith("optimizer."))
        return cost, _flat(sums)

    def weights(self) -> Flat:
        """Return the current weights, flattened."""
        return _flat(self.network.parameters.values())

    def put(self, flat: Flat) -> None:
        """Set the network's weights from a flat array."""
        start = 0
        for array in self.network.parameters.values():
            array[...] = flat[start : start + array.size].reshape(array.shape)
            start += array.size


def _flat(arrays: Iterable[Floats]) -> Flat:
    """Return arrays flattened into one."""
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
