"""An engine's state: the same names from both engines, and the bits of an undisturbed run once loaded."""

from itertools import product

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples
from pellucid.errors import ConfigurationError
from pellucid.evaluation import OutputHead
from pellucid.network import Network, costs
from pellucid.passes.engines import ENGINES, engine
from pellucid.training import Clipping, Regularisation, TrainingConfig, optimizers
from pellucid.training.updates import compiled, make_updates

OPTIMIZERS = [optimizer.name for optimizer in optimizers if not optimizer.searches]
HOW = {
    "plain": {},
    "average": {"average": 0.9, "clipping": Clipping(value=0.01, norm=0.05)},
    "max_norm": {"regularisation": Regularisation(max_norm=0.5, dropout=0.3, biases=True), "average": 0.9},
    "batch": {"normalise": "batch", "average": 0.9},
    "layer": {"normalise": "layer", "regularisation": Regularisation(l1=1e-3, input_noise=0.1)},
}
CASES = [*product(OPTIMIZERS, HOW), ("sgd", "online")]
HOW["online"] = {"batch": 1}
N, BATCH = 23, 4


@pytest.fixture(autouse=True)
def threads(monkeypatch):
    """Let a second thread pay off at once, where there is one."""
    monkeypatch.setattr(compiled, "_WORTH_A_THREAD", 1)

    def use(number):
        monkeypatch.setenv("PELLUCID_THREADS", str(number))

    use(1)
    return use


def engine_of(name, dtype="float64", optimizer="adam", normalise=None, batch=BATCH, **how):
    network = Network([5, 9, 3], "tanh", normalise=normalise, dtype=dtype, seed=2)
    head = OutputHead(ClassTarget(None, (0, 1, 2)), network, costs.get("cross_entropy"))
    settings = TrainingConfig(optimizer=optimizers.get(optimizer), **how)
    if settings.optimizer.full_batch:
        batch = N
    else:
        settings = TrainingConfig(optimizer=settings.optimizer, batch_size=batch, **how)
    with engine(name):
        updates = make_updates(network, head, settings, batch=batch)
    random = np.random.default_rng(0)
    x, y = random.standard_normal((N, 5)).astype(dtype), np.eye(3, dtype=dtype)[np.arange(N) % 3]
    updates.learn_from(Examples(x), y, batch)
    return updates


