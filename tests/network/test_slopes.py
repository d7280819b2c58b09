"""Slopes beside values: all that come with Pellucid pass, and what is next to right is told apart."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from pellucid.declarations import parameter
from pellucid.errors import ConfigurationError
from pellucid.network import (
    Activation,
    Cost,
    Interval,
    JointForm,
    Layer,
    Network,
    Objective,
    activations,
    costs,
)
from pellucid.network.costs import BinaryCrossEntropy, CategoricalCrossEntropy
from pellucid.network.slopes import check_activation, check_cost

WITH_PARAMETERS = [
    "leaky_relu:alpha=0.3",
    "leaky_relu:alpha=3",
    "elu:alpha=2",
    "swish:beta=0.1",
    "swish:beta=20",
]
COSTS = [*costs, costs.get("huber:delta=0.1"), costs.get("huber:delta=5")]


@pytest.mark.parametrize("activation", [*activations, *map(activations.get, WITH_PARAMETERS)], ids=str)
def test_every_activation_passes(activation):
    check_activation(activation)


@pytest.mark.parametrize("cost", COSTS, ids=str)
def test_every_cost_passes(cost):
    check_cost(cost, activations.get(cost.joint.activation) if cost.joint else None)


def own(value, slope, base=Activation, **attributes):
    """Declare an activation, or a cost, by two functions."""
    said = {"value": lambda self, *x: value(*x), "slope": lambda self, *x: slope(*x)}
    made = type("Own", (base,), {"__doc__": "One's own.", "name": "own", **said, **attributes})
    return made()


def refused(declared, check=check_activation, *more):
    with pytest.raises(ConfigurationError, match="is not the derivative of its value") as caught:
        check(declared, *more)
    return caught.value


@pytest.mark.parametrize("factor", [-1, 2, 0.5, 0, 1.05])
@pytest.mark.parametrize(
    "activation", [a for a in activations if a.trainable and not a.acts_on_layer], ids=str
)
def test_every_activation_with_another_factor_is_refused(activation, factor):
    refused(own(activation.value, lambda z, a: factor * np.asarray(activation.slope(z, a))))


@pytest.mark.parametrize("factor", [-1, 2, 0.5, 0])
@pytest.mark.parametrize("cost", [cost for cost in costs if not cost.takes_class_numbers], ids=str)
def test_every_cost_with_another_factor_is_refused(cost, factor):
    domain = {"domain": cost.domain, "targets": cost.targets}
    refused(own(cost.value, lambda p, y: factor * np.asarray(cost.slope(p, y)), Cost, **domain), check_cost)


WRONG = {
    "the slope in z where a was meant": (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: z * (1 - z)),
    "the slope in a where z was meant": (np.sin, lambda z, a: np.cos(a)),
    "the slope of another": (np.tanh, lambda z, a: 1 / np.cosh(z)),
    "no slope on one side": (lambda z: np.where(z > 0, z, 0.2 * z), lambda z, a: np.where(z > 0, 1, 0)),
    "a wrong sign on one side": (np.abs, lambda z, a: np.ones_like(z)),
    "a wrong factor far out": (
        lambda z: np.where(z > 5, 5 + 0.1 * (z - 5), z),
        lambda z, a: np.where(z > 5, 0.2, 1.0),
    ),
    "the square of the argument": (lambda z: z**3, lambda z, a: 3 * z),
    "a step with the slope of a line": (lambda z: np.where(z > 0, 1.0, 0.0), lambda z, a: np.ones_like(z)),
    "steps with the slope of a line": (lambda z: np.round(4 * z) / 4, lambda z, a: np.ones_like(z)),
    "neurons that see each other": (
        lambda z: z - z.mean(axis=1, keepdims=True),
        lambda z, a: np.ones_like(z),
    ),
}


@pytest.mark.parametrize(("value", "slope"), WRONG.values(), ids=WRONG)
def test_what_is_next_to_right_is_refused(value, slope):
    refused(own(value, slope))


RIGHT = {
    "kinks": (lambda z: np.abs(np.abs(z) - 2), lambda z, a: np.sign(z) * np.sign(np.abs(z) - 2)),
    "any slope at a kink": (lambda z: np.maximum(z, 0), lambda z, a: np.where(z == 0, 77, z > 0)),
    "jumps": (lambda z: z + np.floor(z / 3), lambda z, a: np.ones_like(z)),
    "a wave far faster than the points": (lambda z: np.sin(200 * z), lambda z, a: 200 * np.cos(200 * z)),
    "what overflows at both ends": (lambda z: np.exp(z * z * z), lambda z, a: 3 * z * z * a),
    "a logarithm of half of all numbers": (np.log, lambda z, a: 1 / z),
    "float32 inside": (
        lambda z: np.tanh(z.astype("float32")),
        lambda z, a: 1 - np.tanh(z.astype("float32")) ** 2,
    ),
    "truth values": (lambda z: np.maximum(z, 0), lambda z, a: z > 0),
    "a constant": (np.zeros_like, lambda z, a: np.zeros_like(z)),
    "nothing but what is no number": (lambda z: np.full_like(z, np.nan), lambda z, a: z),
    "an approximation": (lambda z: z + 0.005 * np.sin(z), lambda z, a: np.ones_like(z)),
    "cancelled digits": (lambda z: (z + 1e6) - 1e6, lambda z, a: np.ones_like(z)),
}


@pytest.mark.parametrize(("value", "slope"), RIGHT.values(), ids=RIGHT)
def test_what_is_right_passes_however_rough(value, slope):
    check_activation(own(value, slope))


def test_what_draws_or_counts_cannot_be_compared():
    counter = iter(range(1000))
    for noise in (lambda: np.random.random(), lambda: next(counter)):  # noqa: NPY002 # what people write
        check_activation(own(lambda z, noise=noise: z + noise(), lambda z, a: 3 * z))


def test_what_is_for_layers_of_another_width_cannot_be_compared():
    check_activation(own(lambda z: z * np.arange(16), lambda z, a: np.arange(16) + 0 * z))


class TestWholeLayers:
    class Off(Activation):
        """The sums without their mean."""

        name = "off"
        acts_on_layer = True

        def value(self, z):
            return z - z.mean(axis=-1, keepdims=True)

        def slope(self, z, a):
            return np.full_like(z, 1 - 1 / z.shape[-1])

        def backward(self, z, a, slope_in_a):
            return slope_in_a - slope_in_a.mean(axis=-1, keepdims=True)

    def test_their_jacobian_is_compared(self):
        check_activation(self.Off())

    @pytest.mark.parametrize(
        "back",
        [
            lambda self, z, a, s: s * self.slope(z, a),  # the diagonal alone
            lambda self, z, a, s: s,
            lambda self, z, a, s: s.mean(axis=-1, keepdims=True) - s,
        ],
    )
    def test_anything_else_is_refused(self, back):
        wrong = type("Wrong", (self.Off,), {"backward": back})()
        error = refused(wrong)
        assert "in neuron" in error.where

    def test_softmax_without_its_way_back_is_refused(self):
        softmax = type(activations.get("softmax"))
        refused(type("Diagonal", (softmax,), {"name": "diagonal", "backward": Activation.backward})())


class TestJointForms:
    class Shifted(CategoricalCrossEntropy):
        """A constant more, which the joint form leaves out."""

        name = "shifted"

        def value(self, prediction, target):
            return super().value(prediction, target) - 100

    def test_a_constant_more_or_less_is_no_difference(self):
        check_cost(self.Shifted(), activations.get("softmax"))

    @pytest.mark.parametrize("factor", [-1, 2])
    @pytest.mark.parametrize("what", ["losses", "error_term"])
    def test_a_joint_form_that_is_another_cost_is_refused(self, what, factor):
        right = BinaryCrossEntropy.joint

        class Wrong(JointForm):
            activation = "sigmoid"

            def losses(self, z, target):
                return right.losses(z, target) * (factor if what == "losses" else 1)

            def error_term(self, a, target):
                return right.error_term(a, target) * (factor if what == "error_term" else 1)

        cost = type("Own", (BinaryCrossEntropy,), {"name": "own", "joint": Wrong()})()
        error = refused(cost, check_cost, activations.get("sigmoid"))
        assert str(error).startswith("the slope of the cost own, joined with sigmoid, is not")

    def test_twice_a_cost_with_its_old_joint_form_is_refused(self):
        twice = own(
            lambda p, y: 2 * BinaryCrossEntropy().value(p, y),
            lambda p, y: 2 * BinaryCrossEntropy().slope(p, y),
            BinaryCrossEntropy,
            aliases=(),
        )
        with pytest.raises(ConfigurationError, match="joined with sigmoid"):
            costs.register(type(twice))


@pytest.mark.parametrize(
    "targets", [Interval(), Interval(0), Interval(high=3), Interval(-1, 1), Interval(0, 1)]
)
@pytest.mark.parametrize("domain", [Interval(), Interval(1), Interval(high=-1), Interval(-1, 2)])
def test_a_cost_is_asked_only_for_what_it_can_judge(domain, targets):
    def value(prediction, target):
        assert ((prediction > domain.low) & (prediction < domain.high)).all()
        assert ((target >= targets.low) & (target <= targets.high)).all()
        return (prediction - target) ** 4

    def slope(factor):
        return lambda p, y: factor * (p - y) ** 3

    check_cost(own(value, slope(4), Cost, domain=domain, targets=targets))
    refused(own(value, slope(-4), Cost, domain=domain, targets=targets), check_cost)


def test_it_is_said_where_and_by_how_much():
    error = refused(own(lambda z: 3 * z, lambda z, a: np.full_like(z, -3)))
    assert str(error).startswith("the slope of the activation own is not the derivative of its value")
    assert error.expected == "3, by central differences of the value"
    assert error.received == "a slope of -3"
    assert math.isfinite(float(error.where.removeprefix("z = ")))
    assert "slope_is_exact = False" in error.remedy
    error = refused(own(lambda p, y: (p - y) ** 2, lambda p, y: 2 * (y - p), Cost), check_cost)
    prediction, target = (float(part.split()[-1]) for part in error.where.split(","))
    assert float(error.expected.partition(",")[0]) == pytest.approx(2 * (prediction - target), rel=1e-3)


class Wrong(Activation):
    """A line with a slope of the wrong sign."""

    name = "wrong"

    def value(self, z):
        return 2 * z

    def slope(self, z, a):
        return np.full_like(z, -2)


class WrongCost(Cost):
    """The squared error the other way round."""

    name = "wrong_cost"

    def value(self, prediction, target):
        return (prediction - target) ** 2

    def slope(self, prediction, target):
        return 2 * (target - prediction)


USES = {
    "registered": lambda: activations.register(Wrong),
    "in a network": lambda: Network([2, 3, 2], Wrong()),
    "by its class": lambda: Network([2, 3, 2], Wrong),
    "in a layer": lambda: Layer(np.ones((2, 1)), np.ones(1), Wrong()),
    "in an objective": lambda: Objective(Wrong(), costs.get("mse")),
    "a cost, registered": lambda: costs.register(WrongCost),
    "a cost in an objective": lambda: Objective(activations.get("identity"), WrongCost()),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_wrong_slope_is_refused_whatever_it_is_used_for(use):
    for _ in range(2):  # it is not taken for seen
        with pytest.raises(
            ConfigurationError, match=r"the slope of the .* wrong.* is not the derivative of its value"
        ):
            use()
    assert "wrong" not in activations
    assert "wrong_cost" not in costs


def test_a_layer_that_was_given_another_activation_is_refused_before_it_is_trained():
    network = Network([2, 3, 1], output="identity")
    network.layers[0].activation = Wrong()
    with pytest.raises(ConfigurationError, match="the slope of the activation wrong") as caught:
        network.check_trainable()
    assert caught.value.where.startswith("layer 1")


@dataclass(frozen=True)
class Steep(Activation):
    """A line as steep as a parameter says, with a slope that is right for one of them."""

    name = "steep"
    times: float = parameter(1.0)

    def value(self, z):
        return self.times * z

    def slope(self, z, a):
        return np.ones_like(z)


def test_each_set_of_parameters_is_looked_at_once(monkeypatch):
    asked = []
    value = Steep.value
    monkeypatch.setattr(Steep, "value", lambda self, z: asked.append(self.times) or value(self, z))
    activations.register(Steep)
    looked = len(asked)
    for _ in range(3):
        activations.register(Steep)
        Network([2, 3, 3, 2], "steep")
    assert len(asked) == looked
    with pytest.raises(ConfigurationError, match="the slope of the activation steep"):
        Network([2, 3, 2], "steep:times=2")


def test_a_slope_that_is_made_up_on_purpose_says_so():
    class StraightThrough(Activation):
        """A step that is trained with the slope of a line."""

        name = "straight_through"
        slope_is_exact = False

        def value(self, z):
            return np.where(z > 0, 1.0, 0.0)

        def slope(self, z, a):
            return np.ones_like(z)

    assert Network([2, 3, 2], activations.register(StraightThrough)).layers[0].activation.trainable
    costs.register(type("Clipped", (WrongCost,), {"name": "clipped", "slope_is_exact": False}))


def test_what_cannot_be_made_yet_is_registered_all_the_same():
    class Half(Activation):
        """Without a slope."""

        name = "half"

        def value(self, z):
            return z / 2

    assert activations.register(Half) is Half


def test_a_value_of_another_shape_is_refused_as_such():
    total = own(lambda z: z.sum(), lambda z, a: np.ones_like(z))
    with pytest.raises(ConfigurationError, match="own does not return one output for each weighted sum"):
        Layer(np.ones((2, 1)), np.ones(1), total)
