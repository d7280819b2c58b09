"""Every optimizer by hand, against optax's trajectory or its own definition, and what all have in common.

Trajectories are compared array by array after every update, in the norm, and against the way that was gone
rather than the weights themselves: what hardly moves must not hide behind where it began.
"""

import json
from dataclasses import fields
from functools import cache, partial
from inspect import signature
from itertools import combinations

import jax
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pellucid.errors import ConfigurationError, UnknownNameError
from pellucid.network import Network, Objective, costs
from pellucid.passes.reference import backward, forward
from pellucid.training import Optimizer, optimizers
from pellucid.training.optimizers import Adam, AdamW, Momentum, Rprop

jax.config.update("jax_enable_x64", True)

STEPS = 50
# Those that take a step by a rule; what searches along lines is tested with the search.
STEPPING = [optimizer.name for optimizer in optimizers if not optimizer.searches]
DTYPES = ["float32", "float64"]


def rate_of(count):
    """The learning rate of an update, counted from 0: it falls, so that it matters where it is used."""
    return 0.05 * 0.98**count


def weights_only(parameters):
    return {name: name.startswith("W") for name in parameters}


class ByOptax:
    """An optimizer of optax, which decays weights and not biases, as Pellucid does."""

    def __init__(self, kind, **more):
        self.rule, self.state = kind(rate_of, **more), None
        self.update = jax.jit(self.rule.update)

    def change(self, gradients, parameters):
        self.state = self.rule.init(parameters) if self.state is None else self.state
        changes, self.state = self.update(gradients, self.state, parameters)
        return {name: np.asarray(change) for name, change in changes.items()}


class ByIgelAndHuesken:
    """IRprop- as the paper writes it: one weight after the other, in plain Python."""

    def __init__(self, grow=1.2, shrink=0.5, least=1e-6, most=50.0):
        self.grow, self.shrink, self.least, self.most = grow, shrink, least, most
        self.kept = {}

    def change_of_one(self, key, slope):
        size, before = self.kept.get(key, (rate_of(0), 0.0))
        if before * slope > 0:
            size = min(size * self.grow, self.most)
        elif before * slope < 0:
            size = max(size * self.shrink, self.least)
            slope = 0.0
        self.kept[key] = size, slope
        if slope == 0:
            return 0.0
        return -size if slope > 0 else size

    def change(self, gradients, parameters):
        return {
            name: np.array([self.change_of_one((name, i), slope) for i, slope in enumerate(gradient.flat)])
            .reshape(gradient.shape)
            for name, gradient in gradients.items()
        }  # fmt: skip


# Who else says where each goes.
WITNESSES = {
    "sgd": partial(ByOptax, optax.sgd),
    "momentum": partial(ByOptax, optax.sgd, momentum=0.9),
    "momentum:momentum=0.5": partial(ByOptax, optax.sgd, momentum=0.5),
    "nesterov": partial(ByOptax, optax.sgd, momentum=0.9, nesterov=True),
    "nesterov:momentum=0.5": partial(ByOptax, optax.sgd, momentum=0.5, nesterov=True),
    "adagrad": partial(ByOptax, optax.adagrad),
    "adagrad:initial=0,epsilon=0.01": partial(
        ByOptax, optax.adagrad, initial_accumulator_value=0.0, eps=0.01
    ),
    "rmsprop": partial(ByOptax, optax.rmsprop),
    "rmsprop:beta=0.99,epsilon=0.001": partial(ByOptax, optax.rmsprop, decay=0.99, eps=0.001),
    "adam": partial(ByOptax, optax.adam),
    "adam:beta1=0.8,beta2=0.95,epsilon=0.01": partial(ByOptax, optax.adam, b1=0.8, b2=0.95, eps=0.01),
    "amsgrad": partial(ByOptax, optax.amsgrad),
    "amsgrad:beta1=0.8,beta2=0.9": partial(ByOptax, optax.amsgrad, b1=0.8, b2=0.9),
    "adamw": partial(ByOptax, optax.adamw, weight_decay=0.01, mask=weights_only),
    "adamw:weight_decay=0.5": partial(ByOptax, optax.adamw, weight_decay=0.5, mask=weights_only),
    "nadam": partial(ByOptax, optax.nadam),
    "nadam:beta1=0.8,beta2=0.95": partial(ByOptax, optax.nadam, b1=0.8, b2=0.95),
    "lion": partial(ByOptax, optax.lion, mask=weights_only),
    "lion:beta1=0.5,beta2=0.8,weight_decay=0": partial(ByOptax, optax.lion, b1=0.5, b2=0.8, weight_decay=0.0),
    "rprop": ByIgelAndHuesken,
    "rprop:grow=1.5,shrink=0.3,least=0.01,most=0.2": partial(ByIgelAndHuesken, 1.5, 0.3, 0.01, 0.2),
}

