"""Predictions by whichever engine: the same answers, the same refusals, and what is said when one cannot."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pellucid.errors import DataError, PellucidWarning, UnknownNameError
from pellucid.network import Activation, Cost, Network, Objective, costs
from pellucid.passes import engine, outputs, predict, predict_with_losses, reference
from pellucid.passes.engines import _said

KINDS = ["bool", "int64", "uint8", "float16", "float32", "float64", ">f4", ">f8", "uint16"]


class Choosy(Activation):
    """A formula that no machine code can be made of."""

    name = "choosy"

    def value(self, z):
        return np.tanh(z) if len(z) else z

    def slope(self, z, a):
        return 1 - a * a


class Sorted(Cost):
    """A cost that no machine code can be made of."""

    name = "sorted"

    def value(self, prediction, target):
        return np.sort(np.abs(prediction - target))

    def slope(self, prediction, target):
        return np.sign(prediction - target)


@pytest.fixture
def network():
    return Network([4, 20, 3], "tanh", seed=1)


@pytest.fixture(autouse=True)
def nothing_said_before():
    before = _said.copy()
    _said.clear()
    yield
    _said.clear()
    _said.update(before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_agree_whatever_the_numbers_are_kept_in(kind, dtype):
    network = Network([4, 20, 3], "tanh", dtype=dtype)
    x = np.random.default_rng(0).integers(0, 2 if kind == "bool" else 9, (30, 4)).astype(kind)
    for rows in (x, np.asfortranarray(x), x[::-3], x[:1], x[:0]):
        for scale in (1.0, 0.1):
            found = predict(network, rows, scale=scale)
            with engine("reference"):
                wanted = predict(network, rows, scale=scale)
            assert found.dtype == wanted.dtype == dtype
            assert found.shape == (len(rows), 3)
            np.testing.assert_allclose(found, wanted, rtol=1e-5 if dtype == "float32" else 1e-12)


def test_lists_of_numbers_and_an_example_alone(network):
    rows = [[0.5, 1, 2, 3], [1, 0, 0, 0]]
    assert (predict(network, rows) == predict(network, np.array(rows))).all()
    assert (predict(network, rows[0]) == predict(network, rows)[:1]).all()


@pytest.mark.parametrize("chosen", ["compiled", "reference"])
class TestRefusals:
    @pytest.mark.parametrize(
        "x", [np.ones(3), np.ones((2, 5)), np.ones((4, 1)), np.ones((2, 2, 2)), np.ones(0)]
    )
    def test_a_wrong_width(self, network, x, chosen):
        with engine(chosen), pytest.raises(DataError, match="the examples do not fit the network"):
            predict(network, x)

    @pytest.mark.parametrize("x", [[["a", "b", "c", "d"]], [[1, 2], [3]], None, {"x": 1}])
    def test_what_are_no_numbers(self, network, x, chosen):
        with engine(chosen), pytest.raises(DataError):
            predict(network, x)

    @pytest.mark.parametrize("target", [np.ones((2, 2)), np.ones((1, 3)), np.ones(2)])
    def test_targets_that_do_not_match(self, network, target, chosen):
        objective = Objective(network.output, costs.get("categorical_cross_entropy"))
        with engine(chosen), pytest.raises(DataError, match="the targets do not match the outputs"):
            predict_with_losses(network, np.ones((2, 4)), objective, target)

    def test_class_numbers_that_there_are_not(self, network, chosen):
        objective = Objective(network.output, costs.get("sparse_categorical_cross_entropy"))
        with engine(chosen), pytest.raises(DataError, match="the targets do not match the outputs") as caught:
            predict_with_losses(network, np.ones((2, 4)), objective, [0, 3])
        assert caught.value.expected == "2 class indices from 0 to 2"


@pytest.mark.parametrize("n", [1, 4097])
def test_losses_by_both_engines(network, n):
    x, target = np.random.default_rng(0).normal(size=(n, 4)), np.eye(3)[np.arange(n) % 3]
    objective = Objective(network.output, costs.get("categorical_cross_entropy"))
    found = predict_with_losses(network, x, objective, target, scale=2.0)
    with engine("reference"):
        wanted = predict_with_losses(network, x, objective, target, scale=2.0)
    trace = reference.forward(network, 2 * x)
    for losses in (found[1], wanted[1]):
        np.testing.assert_allclose(losses, objective.losses(trace.z[-1], trace.a[-1], target), rtol=1e-5)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-5)


def test_no_examples_have_no_losses(network):
    objective = Objective(network.output, costs.get("categorical_cross_entropy"))
    for name in ("compiled", "reference"):
        with engine(name):
            found = predict_with_losses(network, np.ones((0, 4)), objective, np.ones((0, 3)))
        assert [each.shape for each in found] == [(0, 3), (0,)]


class TestTheReferenceStepsIn:
    def test_for_an_activation_and_says_so_once(self, recwarn):
        network, x = Network([4, 20, 3], Choosy()), np.ones((2, 4))
        with pytest.warns(PellucidWarning, match=r"the reference does the work.*len\(\) of its numbers"):
            found = predict(network, x)
        assert (found == reference.predict(network, x)).all()
        predict(network, x)
        assert not recwarn.list

    def test_for_a_cost(self):
        network, x = Network([4, 20, 3], output="identity"), np.ones((2, 4))
        objective = Objective(network.output, Sorted())
        with pytest.warns(PellucidWarning, match="np.sort"):
            found = predict_with_losses(network, x, objective, np.zeros((2, 3)))
        wanted = reference.predict_with_losses(network, x, objective, np.zeros((2, 3)))
        for one, other in zip(found, wanted, strict=True):
            assert (one == other).all()

    @pytest.mark.parametrize("error", [ImportError("no LLVM here"), OSError("libLLVM.so: cannot open")])
    def test_for_a_compiler_that_cannot_be_loaded(self, network, error, monkeypatch):
        def fail():
            raise error

        monkeypatch.setattr(outputs, "_predictor_of", fail)
        with pytest.warns(PellucidWarning, match=f"the compiler cannot be loaded: {error}"):
            found = predict(network, np.ones(4))
        assert (found == reference.predict(network, np.ones(4))).all()


class TestWhichEngine:
    def test_the_environment_says(self, network, monkeypatch):
        monkeypatch.setenv("PELLUCID_ENGINE", "reference")
        monkeypatch.setattr(outputs, "_predictor_of", None)
        assert (predict(network, np.ones(4)) == reference.predict(network, np.ones(4))).all()

    def test_a_name_that_there_is_not(self, network, monkeypatch):
        monkeypatch.setenv("PELLUCID_ENGINE", "compield")
        with pytest.raises(UnknownNameError, match="there is no engine named 'compield'"):
            predict(network, np.ones(4))

    def test_llvm_comes_no_sooner_than_it_is_needed(self):
        program = "import pellucid.passes, sys; print('llvmlite' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ)
        assert done.stdout == "False\n", done.stderr
