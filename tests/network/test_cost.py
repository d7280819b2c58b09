"""What every cost is: described, found, given targets, refused where it must be, declared by anyone."""

import json
import math

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, DataError
from pellucid.network import Cost, Interval, Network, Objective, activations, costs
from pellucid.passes.reference import backward, forward

# Targets that a cost takes, and some that it does not, with the row to be named.
GOOD_TARGETS = {
    "mean_squared_error": [[[-5.5, 1e9]], [[0, 1]], [3.0]],
    "mean_absolute_error": [[[-5.5, 1e9]]],
    "quantile": [[[-5.5, 1e9]]],
    "huber": [[[-5.5, 1e9]]],
    "poisson": [[[0, 3], [2.5, 1e6]]],
    "binary_cross_entropy": [[[0, 1], [0.3, 1]], [[True, False]]],
    "categorical_cross_entropy": [[[0, 1], [1, 0]], [[0.25, 0.75]], [[0.3333, 0.6666]]],
    "sparse_categorical_cross_entropy": [[0, 5, 2], [[3], [1]], [2.0]],
    "hinge": [[[0, 1]]],
}
BAD_TARGETS = {
    "mean_squared_error": [([[1, 2], [math.nan, 1]], 1, "nan"), ([[math.inf, 1]], 0, "inf")],
    "mean_absolute_error": [([[1, 2], [1, -math.inf]], 1, "-inf")],
    "quantile": [([[1, 2], [math.nan, 1]], 1, "nan")],
    "huber": [([math.nan], 0, "nan")],
    "poisson": [([[1, 0], [3, 4], [0, -1]], 2, "-1"), ([[math.inf]], 0, "inf")],
    "binary_cross_entropy": [([[0, 1], [0, 2]], 1, "2"), ([[-0.1, 0]], 0, "-0.1")],
    "categorical_cross_entropy": [
        ([[0, 1], [2, -1]], 1, "2"),
        ([[0, 1], [1, 1]], 1, "a row with the sum 2"),
        ([[0, 0], [0, 1]], 0, "a row with the sum 0"),
        ([[0.5, 0.498], [0, 1]], 0, "a row with the sum 0.998"),
    ],
    "sparse_categorical_cross_entropy": [([0, 1, -1], 2, "-1"), ([3, 1.5], 1, "1.5"), ([math.nan], 0, "nan")],
    "hinge": [([[1, 0], [-1, 1]], 1, "-1")],
}


@pytest.mark.parametrize("cost", costs, ids=str)
class TestEveryDeclaration:
    def test_says_what_it_is(self, cost):
        for text in (cost.summary, cost.formula, cost.slope_formula, cost.source):
            assert text.strip()
        assert cost.summary.endswith(".")
        assert cost.domain_words
        assert cost.targets_words

    def test_its_formula_is_a_mean_over_examples(self, cost):
        assert r"\sum_{k=1}^{N}" in cost.formula
        assert r"{N}" in cost.formula.replace(r"\sum_{k=1}^{N}", "") or r"{2N}" in cost.formula

    def test_description_is_ready_for_json(self, cost):
        description = cost.describe()
        assert json.loads(json.dumps(description)) == description
        assert description["name"] == cost.name
        joint = {"binary_cross_entropy": "sigmoid", "categorical_cross_entropy": "softmax"}
        assert description["joint_with"] == joint.get(cost.name.removeprefix("sparse_"))

    def test_is_found_by_what_it_writes(self, cost):
        assert costs.get(str(cost)) == cost
        for alias in cost.aliases:
            assert costs.get(alias) == cost

    def test_takes_its_targets(self, cost):
        for target in GOOD_TARGETS[cost.name]:
            cost.check_targets(target)

    def test_refuses_others_naming_the_row(self, cost):
        for target, row, received in BAD_TARGETS[cost.name]:
            with pytest.raises(DataError, match=f"invalid target for the cost {cost.name}") as caught:
                cost.check_targets(target)
            assert caught.value.received == received
            assert caught.value.where == f"row {row} of the targets, counted from 0"
            assert caught.value.expected == cost.targets_words
            assert caught.value.remedy


@pytest.mark.parametrize("q", [0, 1, -0.5, math.nan])
def test_a_quantile_is_above_0_and_below_1(q):
    with pytest.raises(ConfigurationError, match="q of quantile cannot be"):
        costs.get(f"quantile:q={q}")


@pytest.mark.parametrize("delta", [0, -1, math.nan])
def test_hubers_delta_is_above_0(delta):
    with pytest.raises(ConfigurationError, match="delta of huber cannot be"):
        costs.get(f"huber:delta={delta}")