# The changes for the gradients 2 and then 1 at the learning rate 0.1.
BY_HAND = {
    "sgd": (-0.2, -0.1),
    "momentum": (-0.2, -0.28),  # v = 2; 0.9 * 2 + 1 = 2.8
    "nesterov": (-0.38, -0.352),  # 0.9 * 2 + 2 = 3.8; 0.9 * 2.8 + 1 = 3.52
    "adagrad": (-0.2 / 4.1**0.5, -0.1 / 5.1**0.5),  # s = 0.1 + 2^2 = 4.1; 4.1 + 1^2 = 5.1
    "rmsprop": (-0.2 / 0.4**0.5, -0.1 / 0.46**0.5),  # v = 0.1 * 4 = 0.4; 0.9 * 0.4 + 0.1 * 1 = 0.46
    # m = 0.2, without bias 0.2 / 0.1 = 2; v = 0.004, without bias 4: the first step is as long as the rate.
    # m = 0.9 * 0.2 + 0.1 = 0.28, over 1 - 0.81; v = 0.999 * 0.004 + 0.001 = 0.004996, over 1 - 0.998001.
    "adam": (-0.1, -0.1 * (0.28 / 0.19) / (0.004996 / 0.001999) ** 0.5),
    "adamw": (-0.1, -0.1 * (0.28 / 0.19) / (0.004996 / 0.001999) ** 0.5),
    "amsgrad": (-0.1, -0.1 * (0.28 / 0.19) / 2),  # u stays at 4, as 0.004996 / 0.001999 is less
    "nadam": (
        -0.1 * (0.9 * 0.2 / 0.19 + 0.1 * 2 / 0.1) / 2,
        -0.1 * (0.9 * 0.28 / 0.271 + 0.1 * 1 / 0.19) / (0.004996 / 0.001999) ** 0.5,
    ),
    "lion": (-0.1, -0.1),
    "rprop": (-0.1, -0.12),  # the sign stays: 1.2 * 0.1
}


def small_network():
    network, random = Network([4, 5, 3], "tanh", dtype="float64", seed=3), np.random.default_rng(4)
    for layer in network.layers:
        layer.biases[...] = random.normal(size=layer.n_out)
    return network, random.normal(size=(8, 4)), np.eye(3)[random.integers(0, 3, 8)]


def arrays_of(network):
    named = {}
    for k, layer in enumerate(network.layers, start=1):
        named |= {f"W{k}": layer.weights, f"b{k}": layer.biases}
    return named


@cache
def trajectory(name, witness):
    """Give the weights and biases before and after each update."""
    network, x, y = small_network()
    objective = Objective(network.output, costs.get("cce"))
    parameters = arrays_of(network)
    gone = [{name: values.copy() for name, values in parameters.items()}]
    changer = WITNESSES[name]() if witness else ByPellucid(name)
    for _ in range(STEPS):
        trace = backward(forward(network, x), y, objective)
        found = {}
        for k, (in_weights, in_biases) in enumerate(
            zip(trace.weight_gradients, trace.bias_gradients, strict=True), start=1
        ):
            found |= {f"W{k}": in_weights, f"b{k}": in_biases}
        for key, change in changer.change(found, parameters).items():
            parameters[key] += change
        gone.append({name: values.copy() for name, values in parameters.items()})
    return gone


