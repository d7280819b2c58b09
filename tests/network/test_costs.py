"""Every cost against central differences, numbers worked by hand, and its joint form."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import DataError
from pellucid.network import Objective, activations, costs

LN2 = math.log(2)

# (prediction, target, loss, slopes), one example each; every loss is short enough to do in the head.
BY_HAND = {
    # ((1 - 3)^2 + (2 - 1)^2) / 2: the half is the 2 of 1/(2N)
    "mean_squared_error": [([1, 2], [3, 1], 2.5, [-2, 1])],
    # |1 - 3| + |2 - 1|; at no error the slope is 0
    "mean_absolute_error": [([1, 2], [3, 1], 3, [-1, 1]), ([5, 5], [5, 4], 1, [0, 1])],
    # half of |1 - 3| + |2 - 1|; at no error the slope is 0
    "quantile": [([1, 2], [3, 1], 1.5, [-0.5, 0.5]), ([5, 5], [5, 4], 0.5, [0, 0.5])],
    # too low by 2 costs 3/4 of it, too high by 4 a quarter
    "quantile:q=0.75": [([1, 5], [3, 1], 2.5, [-0.75, 0.25])],
    # error 1/2: 1/8; error -3: 3 - 1/2; error 1 is where the two meet: 1/2
    "huber": [([0.5, 0], [0, 3], 1 / 8 + 2.5, [0.5, -1]), ([1, 0], [0, 1], 1, [1, -1])],
    # delta 2: error 3 costs 2 (3 - 1)
    "huber:delta=2": [([3, 1], [0, 0], 4.5, [2, 1])],
    # 1 - 3 + 3 ln 3/1 and 2 - 2 + 2 ln 2/2; slopes 1 - 3/1 and 1 - 2/2; a count of 0 costs the rate
    "poisson": [([1, 2], [3, 2], 3 * math.log(3) - 2, [-2, 0]), ([4, 0.5], [0, 0], 4.5, [1, 1])],
    # -ln 1/2 - ln 3/4; slopes -1/(1/2) and 1/(3/4)
    "binary_cross_entropy": [
        ([0.5, 0.25], [1, 0], LN2 + math.log(4 / 3), [-2, 4 / 3]),
        ([0.5, 0.5], [0.5, 1], 2 * LN2, [0, -2]),
    ],
    # -ln 1/4; only the right class's output counts
    "categorical_cross_entropy": [([0.5, 0.25, 0.25], [0, 1, 0], 2 * LN2, [0, -4, 0])],
    "sparse_categorical_cross_entropy": [([0.5, 0.25, 0.25], [1], 2 * LN2, [0, -4, 0])],
    # yes at 0.25 lacks 0.75; no at 0.5 is wrong by 1.5; clear answers cost nothing; at the margin slope 0
    "hinge": [([0.25, 0.5], [1, 0], 2.25, [-1, 1]), ([3, -3, 1], [1, 0, 1], 0, [0, 0, 0])],
}

# Predictions away from the kinks of any cost, with targets to which they are at all distances.
POINTS = {
    "binary_cross_entropy": ([0.05, 0.3, 0.6, 0.97], [[0, 1, 0, 1], [1, 0, 0.3, 0.9]]),
    "categorical_cross_entropy": ([0.1, 0.2, 0.3, 0.4], [[0, 1, 0, 0], [0.25, 0.25, 0.5, 0]]),
    "sparse_categorical_cross_entropy": ([0.1, 0.2, 0.3, 0.4], [[0], [3]]),
    "poisson": ([0.1, 0.7, 2.0, 9.0], [[0, 1, 2, 30], [4, 0, 1, 9]]),
    "hinge": ([-3.0, -0.4, 0.2, 1.7], [[0, 1, 0, 1], [1, 1, 0, 0]]),
}
SIGNED = ([-3.1, -0.4, 0.2, 1.7], [[0.5, -0.15, 2, 1.5], [-7, 0, 0.3, -2]])

CANONICAL = [
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "categorical_cross_entropy"),
    ("softmax", "sparse_categorical_cross_entropy"),
]
NAMES = [*costs.names, "huber:delta=0.3", "quantile:q=0.9"]


def targets_for(cost, n_examples, n_out, random):
    if cost == "binary_cross_entropy":
        return random.integers(0, 2, (n_examples, n_out)).astype(float)
    classes = random.integers(0, n_out, n_examples)
    return classes if cost.startswith("sparse") else np.eye(n_out)[classes]


def test_every_cost_is_worked_by_hand():
    assert {name.partition(":")[0] for name in BY_HAND} == set(costs.names)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "rows"), BY_HAND.items())
def test_worked_by_hand(name, rows, dtype):
    cost, rel = costs.get(name), 1e-6 if dtype == np.float32 else 1e-14
    for prediction, target, loss, slopes in rows:
        prediction = np.array([prediction], dtype)
        losses = cost.losses(prediction, target)
        found = cost.loss_slopes(prediction, target)
        assert (losses.dtype, losses.shape) == (dtype, (1,))
        assert (found.dtype, found.shape) == (dtype, prediction.shape)
        assert losses[0] == pytest.approx(loss, rel=rel)
        np.testing.assert_allclose(found, [slopes], rtol=rel)


@pytest.mark.parametrize("name", NAMES)
def test_slope_against_central_differences(name):
    cost, step = costs.get(name), 1e-6
    predictions, targets = POINTS.get(cost.name, SIGNED)
    for target in targets:
        prediction = np.array([predictions])
        slopes = cost.loss_slopes(prediction, target)[0]
        for i, slope in enumerate(slopes):
            shift = step * np.eye(4)[i]
            change = cost.losses(prediction + shift, target) - cost.losses(prediction - shift, target)
            assert slope == pytest.approx(change[0] / (2 * step), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_is_the_sum_over_outputs_of_each_example_alone(name):
    cost, random = costs.get(name), np.random.default_rng(0)
    predictions = random.uniform(0.05, 0.95, (5, 3))
    kind = name if "categorical" in name else "binary_cross_entropy"
    target = targets_for(kind, 5, 3, random)
    alone = [cost.losses(predictions[i : i + 1], target[i : i + 1])[0] for i in range(5)]
    np.testing.assert_array_equal(cost.losses(predictions, target), alone)
    parts = cost.value(predictions, cost.as_outputs(target, predictions))
    np.testing.assert_allclose(alone, np.broadcast_to(parts, (5, 3)).sum(axis=1), rtol=1e-14)


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.integers(0, 2**32))
def test_class_numbers_are_the_one_hot_rows_they_stand_for(classes, seed):
    z = np.random.default_rng(seed).normal(size=(len(classes), 5))
    softmax = activations.get("softmax")
    a = softmax.forward(z)
    by_number = costs.get("sparse_categorical_cross_entropy")
    by_row = costs.get("categorical_cross_entropy")
    rows = np.eye(5)[classes]
    np.testing.assert_array_equal(by_number.as_outputs(classes, a), rows)
    np.testing.assert_array_equal(by_number.losses(a, classes), by_row.losses(a, rows))
    np.testing.assert_array_equal(by_number.loss_slopes(a, classes), by_row.loss_slopes(a, rows))
    sparse, dense = Objective(softmax, by_number), Objective(softmax, by_row)
    np.testing.assert_array_equal(sparse.losses(z, a, classes), dense.losses(z, a, rows))
    np.testing.assert_array_equal(sparse.error_term(z, a, classes), dense.error_term(z, a, rows))


@pytest.mark.parametrize(("output", "name"), CANONICAL)
def test_the_joint_form_equals_the_chain_rule(output, name):
    random, activation, cost = np.random.default_rng(1), activations.get(output), costs.get(name)
    z = 3 * random.normal(size=(200, 4))
    a, target = activation.forward(z), targets_for(name, 200, 4, random)
    objective = Objective(activation, cost)
    assert objective.joint is cost.joint
    np.testing.assert_allclose(objective.losses(z, a, target), cost.losses(a, target), rtol=1e-9)
    chain = activation.backward(z, a, cost.loss_slopes(a, target))
    np.testing.assert_allclose(objective.error_term(z, a, target), chain, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [50.0, 1000.0, 1e30])
def test_the_joint_forms_are_exact_where_the_outputs_round_away(size, dtype):
    z = np.array([[size, -size]], dtype)
    yes_no = Objective(activations.get("sigmoid"), costs.get("binary_cross_entropy"))
    one_of = Objective(activations.get("softmax"), costs.get("categorical_cross_entropy"))
    for objective, loss_per_size in ((yes_no, 2), (one_of, 2)):
        a = objective.activation.forward(z)
        # all wrong: max(z, 0) - y z = size for both neurons; ln sum e^z - z_2 = size + size
        np.testing.assert_allclose(objective.losses(z, a, [[0, 1]]), loss_per_size * size, rtol=1e-6)
        np.testing.assert_allclose(objective.error_term(z, a, [[0, 1]]), [[1, -1]], rtol=1e-6)
        # all right: nothing but what is too small to see
        np.testing.assert_allclose(objective.losses(z, a, [[1, 0]]), 0, atol=1e-20)
        np.testing.assert_allclose(objective.error_term(z, a, [[1, 0]]), 0, atol=1e-20)


def test_the_chain_is_not_exact_there():
    # What the joint form is for: the sigmoid of 800 is 1, and the surprise at "no" is cut off at -ln tiny.
    z, no = np.array([[800.0]]), [[0.0]]
    sigmoid, cost = activations.get("sigmoid"), costs.get("binary_cross_entropy")
    a = sigmoid.forward(z)
    assert cost.losses(a, no)[0] == pytest.approx(126 * LN2)  # the smallest normal float32 is 2^-126
    assert sigmoid.backward(z, a, cost.loss_slopes(a, no))[0, 0] == 0
    assert Objective(sigmoid, cost).losses(z, a, no)[0] == 800


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "name",
    ["binary_cross_entropy", "categorical_cross_entropy", "poisson", "sparse_categorical_cross_entropy"],
)
def test_outputs_that_round_to_their_ends_cost_a_finite_loss(name, dtype):
    cost = costs.get(name)
    for prediction in ([0.0, 1.0], [1.0, 0.0], [np.finfo(dtype).smallest_subnormal, 1]):
        for target in ([0, 1], [1, 0]):
            target = [target[1]] if name.startswith("sparse") else [target]
            prediction = np.array([prediction], dtype).reshape(1, 2)
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                assert np.isfinite(cost.losses(prediction, target)).all()
                assert np.isfinite(cost.loss_slopes(prediction, target)).all()


def test_probabilities_and_rates_that_round_to_0_are_read_as_their_least():
    # The same least in value and slope: 2^-126 for a probability, 1e-30 for a rate.
    zero, tiny = np.array([[0.0]]), 2.0**-126
    for name, target, least in (("binary_cross_entropy", [1], tiny), ("poisson", [3], 1e-30)):
        cost, y = costs.get(name), target[0]
        rest = (
            y * math.log(y) - y if name == "poisson" else 0
        )  # what the deviance has beside -y ln of the rate
        assert cost.losses(zero, target)[0] == pytest.approx(-y * math.log(least) + rest)
        assert cost.loss_slopes(zero, target)[0, 0] == pytest.approx(-y / least)


def test_a_large_count_at_a_rate_of_nearly_0_overflows_nothing():
    z = np.array([[-103.0, -90.0, -60.0]], np.float32)  # the softplus of the first is the smallest float
    objective = Objective(activations.get("softplus"), costs.get("poisson"))
    a = objective.activation.forward(z)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        delta = objective.error_term(z, a, [[1e6, 1e6, 1e6]])
    assert np.isfinite(delta).all()
    # (1 - y / a) sigmoid(z) with a = sigmoid(z) = e^z this far out: just -y
    assert delta[0, 2] == pytest.approx(-1e6, rel=1e-5)


@pytest.mark.parametrize("number", [-1, 3, 1.7])
def test_a_number_that_is_no_class(number):
    with pytest.raises(DataError, match="do not match"):
        costs.get("sparse_categorical_cross_entropy").losses(np.full((1, 3), 1 / 3), [number])
