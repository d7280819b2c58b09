"""The loss at each rate of a range test, corrected for the difficulty of its examples."""

import math

import numpy as np

from pellucid.network import Floats

__all__ = ["LossCurve"]

# The decay of the running average of the losses, per rate.
_KEEP = 0.8
# The loss has diverged if it has risen by this many times what it was, or had fallen by.
_BLOWN_UP = 4.0
# A rate at which the loss has fallen to within this share of the whole fall is as good as the lowest: from
# there on the curve is flat, and its minimum is chance.
_NEARLY = 0.1
# A fall of fewer standard errors than this is noise.
_SURE = 2.0


class LossCurve:
    r"""The mean loss at each rate, smoothed, as it would be if all rates were tried on the same examples.

    The untrained network's losses on the same examples show how hard they are. With the running averages
    :math:`\bar a` of the losses at a rate and :math:`\bar b` of the untrained network's, and its mean loss
    :math:`b` on all examples, the loss is estimated as

    .. math::
        \bar a - \frac{\operatorname{cov}(a, b)}{\operatorname{var}(b)} (\bar b - b).

    References
    ----------
    Cochran 1977, Sampling techniques, chapter 7: regression estimators
    """

    def __init__(self) -> None:
        self._means: list[Floats] = []  # of the losses after and before, smoothed
        self._covariances: list[Floats] = []  # of these means, shape (2, 2)
        self._before: list[float] = []
        self._mean, self._covariance, self._left = np.zeros(2), np.zeros((2, 2)), 1.0

    def take(self, after: Floats, before: Floats) -> bool:
        """Add each example's loss at a rate, and the untrained network's, both of shape (n,).

        Return whether larger rates are worth trying; if not, nothing is added.
        """
        both, n = np.stack([after, before]), len(after)
        apart = both - both.mean(axis=1, keepdims=True)
        self._left *= _KEEP
        self._mean = _KEEP * self._mean + (1 - _KEEP) * both.mean(axis=1)
        own = apart @ apart.T / (n * max(n - 1, 1))
        self._covariance = _KEEP**2 * self._covariance + (1 - _KEEP) ** 2 * own
        if not np.isfinite(self._mean).all():
            return False
        self._means.append(self._mean / (1 - self._left))
        self._covariances.append(self._covariance / (1 - self._left) ** 2)
        self._before.append(float(before.mean()))
        usual, costs = self.untrained, self.costs
        if costs[-1] - usual > _BLOWN_UP * max(abs(usual), usual - min(costs)):
            del self._means[-1], self._covariances[-1], self._before[-1]
            return False
        return True

    @property
    def untrained(self) -> float:
        """The untrained network's mean loss."""
        return float(np.mean(self._before))

    @property
    def costs(self) -> list[float]:
        """The mean loss at each rate."""
        usual, costs = self.untrained, []
        for (after, before), covariance in zip(self._means, self._covariances, strict=True):
            slope = covariance[0, 1] / covariance[1, 1] if covariance[1, 1] > 0 else 0.0
            costs.append(float(after - slope * (before - usual)))
        return costs

    @property
    def fall(self) -> tuple[float, float]:
        """The fall of the loss from the untrained network's to the lowest, and its standard error.

        Both are of the examples behind the lowest loss, each compared with itself.
        """
        lowest = int(np.argmin(self.costs))
        after, before = self._means[lowest]
        (own, shared), (_, untrained) = self._covariances[lowest]
        return float(before - after), math.sqrt(max(own - 2 * shared + untrained, 0.0))

    @property
    def has_fallen(self) -> bool:
        """Whether the loss has fallen by more than chance."""
        fall, error = self.fall
        return fall > _SURE * error

    @property
    def knee(self) -> int:
        """The index of the first rate at which nearly all of the fall is reached."""
        costs = self.costs
        enough = min(costs) + _NEARLY * max(self.untrained - min(costs), 0.0)
        return next(place for place, cost in enumerate(costs) if cost <= enough)