class ByPellucid:
    def __init__(self, name):
        self.optimizer, self.states, self.t = optimizers.get(name), None, 0

    def change(self, gradients, parameters):
        if self.states is None:
            self.states = {name: self.optimizer.start(values) for name, values in parameters.items()}
        rate, changes = rate_of(self.t), {}
        self.t += 1
        for name, gradient in gradients.items():
            change, self.states[name] = self.optimizer.step(gradient, self.states[name], rate, self.t)
            if name.startswith("W"):
                change = change - rate * self.optimizer.decay * parameters[name]
            changes[name] = change
        return changes


def assert_same_way(ours, theirs, tolerance=1e-6):
    start = ours[0]
    for t, (here, there) in enumerate(zip(ours, theirs, strict=True)):
        for name, values in here.items():
            way = np.linalg.norm(there[name] - start[name])
            assert t == 0 or way > 0, f"{name} has not moved after {t} updates"
            error = np.linalg.norm(values - there[name])
            assert error <= tolerance * way, f"{name} is off by {error / way:.1e} of its way at update {t}"


def after(optimizer, gradients, rate=0.1, dtype="float64"):
    """Give the changes for one gradient after the other, and what is kept in the end."""
    gradients = [np.asarray(gradient, dtype) for gradient in gradients]
    state, changes = optimizer.start(np.zeros_like(gradients[0])), []
    for t, gradient in enumerate(gradients, start=1):
        change, state = optimizer.step(gradient, state, rate, t)
        changes.append(change)
    return changes, state


def test_all_have_a_witness_and_are_worked_by_hand():
    assert {name.partition(":")[0] for name in WITNESSES} == set(STEPPING)
    assert BY_HAND.keys() == set(STEPPING)


@pytest.mark.parametrize("name", WITNESSES)
def test_goes_the_witness_way(name):
    assert_same_way(trajectory(name, witness=False), trajectory(name, witness=True))


def test_the_usual_parameters_are_optaxs():
    called = {
        "beta1": "b1", "beta2": "b2", "beta": "decay", "epsilon": "eps", "weight_decay": "weight_decay",
        "grow": "eta_plus", "shrink": "eta_minus", "least": "min_step_size", "most": "max_step_size",
        "initial": "initial_accumulator_value",
    }  # fmt: skip
    for name in ("adagrad", "rmsprop", "adam", "amsgrad", "adamw", "nadam", "lion", "rprop"):
        theirs = signature(getattr(optax, name)).parameters
        for parameter, value in optimizers.get(name).parameters.items():
            if (name, parameter) != ("adamw", "weight_decay"):  # which is said with the witness
                assert value == theirs[called[parameter]].default, (name, parameter)


def test_no_two_go_the_same_way():
    # The comparison itself: were one rule taken for another, or a parameter not read, it would be seen.
    for one, other in combinations(WITNESSES, 2):
        with pytest.raises(AssertionError, match="is off by"):
            assert_same_way(trajectory(one, witness=False), trajectory(other, witness=False))


@pytest.mark.parametrize("name", STEPPING)
def test_by_hand(name):
    changes, _ = after(optimizers.get(name), [[2.0], [1.0]])
    assert [float(change[0]) for change in changes] == pytest.approx(BY_HAND[name], rel=1e-6)


def bowl(w):
    return w @ w / 2, w


def valley(w):
    steep = np.array([1.0, 100.0])
    return w @ (steep * w) / 2, steep * w


