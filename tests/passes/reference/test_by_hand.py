"""The tutorial's 4-2-3 network (ReLU, sigmoid, squared error), worked by hand.

    x = (1, 2, 0, -1)        y = (1, 0, 0)        learning rate 1/2

    W1 = |  1   1/2  3  1/2 |   b1 = | 1/2 |
         | -1   1/2  2   1  |        | 1/4 |

    W2 = |  1    1 |   b2 = |    -2    |
         | 1/2  -1 |        | ln 3 - 1 |
         |-1/2   2 |        | 1 - ln 3 |

The biases b2 are such that the sigmoid gives plain quarters: with z = ln 3, 1 / (1 + 1/3) = 3/4.
"""

import numpy as np
import pytest

from pellucid.network import Layer, Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward

LN3 = np.log(3.0)
RATE = 0.5

X = [1.0, 2.0, 0.0, -1.0]
Y = [1.0, 0.0, 0.0]
W1 = [[1, 0.5, 3, 0.5], [-1, 0.5, 2, 1]]
B1 = [0.5, 0.25]
W2 = [[1, 1], [0.5, -1], [-0.5, 2]]
B2 = [-2, LN3 - 1, 1 - LN3]

WORKED = {
    # z1 = W1 x + b1: 1 + 1 + 0 - 1/2 + 1/2 = 2 and -1 + 1 + 0 - 1 + 1/4 = -3/4
    "z1": [[2, -0.75]],
    # a1 = ReLU(z1): the second neuron is at rest
    "a1": [[2, 0]],
    # z2 = W2 a1 + b2: 2 - 2 = 0, 1 + ln 3 - 1 = ln 3, -1 + 1 - ln 3 = -ln 3
    "z2": [[0, LN3, -LN3]],
    # a2 = sigmoid(z2): 1 / (1 + 1), 1 / (1 + 1/3), 1 / (1 + 3)
    "a2": [[0.5, 0.75, 0.25]],
    # loss = sum of (y - a2)^2 / 2: (1/4 + 9/16 + 1/16) / 2 = 7/16
    "loss": [0.4375],
    # dL/da2 = -(y - a2)
    "dL/da2": [[-0.5, 0.75, 0.25]],
    # delta2 = dL/da2 * a2 (1 - a2): -1/2 * 1/4, 3/4 * 3/16, 1/4 * 3/16
    "delta2": [[-1 / 8, 9 / 64, 3 / 64]],
    # dL/dW2 = delta2 a1^T: the first column twice delta2, the second 0, as its input was
    "dL/dW2": [[-1 / 4, 0], [9 / 32, 0], [3 / 32, 0]],
    "dL/db2": [-1 / 8, 9 / 64, 3 / 64],
    # W2^T delta2: -1/8 + 9/128 - 3/128 = -5/64 and -1/8 - 9/64 + 6/64 = -11/64;
    # times ReLU'(z1) = (1, 0): the resting neuron gets no error
    "delta1": [[-5 / 64, 0]],
    # dL/dW1 = delta1 x^T
    "dL/dW1": [[-5 / 64, -10 / 64, 0, 5 / 64], [0, 0, 0, 0]],
    "dL/db1": [-5 / 64, 0],
}

# W - rate * dL/dW, b - rate * dL/db, all from the numbers above: half of each gradient is taken away.
UPDATED = {
    "W1": [[1 + 5 / 128, 0.5 + 10 / 128, 3, 0.5 - 5 / 128], [-1, 0.5, 2, 1]],
    "b1": [0.5 + 5 / 128, 0.25],
    "W2": [[1 + 1 / 8, 1], [0.5 - 9 / 64, -1], [-0.5 - 3 / 64, 2]],
    "b2": [-2 + 1 / 16, LN3 - 1 - 9 / 128, 1 - LN3 - 3 / 128],
}

# The tutorial's table, with a vector as a row: (1, 3) stands for its 3 x 1.
SHAPES = {
    "x": (1, 4),
    "z1": (1, 2),
    "a1": (1, 2),
    "z2": (1, 3),
    "a2": (1, 3),
    "y": (1, 3),
    "loss": (1,),
    "dL/da2": (1, 3),
    "delta2": (1, 3),
    "dL/dW2": (3, 2),
    "dL/db2": (3,),
    "delta1": (1, 2),
    "dL/dW1": (2, 4),
    "dL/db1": (2,),
}


