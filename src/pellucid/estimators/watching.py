"""What is told of each epoch: functions of a user's own, and scikit-learn's callbacks where they exist."""

from typing import Any

from numpy.typing import NDArray

from pellucid.errors import ConfigurationError

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]  # one of the two is defined
        """Stands for scikit-learn's, which has callbacks."""


__all__ = ["CallbackSupportMixin", "Watchers"]


class Watchers:
    """All that is told of the epochs of one fit.

    Parameters
    ----------
    estimator
    X, y : array
        The training data, for scikit-learn's callbacks.
    """

    def __init__(self, estimator: Any, X: Any, y: NDArray[Any]) -> None:
        self.estimator = estimator
        given = estimator.callbacks or ()
        self.functions = list(given) if isinstance(given, list | tuple) else [given]
        for function in self.functions:
            if not callable(function):
                raise ConfigurationError(
                    "a callback is not a function",
                    expected="a function of the estimator, or several",
                    received=repr(function),
                    remedy="for scikit-learn's callbacks, such as ProgressBar(), use set_callbacks",
                )
        self.data = {"X": X, "y": y}
        self.fit: Any = None
        self.epoch: Any = None
        if hasattr(estimator, "_skl_callbacks"):
            self.fit = estimator._init_callback_context(max_subtasks=estimator.max_iter)
            self.fit.call_on_fit_task_begin(estimator=estimator, **self.data)

    def begin_epoch(self) -> None:
        """Announce the start of an epoch."""
        if self.fit is not None:
            self.epoch = self.fit.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(estimator=self.estimator, **self.data)

    def end_epoch(self) -> bool:
        """Announce the end of an epoch, and return whether one of those told asks to stop."""
        told = [function(self.estimator) is True for function in self.functions]
        if self.epoch is not None:
            told.append(
                self.epoch.call_on_fit_task_end(
                    estimator=self.estimator, **self.data, reconstruction_attributes=self._weights
                )
            )
        return any(told)

    def end(self) -> None:
        """Announce the end of the fit."""
        if self.fit is not None:
            self.fit.call_on_fit_task_end(
                estimator=self.estimator, **self.data, reconstruction_attributes=self._weights
            )

    def _weights(self) -> dict[str, Any]:
        """Return what an estimator needs to predict as this one does now."""
        made = self.estimator
        return {
            "coefs_": [array.copy() for array in made.coefs_],
            "intercepts_": [array.copy() for array in made.intercepts_],
        }
