"""scikit-learn's own tests of its multilayer perceptrons, with the estimators of Pellucid in their place."""

from importlib.util import find_spec, module_from_spec

import pytest
import sklearn.neural_network

import pellucid

# Many of them are short runs, and some on columns of very different scales.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::pellucid.PellucidWarning"),
]

# Tests of what is not public, and so is not here.
PRIVATE = {
    "test_gradient": "calls _loss_grad_lbfgs, _unpack and the solver's layout of flat weights",
}


def _their_module():
    """Return their module of tests, read again with the two classes swapped, as its parameters need them."""
    spec = find_spec("sklearn.neural_network.tests.test_mlp")
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as swapped:
        for name in ("MLPClassifier", "MLPRegressor"):
            swapped.setattr(sklearn.neural_network, name, getattr(pellucid, name))
        spec.loader.exec_module(module)
    return module


_THEIRS = {name: test for name, test in vars(_their_module()).items() if name.startswith("test_")}
globals().update({name: test for name, test in _THEIRS.items() if name not in PRIVATE})


@pytest.fixture
def global_random_seed():
    """The seed that scikit-learn's configuration of pytest gives to its tests by default."""
    return 42


def test_the_classes_are_swapped():
    assert len(_THEIRS) >= 39
    assert set(_THEIRS) >= set(PRIVATE)
    for test in _THEIRS.values():
        assert test.__globals__["MLPClassifier"] is pellucid.MLPClassifier
        assert test.__globals__["MLPRegressor"] is pellucid.MLPRegressor
