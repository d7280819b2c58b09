"""The objective of training: a cost together with the activation of the output layer."""

from typing import Any

from pellucid.errors import ConfigurationError
from pellucid.network.activation import Activation, Floats
from pellucid.network.activations import activations
from pellucid.network.cost import Cost, JointForm
from pellucid.network.costs import costs

__all__ = ["Objective", "choose_cost", "choose_output"]


class Objective:
    r"""An output activation and a cost, combined by the chain rule or by their stable joint form.

    Parameters
    ----------
    activation : Activation
        The activation of the output layer.
    cost : Cost
        The cost of its outputs.

    Attributes
    ----------
    joint : JointForm or None
        The form on the weighted sums, if the pair has one.

    Raises
    ------
    ConfigurationError
        If the range of the activation does not match the cost; the message names alternatives. Or if the
        slope of a user's activation or cost is not the derivative of its value.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Objective, activations, costs
    >>> objective = Objective(activations.get("sigmoid"), costs.get("binary_cross_entropy"))
    >>> z = np.array([[800.0]])   # the sigmoid rounds to 1, but the loss is exact
    >>> a = objective.activation.forward(z)
    >>> objective.losses(z, a, [[0.0]]), objective.error_term(z, a, [[0.0]])
    (array([800.]), array([[1.]]))
    """

    def __init__(self, activation: Activation, cost: Cost) -> None:
        if not cost.accepts(activation):
            raise _misfit(activation, cost)
        activations.examine(activation)
        costs.examine(cost)
        self.activation = activation
        self.cost = cost
        joint = cost.joint
        self.joint: JointForm | None = joint if joint and joint.activation == activation.name else None

    def losses(self, z: Floats, a: Floats, target: Any) -> Floats:
        """Return the loss of each example, shape (n_examples,), from weighted sums, outputs and targets."""
        if self.joint:
            return self.joint.losses(z, self.cost.as_outputs(target, z))
        return self.cost.losses(a, target)

    def error_term(self, z: Floats, a: Floats, target: Any) -> Floats:
        r"""Return the output layer's :math:`\delta = \partial L / \partial z`, shape (n_examples, n_out)."""
        if self.joint:
            return self.joint.error_term(a, self.cost.as_outputs(target, a))
        return self.activation.backward(z, a, self.cost.loss_slopes(a, target))


def _misfit(activation: Activation, cost: Cost) -> ConfigurationError:
    fitting_activations = [other.name for other in activations if other.trainable and cost.accepts(other)]
    fitting_costs = [other.name for other in costs if other.accepts(activation)]
    remedies = []
    if fitting_activations:
        remedies.append(f"with {cost.name}, use the output activation {_either(fitting_activations)}")
    if fitting_costs:
        remedies.append(f"keep {activation.name} and choose the cost {_either(fitting_costs)}")
    return ConfigurationError(
        f"the cost {cost.name} cannot be used with the outputs of {activation.name}",
        expected=cost.domain_words,
        received=f"outputs in {activation.range}",
        remedy="; or ".join(remedies) or None,
    )


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def choose_output(task: str, n_classes: int | None, cost: Cost | None = None) -> str:
    """Choose the output activation for a task, and for a cost if one is given.

    Parameters
    ----------
    task : {"classification", "multilabel", "regression"}
    n_classes : int or None
        The number of classes, for classification.
    cost : Cost, optional

    Examples
    --------
    >>> [choose_output("classification", 10), choose_output("classification", 2)]
    ['softmax', 'sigmoid']
    >>> choose_output("multilabel", None), choose_output("regression", None)
    ('sigmoid', 'identity')
    >>> choose_output("regression", None, costs.get("poisson"))
    'softplus'
    """
    if task == "classification":
        names = ["softmax", "sigmoid", "identity"] if n_classes != 2 else ["sigmoid", "softmax", "identity"]
        if cost is not None and cost.joint is None:
            names = ["sigmoid", "identity"]
    elif task == "multilabel":
        names = ["sigmoid", "identity"]
    else:
        names = ["identity", "softplus", "sigmoid"]
    if cost is not None and cost.joint is not None:
        names.insert(0, cost.joint.activation)
    # If a user's cost accepts none of these, the first one that it accepts; if there is none, the objective
    # raises an error.
    others = [other.name for other in activations if other.trainable]
    return next(
        (name for name in [*names, *others] if cost is None or cost.accepts(activations.get(name))),
        names[0],
    )


def choose_cost(task: str, output: Activation) -> str:
    """Choose the cost for a task and an output activation.

    Examples
    --------
    >>> choose_cost("classification", activations.get("softmax"))
    'categorical_cross_entropy'
    >>> choose_cost("classification", activations.get("tanh"))
    'hinge'
    """
    if task != "regression":
        names = ["categorical_cross_entropy", "binary_cross_entropy", "hinge"]
        names = [name for name in names if costs.get(name).suits(task)]
        return next((name for name in names if costs.get(name).accepts(output)), "mean_squared_error")
    return "mean_squared_error"
