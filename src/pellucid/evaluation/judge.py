"""Between the network's numbers and what they mean: targets for the cost, answers from the outputs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, ValueTarget
from pellucid.data.raw import row_place
from pellucid.errors import ConfigurationError, DataError
from pellucid.network import Cost, Floats, Interval, Network, Objective, costs
from pellucid.passes.reference import forward, predict

__all__ = ["Judge", "Measures", "pieces", "refuse_overflow"]

# So many examples are turned into floats and carried through the network at a time.
_ROWS_AT_A_TIME = 2048


@dataclass(frozen=True)
class Measures:
    """How well a network does on a set, with what is needed to say how sure that is.

    Parameters
    ----------
    n : int
        How many examples were judged.
    cost : float
        The mean loss.
    accuracy : float or None
        The share that was right, for a classification.
    rmse, mae, r2 : float or None
        The root mean squared and the mean absolute error in the target's own units, and the share of
        variance explained, for a regression; the mean over the outputs where there are several.
    error : float
        1 - accuracy, or the RMSE as a share of the standard deviation of the training targets.
    sampling_error : float
        The standard error of ``error``: another set of this size would differ by about so much.
    """

    n: int
    cost: float
    error: float
    sampling_error: float
    accuracy: float | None = None
    rmse: float | None = None
    mae: float | None = None
    r2: float | None = None

    @property
    def error_doubt(self) -> float:
        """Two standard errors of the error."""
        return 2 * self.sampling_error

    def __str__(self) -> str:
        count = f"{self.n:,} example{'s' if self.n != 1 else ''}: "
        if self.accuracy is not None:
            accuracy = f"{100 * self.accuracy:.2f} % ± {100 * self.error_doubt:.2f}"
            return f"{count}accuracy {accuracy}, cost {self.cost:.4f}"
        return f"{count}RMSE {self.rmse:,.6g}, MAE {self.mae:,.6g}, R2 {self.r2:.4f}, cost {self.cost:.4f}"

    def named(self, part: str) -> dict[str, float]:
        """Give the figures by the names of a history's columns: train_cost, train_accuracy ..."""
        figures = {"cost": self.cost, "accuracy": self.accuracy, "rmse": self.rmse, "r2": self.r2}
        return {f"{part}_{name}": value for name, value in figures.items() if value is not None}


