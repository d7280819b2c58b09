"""Plain arrays as a data set: used as they are, without standardising or splitting."""

from typing import Any

import numpy as np

from pellucid.data import (
    ArrayInputs,
    ClassTarget,
    Dataset,
    Examples,
    Inputs,
    LabelTarget,
    Target,
    ValueTarget,
)
from pellucid.data.cells.arrays import check_finite, check_lengths, number_array
from pellucid.data.encoding.sparse_inputs import SparseInputs
from pellucid.data.examples import Array
from pellucid.data.sparse_rows import SparseRows, is_sparse
from pellucid.errors import ConfigurationError, DataError, check_type
from pellucid.network import Cost, Network

__all__ = ["as_dataset", "plain_values"]


def as_dataset(
    network: Network,
    data: Dataset | tuple[Any, Any],
    cost: Cost | None = None,
    validation_data: tuple[Any, Any] | None = None,
    test_data: tuple[Any, Any] | None = None,
) -> Dataset:
    """Return arrays as a data set, without a copy where their types allow it, or a data set as it is.

    Each pair is inputs, shape (n, n_in), as float32, float64, bytes or a SciPy sparse matrix; and targets:
    class numbers from 0, shape (n,); True and False for each label, shape (n, k); or values, shape (n,) or
    (n, k). Whether whole numbers are classes or values, the cost decides, or else the output layer: they are
    values if its range is unbounded, as with identity.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> as_dataset(Network([2, 3, 2]), (x, [1, 0, 1]))
    <Dataset arrays: 3 rows to train on; 2 inputs; 2 classes>
    """
    if not isinstance(data, tuple | list):
        check_type(data, Dataset, "the data", "a Dataset, or a pair of arrays (x, y)")
        if validation_data is not None or test_data is not None:
            raise ConfigurationError(
                "a data set has a validation and a test set of its own",
                expected="validation_data and test_data beside a pair of arrays only",
                received=repr(data),
            )
        return data
    x, y = _pair(data, "data")
    target = _target_of(network, np.asarray(y), cost)
    train = _examples(network, target, x, y)
    validation, test = (
        None if pair is None else _examples(network, target, *_pair(pair, name))
        for name, pair in (("validation_data", validation_data), ("test_data", test_data))
    )
    inputs = _inputs(train.inputs, network.sizes[0])
    return Dataset("arrays", train, test, inputs, target, validation=validation)


def _target_of(network: Network, y: Array, cost: Cost | None = None) -> Target:
    """Return the meaning of plain targets: class numbers, answers to labels, or values."""
    n_out = network.sizes[-1]
    if y.ndim == 2 and y.dtype.kind == "b":
        return LabelTarget(tuple(f"label {k}" for k in range(n_out)))
    if y.ndim == 1 and y.dtype.kind in "biu" and _means_classes(network, cost):
        return ClassTarget(None, tuple(range(max(n_out, 2))))
    return plain_values(n_out)


def plain_values(n: int) -> ValueTarget:
    """Return n target values that are used as they are."""
    names = ("y",) if n == 1 else tuple(f"y {k}" for k in range(n))
    return ValueTarget(names, np.zeros(n), np.ones(n))


def _means_classes(network: Network, cost: Cost | None) -> bool:
    if cost is not None and cost.suits("classification") != cost.suits("regression"):
        return cost.suits("classification")
    reach = network.output.range
    return bool(np.isfinite([reach.low, reach.high]).all())


def _encode_targets(network: Network, target: Target, y: Any) -> Array:
    """Return plain targets as examples store them, without a copy where their type allows it."""
    given = np.asarray(y)
    if isinstance(target, ClassTarget):
        return _class_numbers(given, target.n_classes)
    if isinstance(target, LabelTarget):
        wanted, kinds = "True and False", "b"
    else:
        wanted, kinds = "numbers", "biuf"
        given = given[:, None] if given.ndim == 1 and network.sizes[-1] == 1 else given
    if given.ndim != 2 or given.shape[1] != network.sizes[-1] or given.dtype.kind not in kinds:
        raise DataError(
            "the targets do not fit the network",
            expected=f"{wanted}, {network.sizes[-1]} for each example",
            received=f"{given.dtype} of shape {given.shape}",
        )
    if kinds == "b":
        return given
    values = given.astype(np.float64, copy=False)
    check_finite(values, "y")
    return values


def _class_numbers(given: Array, n_classes: int) -> Array:
    if given.ndim != 1 or given.dtype.kind not in "biu":
        raise DataError(
            "the targets are not class numbers",
            expected=f"whole numbers from 0 to {n_classes - 1}, shape (n,)",
            received=f"{given.dtype} of shape {given.shape}",
        )
    numbers = given.astype(np.intp, copy=False)
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < n_classes:
        raise DataError(
            "a target is not one of the classes",
            expected=f"whole numbers from 0 to {n_classes - 1}, as many as the network has outputs for",
            received=f"{numbers.min()} to {numbers.max()}",
        )
    return numbers


def _pair(data: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise DataError(
            f"{name} is not a pair of arrays",
            expected="(x, y): the inputs and the targets",
            received=type(data).__name__,
        )
    x, y = data
    return x, y


def _examples(network: Network, target: Target, x: Any, y: Any) -> Examples:
    """Return plain arrays as examples for a network."""
    inputs: Array | SparseRows = SparseRows.of(x) if is_sparse(x) else number_array(x, "x")
    if inputs.ndim != 2 or inputs.shape[1] != network.sizes[0] or not len(inputs):
        raise DataError(
            "x does not fit the network",
            expected=f"one row for each example, shape (n, {network.sizes[0]})",
            received=f"shape {inputs.shape}",
        )
    check_finite(inputs, "x")
    targets = _encode_targets(network, target, y)
    check_lengths(len(inputs), len(targets))
    return Examples(inputs, targets)


def _inputs(inputs: Array | SparseRows, n: int) -> Inputs:
    """Return an encoding of inputs that changes nothing, for the model."""
    if isinstance(inputs, SparseRows):
        return SparseInputs(np.ones(n))
    return ArrayInputs(tuple(f"column {k}" for k in range(n)), np.zeros(n), np.ones(n))
