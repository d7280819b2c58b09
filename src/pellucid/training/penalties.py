r"""Penalties on large weights, which are added to the cost and so to its gradient.

In the formulas :math:`\lambda` is the strength, and the sum goes over the weights of a layer.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Declaration, Registry
from pellucid.network import Floats

__all__ = ["L1", "L2", "Penalty", "penalties"]


@dataclass(frozen=True)
class Penalty(Declaration, ABC):
    """A penalty on weights, and its derivative in each of them.

    Examples
    --------
    >>> weights = np.array([3.0, -4.0])
    >>> penalties.get("l2").value(weights), penalties.get("l2").slope(weights)
    (12.5, array([ 3., -4.]))
    """

    slope_formula: ClassVar[str] = ""

    @abstractmethod
    def value(self, weights: Floats) -> float:
        """Return the penalty of weights at strength 1."""

    @abstractmethod
    def slope(self, weights: Floats) -> Floats:
        """Return its derivative in each weight at strength 1."""

    def describe(self) -> dict[str, Any]:
        """Return all that a listing shows, ready for JSON."""
        return super().describe() | {"slope": self.slope_formula}


class L1(Penalty):
    """The sum of absolute values: pulls all weights towards 0 alike, and useless ones to 0."""

    name = "l1"
    formula = r"\lambda \sum |w|"
    slope_formula = r"\lambda \operatorname{sign}(w)"
    source = "Tibshirani 1996, https://doi.org/10.1111/j.2517-6161.1996.tb02080.x"

    def value(self, weights: Floats) -> float:
        return float(np.abs(weights).sum(dtype=np.float64))

    def slope(self, weights: Floats) -> Floats:
        return np.sign(weights)


class L2(Penalty):
    """Half the sum of squares: pulls large weights most."""

    name = "l2"
    formula = r"\frac{\lambda}{2} \sum w^2"
    slope_formula = r"\lambda w"
    source = "Hoerl and Kennard 1970, https://doi.org/10.1080/00401706.1970.10488634"

    def value(self, weights: Floats) -> float:
        return 0.5 * float(np.square(weights).sum(dtype=np.float64))

    def slope(self, weights: Floats) -> Floats:
        return weights


penalties: Registry[Penalty] = Registry("penalty", Penalty, [L1, L2])