class TestLearns:
    @staticmethod
    def descend(optimizer, surface, rate, steps):
        w = np.array([1.0, -1.0])
        state = optimizer.start(w)
        heights = [surface(w)[0]]
        for t in range(1, steps + 1):
            change, state = optimizer.step(surface(w)[1], state, rate, t)
            w = w + change
            heights.append(surface(w)[0])
        return np.array(heights)

    @pytest.mark.parametrize("surface", [bowl, valley])
    @pytest.mark.parametrize("optimizer", [optimizers.get(name) for name in STEPPING], ids=str)
    def test_at_its_usual_rate(self, optimizer, surface):
        heights = self.descend(optimizer, surface, optimizer.usual_rate, 300)
        assert heights[-1] < 0.95 * heights[0]
        assert heights.max() <= heights[0]

    @pytest.mark.parametrize("surface", [bowl, valley])
    @pytest.mark.parametrize("optimizer", [optimizers.get(name) for name in STEPPING], ids=str)
    def test_reaches_the_bottom_at_a_rate_that_suits(self, optimizer, surface):
        with np.errstate(all="ignore"):  # a rate that does not suit leads to infinity
            heights = [self.descend(optimizer, surface, rate, 400) for rate in (0.5, 0.015, 0.005)]
        assert min(reached[-1] / reached[0] for reached in heights if np.isfinite(reached[-1])) < 1e-3


def numbers(dtype):
    """Gradients from about 1e-15 to 1e15 either way: the square is a float32 still."""
    size = st.floats(2.0**-50, 2.0**50, width=int(dtype[5:]))
    return st.one_of(st.just(0.0), size, size.map(lambda x: -x))