@pytest.fixture
def network():
    return Network.from_layers(
        [
            Layer(np.array(W1, float).T.copy(), np.array(B1), activations.get("relu")),
            Layer(np.array(W2, float).T.copy(), np.array(B2), activations.get("sigmoid")),
        ]
    )


@pytest.fixture
def trace(network):
    objective = Objective(network.output, costs.get("mean_squared_error"))
    return backward(forward(network, np.array(X)), Y, objective)


@pytest.mark.parametrize("name", WORKED)
def test_number(trace, name):
    np.testing.assert_allclose(trace[name], WORKED[name], rtol=1e-14, atol=1e-15)


def test_shapes_are_the_tutorials(trace):
    assert trace.shapes() == SHAPES


def test_gradients_have_the_shapes_of_what_they_change(network, trace):
    for number, layer in enumerate(network.layers, start=1):
        assert trace[f"dL/dW{number}"].shape == layer.W.shape
        assert trace[f"dL/db{number}"].shape == layer.b.shape


def test_the_prediction_is_the_highest_output(trace):
    assert trace["a2"].argmax() == 1  # 3/4: wrong, as the target is the first


def test_the_passes_change_no_weight(network, trace):
    np.testing.assert_array_equal(network.layers[0].W, W1)
    np.testing.assert_array_equal(network.layers[1].W, W2)
    np.testing.assert_array_equal(network.layers[0].b, B1)
    np.testing.assert_array_equal(network.layers[1].b, B2)


def test_weights_and_biases_after_one_update(network, trace):
    for layer, in_weights, in_biases in zip(
        network.layers, trace.weight_gradients, trace.bias_gradients, strict=True
    ):
        layer.weights -= RATE * in_weights
        layer.biases -= RATE * in_biases
    for number, layer in enumerate(network.layers, start=1):
        np.testing.assert_allclose(layer.W, UPDATED[f"W{number}"], rtol=1e-14)
        np.testing.assert_allclose(layer.b, UPDATED[f"b{number}"], rtol=1e-14)


def test_the_update_lowers_the_loss(network, trace):
    # To first order by rate * |gradient|^2, summed here from the numbers worked above.
    squared = sum(np.sum(np.square(WORKED[name])) for name in ("dL/dW1", "dL/db1", "dL/dW2", "dL/db2"))
    before, small = trace.loss, 1e-6
    for layer, in_weights, in_biases in zip(
        network.layers, trace.weight_gradients, trace.bias_gradients, strict=True
    ):
        layer.weights -= small * in_weights
        layer.biases -= small * in_biases
    after = forward(network, np.array(X))
    loss = trace.objective.losses(after.z[-1], after.a[-1], Y).mean()
    assert before - loss == pytest.approx(small * squared, rel=1e-4)


def test_a_second_example_wakes_the_other_neuron_and_the_batch_takes_the_mean(network):
    # x' = (-2, 0, 1, 0): z1' = (-2 + 3 + 1/2, 2 + 2 + 1/4) = (3/2, 17/4), both at work.
    objective = Objective(network.output, costs.get("mse"))
    second = backward(forward(network, np.array([-2.0, 0, 1, 0])), [0, 1, 0], objective)
    np.testing.assert_array_equal(second["z1"], [[1.5, 4.25]])
    assert (second["delta1"] != 0).all()

    both = backward(forward(network, np.array([X, [-2.0, 0, 1, 0]])), [Y, [0, 1, 0]], objective)
    for name in ("dL/dW1", "dL/db1", "dL/dW2", "dL/db2"):
        mean = (np.array(WORKED[name]) + second[name]) / 2
        np.testing.assert_allclose(both[name], mean, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(both["delta1"], [WORKED["delta1"][0], second["delta1"][0]], rtol=1e-14)
    assert both.loss == pytest.approx((0.4375 + second.loss) / 2, rel=1e-14)
