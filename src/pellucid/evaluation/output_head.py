"""The output head: converts targets to what the cost takes, and outputs to predictions."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Target, ValueTarget
from pellucid.errors import ConfigurationError, DataError
from pellucid.network import Cost, Floats, Interval, Network, Objective, costs

__all__ = ["OutputHead"]


class OutputHead:
    """Convert targets to what the cost takes, and the network's outputs to predictions.

    Parameters
    ----------
    target : ClassTarget, LabelTarget or ValueTarget
        The meaning of the targets.
    network : Network
        The network with the outputs.
    cost : Cost
        The cost of the outputs.

    Raises
    ------
    ConfigurationError
        If the cost does not suit the output layer's activation or the task, or the outputs sum to one and the
        labels are independent.
    DataError
        If the number of outputs does not match the target.
    """

    def __init__(self, target: Target, network: Network, cost: Cost) -> None:
        if not cost.suits(target.task):
            fitting = [other.name for other in costs if other.suits(target.task)]
            raise ConfigurationError(
                f"the cost {cost.name} is for {cost.task}, not for {target.task}",
                expected=f"a cost for {target.task}",
                received=cost.name,
                remedy=f"choose one of {', '.join(fitting)}, or --task {cost.task} (task={cost.task!r})",
            )
        self.objective = Objective(network.output, cost)
        self.cost = cost
        self.n_outputs = network.sizes[-1]
        self.dtype = network.dtype
        self.target = _within_reach(target, network, cost) if isinstance(target, ValueTarget) else target
        self.spread = target.spread if isinstance(target, ValueTarget) else np.ones(1)
        self._check_outputs()

    def _check_outputs(self) -> None:
        target, output = self.target, self.objective.activation
        if output.sums_to_one and not target.shares:
            raise ConfigurationError(
                f"the outputs of {output.name} sum to one, but labels are independent of one another",
                expected="an output layer with independent outputs, such as sigmoid",
                received=output.name,
                remedy="use sigmoid for the output layer; if each example has exactly one label, the task is "
                "classification",
            )
        fitting = set(target.fitting_outputs)
        if output.sums_to_one or self.cost.takes_class_numbers:
            fitting = {max(fitting)}
        if self.n_outputs not in fitting:
            raise DataError(
                "the output layer does not match the target",
                expected=f"{' or '.join(map(str, sorted(fitting)))} output neurons for {target.aim}",
                received=f"{self.n_outputs}",
                remedy="change the number of output neurons",
            )

    def check(self, targets: Any) -> None:
        """Check that targets are valid for the cost and within the range of the output layer.

        Raises
        ------
        DataError
        """
        if not isinstance(self.target, ValueTarget):
            self.cost.check_targets(self.prepare(targets))
            return
        self.cost.check_targets(targets)
        reach = self.objective.activation.range
        low, high = reach.low * self.target.scale, reach.high * self.target.scale
        wrong = ((targets < low) | (targets > high)).any(axis=0)
        if wrong.any():
            k = int(wrong.argmax())
            raise DataError(
                f"some targets are outside the range of {self.objective.activation.name}",
                expected=f"targets in {replace(reach, low=low[k], high=high[k])}",
                received=f"{targets[:, k].min():g} to {targets[:, k].max():g}",
                remedy="use identity for the output layer, or scale the targets",
            )

    def prepare(self, targets: Any) -> Any:
        """Convert stored targets to what the cost takes.

        Parameters
        ----------
        targets : array of int, shape (n,), or array of bool or float, shape (n, k)
            Class numbers, answers to labels, or values in original units.

        Returns
        -------
        array
            Class numbers for a sparse cost, otherwise shape (n, n_outputs) in the network's dtype.

        Raises
        ------
        DataError
            If a value is not finite in that dtype.
        """
        if self.cost.takes_class_numbers:
            return targets
        with np.errstate(over="ignore"):
            ready = self.target.matrix(targets, self.n_outputs, self.dtype)
        if isinstance(self.target, ValueTarget) and not np.isfinite(ready).all():
            raise DataError(
                "a target is too large",
                expected=f"targets of the size of the training targets, in {self.dtype}",
                received=f"{targets[~np.isfinite(ready).all(axis=1)].flat[0]:g}",
                remedy="correct the row, or remove it",
            )
        return ready

    def answers(self, outputs: Floats) -> Any:
        """Convert outputs to predictions.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)

        Returns
        -------
        array of int, shape (n,), or array of bool or float64, shape (n, k)
            The class with the highest output (with one output: whether it exceeds the cost's threshold),
            whether the output of each label exceeds the threshold, or values in original units.
        """
        return self.target.answers(outputs, self.cost.threshold)

    def confidence(self, outputs: Floats, answers: NDArray[Any]) -> Floats:
        """Return the confidence of the outputs in predicted classes or answers.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)
        answers : array of int, shape (n,), or array of bool, shape (n, n_outputs)
            The predictions.

        Returns
        -------
        array of float, shape as the answers
            The output of the predicted class. A single output counts as the probability of yes, the second
            class, if the activation is within [0, 1], otherwise by its distance from the threshold.
        """
        if answers.ndim == 1 and self.n_outputs > 1:
            chosen: Floats = outputs[np.arange(len(outputs)), answers]
            return chosen
        said = outputs.reshape(answers.shape)
        if self.objective.activation.range.within(Interval(0, 1, closed_low=True, closed_high=True)):
            return np.where(answers == 1, said, 1 - said)
        distance: Floats = np.abs(said - self.cost.threshold)
        return distance

    def scores(self, outputs: Floats) -> Floats | None:
        """Return the scores of the second of two classes; None for other targets.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)

        Returns
        -------
        array of float, shape (n,), or None
            The output of the second class, minus that of the first if they do not sum to one.
        """
        if self.target.n_classes != 2:
            return None
        if self.n_outputs == 1 or self.objective.activation.sums_to_one:
            return outputs[:, -1]
        return outputs[:, 1] - outputs[:, 0]


def _within_reach(target: ValueTarget, network: Network, cost: Cost) -> ValueTarget:
    """Return a target whose scaled values suit the range of the output layer and the cost."""
    reach, domains = network.output.range, (cost.domain, cost.targets)
    if all(_ends(interval) <= {-np.inf, np.inf} for interval in (reach, *domains)):
        return target
    # Division by their standard deviation keeps only the sign of values, no other bound.
    signs = {-np.inf, 0.0, np.inf}
    if not np.isinf([reach.low, reach.high]).any() or any(_ends(interval) - signs for interval in domains):
        return target.plain()
    return target.unshifted()


def _ends(interval: Interval) -> set[float]:
    return {float(interval.low), float(interval.high)}
