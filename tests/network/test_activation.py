"""What every activation is: described, found, refused where it must be, and declared by anyone."""

import json
import math

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, UnknownNameError
from pellucid.network import Activation, Interval, Network, Objective, activations, costs, initializers
from pellucid.passes.reference import backward, forward

WITHOUT_SLOPE = {"step": "sigmoid", "sign": "tanh"}


class TestInterval:
    @pytest.mark.parametrize(
        ("inner", "outer", "expected"),
        [
            (Interval(0, 1), Interval(0, 1), True),
            (Interval(0, 1), Interval(-1, 2), True),
            (Interval(0, 1), Interval(), True),
            (Interval(), Interval(), True),
            (Interval(), Interval(0, 1), False),
            (Interval(-1, 1), Interval(0, 1), False),
            (Interval(0, 2), Interval(0, 1), False),
            (Interval(0, 1, closed_low=True), Interval(0, 1), False),
            (Interval(0, 1, closed_high=True), Interval(0, 1), False),
            (Interval(0, 1), Interval(0, 1, closed_low=True, closed_high=True), True),
            (Interval(0, 1, closed_low=True), Interval(-1e-9, 1), True),
            (Interval(0, math.inf, closed_low=True), Interval(0, math.inf), False),
        ],
    )
    def test_within(self, inner, outer, expected):
        assert inner.within(outer) is expected

    @pytest.mark.parametrize(
        ("interval", "text"),
        [
            (Interval(), "(−∞, ∞)"),
            (Interval(0, math.inf, closed_low=True), "[0, ∞)"),
            (Interval(-1, 1), "(−1, 1)"),
            (Interval(-0.16997, 6, closed_low=True, closed_high=True), "[−0.17, 6]"),
        ],
    )
    def test_str(self, interval, text):
        assert str(interval) == text


@pytest.mark.parametrize("activation", activations, ids=str)
class TestEveryDeclaration:
    def test_says_what_it_is(self, activation):
        for text in (activation.summary, activation.formula, activation.slope_formula, activation.source):
            assert text.strip()
        assert activation.summary.endswith(".")

    def test_formulas_are_balanced(self, activation):
        for formula in (activation.formula, activation.slope_formula):
            assert formula.count("{") == formula.count("}")
            assert formula.count(r"\left") == formula.count(r"\right")

    def test_chooses_an_initializer_that_exists(self, activation):
        assert activation.initializer in initializers

    def test_description_is_ready_for_json(self, activation):
        description = activation.describe()
        assert json.loads(json.dumps(description)) == description
        assert description["name"] == activation.name
        assert description["range"] == str(activation.range)
        assert description["trainable"] == (activation.name not in WITHOUT_SLOPE)
        assert description["acts_on_layer"] == (activation.name == "softmax")

    def test_is_found_by_what_it_writes(self, activation):
        assert activations.get(str(activation)) == activation

    def test_is_found_by_name_alias_class_and_itself(self, activation):
        for name in (activation.name, *activation.aliases, activation.name.upper(), type(activation)):
            assert activations.get(name) == activation
        assert activations.get(activation) is activation


@pytest.mark.parametrize(("name", "instead"), WITHOUT_SLOPE.items())
def test_training_without_a_slope_is_refused(name, instead):
    activation = activations.get(name)
    assert not activation.trainable
    z = np.array([[1.0]])
    for refused in (activation.check_trainable, lambda: activation.backward(z, z, z)):
        with pytest.raises(ConfigurationError) as caught:
            refused()
        message = str(caught.value)
        assert "its derivative is 0 almost everywhere" in message
        assert f"received: {name}" in message
        assert f"what to do: train with {instead}" in message
    assert activations.get(instead).trainable


@pytest.mark.parametrize("name", [name for name in activations.names if name not in WITHOUT_SLOPE])
def test_training_through_all_others_is_allowed(name):
    activations.get(name).check_trainable()


