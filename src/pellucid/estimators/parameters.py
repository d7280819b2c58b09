"""The parameters of the estimators: what each may be."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from pellucid.network import Activation, Cost
from pellucid.training.optimizer import Solver

__all__ = ["ACTIVATIONS", "CONSTRAINTS", "keep"]

# What scikit-learn calls activations that have another name here.
ACTIVATIONS = {"logistic": "sigmoid"}

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [str, Activation, list, tuple],
    "solver": [str, Solver],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "loss": [str, Cost],
    "output_activation": [str, Activation, None],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "scoring": [str, callable, None],
    "class_weight": [dict, StrOptions({"balanced"}), None],
    "callbacks": [list, tuple, callable, None],
    "dtype": [
        StrOptions({"float32", "float64"}),
        Options(type, {np.float32, np.float64}),
        Options(np.dtype, {np.dtype(np.float32), np.dtype(np.float64)}),
        None,
    ],
}


def keep(estimator: object, parameters: dict[str, Any]) -> None:
    """Keep the arguments of a constructor, as they are, as attributes.

    Examples
    --------
    >>> class Point:
    ...     def __init__(self, x=1, y=2):
    ...         keep(self, locals())
    >>> vars(Point(y=5))
    {'x': 1, 'y': 5}
    """
    for name, value in parameters.items():
        if name not in ("self", "__class__"):
            setattr(estimator, name, value)
