"""Which engine makes a run's updates, and what is said where it is not the one that was asked for."""

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, PellucidWarning, UnknownNameError
from pellucid.evaluation import OutputHead
from pellucid.network import Activation, Network, costs
from pellucid.network.costs import MeanSquaredError
from pellucid.passes import engines
from pellucid.passes.compiled.machine_code import kernels
from pellucid.passes.engines import engine
from pellucid.training import Optimizer, TrainingConfig, build_network, train
from pellucid.training.updates import Updates, make_updates
from pellucid.training.updates.compiled import CompiledUpdates


class Choosy(Activation):
    """A ReLU whose way is chosen by an if, which no formula can be made of."""

    name = "choosy"

    def value(self, z):
        return np.maximum(z, 0) if z.size else z

    def slope(self, z, a):
        return z > 0


@pytest.fixture(autouse=True)
def said_anew(monkeypatch):
    monkeypatch.setattr(engines, "_said", set())


def made(classes, activation="relu", **how):
    network = Network([2, 4, 3], activation)
    head = OutputHead(classes.target, network, costs.get("cross_entropy"))
    return make_updates(network, head, TrainingConfig(**how), batch=1)


def test_machine_code_unless_said(classes):
    assert isinstance(made(classes), CompiledUpdates)
    with engine("reference"):
        assert type(made(classes)) is Updates


def test_the_environment_says_it_too(classes, monkeypatch):
    monkeypatch.setenv("PELLUCID_ENGINE", "reference")
    assert type(made(classes)) is Updates
    with engine("compiled"):
        assert isinstance(made(classes), CompiledUpdates)
    monkeypatch.setenv("PELLUCID_ENGINE", "steam")
    with pytest.raises(UnknownNameError, match="PELLUCID_ENGINE"):
        made(classes)


def test_train_takes_an_engine(classes):
    networks = [build_network(classes, [4]) for _ in range(2)]
    for network, name in zip(networks, ("compiled", "reference"), strict=True):
        train(network, classes, learning_rate=0.1, epochs=2, engine=name)
    first, second = (network.parameters.values() for network in networks)
    assert all(np.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in zip(first, second, strict=True))
    with pytest.raises(UnknownNameError, match="there is no engine named 'fast'"):
        train(networks[0], classes, engine="fast")


def test_what_cannot_be_compiled_is_learned_by_the_reference_and_said_once(classes):
    with pytest.warns(PellucidWarning, match="no machine code can be made of"):
        assert type(made(classes, Choosy())) is Updates
    assert type(made(classes, Choosy())) is Updates  # a second warning would be an error


class TwiceTheCost(MeanSquaredError):  # noqa: N818  # a cost, no exception
    """Twice the cost, by a way of its own to add losses up."""

    name = "doubled"

    def losses(self, prediction, target):
        return 2 * super().losses(prediction, target)

    def loss_slopes(self, prediction, target):
        return 2 * super().loss_slopes(prediction, target)


class Hoarder(Optimizer):
    """Keeps more than anybody needs."""

    name = "hoarder"
    keeps = tuple("abcdefgh")

    def step(self, gradient, state, rate, t):
        return -rate * gradient, state


def test_a_cost_that_adds_up_in_a_way_of_its_own(values):
    network = Network([2, 4, 1], output="identity")
    head = OutputHead(values.target, network, TwiceTheCost())
    with pytest.warns(PellucidWarning, match="doubled, which has losses of its own"):
        assert type(make_updates(network, head, TrainingConfig(), batch=1)) is Updates


def test_an_optimizer_that_keeps_more_than_there_is_room_for(classes):
    with pytest.warns(PellucidWarning, match="keeps more than 7 numbers for each weight, itself included"):
        assert type(made(classes, optimizer=Hoarder())) is Updates


def test_a_batch_far_larger_than_the_data_takes_no_more_memory(classes):
    networks = [build_network(classes, [4]) for _ in range(2)]
    for network, size in zip(networks, (30, 10**9), strict=True):
        train(network, classes, learning_rate=0.1, epochs=3, batch_size=size)
    assert networks[0] == networks[1]


# A Numba that does not fit is an ImportError, whatever it raises: see the test of the kernels.
@pytest.mark.parametrize("error", [OSError, ImportError])
def test_a_compiler_that_cannot_be_loaded(classes, error, monkeypatch):
    def broken(*_):
        raise error("no such library")

    monkeypatch.setattr(kernels.native, "load", broken)
    with pytest.warns(PellucidWarning, match="the compiler cannot be loaded: no such library"):
        assert type(made(classes)) is Updates


@pytest.mark.parametrize("batch", [1, 32])
def test_what_is_no_number_of_threads_is_refused_whatever_the_batch(classes, batch, monkeypatch):
    monkeypatch.setenv("PELLUCID_THREADS", "0")
    with pytest.raises(ConfigurationError, match="PELLUCID_THREADS"):
        train(build_network(classes, [4]), classes, epochs=1, batch_size=batch)
