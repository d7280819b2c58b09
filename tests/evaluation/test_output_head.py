"""Targets for the cost, answers from the outputs, and what is refused."""

import numpy as np
import pytest

from pellucid.data import ClassTarget, LabelTarget, ValueTarget, load_data
from pellucid.errors import ConfigurationError, DataError
from pellucid.evaluation import OutputHead
from pellucid.network import Activation, Cost, Interval, Network, activations, costs
from pellucid.training import build_network, train

THREE = ClassTarget(None, ("a", "b", "c"))
TWO = ClassTarget(None, (-1, 1))
# Mean 20 and spread 10, by hand: (20 ± 10).
PRICE = ValueTarget.fit(np.array([10.0, 30.0]), ("price",))
LABELS = LabelTarget(("loop", "even"))
PAIR = ValueTarget.fit(np.array([[10.0, 1.0], [30.0, 5.0]]))


def head(target, sizes, output, cost, dtype="float64"):
    return OutputHead(target, Network(sizes, output=output, dtype=dtype), costs.get(cost))


class TestPrepare:
    def test_one_hot_rows(self):
        ready = head(THREE, [2, 3], "softmax", "cross_entropy").prepare(np.array([2, 0]))
        assert ready.tolist() == [[0, 0, 1], [1, 0, 0]]

    def test_two_outputs_for_two_classes(self):
        ready = head(TWO, [2, 2], "softmax", "cross_entropy").prepare(np.array([1, 0]))
        assert ready.tolist() == [[0, 1], [1, 0]]

    def test_one_column(self):
        ready = head(TWO, [2, 1], "sigmoid", "bce").prepare(np.array([1, 0, 1]))
        assert ready.tolist() == [[1], [0], [1]]

    def test_class_numbers_for_a_sparse_cost(self):
        numbers = np.array([2, 0])
        assert head(THREE, [2, 3], "softmax", "sparse_cross_entropy").prepare(numbers) is numbers

    def test_a_column_a_label(self):
        ready = head(LABELS, [2, 2], "sigmoid", "bce").prepare(np.array([[True, False], [True, True]]))
        assert ready.tolist() == [[1, 0], [1, 1]]

    def test_values_are_standardised(self):
        ready = head(PRICE, [2, 1], "identity", "mse").prepare(np.array([[40.0], [15.0]]))
        assert ready.tolist() == [[2], [-0.5]]

    def test_each_of_several_values_by_its_own_spread(self):
        ready = head(PAIR, [2, 2], "identity", "mse").prepare(np.array([[40.0, 3.0]]))
        assert ready.tolist() == [[2, 0]]

    @pytest.mark.parametrize(
        ("output", "cost"), [("softplus", "mse"), ("softplus", "poisson"), ("elu", "mse")]
    )
    def test_outputs_that_begin_somewhere_take_values_that_are_scaled_only(self, output, cost):
        own = head(PRICE, [2, 1], output, cost)
        assert own.prepare(np.array([[40.0]])).tolist() == [[4]]
        assert own.answers(np.array([[4.0]])).tolist() == [[40]]

    @pytest.mark.parametrize("output", ["sigmoid", "tanh", "relu6"])
    def test_bounded_outputs_take_values_in_their_units(self, output):
        own = head(PRICE, [2, 1], output, "mse")
        assert own.prepare(np.array([[40.0]])).tolist() == [[40]]
        assert own.answers(np.array([[40.0]])).tolist() == [[40]]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_in_the_networks_dtype(self, dtype):
        for own, targets in [
            (head(THREE, [2, 3], "softmax", "cce", dtype), np.array([1])),
            (head(TWO, [2, 1], "sigmoid", "bce", dtype), np.array([1])),
            (head(PRICE, [2, 1], "identity", "mse", dtype), np.array([[1.0]])),
            (head(PRICE, [2, 1], "softplus", "poisson", dtype), np.array([[1.0]])),
        ]:
            assert own.prepare(targets).dtype == dtype


class Pinball(Cost):
    """The cost of a quantile, for values alone."""

    name = "pinball"
    formula = slope_formula = r"\ldots"
    task = "regression"

    def value(self, prediction, target):
        return np.maximum(0.9 * (target - prediction), 0.1 * (prediction - target))

    def slope(self, prediction, target):
        return np.where(target > prediction, -0.9, 0.1)


def bounded(name, **intervals):
    return type(name, (Pinball,), {"name": name, **intervals})()


