import numpy as np
import pytest

from pellucid.network import Network, Objective, costs
from pellucid.passes.reference import Trace, backward, forward

FORWARD = ["x", "z1", "a1", "z2", "a2", "z3", "a3"]
BACKWARD = [
    *("y", "loss", "dL/da3"),
    *("delta3", "dL/dW3", "dL/db3"),
    *("delta2", "dL/dW2", "dL/db2"),
    *("delta1", "dL/dW1", "dL/db1"),
]


@pytest.fixture
def network():
    return Network([5, 4, 3, 2], "tanh", dtype="float64")


@pytest.fixture
def trace(network):
    return forward(network, np.arange(10.0).reshape(2, 5) / 10)


@pytest.fixture
def complete(network, trace):
    return backward(trace, [[0, 1], [1, 0]], Objective(network.output, costs.get("cce")))


def test_names_come_in_the_order_of_computation(trace):
    assert list(trace) == FORWARD


def test_names_after_the_backward_pass(complete):
    assert list(complete) == FORWARD + BACKWARD
    assert [name for name, _ in complete.items()] == FORWARD + BACKWARD


def test_shapes(complete):
    assert complete.shapes() == {
        "x": (2, 5),
        "z1": (2, 4),
        "a1": (2, 4),
        "z2": (2, 3),
        "a2": (2, 3),
        "z3": (2, 2),
        "a3": (2, 2),
        "y": (2, 2),
        "loss": (2,),
        "dL/da3": (2, 2),
        "delta3": (2, 2),
        "dL/dW3": (2, 3),
        "dL/db3": (2,),
        "delta2": (2, 3),
        "dL/dW2": (3, 4),
        "dL/db2": (3,),
        "delta1": (2, 4),
        "dL/dW1": (4, 5),
        "dL/db1": (4,),
    }


def test_numbers_by_name(complete):
    for number in (1, 2, 3):
        assert complete[f"z{number}"] is complete.z[number - 1]
        assert complete[f"a{number}"] is complete.a[number]
        assert complete[f"delta{number}"] is complete.delta[number - 1]
        assert complete[f"dL/db{number}"] is complete.bias_gradients[number - 1]
        np.testing.assert_array_equal(complete[f"dL/dW{number}"], complete.weight_gradients[number - 1].T)
    np.testing.assert_array_equal(complete["x"], np.arange(10).reshape(2, 5) / 10)
    np.testing.assert_array_equal(complete["y"], [[0, 1], [1, 0]])


def test_losses_are_those_of_the_objective(complete):
    expected = [-np.log(complete["a3"][0, 1]), -np.log(complete["a3"][1, 0])]
    np.testing.assert_allclose(complete.losses, expected, rtol=1e-14)
    np.testing.assert_allclose(complete["loss"], expected, rtol=1e-14)
    assert complete.loss == pytest.approx(sum(expected) / 2, rel=1e-14)
    assert isinstance(complete.loss, float)


def test_the_loss_slope_is_the_costs(complete):
    a = complete["a3"]
    np.testing.assert_allclose(complete.loss_slope, [[0, -1 / a[0, 1]], [-1 / a[1, 0], 0]], rtol=1e-14)
    np.testing.assert_array_equal(complete["dL/da3"], complete.loss_slope)


def test_class_numbers_are_shown_as_the_rows_they_stand_for(network, trace):
    backward(trace, [1, 0], Objective(network.output, costs.get("sparse_categorical_cross_entropy")))
    np.testing.assert_array_equal(trace["y"], [[0, 1], [1, 0]])


@pytest.mark.parametrize("name", ["losses", "loss", "loss_slope"])
def test_there_is_no_loss_before_the_backward_pass(trace, name):
    with pytest.raises(LookupError, match="no loss before the backward pass"):
        getattr(trace, name)


def test_an_unknown_name_is_answered_with_those_there_are(trace):
    with pytest.raises(KeyError) as caught:
        trace["loss"]
    assert caught.value.args == ("'loss' is not in this trace; it has x, z1, a1, z2, a2, z3, a3",)


def test_membership(trace, complete):
    assert "delta1" in complete
    assert "delta4" not in complete


def test_lists_are_each_traces_own(network):
    first, second = Trace(network), Trace(network)
    first.z.append(np.ones(1))
    assert second.z == []
