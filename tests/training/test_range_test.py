"""The range test: it finds rates that train, changes nothing, and draws its curve."""

from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError
from pellucid.training import Regularisation, build_network, find_learning_rate, optimizers, train

BATCHED = [optimizer.name for optimizer in optimizers if not optimizer.full_batch]


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


@pytest.mark.parametrize("optimizer", BATCHED)
def test_what_it_suggests_trains_and_a_thousandth_does_not(digits, optimizer):
    network = build_network(digits, [32])
    found = find_learning_rate(network, digits, optimizer=optimizer, batch_size=16)
    accuracies = [
        train(
            network.copy(), digits, optimizer=optimizer, learning_rate=rate, batch_size=16, epochs=3
        ).figures["test_accuracy"]
        for rate in (found.suggestion, found.suggestion / 1000)
    ]
    assert accuracies[0] > 0.85 > 0.5 > accuracies[1]


def test_rates_grow_and_end_where_the_loss_blows_up(digits):
    found = find_learning_rate(build_network(digits, [32]), digits, batch_size=16, least=1e-5, most=1e3)
    assert found.rates[0] == pytest.approx(1e-5)
    assert (np.diff(np.log(found.rates)) > 0).all()
    assert found.rates[-1] < 1e3
    assert len(found.rates) == len(found.costs)
    # The first rate at which nine tenths of the fall are reached, and a third of that.
    fallen = (found.costs[0] - np.array(found.costs)) / (found.costs[0] - min(found.costs))
    assert found.suggestion == pytest.approx(found.rates[int((fallen >= 0.9).argmax())] / 3)


def test_the_loss_before_any_learning_is_the_first(digits):
    network = build_network(digits, [32])
    found = find_learning_rate(network, digits, batch_size=64, least=1e-12)
    cost = train(network, digits, epochs=1).history[0]["train_cost"]
    assert found.costs[0] == pytest.approx(cost, rel=0.2)  # of 64 of 1,438 examples


def test_nothing_is_changed_and_the_seed_decides(digits):
    network = build_network(digits, [16])
    before = network.copy()
    first = find_learning_rate(network, digits, seed=1)
    assert network == before
    assert find_learning_rate(network, digits, seed=1) == first
    assert find_learning_rate(network, digits, seed=2).costs != first.costs


def test_a_small_set_is_gone_through_again():
    random = np.random.default_rng(0)
    data = load_data((random.normal(size=(12, 2)), np.arange(12) % 2), test_size=2)
    assert len(find_learning_rate(build_network(data, [4]), data, batch_size=4).rates) >= 10


def test_the_curve_as_text(digits):
    found = find_learning_rate(build_network(digits, [16]), digits, batch_size=16)
    lines = str(found).splitlines()
    assert len(lines) == len(found.rates) + 1
    assert lines[-1] == f"begin with {found.suggestion:.2g}"
    assert "█" in lines[0]
    assert "█" not in lines[int(np.argmin(found.costs))]


@pytest.mark.parametrize(
    "wrong",
    [{"least": 0}, {"least": 2, "most": 1}, {"most": float("inf")}, {"n_rates": 9}, {"n_rates": 20.5},
     {"batch_size": 0}, {"optimizer": "rprop"}, {"optimizer": "adm"}],
)  # fmt: skip
def test_what_cannot_be(digits, wrong):
    with pytest.raises(ConfigurationError):
        find_learning_rate(build_network(digits, [4]), digits, **wrong)


def test_numbers_of_any_kind_are_the_same_rates(digits):
    network = build_network(digits, [4])
    given = {"least": Fraction(1, 2**10), "most": np.float32(0.5), "n_rates": np.int64(10)}
    plain = {"least": 2.0**-10, "most": 0.5, "n_rates": 10}
    assert find_learning_rate(network, digits, **given) == find_learning_rate(network, digits, **plain)


def test_what_is_no_network_is_named(digits):
    with pytest.raises(ConfigurationError, match="the network cannot be of type str"):
        find_learning_rate("network", digits)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_network_that_is_lost_from_the_start(digits):
    network = build_network(digits, [4])
    network.layers[0].weights[...] = np.nan
    with pytest.raises(ConfigurationError, match="not finite at the smallest rate"):
        find_learning_rate(network, digits)


def suggestions(make, **how):
    """What is suggested for eight seeds of split, network and order; a refusal leaves a seed out."""
    found = []
    for seed in range(8):
        data = make(seed)
        network = build_network(data, [32], seed=seed)
        with suppress(ConfigurationError):
            found.append(find_learning_rate(network, data, seed=seed, **how).suggestion)
    return found


def heavy(kind):
    random = np.random.default_rng(0)
    x = random.normal(size=(2000, 5))
    slopes = random.normal(size=5)
    if kind == "student":
        y = x @ slopes + random.standard_t(1.5, 2000)
    else:
        y = np.exp(10 + x @ slopes + 1.5 * random.normal(size=2000))
    return lambda seed: load_data((x, y), task="regression", seed=seed)


@pytest.mark.parametrize("how", [{"batch_size": 1}, {"batch_size": 32, "optimizer": "adam"}], ids=str)
@pytest.mark.parametrize("kind", ["student", "lognormal"])
def test_outliers_do_not_decide(kind, how):
    found = suggestions(heavy(kind), **how)
    assert len(found) >= 6
    assert max(found) < 10 * min(found)
    assert min(found) > 1e-4


@pytest.mark.parametrize("how", [{"batch_size": 1}, {"batch_size": 32, "optimizer": "adam"}], ids=str)
def test_ordinary_data_have_one_answer_for_all_seeds(how):
    random = np.random.default_rng(0)
    x = random.normal(size=(2000, 5))
    y = x @ random.normal(size=5) + 0.1 * random.normal(size=2000)
    for make in (
        lambda seed: load_data((x, y), task="regression", seed=seed),
        lambda seed: load_data("digits", seed=seed),
    ):
        found = suggestions(make, **how)
        assert len(found) == 8
        assert max(found) < 5 * min(found)


def test_noise_is_no_answer():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2000, 5)), random.integers(0, 3, 2000)
    data = load_data((x, y))
    # A network that says nothing at first has nothing to lose but by learning noise.
    network = build_network(data, [8])
    network.layers[-1].weights[...] = 0
    with pytest.raises(ConfigurationError, match="by more than chance") as caught:
        find_learning_rate(network, data)
    assert "from 1.099, at rates from" in caught.value.received  # the logarithm of 3
    assert "usual rate" in caught.value.remedy


def test_dropout_does_not_count_as_a_fall(digits):
    # The untrained network meets the same dropout: at a rate of next to nothing no loss differs from its own.
    network = build_network(digits, [32])
    dropped = Regularisation(dropout=0.5, input_noise=0.3)
    with pytest.raises(ConfigurationError, match="by more than chance") as caught:
        find_learning_rate(network, digits, batch_size=16, regularisation=dropped, least=1e-13, most=1e-12)
    assert caught.value.received.startswith("a fall of 0 ± 0 from ")