class Below(Activation):
    """Whatever is negative."""

    name = "below"
    formula = slope_formula = r"\ldots"
    range = Interval(-np.inf, 0)

    def value(self, z):
        return -np.log1p(np.exp(z))

    def slope(self, z, a):
        return -1 / (1 + np.exp(-z))


POSITIVE = Interval(0, np.inf)
OWN = [
    Pinball(),
    bounded("counts", targets=POSITIVE),
    bounded("rates", domain=POSITIVE, targets=POSITIVE),
    bounded("losses", targets=Interval(-np.inf, 0)),
    bounded("shares", targets=Interval(0, 1)),
    bounded("large", targets=Interval(1, np.inf)),
]


FOR_VALUES = [*(cost for cost in costs if cost.suits("regression")), *OWN]
PAIRS = [(output, cost) for output in [*activations, Below()] for cost in FOR_VALUES if cost.accepts(output)]


class TestWhatIsDoneToValues:
    """Nothing may be done to them that an end of an interval does not bear: tried on the very numbers."""

    @pytest.mark.parametrize(("output", "cost"), PAIRS, ids=str)
    def test_as_much_as_output_and_cost_bear(self, output, cost):
        target = OutputHead(PAIR, Network([2, 2], output=output), cost).target
        reach = output.range
        ends = [reach.low, reach.high, cost.domain.low, cost.domain.high, cost.targets.low, cost.targets.high]
        shifts = all(np.isinf(ends))
        # A bound of the cost must be where it was once values are divided: only 0 is.
        scales = np.isinf(ends[:2]).any() and all(end / 7 == end for end in ends[2:])
        assert target.mean.tolist() == ([20, 3] if shifts else [0, 0])
        assert target.scale.tolist() == ([10, 2] if scales else [1, 1])

    def test_a_quantile_is_found_whatever_the_level_of_the_values(self):
        random = np.random.default_rng(0)
        x = random.uniform(-1, 1, (400, 1))
        prices = 250_000 + 1_000 * x[:, 0] + random.normal(size=400)
        data = load_data((x, prices), task="regression")
        network = build_network(data, [])
        model = train(network, data, cost=Pinball(), optimizer="adam", batch_size=8, epochs=20)
        assert model.figures["test_r2"] > 0.99


class TestAnswers:
    def test_the_highest_output(self):
        answers = head(THREE, [2, 3], "softmax", "cce").answers(np.array([[0.1, 0.2, 0.7], [0.4, 0.3, 0.3]]))
        assert answers.tolist() == [2, 0]

    def test_the_first_of_equal_outputs(self):
        assert head(THREE, [2, 3], "sigmoid", "bce").answers(np.array([[0.2, 0.4, 0.4]])).tolist() == [1]

    @pytest.mark.parametrize(
        ("output", "cost", "outputs", "expected"),
        [
            ("sigmoid", "bce", [0.49, 0.5, 0.51], [0, 0, 1]),
            ("sigmoid", "mse", [0.49, 0.5, 0.51], [0, 0, 1]),
            # A target of 0 or 1 lies on both sides of a half, whatever the outputs' range.
            ("tanh", "mse", [-0.9, 0.4, 0.6], [0, 0, 1]),
            ("identity", "huber", [-7, 0.4, 9], [0, 0, 1]),
            # The hinge's margin lies around 0.
            ("identity", "hinge", [-0.1, 0.0, 0.1], [0, 0, 1]),
            ("tanh", "hinge", [-0.1, 0.0, 0.1], [0, 0, 1]),
        ],
    )
    def test_one_output_has_a_threshold(self, output, cost, outputs, expected):
        answers = head(TWO, [2, 1], output, cost).answers(np.array(outputs, float)[:, None])
        assert answers.tolist() == expected

    @pytest.mark.parametrize(("output", "cost", "threshold"), [("sigmoid", "bce", 0.5), ("tanh", "hinge", 0)])
    def test_each_label_has_the_threshold(self, output, cost, threshold):
        outputs = np.array([[threshold, threshold + 0.1], [threshold + 0.1, threshold - 0.1]])
        answers = head(LABELS, [2, 2], output, cost).answers(outputs)
        assert answers.tolist() == [[False, True], [True, False]]

    def test_values_in_their_units(self):
        assert head(PRICE, [2, 1], "identity", "mse").answers(np.array([[-0.5], [2]])).tolist() == [
            [15],
            [40],
        ]


