"""What a loop keeps of a network from one call to the next: numbers, losses, what an optimizer remembers."""

import threading
import time

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples
from pellucid.evaluation import OutputHead, outputs_of
from pellucid.network import Activation, Network, Objective, costs
from pellucid.passes.compiled.tracing import formulas
from pellucid.passes.engines import engine
from pellucid.passes.untraceable import Untraceable
from pellucid.training import TrainingConfig, optimizers
from pellucid.training.updates import make_updates

SOFTMAX = costs.get("categorical_cross_entropy")
ENGINES = ("compiled", "reference")


def updates_of(name, network, *, careful=True, **how):
    head = OutputHead(ClassTarget(None, (0, 1, 2)), network, SOFTMAX)
    with engine(name):
        return make_updates(network, head, TrainingConfig(**how), batch=1, careful=careful)


def some(n):
    random = np.random.default_rng(0)
    return Examples(random.standard_normal((n, 5))), np.eye(3)[random.integers(0, 3, n)]


@pytest.fixture
def examples():
    return some(12)


def learn(updates, examples, targets, batch, rate=0.1):
    n = -(-len(examples) // batch)
    with np.errstate(all="ignore"):
        updates.learn_from(examples, targets, batch)
        updates.begin(np.arange(len(examples)), np.full(n, rate))
        return updates.learn(0, n), n


@pytest.mark.parametrize(("n", "batch"), [(12, 1), (12, 5), (1300, 600)])
def test_losses_are_those_before_each_update(n, batch):
    seen, examples = [], some(n)
    for name in ENGINES:
        updates = updates_of(name, Network([5, 4, 3], "tanh", dtype="float64"), batch_size=batch)
        assert learn(updates, *examples, batch)[0] == -(-n // batch)
        seen.append(updates.losses)
    np.testing.assert_allclose(*seen, rtol=1e-12)
    # The first batch was judged by the network as it was before any learning.
    network, inputs = Network([5, 4, 3], "tanh", dtype="float64"), examples[0].inputs[:batch]
    with engine("reference"):
        outputs = outputs_of(network, Examples(inputs))
    expected = -np.log((outputs * examples[1][:batch]).sum(axis=1))
    np.testing.assert_allclose(seen[0][:batch], expected, rtol=1e-12)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_another_size_of_batch_goes_on_with_what_was_remembered(examples, rule):
    networks = [Network([5, 4, 3], "tanh", normalise="layer", dtype="float64") for _ in ENGINES]
    for name, network in zip(ENGINES, networks, strict=True):
        updates = updates_of(name, network, batch_size=4, optimizer=optimizers.get(rule))
        for batch in (4, 6, 1):
            learn(updates, *examples, batch, 0.01)
    for first, second in zip(*(network.arrays.values() for network in networks), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("batch", "rule"), [(1, "sgd"), (3, "sgd"), (3, "adam")])
def test_an_update_beyond_measure_changes_nothing(examples, batch, rule):
    given, targets = examples
    inputs = given.inputs.copy()
    inputs[:6] = 0  # the first weights learn nothing
    inputs[6] = 1e308  # too much for a step; the outputs are sound, for the first weights are 0
    networks, done = [Network([5, 4, 3], "identity", dtype="float64") for _ in ENGINES], []
    for name, network in zip(ENGINES, networks, strict=True):
        network.layers[0].weights[...] = 0
        network.layers[1].weights[...] *= 100
        updates = updates_of(name, network, batch_size=batch, optimizer=optimizers.get(rule))
        done.append((learn(updates, Examples(inputs), targets, batch, rate=0.1)[0], updates.n))
        assert all(np.isfinite(array).all() for array in network.arrays.values())
    assert done == [(6 // batch, 6 // batch)] * 2
    for first, second in zip(*(network.arrays.values() for network in networks), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-300)


def test_an_update_beyond_measure_in_its_second_part_changes_nothing():
    given, targets = some(600)
    inputs = given.inputs.copy()
    inputs[550] = np.inf
    network = Network([5, 4, 3], "relu", dtype="float64")
    before = network.copy()
    updates = updates_of("compiled", network, careful=False, batch_size=600)
    assert learn(updates, Examples(inputs), targets, 600)[0] == 0
    assert network == before


def test_what_its_owner_changes_between_two_calls_is_taken_in(examples):
    networks = [Network([5, 4, 3], "relu", dtype="float64") for _ in ENGINES]
    for name, network in zip(ENGINES, networks, strict=True):
        updates = updates_of(name, network, batch_size=4)
        learn(updates, *examples, 4)
        network.layers[0].weights[...] *= 0.5
        learn(updates, *examples, 4)
    for first, second in zip(*(network.arrays.values() for network in networks), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12)


class Own(Activation):
    """An activation that goes forward in a way of its own."""

    name = "own_way"

    def value(self, z):
        return z

    def slope(self, z, a):
        return np.full_like(z, 2)

    def forward(self, z):
        return 2 * z


def test_a_forward_of_its_own_is_not_compiled():
    objective = Objective(Own(), costs.get("mean_squared_error"))
    with pytest.raises(Untraceable, match="own_way has a forward of its own"):
        formulas.forward_program(objective.activation, np.dtype("float32"), "forward")


@pytest.mark.parametrize("threads", ["1", "2"])
def test_an_update_is_made_as_a_whole_or_not_at_all_whenever_it_is_stopped(threads, monkeypatch):
    # Large enough that the flag is set in the middle of it, at another moment each time.
    monkeypatch.setenv("PELLUCID_THREADS", threads)
    random = np.random.default_rng(0)
    inputs, targets = random.standard_normal((2000, 300)), np.eye(3)[random.integers(0, 3, 2000)]
    network = Network([300, 800, 40, 3], "tanh", dtype="float32")

    def stopped_after(seconds):
        own = network.copy()
        updates = updates_of("compiled", own, careful=False, batch_size=2000)
        updates.learn_from(Examples(inputs), targets, 2000)
        updates.begin(np.arange(2000), np.full(1, 0.1))
        timer = threading.Timer(seconds, updates.flags.ask_to_stop)
        timer.start()
        began = time.perf_counter()
        made = updates.learn(0, 1)
        took = time.perf_counter() - began
        timer.cancel()
        return made, own, took

    made, whole, took = stopped_after(60)
    assert made == 1
    assert whole != network
    for seconds in np.linspace(0, took, 25):
        made, found, _ = stopped_after(seconds)
        assert found == (whole if made else network)
