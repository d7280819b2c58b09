"""Sample weights, class weights and label smoothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Dataset, Examples
from pellucid.data.weights import one_on_average, relative_weights, within_one
from pellucid.errors import ConfigurationError, DataError, did_you_mean
from pellucid.evaluation import OutputHead
from pellucid.training.number import check_number

__all__ = ["ClassWeight", "example_weights", "smooth", "weigh", "weights_for"]

# "balanced", or a weight for each label.
ClassWeight = str | Mapping[Any, float]


def smooth(head: OutputHead, targets: Any, share: float) -> Any:
    r"""Prepare stored targets for the cost, with a share of each spread evenly over all classes.

    With a share :math:`s`, they become :math:`(1 - s) y + s / K`. A label has two choices, yes and no: its
    :math:`K` is 2. Values and class numbers cannot be spread.
    """
    ready = head.prepare(targets)
    if not share:
        return ready
    n_choices = head.target.n_choices
    if n_choices is None or head.cost.takes_class_numbers:
        raise ConfigurationError(
            "label smoothing needs class targets that are rows of numbers",
            expected="a classification or multilabel, with a cost such as categorical_cross_entropy",
            received=f"{head.target.task} with {head.cost.name}",
        )
    kind = ready.dtype.type
    return ready * kind(1 - share) + kind(share / n_choices)


def weigh(data: Dataset, class_weight: ClassWeight | None = None, weights: Any = None) -> Dataset:
    """Return data with sample weights on every set; the same object if there are none.

    The weights of the training set are used in training. On the other sets they change only the weighted
    figures: there, a row has its weight from the data, times its class's weight from the training set.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> data = load_data((np.arange(10.0)[:, None], [0] * 6 + [1] * 4), test_size=0.2)
    >>> weigh(data) is data, weigh(data, {1: 3.0}).test.weights.tolist()
    (True, [0.5, 1.5])
    """
    weights_of_train = example_weights(data, class_weight, weights)
    judging = {name: examples for name, examples in data.sets.items() if name != "train"}
    if weights_of_train is None and all(examples.weights is None for examples in judging.values()):
        return data
    of_class = None if class_weight is None else _of_classes(data, class_weight)
    weighed = {name: _weighed(examples, of_class) for name, examples in judging.items()}
    weights_of_train = np.ones(len(data.train)) if weights_of_train is None else weights_of_train
    return replace(
        data,
        train=replace(data.train, weights=weights_of_train),
        test=weighed.get("test"),
        validation=weighed.get("validation"),
    )


def _weighed(part: Examples, of_class: NDArray[np.float64] | None) -> Examples:
    """Return a validation or test set with sample weights, 1 on average."""
    found = np.ones(len(part)) if part.weights is None else part.weights
    if of_class is not None:
        found = found * within_one(of_class[part.known_targets])
    return replace(part, weights=relative_weights(found))


def example_weights(
    data: Dataset, class_weight: ClassWeight | None = None, weights: Any = None
) -> NDArray[np.float64] | None:
    """Return the sample weights of the training set: 1 on average, to keep the meaning of the learning rate.

    The given weights, one for each training example, are multiplied by the class weights and the weights in
    the data. "balanced" gives every class the same total weight, whatever its number of examples; a dict has
    a weight for each label, 1 for labels it omits.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> data = load_data((np.arange(10.0)[:, None], [0] * 6 + [1] * 4), test_size=0.2)
    >>> example_weights(data, {1: 3.0}).round(2).tolist()
    [0.57, 0.57, 0.57, 0.57, 0.57, 1.71, 1.71, 1.71]
    """
    own = data.train.weights
    if class_weight is None and weights is None and own is None:
        return None
    n = len(data.train)
    found = np.ones(n) if weights is None else within_one(weights_for(n, weights))
    if own is not None:
        found = found * own
    if class_weight is not None:
        found = found * within_one(_of_classes(data, class_weight)[data.train.known_targets])
    if not found.any():
        raise DataError("all sample weights are 0", expected="a weight above 0", received="none")
    return one_on_average(found)


def weights_for(n: int, weights: Any) -> NDArray[np.float64]:
    """Return sample weights, checked to be a finite number, 0 or more, for each of n examples."""
    try:
        given = np.atleast_1d(np.asarray(weights, dtype=np.float64))
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.shape != (n,):
        raise DataError(
            "the weights do not fit the examples",
            expected=f"{n:,} numbers, one for each",
            received=f"shape {np.shape(weights)}",
        )
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any():
        raise DataError(
            "a sample weight cannot be used",
            expected="a finite number, 0 or more",
            received=f"{given[wrong][0]:g}",
            where=f"weight {int(wrong.argmax())}, counted from 0",
        )
    return given


def _of_classes(data: Dataset, class_weight: ClassWeight) -> NDArray[np.float64]:
    """Return the weight of each class, from the training set."""
    if not isinstance(data.target, ClassTarget):
        raise ConfigurationError(
            "class weights need a classification",
            expected="a classification",
            received=data.task,
            remedy="weight the rows instead: --weight-column, or sample_weight in Python",
        )
    codes = data.train.known_targets
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(codes, minlength=data.target.n_classes)
        balanced: NDArray[np.float64] = len(codes) / (data.target.n_classes * np.maximum(counts, 1))
        balanced[counts == 0] = 1.0  # only other sets have examples of such a class
        return balanced
    if isinstance(class_weight, Mapping):
        return _by_label(data.target, class_weight)
    raise ConfigurationError(
        "the class weights cannot be used",
        expected="'balanced', or a dict with a weight for each label",
        received=repr(class_weight),
    )


def _by_label(target: ClassTarget, class_weight: Mapping[Any, float]) -> NDArray[np.float64]:
    """Return the weight of each class by its label, 1 by default."""
    of_class = np.ones(target.n_classes)
    weighed: set[int] = set()
    for label, weight in class_weight.items():
        code = _class_of(target, label)
        if code in weighed:
            raise ConfigurationError(
                f"class {label!r} has two weights",
                expected="one weight for each class",
                received=", ".join(map(repr, class_weight)),
            )
        of_class[code] = check_number(weight, f"the weight of class {label!r}", least=0)
        weighed.add(code)
    return of_class


def _class_of(target: ClassTarget, label: Any) -> int:
    """Return the class of a label, however it is written: 1, 1.0 or "1"."""
    plain = label.item() if isinstance(label, np.generic) else label
    try:
        return int(target.encode(np.array([plain], dtype=object))[0])
    except DataError:
        raise ConfigurationError(
            f"there is no class {label!r}",
            received=repr(label),
            remedy=did_you_mean(str(label), target.names),
        ) from None
