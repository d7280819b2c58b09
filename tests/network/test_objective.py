"""Which activations meet which costs, how, and what is chosen unless said."""

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.network import (
    Activation,
    Cost,
    Interval,
    Objective,
    activations,
    choose_cost,
    choose_output,
    costs,
)

# Every output activation with the costs that can judge it. All take part in these:
ANY = {"mean_squared_error", "mean_absolute_error", "quantile", "huber"}
PROBABILITY = {"binary_cross_entropy"}
CLASSES = {"categorical_cross_entropy", "sparse_categorical_cross_entropy"}
FITTING = {
    "identity": ANY | {"hinge"},
    "step": ANY,
    "sign": ANY | {"hinge"},
    "sigmoid": ANY | PROBABILITY | {"poisson"},
    "tanh": ANY | {"hinge"},
    "relu": ANY,  # a rate of exactly 0 would make a count impossible
    "leaky_relu": ANY | {"hinge"},
    "elu": ANY | {"hinge"},
    "selu": ANY | {"hinge"},
    "gelu": ANY | {"hinge"},
    "gelu_tanh": ANY | {"hinge"},
    "softplus": ANY | {"poisson"},
    "exp": ANY | {"poisson"},
    "softsign": ANY | {"hinge"},
    "swish": ANY | {"hinge"},
    "mish": ANY | {"hinge"},
    "hard_sigmoid": ANY,  # reaches 0 and 1, whose surprise has no bound
    "hard_swish": ANY | {"hinge"},
    "relu6": ANY,
    "softmax": ANY | PROBABILITY | CLASSES | {"poisson"},
}
JOINT = {("sigmoid", "binary_cross_entropy"), *(("softmax", cost) for cost in CLASSES)}
PAIRS = [(activation, cost) for activation in activations.names for cost in costs.names]


def test_the_table_is_complete():
    assert FITTING.keys() == set(activations.names)
    assert set().union(*FITTING.values()) == set(costs.names)


@pytest.mark.parametrize(("activation", "cost"), PAIRS)
def test_pair(activation, cost):
    pair = activations.get(activation), costs.get(cost)
    assert pair[1].accepts(pair[0]) == (cost in FITTING[activation])
    if cost in FITTING[activation]:
        objective = Objective(*pair)
        assert (objective.joint is not None) == ((activation, cost) in JOINT)
        return
    with pytest.raises(ConfigurationError) as caught:
        Objective(*pair)
    error = caught.value
    assert error.problem == f"the cost {cost} cannot be used with the outputs of {activation}"
    assert error.expected == pair[1].domain_words
    assert error.received == f"outputs in {pair[0].range}"
    end_with, keep = error.remedy.split("; or ")
    named = listed(end_with.removeprefix(f"with {cost}, use the output activation "))
    assert named == {name for name in activations.names if cost in FITTING[name]} - {"step", "sign"}
    assert listed(keep.removeprefix(f"keep {activation} and choose the cost ")) == FITTING[activation]


def listed(words):
    return set(words.replace(" or ", ", ").split(", "))


def test_binary_cross_entropy_on_tanh():
    with pytest.raises(ConfigurationError) as caught:
        Objective(activations.get("tanh"), costs.get("binary_cross_entropy"))
    assert str(caught.value) == (
        "the cost binary_cross_entropy cannot be used with the outputs of tanh\n"
        "  expected: probabilities above 0 and below 1\n"
        "  received: outputs in (−1, 1)\n"
        "  what to do: with binary_cross_entropy, use the output activation sigmoid or softmax; or keep tanh "
        "and choose the cost mean_squared_error, mean_absolute_error, quantile, huber or hinge"
    )


def test_one_fitting_choice_is_named_alone():
    with pytest.raises(ConfigurationError, match="use the output activation softmax;"):
        Objective(activations.get("sigmoid"), costs.get("categorical_cross_entropy"))


def test_outputs_that_no_cost_can_judge():
    class Endless(Activation):
        name = "endless"
        range = Interval(low=0, closed_high=True)  # it reaches infinity

        def value(self, z):
            return 1 / np.abs(z)

        def slope(self, z, a):
            return -np.sign(z) * a * a

    with pytest.raises(ConfigurationError) as caught:
        Objective(Endless(), costs.get("categorical_cross_entropy"))
    assert caught.value.received == "outputs in (0, ∞]"
    assert caught.value.remedy == "with categorical_cross_entropy, use the output activation softmax"


