"""Predictions, by the engine that is in use."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from pellucid.network import Floats, Network, Objective
from pellucid.passes import reference
from pellucid.passes.engines import falls_back, is_compiled
from pellucid.passes.reference.forward import as_rows
from pellucid.passes.untraceable import Untraceable

if TYPE_CHECKING:
    from pellucid.passes.compiled.running.predictor import Predictor

__all__ = ["predict", "predict_with_losses"]


def predict(network: Network, x: Any, *, scale: float = 1.0) -> Floats:
    """Return a network's outputs for examples.

    Parameters
    ----------
    network : Network
    x : array of numbers, shape (n_examples, n_in) or (n_in,), or SparseRows
        Examples as rows; one may come alone. Bytes, floats and sparse rows are read as they are stored.
    scale : float
        What the numbers of x are multiplied by, such as 1/255 for bytes.

    Returns
    -------
    array of the network's dtype, shape (n_examples, n_out)

    Raises
    ------
    DataError
        If an example does not have as many inputs as the network, or x does not contain numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Network
    >>> network = Network([4, 2, 3], output="sigmoid")
    >>> predict(network, np.zeros(4))
    array([[0.5, 0.5, 0.5]], dtype=float32)
    """
    if (predictor := _predictor(network)) is None:
        return reference.predict(network, x, scale=scale)
    return predictor.predict(as_rows(network, x, predictor.kinds), scale)


def predict_with_losses(
    network: Network, x: Any, objective: Objective, target: Any, *, scale: float = 1.0
) -> tuple[Floats, Floats]:
    """Return a network's outputs for examples, and the loss of each.

    Parameters
    ----------
    network, x, scale
        As for `predict`.
    objective : Objective
        The output layer's activation with its cost.
    target : array, shape (n_examples, n_out), or (n_examples,) for class numbers

    Returns
    -------
    array of the network's dtype, shape (n_examples, n_out)
        The outputs.
    array of the network's dtype, shape (n_examples,)
        The losses.

    Raises
    ------
    DataError
        As for `predict`, or if there is not one target for each output of each example.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.network import Network, costs
    >>> network = Network([4, 2, 1], output="identity")
    >>> objective = Objective(network.output, costs.get("mean_squared_error"))
    >>> predict_with_losses(network, np.zeros((2, 4)), objective, [[1], [2]])[1]
    array([0.5, 2. ], dtype=float32)
    """
    if (predictor := _predictor(network)) is not None:
        rows = as_rows(network, x, predictor.kinds)
        try:
            return predictor.predict_with_losses(rows, scale, objective, target)
        except Untraceable as error:
            falls_back(f"no machine code can be made of {error}")
    return reference.predict_with_losses(network, x, objective, target, scale=scale)


def _predictor(network: Network) -> "Predictor | None":
    """Return the compiled predictor, or None if the reference is chosen or needed."""
    if not is_compiled():
        return None
    try:
        return _predictor_of()(network)
    except Untraceable as error:
        falls_back(f"no machine code can be made of {error}")
    except (ImportError, OSError) as error:
        falls_back(f"the compiler cannot be loaded: {error}")
    return None


@cache
def _predictor_of() -> "Callable[[Network], Predictor]":
    # Importing LLVM takes a while, and where it cannot be imported the reference does the work.
    from pellucid.passes.compiled.running.predictors import predictor_of

    return predictor_of
