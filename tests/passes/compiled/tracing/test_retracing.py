"""Declarations of one's own that say something else from one call to the next: both engines follow alike."""
# ruff: noqa: NPY002 # what people write in a notebook

import random
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples, ValueTarget
from pellucid.declarations import parameter
from pellucid.errors import PellucidWarning
from pellucid.evaluation import OutputHead
from pellucid.network import Activation, Cost, Network, Normalisation, Objective, activations, costs
from pellucid.passes import engine, engines, predict, predict_with_losses
from pellucid.passes.compiled.running import predictor as predictor_home
from pellucid.passes.compiled.running.predictors import predictor_of
from pellucid.passes.compiled.tracing import retracing
from pellucid.passes.compiled.tracing.expression import EVERYWHERE, operand, trace
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.compiled.tracing.retracing import Formula, Retraced
from pellucid.passes.untraceable import Untraceable
from pellucid.training import Optimizer, TrainingConfig, optimizers
from pellucid.training.updates import Updates, make_updates
from pellucid.training.updates.compiled import CompiledUpdates

FLOAT64 = np.dtype("float64")
ENGINES = ("compiled", "reference")
# What the declarations below read.
NOW = {}


@pytest.fixture(autouse=True)
def as_at_first(monkeypatch):
    NOW.clear()
    NOW.update(scale=1.0, chance=False, choice=False, rests=False)
    monkeypatch.setattr(engines, "_said", set())


def scale_of(number):
    """Give the factor that counts now, in the way that counts now."""
    if NOW["choice"] and np.any(number == np.inf):  # a choice that no formula can be made of
        return 0.0
    return NOW["scale"] + (1e-3 * np.random.random() if NOW["chance"] else 0.0)


class Scaled(Activation):
    """A tanh, or a ReLU, times what a global variable says."""

    name = "scaled"

    def value(self, z):
        return scale_of(z) * (np.maximum(z, 0) if NOW["rests"] else np.tanh(z))

    def slope(self, z, a):
        return scale_of(z) * (np.where(z > 0, 1, 0) if NOW["rests"] else 1 - np.tanh(z) ** 2)


class ScaledError(Cost):
    """The squared error times what a global variable says."""

    name = "scaled_error"

    def value(self, prediction, target):
        return scale_of(prediction) * (prediction - target) ** 2

    def slope(self, prediction, target):
        return 2 * scale_of(prediction) * (prediction - target)


class ScaledStep(Optimizer):
    """Momentum whose steps are as long as a global variable says."""

    name = "scaled_step"
    keeps = ("v",)

    def step(self, gradient, state, rate, t):
        v = 0.9 * state["v"] + gradient
        return -rate * scale_of(gradient) * v, {"v": v}


@dataclass(frozen=True)
class ScaledSums(Normalisation):
    """Each neuron over a batch, times what a global variable says."""

    name = "scaled_sums"
    axis = 0
    momentum: float = parameter(0.9, at_least=0, below=1)

    def standardise(self, sums, known=None):
        return super().standardise(sums * scale_of(sums), known)


@pytest.fixture(autouse=True)
def unchecked(monkeypatch):
    """The slope in the sums of a normalisation is not this one's; it must be the same in both engines."""
    monkeypatch.setattr(activations, "_examined", {Scaled()})
    monkeypatch.setattr(costs, "_examined", {ScaledError()})


MSE = costs.get("mean_squared_error")
TANH = {"activation": "tanh"}
# What a network is made of and how it learns, where one part of it is one's own.
OWN = {
    "activation, one at a time": ({"activation": Scaled()}, MSE, {}),
    "activation, in batches": ({"activation": Scaled()}, MSE, {"batch_size": 5}),
    "output": (TANH | {"output": Scaled()}, MSE, {}),
    "cost, one at a time": (TANH, ScaledError(), {}),
    "cost, in batches": (TANH, ScaledError(), {"batch_size": 5}),
    "optimizer": (TANH, MSE, {"optimizer": ScaledStep()}),
    "optimizer, with an average": (TANH, MSE, {"optimizer": ScaledStep(), "average": 0.8}),
    "normalisation": (TANH | {"normalise": ScaledSums()}, MSE, {"batch_size": 5}),
    "activation, beside Adam": (
        {"activation": Scaled()}, MSE, {"optimizer": optimizers.get("adam"), "batch_size": 4}
    ),
}  # fmt: skip


def updates_of(name, own, **more):
    built, cost, how = OWN[own]
    network = Network([4, 6, 2], **{"output": "identity", "dtype": "float64", **built})
    head = OutputHead(ValueTarget(("y", "x"), np.zeros(2), np.ones(2)), network, cost)
    with engine(name):
        made = make_updates(
            network, head, TrainingConfig(0.05, **how), batch=how.get("batch_size", 1), **more
        )
    assert isinstance(made, CompiledUpdates) == (name == "compiled")
    return made