@st.composite
def gradients(draw, dtype):
    shape = draw(st.sampled_from([(1,), (3,), (2, 3), (0, 2)]))
    return [draw(arrays(dtype, shape, elements=numbers(dtype))) for _ in range(3)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", STEPPING)
class TestAnyGradient:
    @given(data=st.data())
    @settings(max_examples=15)
    def test_dtype_shape_and_names(self, name, dtype, data):
        optimizer, found = optimizers.get(name), data.draw(gradients(dtype))
        changes, state = after(optimizer, found, dtype=dtype)
        assert tuple(state) == tuple(optimizer.start(found[0])) == optimizer.keeps
        for array in (*changes, *state.values(), *optimizer.start(found[0]).values()):
            assert isinstance(array, np.ndarray)
            assert array.dtype == dtype
            assert array.shape == found[0].shape
            assert np.isfinite(array).all()

    @given(data=st.data())
    @settings(max_examples=15)
    def test_each_weight_goes_its_own_way_and_may_be_a_mere_number(self, name, dtype, data):
        optimizer, found = optimizers.get(name), data.draw(gradients(dtype))
        changes, state = after(optimizer, found, dtype=dtype)
        for place in np.ndindex(found[0].shape):
            alone = {key: kept[place] for key, kept in optimizer.start(found[0]).items()}
            for t, gradient in enumerate(found, start=1):
                change, alone = optimizer.step(gradient[place], alone, 0.1, t)
                assert change == changes[t - 1][place]
                assert change.dtype == dtype
            assert alone == {key: kept[place] for key, kept in state.items()}

    def test_nothing_that_comes_in_is_changed(self, name, dtype):
        optimizer = optimizers.get(name)
        gradient = np.array([2.0, -1.0, 0.0], dtype)
        _, state = after(optimizer, [gradient, -gradient], dtype=dtype)
        inputs = {"gradient": gradient, **state}
        for array in inputs.values():
            array.flags.writeable = False
        copies = {key: array.copy() for key, array in inputs.items()}
        once = optimizer.step(gradient, state, 0.1, 3)
        again = optimizer.step(gradient, state, 0.1, 3)
        np.testing.assert_equal(once, again)
        np.testing.assert_equal({"gradient": gradient, **state}, copies)

    def test_what_has_no_slope_stays_where_it_is(self, name, dtype):
        changes, _ = after(optimizers.get(name), np.zeros((3, 4)), dtype=dtype)
        assert not np.any(changes)

    def test_numbers_of_numpys_carry_no_precision_in(self, name, dtype):
        own = optimizers.get(name)
        same = type(own)(**{key: np.float64(value) for key, value in own.parameters.items()})
        found = np.array([[2.0, -1.0], [1.0, 3.0]])
        np.testing.assert_equal(after(same, found, dtype=dtype), after(own, found, dtype=dtype))
        assert all(type(value) is float for value in same.parameters.values())

    def test_finite_at_the_ends_of_its_parameters(self, name, dtype):
        cls = type(optimizers.get(name))
        for part in fields(cls):
            bounds = part.metadata["bounds"]
            for end in (bounds[bound] for bound in ("at_least", "at_most") if bound in bounds):
                more = {"most": end} if part.name == "least" and end > 0 else {}
                changes, state = after(cls(**{part.name: end, **more}), [[1.0], [0.0], [-1.0]], dtype=dtype)
                assert all(np.isfinite(array).all() for array in (*changes, *state.values()))


@pytest.mark.parametrize("optimizer", [optimizers.get(name) for name in STEPPING], ids=str)
class TestDeclared:
    def test_in_full(self, optimizer):
        assert isinstance(optimizer, Optimizer)
        described = json.loads(json.dumps(optimizer.describe(), allow_nan=False))
        assert all(described[key] for key in ("name", "summary", "formula", "source"))
        assert described["summary"].endswith(".")
        assert "https://" in described["source"]
        assert described["keeps"] == list(optimizer.keeps)
        assert described["usual_rate"] == optimizer.usual_rate > 0
        assert described["full_batch"] is optimizer.full_batch
        assert described["parameters"] == optimizer.parameters

    def test_formula_is_whole(self, optimizer):
        formula = optimizer.formula
        for opened, closed in (("{", "}"), ("(", ")"), (r"\left", r"\right"), (r"\begin", r"\end")):
            assert formula.count(opened) == formula.count(closed), opened
        # It says how the weight changes, and all that is kept.
        assert all(f"{letter} :=" in formula for letter in ("w", *optimizer.keeps))

    def test_every_parameter_is_in_the_formula(self, optimizer):
        signs = {
            "momentum": r"\mu", "initial": "s_0", "beta": r"\beta", "beta1": r"\beta_1", "beta2": r"\beta_2",
            "epsilon": r"\epsilon", "weight_decay": r"\lambda", "grow": r"\eta_+", "shrink": r"\eta_-",
            "least": r"s_{\min}", "most": r"s_{\max}",
        }  # fmt: skip
        assert all(signs[name] in optimizer.formula for name in optimizer.parameters)

    def test_is_found_by_what_it_is_written_as(self, optimizer):
        for name in (optimizer.name, *optimizer.aliases):
            assert optimizers.get(name) == optimizer
        assert optimizers.get(str(optimizer)) == optimizer


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("momentum:momentum=1", "momentum of momentum cannot be 1.0"),
        ("nesterov:momentum=-0.1", "momentum of nesterov cannot be -0.1"),
        ("adagrad:initial=-1", "initial of adagrad cannot be -1.0"),
        ("adagrad:epsilon=0", "epsilon of adagrad cannot be 0.0"),
        ("rmsprop:beta=1", "beta of rmsprop cannot be 1.0"),
        ("adam:beta1=1", "beta1 of adam cannot be 1.0"),
        ("adam:beta2=-0.5", "beta2 of adam cannot be -0.5"),
        ("adam:epsilon=1e-50", "epsilon of adam cannot be 1e-50"),  # 0 in a float32
        ("adamw:weight_decay=-1", "weight_decay of adamw cannot be -1.0"),
        ("lion:weight_decay=-1", "weight_decay of lion cannot be -1.0"),
        ("rprop:grow=1", "grow of rprop cannot be 1.0"),
        ("rprop:shrink=1", "shrink of rprop cannot be 1.0"),
        ("rprop:shrink=0", "shrink of rprop cannot be 0.0"),
        ("rprop:least=1,most=0.5", "the least step of rprop is larger than the most"),
    ],
)
def test_parameters_that_cannot_be(wanted, problem):
    with pytest.raises(ConfigurationError) as caught:
        optimizers.get(wanted)
    assert caught.value.problem == problem


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="did you mean 'nesterov'"):
        optimizers.get("nesterow")


