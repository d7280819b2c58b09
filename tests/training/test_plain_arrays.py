"""Arrays as they are: what is refused, and what is said of it."""

import numpy as np
import pytest
from scipy import sparse

from pellucid.errors import DataError
from pellucid.network import Network, costs
from pellucid.training.plain_arrays import as_dataset

NETWORK = Network([2, 3])
X, Y = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]]), np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ((X, Y, Y), "data is not a pair of arrays"),
        ((X[:, :1], Y), "x does not fit the network"),
        ((X[0], Y[:1]), "x does not fit the network"),
        ((X[:0], Y[:0]), "x does not fit the network"),
        ((X, Y[:2]), "differ in length"),
        ((np.where(X == 2, np.nan, X), Y), "x"),
        ((sparse.csr_array(np.where(X == 2, np.inf, X)), Y), "x"),
        ((X, [0, 1, 3]), "a target is not one of the classes"),
        ((X, [0, 1, -1]), "a target is not one of the classes"),
        ((X, ["a", "b", "c"]), "the targets do not fit the network"),
        ((X, np.zeros((3, 2))), "the targets do not fit the network"),
        ((X, np.zeros((3, 2), bool)), "the targets do not fit the network"),
        (([["a", "b"]], [0]), "x"),
    ],
)
def test_what_does_not_fit(data, problem):
    with pytest.raises(DataError) as caught:
        as_dataset(NETWORK, data)
    assert problem in caught.value.problem
    assert caught.value.expected
    assert caught.value.received


def test_validation_and_test_sets_are_looked_at_too():
    with pytest.raises(DataError, match="validation_data is not a pair"):
        as_dataset(NETWORK, (X, Y), validation_data=X)
    with pytest.raises(DataError, match="not one of the classes"):
        as_dataset(NETWORK, (X, Y), test_data=(X, Y + 1))


def test_the_sets_that_there_are():
    alone = as_dataset(NETWORK, (X, Y))
    assert list(alone.sets) == ["train"]
    with pytest.raises(DataError, match="no test set"):
        _ = alone.test_set
    both = as_dataset(NETWORK, (X, Y), validation_data=(X[:2], Y[:2]), test_data=(X[:1], Y[:1]))
    assert {name: len(examples) for name, examples in both.sets.items()} == {
        "train": 3, "test": 1, "validation": 2,
    }  # fmt: skip


def test_the_cost_says_whether_whole_numbers_are_classes():
    network = Network([2, 3], output="identity")
    hinge = as_dataset(network, (X, Y), cost=costs.get("hinge"))
    assert hinge.task == "classification"
    one = Network([2, 1], output="identity")
    assert as_dataset(one, (X, Y)).task == "regression"
    assert as_dataset(Network([2, 1], output="sigmoid"), (X, Y % 2)).target.labels == (0, 1)
