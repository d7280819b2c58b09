"""What the classifier and the regressor have in common: checks, fitting and prediction."""

from abc import ABCMeta, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from pellucid.errors import ConfigurationError
from pellucid.estimators.labels import Labels
from pellucid.estimators.line_search import fit_by_line_search
from pellucid.estimators.parameters import ACTIVATIONS, CONSTRAINTS
from pellucid.estimators.scales import warn_of_scales
from pellucid.estimators.solver_state import SolverState, rule_of
from pellucid.estimators.start import first_weights
from pellucid.estimators.stochastic import StochasticFit
from pellucid.estimators.validation import Validation, given_validation, split
from pellucid.estimators.watching import CallbackSupportMixin, Watchers
from pellucid.evaluation import OutputHead
from pellucid.network import Activation, Floats, Layer, Network, activations
from pellucid.passes.outputs import predict
from pellucid.training.optimizers import optimizers

__all__ = ["MultilayerPerceptron", "has_updates"]


# What an estimator keeps as objects of its own.
_PARTS: dict[str, Any] = {"_optimizer": SolverState, "_labels": Labels}
_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


def searches(solver: Any) -> bool:
    """Return whether a solver is a line search, which makes no updates.

    Examples
    --------
    >>> searches("lbfgs"), searches("adam")
    (True, False)
    """
    return solver not in ("adam", "sgd") and optimizers.get(solver).searches


def has_updates(estimator: Any) -> bool:
    """Return True; raise an error if the solver makes no updates, and so has no partial_fit."""
    if searches(estimator.solver):
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {estimator.solver} is not stochastic."
        )
    return True