class Judge:
    """Knows what the targets mean, what the cost wants of them, and what the outputs say.

    Parameters
    ----------
    target : ClassTarget or ValueTarget
        What the targets mean.
    network : Network
        Whose outputs are judged.
    cost : Cost
        What they are judged by.

    Raises
    ------
    ConfigurationError
        If the cost cannot judge the output layer's activation, or is for the other task.
    DataError
        If the number of outputs does not fit the target.
    """

    def __init__(self, target: ClassTarget | ValueTarget, network: Network, cost: Cost) -> None:
        if cost.task not in (None, target.task):
            fitting = [other.name for other in costs if other.task in (None, target.task)]
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
        self.target = target if isinstance(target, ClassTarget) else _within_reach(target, network, cost)
        self._spread = target.scale if isinstance(target, ValueTarget) else np.ones(1)
        self._check_outputs()

    def _check_outputs(self) -> None:
        target = self.target
        if isinstance(target, ClassTarget):
            fitting = {target.n_classes} | ({1} if target.n_classes == 2 else set())
            if self.objective.activation.sums_to_one or self.cost.takes_class_numbers:
                fitting = {target.n_classes}
            meaning = f"{target.n_classes} classes"
        else:
            fitting = {target.n_values}
            meaning = f"{target.n_values} value{'s' if target.n_values > 1 else ''} to predict"
        if self.n_outputs not in fitting:
            raise DataError(
                "the output layer does not fit the target",
                expected=f"{' or '.join(map(str, sorted(fitting)))} output neurons for {meaning}",
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
        if isinstance(self.target, ClassTarget):
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
        targets : array of int, shape (n,), or array of float, shape (n, k)
            Class numbers, or values in their own units.

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

    def outputs(self, network: Network, examples: Examples) -> Floats:
        """Give the output layer's numbers for every example, shape (n, n_outputs).

        Raises
        ------
        DataError
            If an example's numbers are so large that its outputs are none.
        """
        with np.errstate(all="ignore"):
            parts = [predict(network, examples.rows(rows, self.dtype)) for rows in pieces(len(examples))]
        outputs = np.concatenate(parts)
        refuse_overflow(outputs, examples)
        return outputs

    def answers(self, outputs: Floats) -> Any:
        """Turn outputs into answers.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)

        Returns
        -------
        array of int, shape (n,), or array of float64, shape (n, k)
            The class whose output is highest (of one output: whether it passes the cost's threshold), or
            values in their own units.
        """
        if isinstance(self.target, ValueTarget):
            return self.target.to_units(outputs)
        if self.n_outputs == 1:
            return (outputs[:, 0] > self.cost.threshold).astype(np.intp)
        return outputs.argmax(axis=1)

    def confidence(self, outputs: Floats, answers: NDArray[np.intp]) -> Floats:
        """Give how sure the outputs are of the classes they chose.

        Parameters
        ----------
        outputs : array of float, shape (n, n_outputs)
        answers : array of int, shape (n,)
            The classes that were chosen.

        Returns
        -------
        array of float, shape (n,)
            The chosen class's output. A single output neuron is read as the chance of the second class if
            it lies between 0 and 1, and else by its distance from the threshold.
        """
        if self.n_outputs > 1:
            chosen: Floats = outputs[np.arange(len(outputs)), answers]
            return chosen
        if self.objective.activation.range.within(Interval(0, 1, closed_low=True, closed_high=True)):
            return np.where(answers == 1, outputs[:, 0], 1 - outputs[:, 0])
        distance: Floats = np.abs(outputs[:, 0] - self.cost.threshold)
        return distance

    def measure(self, network: Network, examples: Examples) -> Measures:
        """Pass all examples through the network and sum up how well it does; nothing is changed."""
        loss = 0.0
        answers = []
        for rows in pieces(len(examples)):
            ready = self.prepare(examples.known_targets[rows])
            with np.errstate(over="ignore", invalid="ignore"):  # a cost of infinity is told as such
                trace = forward(network, examples.rows(rows, self.dtype))
                losses = self.objective.losses(trace.z[-1], trace.a[-1], ready)
                loss += float(losses.sum(dtype=np.float64))
            answers.append(self.answers(trace.a[-1]))
        cost = loss / len(examples)
        if self.target.task == "classification":
            return _classification(cost, np.concatenate(answers) == examples.known_targets)
        return _regression(cost, np.concatenate(answers), examples.known_targets, self._spread)


def refuse_overflow(outputs: Floats, examples: Examples) -> None:
    """Refuse outputs that are no numbers, naming the first example that they belong to.

    Raises
    ------
    DataError
    """
    wrong = ~np.isfinite(outputs).all(axis=1)
    if wrong.any():
        raise DataError(
            "the network has no answer for a row: its numbers are too large to calculate with",
            expected="numbers of about the size that the network was trained on",
            received="outputs that are infinite, or none at all",
            where=row_place(int(examples.origin[wrong.argmax()])),
            remedy="correct the row, or leave it out",
        )


def _within_reach(target: ValueTarget, network: Network, cost: Cost) -> ValueTarget:
    """Bring values to where the output layer can reach them and the cost judge them."""
    reach = network.output.range
    if reach.high < np.inf:
        return target.plain()  # 0 to 1 must stay 0 to 1
    if reach.low > -np.inf or cost.task is not None:
        return target.unshifted()  # what is never negative must stay so
    return target


def pieces(n: int) -> Iterator[slice]:
    """Cut n rows into slices that are small enough to be held as floats."""
    return (slice(start, start + _ROWS_AT_A_TIME) for start in range(0, n, _ROWS_AT_A_TIME))


def _classification(cost: float, right: NDArray[np.bool_]) -> Measures:
    n, accuracy = len(right), float(right.mean())
    # Agresti and Coull 1998: as if two more had been right and two wrong, so that 50 right of 50 is no
    # certainty.
    likely = (right.sum() + 2) / (n + 4)
    return Measures(
        n=n,
        cost=cost,
        accuracy=accuracy,
        error=1 - accuracy,
        sampling_error=math.sqrt(likely * (1 - likely) / (n + 4)),
    )


def _regression(cost: float, answers: Floats, targets: Floats, spread: Floats) -> Measures:
    n = len(targets)
    # A network that is about to diverge may overflow here; its figures then say infinity, as they should.
    with np.errstate(over="ignore", invalid="ignore"):
        squares = (answers - targets) ** 2
        mean_square = squares.mean(axis=0)
        variance = targets.var(axis=0)
        rmse = np.sqrt(mean_square)
        # Of targets that do not vary, as of a single one, all is explained or nothing, as in scikit-learn.
        all_or_nothing = np.where(mean_square > 0, 0.0, 1.0)
        r2 = np.where(variance > 0, 1 - mean_square / np.where(variance > 0, variance, 1), all_or_nothing)
        # The delta method: the root's error is the mean's, divided by twice the root. A single example leaves
        # it wholly uncertain.
        of_mean = squares.std(axis=0, ddof=1) / math.sqrt(n) if n > 1 else 2 * mean_square
        of_root = np.divide(of_mean, 2 * rmse, out=np.zeros_like(rmse), where=rmse > 0)
        return Measures(
            n=n,
            cost=cost,
            rmse=float(rmse.mean()),
            mae=float(np.abs(answers - targets).mean()),
            r2=float(r2.mean()),
            error=float((rmse / spread).mean()),
            sampling_error=float((of_root / spread).mean()),
        )