@pytest.mark.parametrize("n_out", [1, 3])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax"])
def test_without_a_joint_form_the_chain_rule_is_followed(activation, n_out):
    activation, cost = activations.get(activation), costs.get("mean_squared_error")
    z = np.random.default_rng(0).normal(size=(4, n_out))
    a, y = activation.forward(z), np.zeros((4, n_out))
    objective = Objective(activation, cost)
    np.testing.assert_array_equal(objective.losses(z, a, y), (a * a).sum(axis=1) / 2)
    np.testing.assert_array_equal(objective.error_term(z, a, y), activation.backward(z, a, a))


class TestChooseOutput:
    @pytest.mark.parametrize(
        ("task", "n_classes", "cost", "expected"),
        [
            ("classification", 10, None, "softmax"),
            ("classification", 2, None, "sigmoid"),
            ("classification", 10, "categorical_cross_entropy", "softmax"),
            ("classification", 2, "categorical_cross_entropy", "softmax"),
            ("classification", 2, "sparse_categorical_cross_entropy", "softmax"),
            ("classification", 10, "binary_cross_entropy", "sigmoid"),
            ("classification", 10, "mean_squared_error", "sigmoid"),  # as in the tutorial
            ("classification", 2, "huber", "sigmoid"),
            ("classification", 2, "hinge", "identity"),
            ("classification", 10, "hinge", "identity"),
            ("regression", None, None, "identity"),
            ("regression", None, "mean_squared_error", "identity"),
            ("regression", None, "huber", "identity"),
            ("regression", None, "poisson", "softplus"),
            ("regression", None, "binary_cross_entropy", "sigmoid"),
        ],
    )
    def test_choice(self, task, n_classes, cost, expected):
        assert choose_output(task, n_classes, cost and costs.get(cost)) == expected

    @pytest.mark.parametrize("task", ["classification", "regression"])
    @pytest.mark.parametrize("cost", costs, ids=str)
    def test_always_fits_the_cost(self, task, cost):
        for n_classes in (2, 5):
            output = activations.get(choose_output(task, n_classes, cost))
            assert output.trainable
            Objective(output, cost)

    def test_a_cost_of_ones_own_gets_what_fits_it(self):
        class Fisher(Cost):
            name = "fisher"
            domain = Interval(-1, 1)

            def value(self, prediction, target):
                return (np.arctanh(prediction) - np.arctanh(target)) ** 2

            def slope(self, prediction, target):
                return 2 * (np.arctanh(prediction) - np.arctanh(target)) / (1 - prediction**2)

        class Nowhere(Fisher):
            name = "nowhere"
            domain = Interval(3, 4)

        assert choose_output("regression", None, Fisher()) == "sigmoid"
        with pytest.raises(ConfigurationError, match="the cost nowhere cannot be used"):
            Objective(activations.get(choose_output("regression", None, Nowhere())), Nowhere())

        class Wide(Fisher):
            name = "wide"
            domain = Interval(-1, 7, closed_high=True, closed_low=True)

            def accepts(self, activation):
                return activation.range.low < 0 and super().accepts(activation)

        assert choose_output("regression", None, Wide()) == "tanh"


class TestChooseCost:
    @pytest.mark.parametrize(
        ("task", "output", "expected"),
        [
            ("classification", "softmax", "categorical_cross_entropy"),
            ("classification", "sigmoid", "binary_cross_entropy"),
            ("classification", "tanh", "hinge"),
            ("classification", "identity", "hinge"),
            ("classification", "relu", "mean_squared_error"),
            ("classification", "hard_sigmoid", "mean_squared_error"),
            ("multilabel", "sigmoid", "binary_cross_entropy"),
            ("multilabel", "tanh", "hinge"),
            ("multilabel", "hard_sigmoid", "mean_squared_error"),
            ("regression", "identity", "mean_squared_error"),
            ("regression", "softplus", "mean_squared_error"),
            ("regression", "softmax", "mean_squared_error"),
        ],
    )
    def test_choice(self, task, output, expected):
        assert choose_cost(task, activations.get(output)) == expected

    @pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
    @pytest.mark.parametrize("output", activations, ids=str)
    def test_always_fits_the_output(self, task, output):
        Objective(output, costs.get(choose_cost(task, output)))
