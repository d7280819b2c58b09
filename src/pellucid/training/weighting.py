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
from pellucid.network import Floats
from pellucid.number import check_number

__all__ = ["ClassWeight", "batch_divisors", "described", "smooth", "weigh", "weights_for"]

# "balanced", or a weight for each label.
ClassWeight = str | Mapping[Any, float]


def described(class_weight: ClassWeight | None) -> dict[str, Any]:
    """Return the class weights as the settings of a model have them."""
    if isinstance(class_weight, Mapping):
        class_weight = {str(label): float(weight) for label, weight in class_weight.items()}
    return {} if class_weight is None else {"class_weight": class_weight}


def batch_divisors(weights: Floats, batch_size: int) -> Floats:
    """Return the sum of the weights of each batch, from those of the examples in their order.

    Examples
    --------
    >>> batch_divisors(np.array([0.5, 1.0, 0.0, 0.0, 2.0]), batch_size=2).tolist()
    [1.5, 1.0, 2.0]
    """
    sums = np.add.reduceat(weights, np.arange(0, len(weights), batch_size), dtype=np.float64)
    # A batch in which nothing counts has no gradient.
    divisors: Floats = np.where(sums > np.finfo(weights.dtype).tiny, sums, 1.0)
    return divisors


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
    """Return data with sample weights on every set, 1 on average; the same object if there are none.

    Those of the training set are used in training, and being 1 on average they keep the meaning of the
    learning rate: the given weights, one for each example, times the class weights and the weights in the
    data. On the other sets they change only the weighted figures: there, a row has its weight from the data,
    times its class's weight from the training set. "balanced" gives every class the same total weight,
    whatever its number of examples; a dict has a weight for each label, 1 for labels it omits.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> data = load_data((np.arange(10.0)[:, None], [0] * 6 + [1] * 4), test_size=0.2)
    >>> weigh(data) is data, weigh(data, {1: 3.0}).test.weights.tolist()
    (True, [0.5, 1.5])
    >>> weigh(data, {1: 3.0}).train.weights.round(2).tolist()
    [0.57, 0.57, 0.57, 0.57, 0.57, 1.71, 1.71, 1.71]
    """
    in_data = [examples.weights for examples in data.sets.values()]
    if class_weight is None and weights is None and all(own is None for own in in_data):
        return data
    of_class = None if class_weight is None else _of_classes(data, class_weight)
    given = None if weights is None else within_one(weights_for(len(data.train), weights))
    of_train = _product(data.train, of_class, given)
    if not of_train.any():
        raise DataError("all sample weights are 0", expected="a weight above 0", received="none")
    weighed = {
        name: replace(examples, weights=relative_weights(_product(examples, of_class)))
        for name, examples in data.sets.items()
        if name != "train"
    }
    return replace(
        data,
        train=replace(data.train, weights=one_on_average(of_train)),
        test=weighed.get("test"),
        validation=weighed.get("validation"),
    )


def _product(
    examples: Examples, of_class: NDArray[np.float64] | None, given: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the given weights times those in the data, times those of the classes."""
    found = np.ones(len(examples)) if given is None else given
    if examples.weights is not None:
        found = found * examples.weights
    return found if of_class is None else found * within_one(of_class[examples.known_targets])


def weights_for(n: int, weights: Any) -> NDArray[np.float64]:
    """Return sample weights, checked to be a finite number, 0 or more, for each of n examples."""
    try:
        said = np.asarray(weights)
    except ValueError:  # rows of different lengths
        said = np.asarray(weights, dtype=object)
    try:
        given = np.atleast_1d(said.astype(np.float64) if said.dtype.kind in "biufO" else np.empty(0))
    except (TypeError, ValueError, OverflowError):
        given = np.empty(0)
    if given.shape != (n,):
        raise DataError(
            "the weights do not fit the examples",
            expected=f"{n:,} numbers, one for each",
            received=f"shape {said.shape} of {said.dtype}",
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
        of_class[code] = check_number(weight, f"the weight of class {label!r}", at_least=0)
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
