"""A classifier with scikit-learn's interface and numbers."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from pellucid.data import ClassTarget, LabelTarget, Target
from pellucid.errors import ConfigurationError
from pellucid.estimators.labels import Labels
from pellucid.estimators.losses import LOG_LOSS
from pellucid.estimators.mlp import MultilayerPerceptron, has_updates
from pellucid.estimators.parameters import CONSTRAINTS, keep
from pellucid.evaluation import OutputHead
from pellucid.network import Floats

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, MultilayerPerceptron):  # type: ignore[misc]  # sklearn has no types
    """A multilayer perceptron that classifies: scikit-learn's parameters, attributes and numbers.

    Parameters
    ----------
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
    class_weight : "balanced" or dict, optional
        The weight of each class, multiplied by the sample weights; "balanced" gives all the same total.
    scoring : str or callable, optional
        The scorer for the validation set, by default accuracy.
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
    classes_ : array
        The classes in the order of the probabilities.

    Raises
    ------
    ValueError
        If a parameter or the data cannot be used, or the weights become infinite.

    References
    ----------
    Pedregosa et al. 2011, https://jmlr.org/papers/v12/pedregosa11a.html

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier(learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> classifier.predict(X[:2]), bool(classifier.score(X, y) > 0.95)
    (array([0, 0]), True)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        name: allowed for name, allowed in CONSTRAINTS.items() if name != "loss"
    }

    def __init__(
        self,
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
        class_weight: Any = None,
        scoring: Any = None,
        callbacks: Any = None,
        dtype: Any = None,
    ) -> None:
        keep(self, locals())

    @available_if(has_updates)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Learn from some examples once.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array, optional
            All classes that will occur; required in the first call.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported by partial_fit, which does not see all examples. "
                "Give the weights as a dict, or sample_weight, instead."
            )
        if _check_partial_fit_first_call(self, classes):
            several = type_of_target(y).startswith("multilabel")
            self._labels = Labels.of(np.asarray(y if several else classes))[0]
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each example, shape (n_samples,), or its labels, (n_samples, n_labels)."""
        check_is_fitted(self)
        return self._answers(self._outputs(X))

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class, shape (n_samples, n_classes), in the order of `classes_`.

        Outputs that answer for each class by itself, as with `output_activation="logistic"`, are divided by
        their sum.
        """
        check_is_fitted(self)
        outputs = self._outputs(X)
        if self._labels.kind == "multiclass" and self.out_activation_ != "softmax":
            return outputs / outputs.sum(axis=1, keepdims=True)
        if self.n_outputs_ > 1:
            return outputs
        return np.column_stack([1 - outputs[:, 0], outputs[:, 0]])

    def predict_log_proba(self, X: Any) -> Floats:
        """Return the logarithms of the probabilities."""
        probabilities = self.predict_proba(X)
        logarithms: Floats = np.log(probabilities, out=probabilities)
        return logarithms

    def _checked(self, X: Any, y: Any, *, incremental: bool, reset: bool) -> tuple[Any, NDArray[Any]]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=self._input_types,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._labels, numbers = Labels.of(y)
            self.classes_ = self._labels.classes
            return X, numbers
        self._check_classes(y)
        return X, self._labels.encode(y)

    def _weights(self, X: Any, y: NDArray[Any], sample_weight: Any) -> NDArray[np.float64] | None:
        weights = super()._weights(X, y, sample_weight)
        if self.class_weight is None:
            return weights
        if isinstance(self.class_weight, str):
            return _balanced(y, np.ones(len(y)) if weights is None else weights)
        of_classes = compute_sample_weight(self.class_weight, self._labels_of(y))
        return of_classes if weights is None else weights * of_classes

    def _check_classes(self, y: NDArray[Any]) -> None:
        """Check that no class is new, and with a warm start that none is missing."""
        classes = unique_labels(y)
        if self.warm_start and set(classes) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {classes}"
            )
        if not self.warm_start and len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has "
                f"{classes}."
            )

    def _output_name(self) -> str:
        if self.output_activation is not None:
            return self.output_activation
        return "softmax" if self._labels.kind == "multiclass" else "logistic"

    def _n_outputs(self, y: NDArray[Any]) -> int:
        return self._labels.n_outputs

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        # As scikit-learn has it, of two classes only, and called so in its errors.
        return y.astype(bool)[:, None] if self.n_outputs_ == 1 else None

    def _head(self) -> OutputHead:
        network, n = self._network(), self.n_outputs_
        target: Target = ClassTarget(None, tuple(range(max(n, 2))))
        if self._labels.is_multilabel:
            target = LabelTarget(tuple(f"label {k}" for k in range(n)))
        allowed = ["sigmoid"] if n == 1 or self._labels.is_multilabel else ["sigmoid", "softmax"]
        if network.output.name not in allowed:
            raise ConfigurationError(
                "the output activation does not give probabilities",
                expected=f"{' or '.join(allowed)} for the targets of this classifier",
                received=str(network.output),
                remedy="leave out output_activation",
            )
        return OutputHead(target, network, LOG_LOSS[network.output.name])

    def _targets(self, y: NDArray[Any]) -> NDArray[Any]:
        return y

    def _labels_of(self, y: NDArray[Any]) -> NDArray[Any]:
        return self._labels.decode(y)

    def _answers(self, outputs: Floats) -> NDArray[Any]:
        return self._labels.answers(outputs)

    def _own_score(self, X: Any, y: Any, sample_weight: Any) -> float:
        answers = self._answers(self._outputs(X, check=False))
        return self._score_of(accuracy_score, y, answers, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _balanced(y: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights times those of the classes, so that all classes together have the same weight.

    scikit-learn's `compute_sample_weight` counts rows: there a weight of 2 is not the same as a row twice.
    """
    balanced = weights.copy()
    for column in y.reshape(len(y), -1).T:
        classes, numbers = np.unique(column, return_inverse=True)
        sums = np.bincount(numbers, weights)
        balanced *= weights.sum() / (len(classes) * np.where(sums > 0, sums, 1.0))[numbers]
    return balanced
