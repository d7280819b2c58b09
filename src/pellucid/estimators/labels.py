"""The labels of a classifier: what they are, their numbers, and back."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.utils.multiclass import type_of_target

from pellucid.network import Floats

__all__ = ["Labels"]


@dataclass(frozen=True)
class Labels:
    """The classes that occur, in ascending order, or the labels that each example has or has not.

    Parameters
    ----------
    classes : array, shape (n_classes,)
    kind : {"binary", "multiclass", "multilabel-indicator"}
        As scikit-learn calls them.
    sparse : bool
        Whether multilabel targets came as a sparse matrix, as answers then do.

    Examples
    --------
    >>> labels, numbers = Labels.of(np.array(["no", "yes", "no"]))
    >>> labels.n_outputs, numbers, labels.answers(np.array([[0.7], [0.2]]))
    (1, array([0, 1, 0]), array(['yes', 'no'], dtype='<U3'))
    """

    classes: NDArray[Any]
    kind: str
    sparse: bool = False

    @classmethod
    def of(cls, y: Any) -> tuple[Self, NDArray[Any]]:
        """Return the labels that occur, and those of each example as `encode` returns them.

        Raises
        ------
        ValueError
            If each example has several values that are not yes or no, or the values are not classes.
        """
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if "multioutput" in kind:
            raise ValueError("Multioutput target data is not supported with label binarization")
        if kind == "multilabel-indicator":
            return cls(np.arange(y.shape[1]), kind, issparse(y)), _answers_given(y)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"{kind} target data is not supported with label binarization; for quantities use "
                "MLPRegressor"
            )
        classes, numbers = np.unique(y, return_inverse=True)
        # Words of pandas are answered as an array of words, as in scikit-learn.
        if classes.dtype == object:
            classes = np.array(classes.tolist())
        return cls(classes, kind), numbers

    @property
    def is_multilabel(self) -> bool:
        """Whether an example has any number of the labels."""
        return self.kind == "multilabel-indicator"

    @property
    def n_outputs(self) -> int:
        """The number of outputs: a single one for two classes."""
        return len(self.classes) if self.kind != "binary" else 1

    def encode(self, y: Any) -> NDArray[Any]:
        """Return the class numbers of labels that are known, shape (n,), or booleans, shape (n, n_labels)."""
        if self.is_multilabel:
            return _answers_given(y)
        numbers: NDArray[np.intp] = np.searchsorted(self.classes, y)
        return numbers

    def decode(self, encoded: NDArray[Any]) -> NDArray[Any]:
        """Return the labels of class numbers or booleans."""
        if not self.is_multilabel:
            return self.classes[encoded]
        answers = encoded.astype(np.int64)
        return csr_array(answers) if self.sparse else answers

    def answers(self, outputs: Floats) -> NDArray[Any]:
        """Return the labels of a network's outputs, shape (n, n_outputs)."""
        if self.is_multilabel:
            return self.decode(outputs > 0.5)
        if len(self.classes) == 1:
            return np.repeat(self.classes, len(outputs))
        numbers = outputs.argmax(axis=1) if self.n_outputs > 1 else (outputs[:, 0] > 0.5).astype(np.intp)
        return self.decode(numbers)


def _answers_given(y: Any) -> NDArray[np.bool_]:
    answers: NDArray[np.bool_] = (y.toarray() if issparse(y) else np.asarray(y)).astype(bool)
    return answers
