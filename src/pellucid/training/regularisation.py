"""Regularisation: settings against overfitting, checked before training."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from pellucid.errors import ConfigurationError, check_type
from pellucid.number import check_numbers, number

__all__ = ["Regularisation"]


@dataclass(frozen=True)
class Regularisation:
    r"""Settings against overfitting; none by default.

    A setting with a value for each layer takes one number for all layers or a sequence: for `dropout` one for
    each hidden layer, for the others one for each layer with weights.

    Parameters
    ----------
    l1, l2 : float or sequence of float
        The strength of the penalties :math:`\lambda \sum |w|` and :math:`\frac{\lambda}{2} \sum w^2`, which
        are added to the cost.
    weight_decay : float or sequence of float
        Decoupled weight decay: an update subtracts this share of each weight, times the learning rate. Unlike
        a penalty, it does not go through the optimizer (Loshchilov and Hutter 2019,
        https://arxiv.org/abs/1711.05101).
    max_norm : float or sequence of float, or None
        The maximum norm of the weights into a neuron; longer ones are scaled down after each update
        (Srebro and Shraibman 2005, https://doi.org/10.1007/11503415_37).
    dropout : float or sequence of float
        The share of a hidden layer's outputs that are set to 0 in an update, drawn anew for each; the others
        are scaled up to make up for them, so that predictions need no correction (Srivastava et al. 2014,
        https://jmlr.org/papers/v15/srivastava14a.html).
    input_dropout : float
        The same for the inputs.
    input_noise : float
        The standard deviation of normal noise on the inputs (Bishop 1995,
        https://doi.org/10.1162/neco.1995.7.1.108).
    label_smoothing : float
        The share of a class target that is spread evenly over all classes (Szegedy et al. 2016,
        https://arxiv.org/abs/1512.00567).
    biases : bool
        Whether penalties, decay and maximum norm include the biases.

    Raises
    ------
    ConfigurationError
        If a value cannot be used.

    Examples
    --------
    >>> Regularisation(l2=1e-4, dropout=(0.2, 0.5)).each("dropout", 2)
    (0.2, 0.5)
    """

    l1: float | Sequence[float] = number(0.0, at_least=0, per_layer=True)
    l2: float | Sequence[float] = number(0.0, at_least=0, per_layer=True)
    weight_decay: float | Sequence[float] = number(0.0, at_least=0, per_layer=True)
    max_norm: float | Sequence[float] | None = number(None, above=0, per_layer=True)
    dropout: float | Sequence[float] = number(0.0, at_least=0, below=1, per_layer=True)
    input_dropout: float = number(0.0, at_least=0, below=1)
    input_noise: float = number(0.0, at_least=0)
    label_smoothing: float = number(0.0, at_least=0, below=1)
    biases: bool = False

    def __post_init__(self) -> None:
        check_numbers(self)
        check_type(self.biases, bool, "whether biases are included", "True or False")

    def check(self, n_layers: int) -> None:
        """Check that the settings fit a network with a number of layers with weights.

        Raises
        ------
        ConfigurationError
        """
        for name in ("l1", "l2", "weight_decay", "max_norm"):
            if getattr(self, name) is not None:
                self.each(name, n_layers)
        hidden = self.each("dropout", n_layers - 1)
        if self.dropout and not hidden:
            raise ConfigurationError(
                "dropout needs a hidden layer",
                expected="one hidden layer or more",
                received=f"dropout {self.dropout!r} and no hidden layer",
                remedy="add a hidden layer, or drop inputs instead: input_dropout (--input-dropout)",
            )

    def each(self, name: str, n_layers: int) -> tuple[float, ...]:
        """Return a setting's value for each layer.

        Raises
        ------
        ConfigurationError
            If the setting has another number of values.
        """
        said = getattr(self, name)
        values = tuple(said) if isinstance(said, Sequence) else (said,) * n_layers
        if len(values) != n_layers:
            kind = "hidden layers" if name == "dropout" else "layers"
            raise ConfigurationError(
                f"{name} does not match the layers",
                expected=f"one number, or one for each of the {n_layers} {kind}",
                received=", ".join(f"{value:g}" for value in values) or "none",
            )
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return the settings that are used, ready for JSON."""
        return {
            part.name: list(value) if isinstance(value, tuple) else value
            for part in fields(self)
            if (value := getattr(self, part.name)) != part.default
        }