class MultilayerPerceptron(CallbackSupportMixin, BaseEstimator, metaclass=ABCMeta):  # type: ignore[misc]  # sklearn has no types
    """The base of both estimators; it has no constructor of its own."""

    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    validation_loss_curve_: list[float] | None
    best_validation_score_: float | None

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation_data: Any = None) -> Self:
        """Fit the network to data.

        Parameters
        ----------
        X : array or sparse matrix, shape (n_samples, n_features)
            The inputs. float32 is kept; all else becomes float64, unless `dtype` says otherwise.
        y : array, shape (n_samples,) or (n_samples, n_outputs)
            Labels or values.
        sample_weight : array, shape (n_samples,), optional
        validation_data : (X, y) or (X, y, sample_weight), optional
            A validation set of one's own: its loss and score are noted after each epoch, and with
            `early_stopping` no share of the training data is held out.

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, validation_data, incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, given: Any = None, *, incremental: bool) -> Self:
        hidden = self._hidden_sizes()
        is_first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        X, y = self._checked(X, y, incremental=incremental, reset=is_first)
        sample_weight = self._weights(X, y, sample_weight)
        self.n_outputs_ = self._n_outputs(y)
        self._random_state = check_random_state(self.random_state)
        if is_first:
            self._initialise([X.shape[1], *hidden, self.n_outputs_], X.dtype)
            warn_of_scales(X, getattr(self, "feature_names_in_", None))
        network, head = self._network(), self._head()
        targets = head.prepare(self._targets(y))
        if self._searches:
            self._check_search(given)
            fit_by_line_search(self, network, head, X, targets, sample_weight)
        else:
            if not incremental or not hasattr(self, "_optimizer"):
                self._optimizer = SolverState.first(self)
            if self.early_stopping and incremental:
                raise ValueError("partial_fit does not support early_stopping=True")
            validation = None if given is None else self._given(given, head)
            if self.early_stopping and validation is None:
                rows, held_out = split(self, y)
                weights = None if sample_weight is None else sample_weight[held_out]
                labels = self._labels_of(y[held_out])
                validation = Validation(X[held_out], labels, targets[held_out], weights)
                X, targets = X[rows], targets[rows]
                sample_weight = None if sample_weight is None else sample_weight[rows]
            self._expect(validation)
            run = StochasticFit(self, network, head, rule_of(self), X, targets, sample_weight, validation)
            run.run(self._optimizer, Watchers(self, X, y), incremental=incremental)
        if not all(np.isfinite(array).all() for array in (*self.coefs_, *self.intercepts_)):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and "
                "need to be preprocessed."
            )
        self._network()  # where a solver replaced arrays: prediction leaves the attributes as they are
        return self

    def _check_search(self, given: Any) -> None:
        """Check that nothing is asked of a line search that only updates and epochs have."""
        asked = {
            "dropout": np.any(self.dropout),
            "callbacks": self.callbacks,
            "validation_data": given is not None,
        }
        for name, value in asked.items():
            if value:
                raise ConfigurationError(
                    f"the solver {self.solver} has no {name}",
                    expected="a solver that learns in epochs, such as adam or sgd",
                    received=f"{name} with the solver {self.solver}",
                    remedy=f"choose another solver, or leave out {name}",
                )

    def _expect(self, validation: Validation | None) -> None:
        """Start the lists of validation figures and the best figures, unless an earlier fit did."""
        if validation is not None and self.validation_scores_ is None:
            self.validation_scores_, self.validation_loss_curve_ = [], []
        if self.early_stopping and self.best_validation_score_ is None:
            self.best_validation_score_ = -np.inf
        if not self.early_stopping and self.best_loss_ is None:
            self.best_loss_ = np.inf

    def _weights(self, X: Any, y: NDArray[Any], sample_weight: Any) -> NDArray[np.float64] | None:
        """Return the sample weights as they count, or None if all count the same."""
        if sample_weight is None:
            return None
        weights: NDArray[np.float64] = _check_sample_weight(sample_weight, X).astype(np.float64)
        return weights

    def _given(self, data: Any, head: OutputHead) -> Validation:
        """Return a user's own validation set, checked like the training data."""
        X, y, sample_weight = given_validation(data)
        X, encoded = self._checked(X, y, incremental=True, reset=False)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X).astype(np.float64)
        targets = head.prepare(self._targets(encoded))
        return Validation(X, self._labels_of(encoded), targets, sample_weight)

    @property
    def _searches(self) -> bool:
        return bool(searches(self.solver))

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if np.any(np.array(sizes) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        return sizes

    def _initialise(self, sizes: list[int], dtype: "np.dtype[Any]") -> None:
        self.n_iter_ = self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._output_name()
        self.coefs_, self.intercepts_ = first_weights(sizes, self.activation, self._random_state, dtype)
        self._best_coefs = [array.copy() for array in self.coefs_]
        self._best_intercepts = [array.copy() for array in self.intercepts_]
        if not self._searches:
            self.loss_curve_ = []
            self._no_improvement_count = 0
            self.best_loss_ = self.best_validation_score_ = None
            self.validation_scores_ = self.validation_loss_curve_ = None

    def _network(self) -> Network:
        """Return the network of the current weights: the same one, as long as they are the same arrays."""
        arrays = [*self.coefs_, *self.intercepts_]
        kept: tuple[list[Any], Any, Network] | None = self.__dict__.get("_kept_network")
        asked = self.activation, self.out_activation_
        if kept is None or kept[1] != asked or [id(a) for a in kept[0]] != [id(a) for a in arrays]:
            n = len(self.coefs_)
            chosen = [*self._hidden_activations(n - 1), _activation(self.out_activation_)]
            layers = map(Layer, self.coefs_, self.intercepts_, chosen)
            self._kept_network = kept = arrays, asked, Network.from_layers(list(layers))
        return kept[2]

    def _hidden_activations(self, n: int) -> list[Activation]:
        each = self.activation
        each = list(each) if isinstance(each, list | tuple) else [each] * n
        if len(each) != n:
            raise ValueError(
                f"activation must be one for all hidden layers or one for each of the {n}, got {len(each)}."
            )
        return [_activation(name) for name in each]

    @property
    def _input_types(self) -> Any:
        """The dtypes that inputs may have; others are converted to the first."""
        return (np.float64, np.float32) if self.dtype is None else np.dtype(self.dtype)

    def __getstate__(self) -> dict[str, Any]:
        """Return plain values and arrays: a stored model needs none of the code of its parts."""
        state: dict[str, Any] = super().__getstate__()
        state.pop("_kept_network", None)
        return state | {name: vars(state[name]) for name in _PARTS if name in state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state | {name: _PARTS[name](**state[name]) for name in _PARTS if name in state})

    def _outputs(self, X: Any, *, check: bool = True) -> Floats:
        """Return the outputs of the network, shape (n, n_outputs)."""
        if check and not self._is_plain(X):
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        with np.errstate(all="ignore"):
            return predict(self._network(), _as_rows(X))

    def _is_plain(self, X: Any) -> bool:
        """Return whether inputs are plainly what `validate_data` would return, which takes longer."""
        return (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype in _FLOATS
            and len(X) > 0
            and X.shape[1] == self.n_features_in_
            and not hasattr(self, "feature_names_in_")
            and bool(np.isfinite(X.sum()))
        )

    def _score_of(self, measure: Any, y: Any, predicted: Any, sample_weight: Any) -> float:
        if np.issubdtype(predicted.dtype, np.floating) and not np.isfinite(predicted).all():
            return np.nan
        return float(measure(y, predicted, sample_weight=sample_weight))

    @abstractmethod
    def _n_outputs(self, y: NDArray[Any]) -> int:
        """Return the number of outputs for checked targets."""

    @abstractmethod
    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        """Return what the validation set has as large a share of as the training set, if anything."""

    @abstractmethod
    def _checked(self, X: Any, y: Any, *, incremental: bool, reset: bool) -> tuple[Any, NDArray[Any]]:
        """Return checked inputs, and checked targets: class numbers, booleans or values."""

    @abstractmethod
    def _output_name(self) -> str:
        """Return the name of the output activation."""

    @abstractmethod
    def _head(self) -> OutputHead:
        """Return what the outputs mean."""

    @abstractmethod
    def _targets(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the targets as data sets store them."""

    @abstractmethod
    def _labels_of(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return targets as users give them."""

    @abstractmethod
    def _own_score(self, X: Any, y: Any, sample_weight: Any) -> float:
        """Return the score on a validation set without a scorer: accuracy, or R squared."""

    def _outputs_in_mean(self, head: OutputHead) -> int:
        """Return over how many outputs the loss of an example is a mean."""
        return 1

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _activation(name: Any) -> Activation:
    return activations.get(ACTIVATIONS.get(name, name) if isinstance(name, str) else name)


def _as_rows(X: Any) -> Any:
    from pellucid.data.sparse_rows import SparseRows, is_sparse

    return SparseRows.of(X) if is_sparse(X) else X