class TestConfidence:
    def test_the_chosen_output(self):
        outputs = np.array([[0.1, 0.2, 0.7], [0.4, 0.3, 0.3]])
        own = head(THREE, [2, 3], "softmax", "cce")
        assert own.confidence(outputs, own.answers(outputs)).tolist() == [0.7, 0.4]

    def test_a_chance_is_turned_over_for_a_no(self):
        outputs = np.array([[0.125], [0.75]])
        own = head(TWO, [2, 1], "sigmoid", "bce")
        assert own.confidence(outputs, own.answers(outputs)).tolist() == [0.875, 0.75]

    @pytest.mark.parametrize(
        ("output", "cost", "expected"), [("identity", "hinge", [2, 0.75]), ("tanh", "mse", [2.5, 0.25])]
    )
    def test_without_a_chance_the_distance_from_the_threshold(self, output, cost, expected):
        outputs = np.array([[-2.0], [0.75]])
        own = head(TWO, [2, 1], output, cost)
        assert own.confidence(outputs, own.answers(outputs)).tolist() == expected

    def test_of_each_answer_to_a_label(self):
        outputs = np.array([[0.125, 0.75], [1.0, 0.5]])
        own = head(LABELS, [2, 2], "sigmoid", "bce")
        assert own.confidence(outputs, own.answers(outputs)).tolist() == [[0.875, 0.75], [1.0, 0.5]]


class TestMisfits:
    @pytest.mark.parametrize(
        ("target", "n_out", "output", "cost", "expected"),
        [
            (THREE, 2, "softmax", "cce", "3 output neurons for 3 classes"),
            (THREE, 1, "sigmoid", "bce", "3 output neurons for 3 classes"),
            (TWO, 3, "softmax", "cce", "2 output neurons for 2 classes"),
            (TWO, 3, "sigmoid", "bce", "1 or 2 output neurons for 2 classes"),
            (PRICE, 2, "identity", "mse", "1 output neurons for values of price"),
            (LABELS, 3, "sigmoid", "bce", "2 output neurons for 2 labels"),
            (PAIR, 1, "identity", "mse", "2 output neurons for values of y 0, y 1"),
        ],
    )
    def test_the_number_of_outputs(self, target, n_out, output, cost, expected):
        with pytest.raises(DataError) as caught:
            head(target, [4, n_out], output, cost)
        assert (caught.value.expected, caught.value.received) == (expected, str(n_out))

    @pytest.mark.parametrize("cost", costs, ids=str)
    def test_labels_are_not_shares_of_a_whole(self, cost):
        with pytest.raises(ConfigurationError):
            head(LABELS, [4, 2], "softmax", cost)
        with pytest.raises(ConfigurationError, match="sum to one") as caught:
            head(LABELS, [4, 2], "softmax", "bce")
        assert "sigmoid" in caught.value.remedy

    def test_a_pair_that_cannot_work(self):
        with pytest.raises(
            ConfigurationError, match="binary_cross_entropy cannot be used with the outputs of tanh"
        ):
            head(TWO, [4, 1], "tanh", "bce")


class TestCheck:
    @pytest.mark.parametrize(
        ("output", "value", "reach"),
        [
            ("sigmoid", 1.5, "(0, 1)"),
            ("tanh", -30.0, "(−1, 1)"),
            ("relu", -0.1, "[0, ∞)"),
            ("relu6", 6.5, "[0, 6]"),
            ("elu", -10.5, "(−10, ∞)"),  # the prices' spread is 10
        ],
    )
    def test_values_that_no_output_reaches(self, output, value, reach):
        own = head(PRICE, [2, 1], output, "mse")
        own.check(np.array([[0.5]]))
        with pytest.raises(DataError) as caught:
            own.check(np.array([[0.5], [value]]))
        assert caught.value.problem == f"some targets are outside the range of {output}"
        assert caught.value.expected == f"targets in {reach}"
        assert f"{value:g}" in caught.value.received

    def test_values_that_the_cost_cannot_judge(self):
        with pytest.raises(DataError, match="invalid target for the cost poisson") as caught:
            head(PRICE, [2, 1], "softplus", "poisson").check(np.array([[3.0], [-1.0]]))
        assert caught.value.received == "-1"

    def test_the_ends_of_a_curve_may_be_targets(self):
        head(PRICE, [2, 1], "sigmoid", "mse").check(np.array([[0.0], [1.0]]))
        head(TWO, [2, 1], "tanh", "mse").check(np.array([0, 1]))