def begin(updates, epoch=1):
    n = -(-N // updates.batch)
    updates.begin(np.random.default_rng(epoch).permutation(N), np.linspace(0.05, 0.01, n))
    return n


def epochs(updates, number):
    for epoch in range(1, number + 1):
        n = begin(updates, epoch)
        assert updates.learn(0, n) == n


def same(first, second):
    return first.keys() == second.keys() and all(
        np.asarray(first[name]).tobytes() == np.asarray(second[name]).tobytes() for name in first
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("optimizer", "how"), CASES)
@pytest.mark.parametrize("name", ENGINES)
def test_a_state_taken_in_mid_epoch_goes_on_with_the_same_bits(name, optimizer, how, dtype, threads):
    whole, first = (engine_of(name, dtype, optimizer, **HOW[how]) for _ in range(2))
    threads(2)
    other = engine_of(name, dtype, optimizer, **HOW[how])
    for updates in (whole, first):
        epochs(updates, 2)  # of a full batch, an epoch is an update
        n = begin(updates, 3)
    k = n // 2
    assert whole.learn(0, n) == n
    assert first.learn(0, k) == k
    state = first.state()
    begin(other, 3)
    other.load_state(state)
    assert same(other.state(), state)
    assert other.learn(k, n) == n
    assert same(other.state(), whole.state())
    assert not same(other.state(), state)
    assert other.shown == whole.shown
    assert other.flags.done == whole.flags.done


@pytest.mark.parametrize(("optimizer", "how"), CASES)
def test_both_engines_name_the_same_numbers(optimizer, how):
    states = []
    for name in ENGINES:
        updates = engine_of(name, optimizer=optimizer, **HOW[how])
        epochs(updates, 2)
        states.append(updates.state())
    first, second = states
    assert list(first) == list(second)
    assert first["updates"] == second["updates"] == 2 * -(-N // updates.batch)
    for key in first.keys() - {"updates"}:
        assert first[key].dtype == second[key].dtype == np.float64
        assert first[key].shape == second[key].shape
        # Before a normalisation over the batch biases have no slope but for rounding; means follow them.
        if how != "batch" or not key.endswith(("biases.0", "mean.0")):
            np.testing.assert_allclose(first[key], second[key], rtol=1e-8, atol=1e-12)


def test_the_names():
    updates = engine_of("reference", normalise="batch", average=0.5)
    layers = [f"{name}.{k}" for k in (0, 1) for name in ("weights", "biases")]
    learned = [*layers, "gain.0", "shift.0"]
    statistics = ["mean.0", "variance.0", "unseen.0"]
    assert updates.state().keys() == {
        "updates", *learned, *statistics,
        *(f"optimizer.{which}.{name}" for which in "mv" for name in learned),
        *(f"average.{name}" for name in (*learned, *statistics)),
    }  # fmt: skip


@pytest.mark.parametrize("how", ["average", "max_norm", "batch", "layer", "online"])
@pytest.mark.parametrize(("one", "other"), [ENGINES, ENGINES[::-1]])
def test_from_one_engine_to_the_other_within_rounding(one, other, how):
    whole, first, second = (engine_of(name, **HOW[how]) for name in (one, one, other))
    epochs(whole, 1)
    n = begin(first)
    first.learn(0, 2)
    begin(second)
    second.load_state(first.state())
    second.learn(2, 4)
    first.load_state(second.state())
    first.learn(4, n)
    found, expected = first.shown.arrays, whole.shown.arrays
    for name, array in found.items():
        if how != "batch" or name not in ("b1", "mean1"):
            np.testing.assert_allclose(array, expected[name], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", ENGINES)
def test_a_state_is_a_copy(name):
    updates = engine_of(name, average=0.9)
    epochs(updates, 1)
    state, again = updates.state(), updates.state()
    for array in state.values():
        if isinstance(array, np.ndarray):
            array[...] = 7
    assert same(updates.state(), again)
    updates.load_state(again)
    again["weights.0"][...] = 7
    again["optimizer.m.weights.0"][...] = 7
    again["average.weights.0"][...] = 7
    assert not any((array == 7).any() for array in updates.state().values() if isinstance(array, np.ndarray))


def without(name):
    return lambda state: {key: value for key, value in state.items() if key != name}


def with_(name, value):
    return lambda state: {**state, name: value(state.get(name)) if callable(value) else value}


UNFIT = [
    (without("weights.1"), "a state with weights.1"),
    (without("updates"), "a state with updates"),
    (with_("optimizer.u.weights.0", np.zeros(3)), "one with optimizer.u.weights.0"),
    (with_("weights.0", lambda array: array.T), "expected: an array of shape (5, 9) of float64"),
    (with_("weights.0", lambda array: array.astype("float32")), "received: shape (5, 9) of float32"),
    (with_("average.biases.0", lambda array: array.astype("float32")), "received: shape (9,) of float32"),
    (with_("optimizer.m.biases.0", lambda array: array.astype(int)), "an array of shape (9,) of float\n"),
    (with_("optimizer.v.biases.0", lambda array: array[:1]), "received: shape (1,) of float64"),
    (with_("biases.0", lambda array: array.tolist()), "received: [0.0"),
    (with_("updates", -1), "received: -1"),
    (with_("updates", True), "received: True"),
    (with_("updates", 2.5), "received: 2.5"),
]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("change", "message"), UNFIT)
def test_what_does_not_fit_is_refused_before_anything_is_changed(name, change, message):
    updates, other = (engine_of(name, average=0.9) for _ in range(2))
    epochs(other, 1)
    before = updates.state()
    with pytest.raises(ConfigurationError, match="the state does not fit the network") as caught:
        updates.load_state(change(engine_of(name, average=0.9).state()))
    assert message in str(caught.value)
    assert same(updates.state(), before)
