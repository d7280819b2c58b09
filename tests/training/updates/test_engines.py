"""What both engines take for an epoch, and the way from machine code to the reference in mid-run."""

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples
from pellucid.errors import PellucidWarning
from pellucid.evaluation import OutputHead
from pellucid.network import Activation, Network, costs
from pellucid.passes import engines
from pellucid.passes.engines import ENGINES, engine
from pellucid.passes.reference import forward
from pellucid.training import Optimizer, TrainingConfig, optimizers
from pellucid.training.updates import make_updates

N, BATCH = 10, 4


@pytest.fixture(autouse=True)
def said_anew(monkeypatch):
    monkeypatch.setattr(engines, "_said", set())


def engine_of(name, activation="tanh", weights=None, *, batch=BATCH, careful=False, losses=False, **how):
    network = Network([3, 5, 2], activation, dtype="float64", seed=2)
    head = OutputHead(ClassTarget(None, (0, 1)), network, costs.get("cross_entropy"))
    with engine(name):
        settings = TrainingConfig(batch_size=batch, **how)
        updates = make_updates(network, head, settings, batch=batch, careful=careful, losses=losses)
    x, y = np.random.default_rng(0).standard_normal((N, 3)), np.eye(2)[np.arange(N) % 2]
    updates.learn_from(Examples(x, weights=weights), y, batch)
    return updates


def learn(updates, divisors=None):
    n = -(-N // updates.batch)
    updates.begin(np.arange(N), np.full(n, 0.1), divisors)
    assert updates.learn(0, n) == n
    return updates


class TestDivisors:
    @pytest.mark.parametrize("optimizer", ["sgd", "adam"])
    def test_the_number_of_rows_is_what_is_usual(self, optimizer):
        how = {"optimizer": optimizers.get(optimizer)}
        usual = learn(engine_of("reference", **how))
        told = learn(engine_of("reference", **how), np.array([4.0, 4.0, 2.0]))
        assert told.network == usual.network

    def test_a_step_of_sgd_is_as_much_longer_as_the_divisor_is_smaller(self):
        whole, half = (engine_of("reference") for _ in range(2))
        before = whole.network.copy()
        for updates, divisor in ((whole, 4.0), (half, 8.0)):
            updates.begin(np.arange(N), np.full(3, 0.1), np.full(3, divisor))
            updates.learn(0, 1)
        for name, array in before.parameters.items():
            step = whole.network.parameters[name] - array
            np.testing.assert_allclose(half.network.parameters[name] - array, step / 2, rtol=1e-9, atol=1e-15)

    def test_the_sum_of_weights_makes_weighted_means(self):
        weights = np.array([2, 1, 1, 1, 3, 1, 1, 2, 1, 1], float)
        updates = engine_of("reference", weights=weights)
        before = updates.network.copy()
        updates.begin(np.arange(N), np.full(3, 0.1), np.array([5.0, 7.0, 2.0]))
        updates.learn(0, 1)
        twice = engine_of("reference")  # the first example twice, and all five alike
        twice.learn_from(twice.examples.take([0, 0, 1, 2, 3]), twice.targets[[0, 0, 1, 2, 3]], 5)
        twice.begin(np.arange(5), np.full(1, 0.1))
        twice.learn(0, 1)
        for name, array in twice.network.parameters.items():
            np.testing.assert_allclose(updates.network.parameters[name], array, rtol=1e-12)
            assert (array != before.parameters[name]).any()

    @pytest.mark.parametrize("batch", [1, BATCH])
    @pytest.mark.parametrize("optimizer", ["sgd", "adam"])
    def test_both_engines_divide_alike(self, optimizer, batch):
        both = [engine_of(name, batch=batch, optimizer=optimizers.get(optimizer)) for name in ENGINES]
        usual = [learn(updates).network.copy() for updates in both]
        divided = [learn(updates, np.linspace(3.0, 5.0, -(-N // batch))).network for updates in both]
        for name, array in divided[1].parameters.items():
            np.testing.assert_allclose(divided[0].parameters[name], array, rtol=1e-9, atol=1e-13)
        assert divided[0] != usual[0]


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("name", ENGINES)
def test_losses_are_kept_where_they_are_asked_for(name, careful):
    updates = engine_of(name, losses=True, careful=careful)
    objective, network = updates.head.objective, updates.network.copy()
    learn(updates)
    trace = forward(network, updates.examples.inputs[:BATCH])
    expected = objective.losses(trace.z[-1], trace.a[-1], updates.targets[:BATCH])
    np.testing.assert_allclose(updates.losses[:BATCH], expected, rtol=1e-12)
    assert updates.losses.shape == (N,)
    assert (updates.losses > 0).all()


class Turning(Activation):
    """A tanh whose way is chosen by an if once it is told to."""

    name = "turning"
    turned = False

    def value(self, z):
        return np.tanh(z) if not self.turned or z.size else z

    def slope(self, z, a):
        return 1 - a * a


class Halves(Optimizer):
    """An average of the gradient that begins at 1, shorter steps each time, and decay."""

    name = "halves"
    keeps = ("m",)

    @property
    def decay(self):
        return 0.5

    def start(self, weights):
        return {"m": np.ones_like(weights)}

    def step(self, gradient, state, rate, t):
        m = 0.5 * state["m"] + 0.5 * gradient
        return -rate * m / t, {"m": m}


@pytest.mark.parametrize("optimizer", [optimizers.get("sgd"), optimizers.get("adam"), Halves()], ids=str)
@pytest.mark.parametrize("average", [None, 0.9])
def test_the_reference_goes_on_in_mid_epoch_with_all_that_was_kept(optimizer, average, monkeypatch):
    whole, left = (engine_of(name, Turning(), optimizer=optimizer, average=average) for name in ENGINES[::-1])
    for updates in (whole, left):
        learn(updates)
        updates.begin(np.arange(N)[::-1], np.full(3, 0.05))
        assert updates.learn(0, 1) == 1
    monkeypatch.setattr(Turning, "turned", True)
    with pytest.warns(PellucidWarning, match="no machine code can be made of"):
        assert left.learn(1, 3) == 3
    assert whole.learn(1, 3) == 3
    assert (left.n, left.flags.done) == (whole.n, whole.flags.done) == (6, N)
    for name, array in whole.shown.parameters.items():
        np.testing.assert_allclose(left.shown.parameters[name], array, rtol=1e-9, atol=1e-12)
    assert left.state().keys() == whole.state().keys()


def test_an_optimizer_of_ones_own_by_hand():
    after = {}
    for name in ENGINES:
        updates = engine_of(name, optimizer=Halves())
        before = updates.network.copy()
        updates.begin(np.arange(N), np.full(3, 0.1))
        updates.learn(0, 1)
        state = updates.state()
        for number, (old, new) in enumerate(zip(before.layers, updates.network.layers, strict=True)):
            m = state[f"optimizer.m.weights.{number}"]
            np.testing.assert_allclose(
                new.weights, old.weights - 0.1 * m - 0.1 * 0.5 * old.weights, rtol=1e-12
            )
            np.testing.assert_allclose(new.biases, old.biases - 0.1 * state[f"optimizer.m.biases.{number}"])
            assert (np.abs(m - 0.5) > 1e-6).all()  # half of 1, and half of the gradient
        after[name] = state
    np.testing.assert_allclose(after["compiled"]["weights.0"], after["reference"]["weights.0"], rtol=1e-12)