@pytest.mark.parametrize("name", STEPPING)
def test_decay_is_declared_and_no_part_of_the_step(name):
    optimizer = optimizers.get(name)
    assert optimizer.decay == optimizer.parameters.get("weight_decay", 0.0)
    if optimizer.decay:
        stronger = type(optimizer)(weight_decay=0.3)
        assert stronger.decay == 0.3
        np.testing.assert_equal(after(stronger, [[2.0], [1.0]]), after(optimizer, [[2.0], [1.0]]))


def test_adamw_is_adam_with_decay():
    assert AdamW.step is Adam.step
    assert (AdamW().decay, Adam().decay) == (0.01, 0.0)


def test_a_parameter_is_kept_as_a_float():
    assert repr(Momentum(0)) == "Momentum(momentum=0.0)"


def test_lion_follows_its_momentum_against_a_small_turn():
    # m = 0.01 * 2 = 0.02; 0.9 * 0.02 - 0.1 * 0.1 = 0.008 still points on, 0.018 - 0.1 * 0.2 = -0.002 back.
    on, back = after(optimizers.get("lion"), [[2.0, 2.0], [-0.1, -0.2]])[0][1]
    assert (on, back) == (-0.1, 0.1)


def test_amsgrad_remembers_a_large_gradient():
    found = [[100.0], *([0.1],) * 3000]
    adam, amsgrad = (after(optimizers.get(name), found)[0][-1].item() for name in ("adam", "amsgrad"))
    # Of the large square Adam keeps a twentieth, 0.999^3000; AMSGrad still divides by all of its root.
    assert adam < -0.01
    assert amsgrad == pytest.approx(-0.1 * 0.1 / 100, rel=1e-6)


class TestRprop:
    def test_needs_all_examples_at_once(self):
        assert Rprop().full_batch

    def test_grows_turns_pauses_and_goes_on(self):
        # 0.1, 0.12, 0.144; a turn halves it to 0.072 and pauses; that step is taken, and from there it grows.
        changes, state = after(Rprop(), [[3.0], [0.1], [7.0], [-1.0], [-2.0], [-0.5]])
        expected = [-0.1, -0.12, -0.144, 0.0, 0.072, 0.0864]
        assert [change.item() for change in changes] == pytest.approx(expected)
        assert {name: kept.item() for name, kept in state.items()} == pytest.approx({"s": 0.0864, "d": -1.0})

    def test_a_slope_of_0_keeps_the_size(self):
        changes, _ = after(Rprop(), [[1.0], [0.0], [1.0], [1.0]])
        assert [change.item() for change in changes] == pytest.approx([-0.1, 0.0, -0.1, -0.12])

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_the_size_of_a_gradient_does_not_matter(self, dtype):
        signs = np.array([1.0, 1.0, -1.0, -1.0, 1.0])
        for size in (1e-30, 1e30):  # the square of either is no float32
            found, plain = (after(Rprop(), (signs * by)[:, None], dtype=dtype)[0] for by in (size, 1.0))
            np.testing.assert_array_equal(found, plain)

    def test_stays_between_least_and_most(self):
        on = after(Rprop(most=0.15), np.ones((6, 1)))[0]
        assert [change.item() for change in on] == pytest.approx([-0.1, -0.12, -0.144, -0.15, -0.15, -0.15])
        turning = [[1.0], [-1.0], [-1.0], [1.0], [1.0], [-1.0], [-1.0]]
        held = after(Rprop(least=0.04), turning)[0]
        assert [abs(change.item()) for change in held] == pytest.approx([0.1, 0, 0.05, 0, 0.04, 0, 0.04])

    def test_only_the_first_rate_counts(self):
        optimizer, gradient = Rprop(), np.array([1.0])
        _, state = optimizer.step(gradient, optimizer.start(gradient), 0.1, 1)
        np.testing.assert_equal(
            optimizer.step(gradient, state, 0.1, 2), optimizer.step(gradient, state, 5.0, 2)
        )
