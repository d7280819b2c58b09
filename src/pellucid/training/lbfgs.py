"""Training by L-BFGS, through SciPy: a line search by the cost of all training examples."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.network import Floats, Network
from pellucid.training.updates import Updates
from pellucid.training.updates.choose import ROWS
from pellucid.training.updates.state import arrays_by_name

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["CostOfAll", "lbfgs"]

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

    # The lowest cost that these targets allow.
    least = run.measuring.least["train"]
    least = least if math.isfinite(least) else 0.0
    cost = CostOfAll(run.network, run.updates, run.data.train, run.targets, least=least)
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


class CostOfAll:
    """The cost of all training examples and its gradient, as a function of the flattened weights.

    Parameters
    ----------
    network : Network
        Gets the weights that are tried.
    updates : Updates
        Those of a line search, which only add up gradients.
    examples : Examples
    targets : array
        As the cost takes them.
    divisor : float, optional
        What the sum of the examples' losses is divided by, and penalties in proportion to the number of
        examples; by default that number.
    least : float
        Left out of the cost: the search ends when the relative fall of the cost is small, so that a constant
        in it must not count.
    as_reported : callable, optional
        Returns the losses that count, from those of the cost.
    """

    def __init__(
        self,
        network: Network,
        updates: Updates,
        examples: Examples,
        targets: Any,
        *,
        divisor: float | None = None,
        least: float = 0.0,
        as_reported: Callable[[Floats], Flat] | None = None,
    ) -> None:
        self.network, self.updates, self.examples, self.least = network, updates, examples, least
        n = len(examples)
        batch = min(ROWS, n)
        self.divisor, self.as_reported = divisor or float(n), as_reported or _as_float64
        self.order = np.arange(n)
        # Each gradient is a mean over its batch.
        self.shares = np.diff(np.append(np.arange(0, n, batch), n)) / self.divisor
        self.updates.learn_from(examples, targets, batch)
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
        losses = self.as_reported(updates.losses)
        if self.examples.weights is not None:
            losses = losses * self.examples.weights
        # Each of the gradients has the penalties' too.
        penalty = updates.rule.penalty(self.network) * len(losses) / self.divisor
        cost = float(losses.sum()) / self.divisor + penalty - self.least
        sums = (array for name, array in updates.state().items() if name.startswith("optimizer."))
        return cost, _flat(sums)

    def weights(self) -> Flat:
        """Return the current weights, flattened."""
        return _flat(self.network.parameters.values())

    def put(self, flat: Flat) -> None:
        """Set the network's weights from a flat array."""
        for array, weights in zip(self.network.parameters.values(), self.unpacked(flat), strict=True):
            array[...] = weights

    def unpacked(self, flat: Flat) -> list[Flat]:
        """Return a flat array in parts, of the shapes of the network's arrays."""
        shapes = [array.shape for array in self.network.parameters.values()]
        ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
        return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]


def _as_float64(losses: Floats) -> Flat:
    return losses.astype(np.float64)


def _flat(arrays: Iterable[Floats]) -> Flat:
    """Return arrays flattened into one."""
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