class TestAsOutputs:
    mse, sparse = costs.get("mse"), costs.get("sparse_categorical_cross_entropy")

    @pytest.mark.parametrize(
        ("target", "shape"),
        [([[1, 2], [3, 4]], (2, 2)), ([1, 2], (1, 2)), ([1, 2], (2, 1)), (5, (1, 1)), ([[7]], (1, 1))],
    )
    def test_shape_and_dtype_are_those_of_the_outputs(self, target, shape):
        outputs = self.mse.as_outputs(target, np.ones(shape, np.float32))
        assert (outputs.dtype, outputs.shape) == (np.float32, shape)
        np.testing.assert_array_equal(outputs.ravel(), np.ravel(target))

    @pytest.mark.parametrize(
        ("target", "shape"),
        [
            (np.zeros((2, 3)), (3, 2)),  # transposed: as many numbers, in the wrong places
            (np.zeros(6), (2, 3)),
            (np.zeros((2, 1)), (1, 2)),
            (np.zeros(3), (2, 3)),
            (np.zeros((1, 3)), (2, 3)),
            (0.0, (2, 1)),
        ],
    )
    def test_targets_of_another_shape_are_refused(self, target, shape):
        with pytest.raises(DataError, match="the targets do not match the outputs") as caught:
            self.mse.as_outputs(target, np.ones(shape))
        assert caught.value.expected == f"{shape[0]} rows of {shape[1]}"
        assert caught.value.received == f"an array of shape {np.shape(target)}"

    @pytest.mark.parametrize("target", [[2, 0], [[2], [0]], [2.0, 0.0], np.array([2, 0], np.uint8)])
    def test_class_numbers_become_rows(self, target):
        outputs = self.sparse.as_outputs(target, np.ones((2, 3), np.float32))
        assert outputs.dtype == np.float32
        np.testing.assert_array_equal(outputs, [[0, 0, 1], [1, 0, 0]])

    @pytest.mark.parametrize(
        ("target", "received"),
        [
            ([0, 3], "2 from 0 to 3"),  # a class too high
            ([1], "1 from 0 to 1"),  # one number would be spread over both rows
            ([0, 1, 2], "3 from 0 to 2"),
            ([[1, 0, 0], [0, 1, 0]], "6 from 0 to 1"),  # one-hot rows given to the wrong cost
            ([], "0 from 0 to 0"),
        ],
    )
    def test_class_numbers_that_do_not_fit_are_refused(self, target, received):
        with pytest.raises(DataError, match="the targets do not match the outputs") as caught:
            self.sparse.as_outputs(target, np.ones((2, 3)))
        assert caught.value.expected == "2 class indices from 0 to 2"
        assert caught.value.received == received


class Quartic(Cost):
    """The fourth power of the error."""

    name = "quartic"
    formula = r"\frac{1}{4N} \sum_{k=1}^{N} \sum_i (\hat y_i - y_i)^4"

    def value(self, prediction, target):
        return (prediction - target) ** 4 / 4

    def slope(self, prediction, target):
        return (prediction - target) ** 3


class AboveTen(Cost):
    """A cost that no activation here can meet."""

    name = "above_ten"
    domain = Interval(10, 20)
    domain_words = "numbers from 10 to 20"

    def value(self, prediction, target):
        return np.log(prediction - 10) + np.log(20 - prediction)

    def slope(self, prediction, target):
        return 1 / (prediction - 10) - 1 / (20 - prediction)


class TestOnesOwn:
    def test_meets_every_activation_and_its_gradients_are_right(self):
        costs.register(Quartic)
        random = np.random.default_rng(0)
        x, y = random.normal(size=(3, 2)), random.normal(size=(3, 4))
        for output in activations:
            if not output.trainable:
                continue
            network = Network([2, 3, 4], "tanh", output=output, dtype="float64", seed=1)
            objective = Objective(network.output, costs.get("quartic"))
            trace = backward(forward(network, x), y, objective)
            np.testing.assert_allclose(trace["loss"], ((trace["a2"] - y) ** 4).sum(axis=1) / 4, rtol=1e-13)
            losses = []
            for step in (1e-5, -2e-5):
                network.layers[0].biases[1] += step
                new = forward(network, x)
                losses.append(objective.losses(new.z[-1], new.a[-1], y).mean())
            slope = (losses[0] - losses[1]) / 2e-5
            assert trace["dL/db1"][1] == pytest.approx(slope, rel=1e-6), output

    def test_is_listed_without_a_slope_formula_too(self):
        costs.register(Quartic)
        listed = costs.describe()[-1]
        assert (listed["name"], listed["slope"], listed["predictions"]) == ("quartic", "", "any numbers")

    def test_a_cost_that_nothing_meets_says_so(self):
        costs.register(AboveTen)
        with pytest.raises(ConfigurationError) as caught:
            Objective(activations.get("relu"), costs.get("above_ten"))
        assert caught.value.expected == "numbers from 10 to 20"
        assert caught.value.remedy.startswith("keep relu and choose the cost mean_squared_error")


def test_ones_own_leaves_nothing_behind():
    assert "quartic" not in costs
    assert "above_ten" not in costs
