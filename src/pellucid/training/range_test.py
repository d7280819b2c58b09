"""The learning rate range test: a learning rate to start with, found by trying many in one short run."""

import math
from dataclasses import dataclass

import numpy as np

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError
from pellucid.network import Cost, Floats, Network
from pellucid.number import check_number
from pellucid.training.checks import check_learnable
from pellucid.training.clipping import Clipping
from pellucid.training.config import TrainingConfig
from pellucid.training.loss_curve import LossCurve
from pellucid.training.optimizer import Solver
from pellucid.training.optimizers import optimizers
from pellucid.training.regularisation import Regularisation
from pellucid.training.trainer import Trainer
from pellucid.training.weighting import ClassWeight

__all__ = ["RangeTest", "find_learning_rate"]

# Each rate is tried on at least this many examples, so that their mean loss is meaningful.
_EXAMPLES = 256
# Where nearly all of the fall is reached, the loss is about to rise: suggest a rate this much smaller.
_BELOW = 3.0


@dataclass(frozen=True)
class RangeTest:
    """The result of a range test.

    Parameters
    ----------
    rates, costs : list of float
        The rates that were tried, each larger than the one before, and the mean loss at each: smoothed, and
        as it would be if every rate were tried on the same examples, so that easy or hard batches do not
        matter; the first is about the untrained network's.
    suggestion : float
        A learning rate to start with: a third of the first one at which the loss has gone nine tenths of
        the way from the untrained network's to its minimum.
    """

    rates: list[float]
    costs: list[float]
    suggestion: float

    def __str__(self) -> str:
        """Return the curve as text, one line per rate, and the suggestion."""
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
    optimizer: str | Solver = "sgd",
    batch_size: int = 1,
    regularisation: Regularisation | None = None,
    clipping: Clipping | None = None,
    class_weight: ClassWeight | None = None,
    least: float = 1e-6,
    most: float = 10.0,
    n_rates: int = 50,
    seed: int = 0,
) -> RangeTest:
    """Train a copy of a network briefly with an increasing learning rate, and suggest one.

    The rate is good where the loss falls fastest, and too large where it rises. The loss of each example is
    compared with the untrained network's loss on it.

    Parameters
    ----------
    network : Network
        Not changed.
    data : Dataset
        Used in random order, repeatedly if it is too small.
    cost, optimizer, batch_size, regularisation, clipping, class_weight, seed
        As for `train`; sample weights in the data are used too.
    least, most : float
        The smallest and the largest rate.
    n_rates : int
        The number of rates to try, 10 or more.

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
    if rule.full_batch:
        raise ConfigurationError(
            f"{rule.name} learns from all examples at once, so rates cannot be tried batch by batch",
            expected="another optimizer",
            received=rule.name,
        )
    least = check_number(least, "least", above=0)
    most = check_number(most, "most", above=least)
    n_rates = check_number(n_rates, "n_rates", at_least=10, whole=True)
    check_learnable(network)
    settings = TrainingConfig(
        batch_size=batch_size,
        epochs=n_rates,  # more than there can be
        optimizer=rule,
        regularisation=regularisation or Regularisation(),
        clipping=clipping or Clipping(),
        seed=seed,
    )
    # The same updates twice: at a rate of 0, the untrained network gets the same noise and dropout.
    learning, waiting = (
        Trainer(
            *(network.copy(), data, settings),
            cost=cost,
            class_weight=class_weight,
            measure_every=None,
            check_updates=True,
        )
        for _ in range(2)
    )
    rates: list[float] = []
    curve = LossCurve()
    for rate in np.geomspace(least, most, n_rates).tolist():
        before, after = _losses(waiting, 0.0), _losses(learning, rate)
        if before is None or after is None or not curve.take(after, before):
            break
        rates.append(rate)
    if not rates:
        raise ConfigurationError(
            "the loss is not finite at the smallest rate",
            expected="a rate at which the network learns",
            received=f"least={least:g}",
            remedy="a smaller `least`, or another initializer",
        )
    if not curve.has_fallen:
        fall, error = curve.fall
        raise ConfigurationError(
            "no learning rate can be suggested: at none does the loss fall by more than chance",
            expected="a loss that falls clearly below the untrained network's at some rate",
            received=f"a fall of {fall:.3g} ± {2 * error:.2g} from {curve.untrained:.4g}, at rates from"
            f" {rates[0]:.2g} to {rates[-1]:.2g}",
            remedy="start with the optimizer's usual rate, or try a larger batch size; for targets with"
            " outliers, predict the logarithm, or use the cost huber",
        )
    return RangeTest(rates, curve.costs, rates[curve.knee] / _BELOW)


def _losses(trainer: Trainer, rate: float) -> Floats | None:
    """Train at a rate; return each example's weighted loss before its update, None if it is not finite.

    The last batch of an epoch is also the last one at a rate.
    """
    trainer.update(math.ceil(_EXAMPLES / trainer.batch_size), learning_rate=rate)
    if trainer.stopped:
        return None
    losses: Floats = trainer.losses.astype(np.float64)
    weights = trainer.data.train.weights
    return losses if weights is None else losses * weights[trainer.rows]
