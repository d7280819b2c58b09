"""The losses of scikit-learn: which cost they are, and what its own form of them adds."""

from typing import Any, ClassVar

import numpy as np

from pellucid.network import Cost, Floats, costs
from pellucid.network.cost import JointForm
from pellucid.network.costs import BinaryCrossEntropy, Poisson

__all__ = ["COSTS", "LOG_LOSS", "cost_named", "limited"]


class _LimitedSigmoid(JointForm):
    """The cross-entropy of probabilities that are kept away from 0 and 1."""

    activation = "sigmoid"
    formula = r"\min\left(\max(z, 0) - y z + \ln(1 + e^{-|z|}), -\ln \epsilon\right)"

    def losses(self, z: Floats, target: Floats) -> Floats:
        values = np.maximum(z, 0) - target * z + np.log1p(np.exp(-np.abs(z)))
        limit = -float(np.log(np.finfo(z.dtype).eps))
        losses: Floats = np.sum(np.minimum(values, limit), axis=-1, dtype=z.dtype)
        return losses


class _LimitedCrossEntropy(BinaryCrossEntropy):
    """Cross-entropy as scikit-learn reports it: no probability counts as less than the machine epsilon."""

    joint: ClassVar[JointForm | None] = _LimitedSigmoid()


class _LogLink(JointForm):
    """The Poisson deviance as a function of the logarithm of the rate."""

    activation = "exp"
    formula = r"e^z - y + y (\ln y - z)"

    def losses(self, z: Floats, target: Floats) -> Floats:
        tiny = np.finfo(z.dtype).tiny
        values = np.exp(z) - target + target * (np.log(np.maximum(target, tiny)) - z)
        losses: Floats = np.sum(values, axis=-1, dtype=z.dtype)
        return losses


class _PoissonDeviance(Poisson):
    """Half the Poisson deviance with its canonical output, exp."""

    joint = _LogLink()


LOG_LOSS = {"softmax": costs.get("sparse_categorical_cross_entropy"), "sigmoid": _LimitedCrossEntropy()}
COSTS: dict[str, Cost] = {
    "squared_error": costs.get("mean_squared_error"),
    "poisson": _PoissonDeviance(),
    "absolute_error": costs.get("mean_absolute_error"),
}


def cost_named(loss: str | Cost) -> Cost:
    """Return the cost of a loss of scikit-learn's, or one of Pellucid's own.

    Examples
    --------
    >>> cost_named("squared_error").name, cost_named("huber:delta=2").name
    ('mean_squared_error', 'huber')
    """
    return COSTS.get(loss) or costs.get(loss) if isinstance(loss, str) else costs.get(loss)


def limited(losses: Floats, cost: Cost) -> Any:
    """Return the losses of examples in float64, as scikit-learn reports them.

    Its log loss takes no probability for less than the machine epsilon.

    Examples
    --------
    >>> limited(np.array([1.0, 50.0]), LOG_LOSS["softmax"]).round(2)
    array([ 1.  , 36.04])
    """
    if cost is LOG_LOSS["softmax"]:
        epsilon = float(np.finfo(losses.dtype).eps)
        return np.clip(losses.astype(np.float64), -np.log1p(-epsilon), -np.log(epsilon))
    return losses.astype(np.float64)
