"""The range test: which learning rate to begin with, found by trying all of them in one short run."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError
from pellucid.network import Cost, Network
from pellucid.random import permutation
from pellucid.training.alike import numbers_alike
from pellucid.training.descent import Clipping
from pellucid.training.make_updates import make_updates
from pellucid.training.optimizer import Optimizer
from pellucid.training.optimizers import optimizers
from pellucid.training.plain_number import plain_number
from pellucid.training.regularisation import Regularisation
from pellucid.training.settings import Settings
from pellucid.training.train import choose_judge
from pellucid.training.weighting import ClassWeight, example_weights, smooth

__all__ = ["RangeTest", "find_learning_rate"]

# Each rate is tried on so many examples at least, so that their mean loss tells something.
_EXAMPLES = 64
# How much of the running average of the losses each rate keeps.
_KEEP = 0.8
# A loss so many times the lowest has blown up; larger rates need not be tried.
_BLOWN_UP = 4.0
# The lowest point lies where the loss is about to rise again: the advice is so much below it.
_BELOW = 10.0


@dataclass(frozen=True)
class RangeTest:
    """What a range test found.

    Parameters
    ----------
    rates, costs : list of float
        The rates that were tried, each larger than the one before, and the mean loss at each, smoothed.
    suggestion : float
        A learning rate to begin with: a tenth of the one at which the loss was lowest.
    """

    rates: list[float]
    costs: list[float]
    suggestion: float

    def __str__(self) -> str:
        """Draw the curve, a line for each rate, and say what it suggests."""
        low, high = min(self.costs), max(self.costs[: max(1, int(np.argmin(self.costs)) + 1)])
        lines = []
        for rate, cost in zip(self.rates, self.costs, strict=True):
            share = (cost - low) / (high - low) if high > low else 0.0
            lines.append(f"{rate:9.2e}  {cost:10.4f}  {'█' * round(40 * min(max(share, 0.0), 1.0))}")
        return "\n".join([*lines, f"begin with {self.suggestion:.2g}"])


def find_learning_rate(
    network: Network,
    data: Dataset,
    *,
    cost: str | Cost | None = None,
    optimizer: str | Optimizer = "sgd",
    batch_size: int = 1,
    regularisation: Regularisation | None = None,
    clipping: Clipping | None = None,
    class_weight: ClassWeight | None = None,
    least: float = 1e-6,
    most: float = 10.0,
    n_rates: int = 50,
    seed: int = 0,
) -> RangeTest:
    """Train a copy of a network for a short while at a rate that grows from update to update.

    Where the loss falls fastest the rate is good, where it turns it is too large.

    Parameters
    ----------
    network : Network
        Not changed.
    data : Dataset
        Learned from in random order, again from the start where it is used up.
    cost, optimizer, batch_size, regularisation, clipping, class_weight, seed
        As for `train`; the weights that the data bring count too.
    least, most : float
        The first and the last rate.
    n_rates : int
        How many rates are tried, 10 or more.

    Returns
    -------
    RangeTest

    Raises
    ------
    ConfigurationError
        If a setting cannot be used, or the optimizer needs all examples at once.

    References
    ----------
    Smith 2017, Cyclical learning rates for training neural networks, https://arxiv.org/abs/1506.01186,
    section 3.3

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network
    >>> data = load_data("digits")
    >>> found = find_learning_rate(build_network(data, [32]), data, batch_size=16)
    >>> 0.01 < found.suggestion < 1
    True
    """
    rule = optimizers.get(optimizer)
    judge = choose_judge(network, data, cost)
    _check(rule, least, most, n_rates)
    settings = Settings(
        batch_size=batch_size,
        optimizer=rule,
        regularisation=regularisation or Regularisation(),
        clipping=clipping or Clipping(),
        seed=seed,
    )
    settings.check(network, len(data.train))
    targets = smooth(judge, data.train.known_targets, settings.regularisation.label_smoothing)
    counting = example_weights(data, class_weight)
    train = data.train if counting is None else replace(data.train, weights=counting)
    size = min(batch_size, len(train))
    updates = make_updates(network.copy(), judge, settings, batch=size, careful=True)
    orders = _orders(len(train), size, math.ceil(_EXAMPLES / size), seed)
    rates: list[float] = []
    costs: list[float] = []
    average, left = 0.0, 1.0
    with numbers_alike():
        updates.learn_from(train, targets, size)
        for rate in np.geomspace(least, most, n_rates).tolist():
            order = next(orders)
            n_updates = math.ceil(len(order) / size)
            updates.begin(order, np.full(n_updates, rate))
            whole = updates.learn(0, n_updates) == n_updates
            weighed = updates.losses if train.weights is None else updates.losses * train.weights[order]
            loss = float(weighed.mean(dtype=np.float64)) if whole else math.nan
            left *= _KEEP
            average = _KEEP * average + (1 - _KEEP) * loss
            smoothed = average / (1 - left)
            if not math.isfinite(smoothed) or (costs and smoothed > _BLOWN_UP * min(costs)):
                break
            rates.append(rate)
            costs.append(smoothed)
    if not rates:
        raise ConfigurationError(
            "the loss is no number at the smallest rate already",
            expected="a rate at which the network learns",
            received=f"least={least:g}",
            remedy="a smaller least rate, or another initializer",
        )
    return RangeTest(rates, costs, rates[int(np.argmin(costs))] / _BELOW)


def _check(rule: Optimizer, least: float, most: float, n_rates: int) -> None:
    if rule.full_batch:
        raise ConfigurationError(
            f"{rule.name} learns from all examples at once, so rates cannot be tried batch by batch",
            expected="another optimizer",
            received=rule.name,
        )
    first, last = plain_number(least), plain_number(most)
    if first is None or last is None or not 0 < first < last < math.inf:
        raise ConfigurationError(
            "these rates cannot be tried",
            expected="0 < least < most",
            received=f"least={least!r}, most={most!r}",
        )
    if isinstance(n_rates, bool) or not isinstance(n_rates, int) or n_rates < 10:
        raise ConfigurationError(
            f"n_rates cannot be {n_rates!r}", expected="a whole number, 10 or more", received=repr(n_rates)
        )


def _orders(n: int, size: int, n_updates: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Give the examples of so many updates, again and again, in an order drawn anew for each time through.

    The batch in which one time through ends is as small as in an epoch; it ends what is given then.
    """
    epoch, left = 0, np.empty(0, np.intp)
    while True:
        if not len(left):
            epoch += 1
            left = permutation(n, seed, "shuffle", epoch)
        yield left[: n_updates * size]
        left = left[n_updates * size :]