class TestParameters:
    @pytest.mark.parametrize("name", ["leaky_relu:alpha=0.2", "elu:alpha=2.5", "swish:beta=1.5"])
    def test_are_read_and_written(self, name):
        activation = activations.get(name)
        assert str(activation) == name
        assert activation.parameters == {name[name.index(":") + 1 : name.index("=")]: float(name[-3:])}

    def test_the_usual_ones_are_not_written(self):
        assert str(activations.get("leaky_relu:alpha=0.01")) == "leaky_relu"

    def test_numpy_numbers_are_written_as_numbers(self):
        leaky = type(activations.get("leaky_relu"))
        assert str(leaky(np.float64(0.2))) == "leaky_relu:alpha=0.2"
        assert str(leaky(2)) == "leaky_relu:alpha=2.0"

    @pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e999", "1e7", "1_0"])
    @pytest.mark.parametrize("parameter", ["leaky_relu:alpha", "elu:alpha", "swish:beta"])
    def test_values_that_cannot_be_are_refused(self, parameter, value):
        with pytest.raises(ConfigurationError, match=r"cannot be|is not a number"):
            activations.get(f"{parameter}={value}")

    @pytest.mark.parametrize("parameter", ["leaky_relu:alpha", "elu:alpha", "swish:beta"])
    @pytest.mark.parametrize("value", ["1e-6", "1e6"])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_values_that_can_be_never_overflow(self, parameter, value, dtype):
        activation = activations.get(f"{parameter}={value}")
        z = np.array([[-1e30, -1e10, -1, 0, 1, 1e10, 1e30]], dtype=dtype)
        a = activation.forward(z)
        assert np.isfinite(a).all()
        assert np.isfinite(activation.backward(z, a, np.ones_like(z))).all()

    def test_each_is_said_once(self):
        with pytest.raises(ConfigurationError, match="alpha of leaky_relu is given twice"):
            activations.get("leaky_relu:alpha=0.1,alpha=0.2")

    def test_the_range_follows(self):
        assert activations.get("elu:alpha=0.5").range == Interval(-0.5, math.inf)
        assert activations.get("swish:beta=2").range.low == activations.get("swish").range.low / 2

    def test_differ_in_equality(self):
        assert activations.get("elu:alpha=0.5") != activations.get("elu")
        assert activations.get("elu:alpha=0.5") != activations.get("leaky_relu:alpha=0.5")
        assert activations.get("relu") != activations.get("tanh")


@pytest.mark.parametrize(
    ("wrong", "near"), [("rleu", "relu"), ("sigmoyd", "sigmoid"), ("soft-max", "softmax"), ("Gelu2", "gelu")]
)
def test_a_near_name_is_suggested(wrong, near):
    with pytest.raises(UnknownNameError, match=f"there is no activation named '{wrong}'") as caught:
        activations.get(wrong)
    assert f"'{near}'" in caught.value.remedy
    assert "did you mean" in caught.value.remedy


class Bump(Activation):
    """A box_muller: the sum's distance from 0 is what counts."""

    name = "bump"
    range = Interval(0, 1, closed_high=True)

    def value(self, z):
        return np.exp(-z * z)

    def slope(self, z, a):
        return -2 * z * a


class TestOnesOwn:
    def test_is_used_by_name_in_a_network_and_its_passes(self):
        activations.register(Bump)
        network = Network([3, 4, 2], "bump", output="bump", dtype="float64", seed=3)
        x, y = np.array([[0.5, -1, 2], [1, 0, -1]]), np.array([[0.2, 0.4], [0.1, 0.9]])
        objective = Objective(network.output, costs.get("mean_squared_error"))
        trace = backward(forward(network, x), y, objective)

        hidden = np.exp(-((x @ network.layers[0].weights) ** 2))
        outputs = np.exp(-((hidden @ network.layers[1].weights) ** 2))
        np.testing.assert_allclose(trace["a2"], outputs, rtol=1e-14)

        for number, layer in enumerate(network.layers, start=1):
            for place in np.ndindex(layer.W.shape):
                losses, here = [], layer.W[place]
                for step in (1e-5, -1e-5):
                    layer.W[place] = here + step
                    new = forward(network, x)
                    losses.append(objective.losses(new.z[-1], new.a[-1], y).mean())
                layer.W[place] = here
                slope = (losses[0] - losses[1]) / 2e-5
                assert trace[f"dL/dW{number}"][place] == pytest.approx(slope, rel=1e-6, abs=1e-9)

    def test_is_listed_without_formulas_too(self):
        activations.register(Bump)
        listed = activations.describe()[-1]
        assert (listed["name"], listed["slope"], listed["range"]) == ("bump", "", "(0, 1]")
        json.dumps(listed)

    def test_may_leave_out_its_range(self):
        class Cube(Activation):
            name = "cube"

            def value(self, z):
                return z**3

            def slope(self, z, a):
                return 3 * z * z

        assert activations.register(Cube)().range == Interval()
        assert costs.get("mse").accepts(Cube())

    def test_needs_a_value_and_a_slope(self):
        class Half(Activation):
            name = "half"

            def value(self, z):
                return z / 2

        with pytest.raises(TypeError, match="abstract"):
            Half()


def test_ones_own_leaves_nothing_behind():
    assert "bump" not in activations
    assert "cube" not in activations


def test_an_activation_of_ones_own_must_give_an_output_for_each_sum():
    class Total(Activation):
        """The sum of all: no activation."""

        name = "total"

        def value(self, z):
            return z.sum()

        def slope(self, z, a):
            return np.ones_like(z)

    with pytest.raises(
        ConfigurationError, match="total does not return one output for each weighted sum"
    ) as caught:
        Total().forward(np.ones((2, 3)))
    assert (caught.value.expected, caught.value.received) == ("outputs of shape (2, 3)", "shape ()")
