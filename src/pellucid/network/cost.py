"""The base class of cost functions."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.declarations import Declaration
from pellucid.errors import DataError
from pellucid.network.activation import Activation, Floats, Interval

__all__ = ["Cost", "JointForm"]


class JointForm(ABC):
    """A cost and its canonical output activation, combined as a function of the weighted sums.

    Computed separately, the activation may round to 0 before the cost takes its logarithm; the joint form is
    numerically stable.
    """

    activation: ClassVar[str]
    formula: ClassVar[str]
    slope_formula: ClassVar[str] = r"a - y"

    @abstractmethod
    def losses(self, z: Floats, target: Floats) -> Floats:
        """Return each example's loss, shape (n_examples,), from the weighted sums."""

    def error_term(self, a: Floats, target: Floats) -> Floats:
        r"""Return :math:`\partial L / \partial z`, by default :math:`a - y`, shape (n_examples, n_out)."""
        return a - target


@dataclass(frozen=True)
class Cost(Declaration, ABC):
    r"""The error of a prediction, and its derivative with respect to the prediction.

    A subclass defines `value` and `slope` as elementwise NumPy expressions. The loss of an example is the sum
    over its outputs, and the cost of a set is the mean over its examples. As with an activation, the slope of
    a cost of your own is compared with its value once.

    Attributes
    ----------
    domain : Interval
        The predictions for which every loss is finite.
    targets : Interval
        The valid targets.
    joint : JointForm, optional
        The stable form with its canonical output activation.
    threshold : float
        The output above which a single output neuron means yes.
    slope_is_exact : bool
        Whether the slope is the derivative of the value; False if another is intended, such as a clipped one.
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
    # The task, if it is for only one: "classification", "multilabel" or "regression".
    task: ClassVar[str | None] = None

    @abstractmethod
    def value(self, prediction: Floats, target: Floats) -> Any:
        """Return the loss of each output."""

    @abstractmethod
    def slope(self, prediction: Floats, target: Floats) -> Any:
        """Return the derivative of the loss with respect to each output."""

    def as_outputs(self, target: Any, like: Floats) -> Floats:
        """Return the targets as an array of the outputs' shape and dtype.

        The targets of one example or of a single output neuron may be one-dimensional.

        Raises
        ------
        DataError
            If the targets do not match the outputs.
        """
        outputs = np.asarray(target, dtype=like.dtype)
        if outputs.shape == like.shape:
            return outputs
        if outputs.ndim > 1 or outputs.size != like.size or 1 not in like.shape:
            raise DataError(
                "the targets do not match the outputs",
                expected=f"{like.shape[0]} rows of {like.shape[1]}",
                received=f"an array of shape {outputs.shape}",
                remedy="pass one row per example, with one target per output neuron",
            )
        return outputs.reshape(like.shape)

    def losses(self, prediction: Floats, target: Any) -> Floats:
        """Return each example's loss.

        Parameters
        ----------
        prediction : array of float, shape (n_examples, n_out)
            The outputs of the network.
        target : array, shape (n_examples, n_out)
            The targets.

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
        """Return whether the cost is suitable for a task."""
        return self.task in (None, task)

    def check_targets(self, target: Any) -> None:
        """Check that targets are valid for the cost.

        Raises
        ------
        DataError
            If one is not; the message names its row, counted from 0.
        """
        target = np.asarray(target)
        low, high = self.targets.low, self.targets.high
        valid = (target >= low) & (target <= high) & np.isfinite(target)
        self._refuse(~valid, target, "choose a cost that fits the targets, or change the targets")

    def _refuse(self, wrong: Any, values: Any, remedy: str, words: str = "{:g}") -> None:
        """Raise an error that names the first of the wrong values and its row, if there are any."""
        if wrong.any():
            raise DataError(
                f"invalid target for the cost {self.name}",
                expected=self.targets_words,
                received=words.format(values[wrong].flat[0]),
                where=f"row {int(np.argwhere(wrong)[0][0])} of the targets, counted from 0",
                remedy=remedy,
            )

    def describe(self) -> dict[str, Any]:
        """Return everything that a listing shows, ready for JSON."""
        return super().describe() | {
            "slope": self.slope_formula,
            "predictions": self.domain_words,
            "targets": self.targets_words,
            "joint_with": self.joint.activation if self.joint else None,
        }
