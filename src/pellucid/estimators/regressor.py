"""A regressor with scikit-learn's interface and numbers."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from pellucid.estimators.losses import COSTS, cost_named
from pellucid.estimators.mlp import MultilayerPerceptron, has_updates
from pellucid.estimators.parameters import CONSTRAINTS, keep
from pellucid.evaluation import OutputHead
from pellucid.training.plain_arrays import plain_values

__all__ = ["MLPRegressor"]


class MLPRegressor(RegressorMixin, MultilayerPerceptron):  # type: ignore[misc]  # sklearn has no types
    """A multilayer perceptron that predicts values: scikit-learn's parameters, attributes and numbers.

    Parameters
    ----------
    loss : str or Cost, default="squared_error"
        "squared_error", "poisson", "absolute_error", "huber", "quantile:q=0.9", or any of Pellucid's costs.
    hidden_layer_sizes : int or sequence of int, default=(100,)
        The number of neurons of each hidden layer.
    activation : str, Activation or list of them, default="relu"
        The activation of the hidden layers, or of each: "identity", "logistic", "tanh", "relu", or any of
        Pellucid's.
    solver : str or Solver, default="adam"
        "adam", "sgd", "lbfgs", or any of Pellucid's optimizers.
    alpha : float, default=0.0001
        The L2 penalty, divided by the number of examples of a batch.
    batch_size : int or "auto", default="auto"
        The number of examples of an update, by default 200 or all if they are fewer. Not used by "lbfgs".
    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
        How the learning rate changes. Not used by "adam" and "lbfgs".
    learning_rate_init : float, default=0.001
        The learning rate.
    power_t : float, default=0.5
        The exponent of "invscaling".
    max_iter : int, default=200
        The number of epochs, or of iterations of "lbfgs", at most.
    shuffle : bool, default=True
        Whether the examples are shuffled before each epoch.
    random_state : int, RandomState or None, default=None
        What the first weights, the order of the examples, the validation set and dropout are drawn from.
    tol : float, default=1e-4
        The improvement below which an epoch brings no progress.
    verbose : bool, default=False
        Whether to print the loss of each epoch.
    warm_start : bool, default=False
        Whether a further `fit` goes on from the weights so far.
    momentum, nesterovs_momentum : float and bool, default=0.9 and True
        The momentum of "sgd", and whether it is Nesterov's.
    early_stopping : bool, default=False
        Whether to stop when the validation score no longer improves, and to keep the best weights.
    validation_fraction : float, default=0.1
        The share of the training data to validate on, with `early_stopping`.
    beta_1, beta_2, epsilon : float, default=0.9, 0.999 and 1e-8
        The decays of Adam's averages, and what keeps its divisor above 0.
    n_iter_no_change : int or inf, default=10
        The number of epochs without progress after which training stops.
    max_fun : int, default=15000
        The number of evaluations of the cost by "lbfgs", at most.
    output_activation : str or Activation, optional
        The activation of the output layer, by default that of the loss.
    dropout : float or sequence of float, default=0
        The share of outputs of each hidden layer that are dropped in an update.
    scoring : str or callable, optional
        The scorer for the validation set, by default R2.
    callbacks : callable or list of them, optional
        Called with the estimator after each epoch; training stops if one returns True.
    dtype : {"float32", "float64"}, optional
        The floating-point type of the network, by default that of the inputs.

    Attributes
    ----------
    coefs_, intercepts_ : list of array
        The weights, shape (n_in, n_out), and biases of each layer.
    loss_, loss_curve_, best_loss_ : float, list of float, float
        The loss of the last epoch, of all epochs, and the lowest.
    validation_scores_, validation_loss_curve_, best_validation_score_ : list of float, list of float, float
        Those of the validation set after each epoch, and the best score; None without one.
    n_iter_, t_ : int
        The number of epochs of this fit, and of examples learned from so far.
    n_layers_, n_outputs_, out_activation_ : int, int, str
        The number of layers with the inputs, of outputs, and the activation of the output layer.

    Raises
    ------
    ValueError
        If a parameter or the data cannot be used, or the weights become infinite.

    References
    ----------
    Pedregosa et al. 2011, https://jmlr.org/papers/v12/pedregosa11a.html

    Examples
    --------
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> regressor = MLPRegressor(solver="lbfgs", random_state=0).fit(X, X[:, 0] ** 2)
    >>> bool(regressor.score(X, X[:, 0] ** 2) > 0.99)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        name: allowed for name, allowed in CONSTRAINTS.items() if name != "class_weight"
    }

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        output_activation: Any = None,
        dropout: Any = 0.0,
        scoring: Any = None,
        callbacks: Any = None,
        dtype: Any = None,
    ) -> None:
        keep(self, locals())

    @available_if(has_updates)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from some examples once; the parameters are those of `fit`."""
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the value of each example, shape (n_samples,) or (n_samples, n_outputs)."""
        check_is_fitted(self)
        return self._answers(self._outputs(X))

    def _answers(self, outputs: NDArray[Any]) -> NDArray[Any]:
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def _checked(self, X: Any, y: Any, *, incremental: bool, reset: bool) -> tuple[Any, NDArray[Any]]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=self._input_types,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = y.astype(X.dtype, copy=False)
        if self.loss == "poisson" and (y < 0).any():
            raise ValueError("Some value(s) of y are out of the valid range of the loss 'poisson'.")
        return X, y

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags

    def _output_name(self) -> str:
        if self.output_activation is not None:
            return self.output_activation
        return "exp" if self.loss == "poisson" else "identity"

    def _n_outputs(self, y: NDArray[Any]) -> int:
        return 1 if y.ndim == 1 else y.shape[1]

    def _strata(self, y: NDArray[Any]) -> None:
        return None

    def _head(self) -> OutputHead:
        return OutputHead(plain_values(self.n_outputs_), self._network(), cost_named(self.loss))

    def _outputs_in_mean(self, head: OutputHead) -> int:
        return head.n_outputs if head.cost is COSTS["squared_error"] else 1

    def _targets(self, y: NDArray[Any]) -> NDArray[Any]:
        return y.astype(np.float64).reshape(len(y), -1)

    def _labels_of(self, y: NDArray[Any]) -> NDArray[Any]:
        return y

    def _own_score(self, X: Any, y: Any, sample_weight: Any) -> float:
        return self._score_of(r2_score, y, self._answers(self._outputs(X, check=False)), sample_weight)