def some():
    draws = np.random.default_rng(0)
    return Examples(draws.standard_normal((20, 4))), draws.standard_normal((20, 2))


def learned(updates, changes, batch):
    """Learn in as many calls as there are changes, each made before its call."""
    examples, targets = some()
    n = -(-len(examples) // batch)
    updates.learn_from(examples, targets, batch)
    for change in changes:
        NOW.update(change)
        updates.begin(np.arange(20), np.full(n, 0.05))
        middle = n // 2
        assert updates.learn(0, middle) == middle
        NOW.update({key: 1.5 * value for key, value in change.items() if key == "scale"})
        assert updates.learn(middle, n) == n
    return updates.shown


def agree(own, changes):
    shown = []
    for name in ENGINES:
        NOW.update(scale=1.0, chance=False, choice=False, rests=False)
        np.random.seed(7)
        updates = updates_of(name, own)
        shown.append(learned(updates, changes, OWN[own][2].get("batch_size", 1)))
    for name, array in shown[1].arrays.items():
        np.testing.assert_allclose(shown[0].arrays[name], array, rtol=1e-10, atol=1e-13, err_msg=name)
    return updates


@pytest.mark.parametrize("own", OWN)
def test_what_changes_between_two_calls_counts_from_then_on(own):
    agree(own, [{"scale": 1.0}, {"scale": 0.5}, {"scale": 0.5}])


@pytest.mark.parametrize("own", ["activation, one at a time", "activation, in batches"])
def test_an_activation_that_comes_to_rest_on_one_side_and_wakes_again(own):
    agree(own, [{"rests": True}, {"rests": False}, {"rests": True}])


@pytest.mark.parametrize("how", ["chance", "choice"])
@pytest.mark.parametrize("own", OWN)
def test_the_reference_goes_on_where_no_machine_code_can_be_made_any_more(own, how):
    why = "draws random numbers" if how == "chance" else "np.any"
    with pytest.warns(PellucidWarning, match=why):
        agree(own, [{}, {how: True}, {"scale": 0.5}, {how: False}])


def test_a_declaration_that_changes_again_and_again_is_left_to_the_reference():
    with pytest.warns(PellucidWarning, match="scaled, whose formula changes again and again"):
        agree("activation, one at a time", [{"scale": 1 + 0.1 * k} for k in range(6)])


def test_more_room_is_made_for_what_a_declaration_says_by_then():
    shown = []
    for name in ENGINES:
        NOW.update(chance=False)
        np.random.seed(7)
        updates = updates_of(name, "activation, beside Adam", careful=True)
        learned(updates, [{}], 4)
        NOW.update(chance=True)
        if name == "compiled":
            with pytest.warns(PellucidWarning, match="scaled, which draws random numbers"):
                shown.append(learned(updates, [{}, {}], 10))
        else:
            shown.append(learned(updates, [{}, {}], 10))
    for name, array in shown[1].arrays.items():
        np.testing.assert_allclose(shown[0].arrays[name], array, rtol=1e-10, atol=1e-13, err_msg=name)


def test_what_an_update_saw_is_told_by_the_reference_too():
    updates = updates_of("compiled", "activation, one at a time", watched=True)
    learned(updates, [{}], 1)
    assert updates.trace.network is not updates.network  # a copy as it was
    with pytest.warns(PellucidWarning):
        learned(updates, [{"chance": True}], 1)
    assert updates.trace.network is updates.network


X = np.random.default_rng(1).standard_normal((7, 4))


def both(network, objective=None):
    """Predictions, or losses, by each engine; random numbers are the same for both."""
    for name in ENGINES:
        np.random.seed(3)
        with engine(name):
            yield (
                predict(network, X)
                if objective is None
                else predict_with_losses(network, X, objective, np.ones((7, 2)))[1]
            )


@pytest.mark.parametrize("built", [{"activation": Scaled()}, TANH | {"normalise": ScaledSums()}], ids=str)
def test_predictions_follow(built):
    network = Network([4, 6, 2], output="identity", dtype="float64", **built)
    seen = []
    for scale in (1.0, 2.0, 2.0, 1.0):
        NOW.update(scale=scale)
        np.testing.assert_allclose(*both(network), rtol=1e-12)
        seen.append(next(both(network)))
    assert (seen[0] != seen[1]).all()
    assert (seen[1] == seen[2]).all()
    assert (seen[0] == seen[3]).all()
    kept = predictor_of(network)
    NOW.update(scale=3.0)
    assert predictor_of(network) is kept
    NOW.update(chance=True)
    with pytest.warns(PellucidWarning, match="which draws random numbers"):
        np.testing.assert_array_equal(*both(network))
    NOW.update(chance=False, scale=0.5)
    np.testing.assert_array_equal(*both(network))  # it stays with the reference


def test_losses_follow():
    network = Network([4, 6, 2], "tanh", output="identity", dtype="float64")
    objective = Objective(network.output, ScaledError())
    seen = []
    for scale in (1.0, 2.0, 2.0):
        NOW.update(scale=scale)
        np.testing.assert_allclose(*both(network, objective), rtol=1e-12)
        seen.append(next(both(network, objective)))
    np.testing.assert_allclose(seen[1], 2 * seen[0], rtol=1e-14)
    assert (seen[1] == seen[2]).all()
    NOW.update(chance=True)
    with pytest.warns(PellucidWarning, match="scaled_error, which draws random numbers"):
        np.testing.assert_allclose(*both(network, objective), rtol=1e-12)


def test_what_comes_with_pellucid_is_traced_once(monkeypatch):
    traced = []
    write = predictor_home.layer_program
    monkeypatch.setattr(predictor_home, "layer_program", lambda *a: traced.append(a) or write(*a))
    network = Network([4, 6, 2], "tanh", normalise="layer")
    for _ in range(3):
        predict(network, X)
    assert len(traced) == 2


# -- the programs of one declaration by themselves ----------------------------------------------------------


def retraced(formula, *declared):
    """The program of a formula, said to be one of some declarations."""
    z = operand("z", EVERYWHERE, FLOAT64)

    def write():
        a = trace(formula, z, like=FLOAT64, shape_of=EVERYWHERE)
        return Program("formula", FLOAT64, (z,), {"a": a})

    return Retraced([Formula(declared or [Scaled()], write)])


ITS_OWN = np.random.default_rng(5)
CHANCE = {
    "a global generator of NumPy's": (lambda z: z * np.random.random(), "scaled, which draws random numbers"),
    "one of Python's": (lambda z: z + random.gauss(0, 1), "scaled, which draws random numbers"),
    "seldom": (lambda z: z if random.random() < 2 else 2 * z, "scaled, which draws random numbers"),
    "a generator of its own": (
        lambda z: z * ITS_OWN.random(),
        "scaled, whose formula differs from call to call",
    ),
    "a coin of its own": (lambda z: z if ITS_OWN.random() < 0.5 else 2 * z, "differs from call to call"),
}


@pytest.mark.parametrize(("formula", "why"), CHANCE.values(), ids=CHANCE)
def test_chance_is_noticed_and_its_generators_left_as_they_were(formula, why):
    states = random.getstate(), np.random.get_state()[1].tolist()
    with pytest.raises(Untraceable, match=why):
        retraced(formula)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states


def test_whose_declaration_it_may_be_is_said():
    own = [Scaled(), Scaled(), activations.get("tanh"), ScaledError()]
    with pytest.raises(Untraceable, match="scaled or scaled_error, which draws"):
        retraced(lambda z: z * np.random.random(), *own)


def test_a_change_is_told_once():
    found = retraced(Scaled().value)
    (first,) = found.programs
    assert not found.changed()
    NOW.update(scale=2.0)
    assert found.changed()
    assert found.programs[0].fingerprint != first.fingerprint
    assert not found.changed()


def test_of_what_comes_with_pellucid_a_change_is_not_looked_for():
    found = retraced(Scaled().value, activations.get("tanh"))
    NOW.update(scale=2.0)
    assert not found.changed()


def test_class_targets_do_not_matter():
    """One's own declarations beside a classification: the joint form is traced again too."""
    network = Network([4, 6, 3], Scaled(), dtype="float64")
    head = OutputHead(ClassTarget(None, (0, 1, 2)), network, costs.get("categorical_cross_entropy"))
    assert isinstance(make_updates(network, head, TrainingConfig(), batch=1), CompiledUpdates)
    NOW.update(chance=True)
    with pytest.warns(PellucidWarning, match="scaled, which draws random numbers"):
        assert type(make_updates(network, head, TrainingConfig(), batch=1)) is Updates


def test_programs_are_traced_once_and_the_oldest_forgotten(monkeypatch):
    traced = []

    def write(name):
        traced.append(name)
        z = operand("z", EVERYWHERE, FLOAT64)
        return Program(name, FLOAT64, (z,), {"a": trace(np.tanh, z, like=FLOAT64, shape_of=EVERYWHERE)})

    monkeypatch.setattr(retracing, "_known", {})
    monkeypatch.setattr(retracing, "_MOST_KNOWN", 2)
    for name in ("a", "b", "a", "c", "a", "b"):
        Formula([], partial(write, name), ("test", name)).settled()
    assert traced == ["a", "b", "c", "b"]
