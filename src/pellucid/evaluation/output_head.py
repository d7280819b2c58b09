"""Between the network's numbers and what they mean: targets for the cost, answers from the outputs."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Target, ValueTarget
from pellucid.errors import ConfigurationError, DataError
from pellucid.network import Cost, Floats, Interval, Network, Objective, costs

__all__ = ["OutputHead"]


class OutputHead:
    """Knows what the targets mean, what the cost wants of them, and what the outputs say.

    Parameters
    ----------
    target : ClassTarget, LabelTarget or ValueTarget
        What the targets mean.
    network : Network
        Whose outputs are judged.
    cost : Cost
        What they are judged by.

    Raises
    ------
    ConfigurationError
        If the cost cannot judge the output layer's activation, or is for another task, or the outputs are
        shares of a whole and the target's answers are not.
    DataError
        If the number of outputs does not fit the target.
    """

    def __init__(self, target: Target, network: Network, cost: Cost) -> None:
        if not cost.suits(target.task):
            fitting = [other.name for other in costs if other.suits(target.task)]
            raise ConfigurationError(
                f"the cost {cost.name} is for {cost.task}, and the target asks for {target.task}",
                expected=f"a cost for {target.task}",
                received=cost.name,
                remedy=f"choose one of {', '.join(fitting)}, or say --task {cost.task} (task={cost.task!r})",
            )
        self.objective = Objective(network.output, cost)
        self.cost = cost
        self.n_outputs = network.sizes[-1]
        self.dtype = network.dtype
        self.target = _within_reach(target, network, cost) if isinstance(target, ValueTarget) else target
        self.spread = target.scale if isinstance(target, ValueTarget) else np.ones(1)
        self._check_outputs()

    def _check_outputs(self) -> None:
        target, output = self.target, self.objective.activation
        if output.sums_to_one and not target.shares:
            raise ConfigurationError(
                f"the outputs of {output.name} are shares of a whole, and labels are told one by one",
                expected="an output layer whose neurons answer one by one, such as sigmoid",
                received=output.name,
                remedy="end the network with sigmoid; where an example has one label only, the task is "
                "classification",
            )
        fitting = set(target.fitting_outputs)
        if output.sums_to_one or self.cost.takes_class_numbers:
            fitting = {max(fitting)}
        if self.n_outputs not in fitting:
            raise DataError(
                "the output layer does not fit the target",
                expected=f"{' or '.join(map(str, sorted(fitting)))} output neurons for {target.aim}",
                received=f"{self.n_outputs}",
                remedy="give the output layer that many neurons",
            )

    def check(self, targets: Any) -> None:
        """Refuse targets that the cost cannot judge or the output layer never reach.

        Raises
        ------
        DataError
            Saying which, and what to do.
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
                f"{self.objective.activation.name} can never reach some of the targets",
                expected=f"targets in {replace(reach, low=low[k], high=high[k])}",
                received=f"{targets[:, k].min():g} to {targets[:, k].max():g}",
                remedy="end the network with identity, or scale the targets",
            )

    def prepare(self, targets: Any) -> Any:
        """Turn stored targets into what the cost takes.

        Parameters
        ----------
        targets : array of int, shape (n,), or array of bool or float, shape (n, k)
            Class numbers, answers to labels, or values in their own units.

        Returns
        -------
        array
            Class numbers for a sparse cost, otherwise shape (n, n_outputs) in the network's dtype.

        Raises
        ------
        DataError
            If a value is too large for that dtype.
        """
        if self.cost.takes_class_numbers:
            return targets
        with np.errstate(over="ignore"):
            ready = self.target.matrix(targets, self.n_outputs, self.dtype)
        if isinstance(self.target, ValueTarget) and not np.isfinite(ready).all():
            raise DataError(
                "a target is too large to calculate with",
                expected=f"targets of about the size that the network was trained on, in {self.dtype}",
                received=f"{targets[~np.isfinite(ready).all(axis=1)].flat[0]:g}",
                remedy="correct the row, or leave it out",
            )
        return ready

    def answers(self, outputs: Floats) -> Any:
        """Turn outputs into answers.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)

        Returns
        -------
        array of int, shape (n,), or array of bool or float64, shape (n, k)
            The class whose output is highest (of one output: whether it passes the cost's threshold), for
            each label whether its output passes that, or values in their own units.
        """
        return self.target.answers(outputs, self.cost.threshold)

    def confidence(self, outputs: Floats, answers: NDArray[Any]) -> Floats:
        """Give how sure the outputs are of the classes or the answers they chose.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)
        answers : array of int, shape (n,), or array of bool, shape (n, n_outputs)
            What was chosen.

        Returns
        -------
        array of float, shape as the answers
            The chosen class's output. One that stands for yes or no is read as the chance of yes, the second
            class, if it lies between 0 and 1, and else by its distance from the threshold.
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
        """Return how much outputs speak for the second of two classes; None where there are not two.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)

        Returns
        -------
        array of float, shape (n,), or None
            The second class's output, less the first's where they are not shares of a whole.
        """
        if self.target.n_classes != 2:
            return None
        if self.n_outputs == 1 or self.objective.activation.sums_to_one:
            return outputs[:, -1]
        return outputs[:, 1] - outputs[:, 0]


def _within_reach(target: ValueTarget, network: Network, cost: Cost) -> ValueTarget:
    """Bring values to where the output layer can reach them and the cost judge them."""
    reach, domains = network.output.range, (cost.domain, cost.targets)
    if all(_ends(interval) <= {-np.inf, np.inf} for interval in (reach, *domains)):
        return target
    # Divided by their spread, values keep their sign, but no other bound.
    signs = {-np.inf, 0.0, np.inf}
    if not np.isinf([reach.low, reach.high]).any() or any(_ends(interval) - signs for interval in domains):
        return target.plain()
    return target.unshifted()


def _ends(interval: Interval) -> set[float]:
    return {float(interval.low), float(interval.high)}
