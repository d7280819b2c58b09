"""What a cost function is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Declaration
from pellucid.errors import DataError
from pellucid.network.activation import Activation, Floats, Interval

__all__ = ["Cost", "JointForm"]


class JointForm(ABC):
    """A cost and the output activation that undoes its logarithm, taken together on the weighted sums.

    Taken apart, the activation may round to 0 where the cost takes its logarithm; together, nothing is lost.
    """

    activation: ClassVar[str]
    formula: ClassVar[str]
    slope_formula: ClassVar[str] = r"a - y"

    @abstractmethod
    def losses(self, z: Floats, target: Floats) -> Floats:
        """Return each example's loss, shape (n_examples,), from the weighted sums."""

    @abstractmethod
    def error_term(self, a: Floats, target: Floats) -> Floats:
        r"""Return :math:`\delta = \partial L / \partial z`, shape (n_examples, n_out)."""


@dataclass(frozen=True)
class Cost(Declaration, ABC):
    r"""How wrong a prediction is, and how that changes with the prediction.

    A subclass says `value` and `slope` as NumPy expressions that treat every output alike. An example's
    loss is the sum over its outputs, the cost of a set the mean over its examples. As with an activation, the
    slope of a cost of your own is compared with its value once.

    Attributes
    ----------
    domain : Interval
        The predictions for which every loss is finite.
    targets : Interval
        The targets that make sense.
    joint : JointForm, optional
        The stable form with its canonical output activation.
    threshold : float
        The output above which a single output neuron says yes.
    slope_is_exact : bool
        Whether the slope is that of the value; False where another is meant, such as a clipped one.
    """

    slope_formula: ClassVar[str] = ""
    domain: ClassVar[Interval] = Interval()
    domain_words: ClassVar[str] = "any numbers"
    targets: ClassVar[Interval] = Interval()
    targets_words: ClassVar[str] = "numbers"
    joint: ClassVar[JointForm | None] = None
    threshold: ClassVar[float] = 0.5
    takes_class_numbers: ClassVar[bool] = False
    slope_is_exact: ClassVar[bool] = True
    # The task it is for where it is for one only: "classification", "multilabel" or "regression".
    task: ClassVar[str | None] = None

    @abstractmethod
    def value(self, prediction: Floats, target: Floats) -> Any:
        """Return each output's part of the loss."""

    @abstractmethod
    def slope(self, prediction: Floats, target: Floats) -> Any:
        """Return each output's slope of the loss in the prediction."""

    def as_outputs(self, target: Any, like: Floats) -> Floats:
        """Return the targets as an array of the outputs' shape and dtype.

        One example's targets, or those of a single output neuron, may come as a plain row of numbers.

        Raises
        ------
        DataError
            If there is not one target for each output of each example.
        """
        outputs = np.asarray(target, dtype=like.dtype)
        if outputs.shape == like.shape:
            return outputs
        if outputs.ndim > 1 or outputs.size != like.size or 1 not in like.shape:
            raise DataError(
                "the targets do not match the outputs",
                expected=f"{like.shape[0]} rows of {like.shape[1]}",
                received=f"an array of shape {outputs.shape}",
                remedy="give one row for each example, with one target for each output neuron",
            )
        return outputs.reshape(like.shape)

    def losses(self, prediction: Floats, target: Any) -> Floats:
        """Return each example's loss.

        Parameters
        ----------
        prediction : array of float, shape (n_examples, n_out)
            What the network said.
        target : array, shape (n_examples, n_out)
            What is true.

        Returns
        -------
        array of the prediction's dtype, shape (n_examples,)
        """
        values = self.value(prediction, self.as_outputs(target, prediction))
        return np.asarray(np.sum(values, axis=-1, dtype=prediction.dtype))

    def loss_slopes(self, prediction: Floats, target: Any) -> Floats:
        r"""Return :math:`\partial L / \partial a` for each output of each example.

        Parameters and dtype as for `losses`; the shape is the prediction's.
        """
        slopes = self.slope(prediction, self.as_outputs(target, prediction))
        return np.asarray(slopes, dtype=prediction.dtype)

    def accepts(self, activation: Activation) -> bool:
        """Return whether every output of the activation has a finite loss."""
        return activation.range.within(self.domain)

    def suits(self, task: str) -> bool:
        """Return whether it judges what a task asks for."""
        return self.task in (None, task)

    def check_targets(self, target: Any) -> None:
        """Refuse targets that the cost cannot judge.

        Raises
        ------
        DataError
            Naming the first row that cannot be judged, counted from 0.
        """
        target = np.asarray(target)
        low, high = self.targets.low, self.targets.high
        wrong = ~((target >= low) & (target <= high) & np.isfinite(target))
        if wrong.any():
            row = int(np.argwhere(wrong)[0][0])
            raise DataError(
                f"the cost {self.name} cannot judge a target",
                expected=self.targets_words,
                received=f"{target[wrong].flat[0]:g}",
                where=f"row {row} of the targets, counted from 0",
                remedy="choose a cost that fits the targets, or change the targets",
            )

    def describe(self) -> dict[str, Any]:
        """Return everything that a listing shows, ready for JSON."""
        return super().describe() | {
            "slope": self.slope_formula,
            "predictions": self.domain_words,
            "targets": self.targets_words,
            "joint_with": self.joint.activation if self.joint else None,
        }
