"""The names that Pellucid gives away: all there, all documented, none loaded before it is asked for."""

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import pellucid
from pellucid import PellucidError
from pellucid.declarations import Registry

EXPECTED = [
    "Activation",
    "Callback",
    "Checkpoint",
    "Clipping",
    "Cost",
    "CsvLog",
    "Dataset",
    "Diagnosis",
    "EarlyStopping",
    "Explanation",
    "Goal",
    "History",
    "Initializer",
    "Interval",
    "Layer",
    "MLPClassifier",
    "MLPRegressor",
    "Model",
    "Network",
    "Normalisation",
    "Optimizer",
    "PellucidError",
    "PellucidWarning",
    "Regularisation",
    "Report",
    "Schedule",
    "Search",
    "Statistics",
    "Stream",
    "TensorBoardLog",
    "TimeLimit",
    "Trainer",
    "TrainingConfig",
    "activations",
    "build_network",
    "costs",
    "explain",
    "find_learning_rate",
    "initializers",
    "load_data",
    "load_model",
    "normalisations",
    "optimizers",
    "save_model",
    "schedules",
    "train",
    "tune",
]


def test_the_names():
    assert sorted(pellucid.__all__) == sorted(EXPECTED)
    assert pellucid.__all__ == sorted(pellucid.__all__)
    assert set(pellucid.__all__) == set(pellucid._HOMES)


def test_type_checkers_see_the_same():
    # The imports under TYPE_CHECKING are written a second time: they must name the same things at home.
    tree = ast.parse(Path(pellucid.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    homes = {
        alias.name: node.module.removeprefix("pellucid.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes == pellucid._HOMES


@pytest.mark.parametrize("name", EXPECTED)
def test_importable_and_documented(name):
    value = getattr(pellucid, name)
    assert name in dir(pellucid)
    if isinstance(value, Registry):
        assert len(value) > 0
    else:
        assert value.__name__ == name
        assert len(inspect.getdoc(value).splitlines()[0]) > 15
        assert value.__module__.startswith("pellucid.")


@pytest.mark.parametrize("name", [name for name in EXPECTED if inspect.isclass(getattr(pellucid, name))])
def test_public_members_are_documented(name):
    value = getattr(pellucid, name)
    members = [m for m in vars(value) if not m.startswith("_") and inspect.isroutine(getattr(value, m))]
    assert [m for m in members if not inspect.getdoc(getattr(value, m))] == []


def test_every_package_gives_what_it_names():
    for home in set(pellucid._HOMES.values()):
        module = sys.modules[f"pellucid.{home}"]
        assert module.__doc__
        assert all(hasattr(module, name) for name in module.__all__)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        pellucid.nonsense  # noqa: B018
    assert issubclass(PellucidError, Exception)


@pytest.mark.parametrize(
    ("imported", "heavy"),
    [
        ("pellucid", "numpy polars sklearn scipy safetensors rich click pandas"),
        ("pellucid.data", "polars numba llvmlite rich click"),
        ("pellucid.training", "polars numba llvmlite click"),
    ],
)
def test_nothing_heavy_before_it_is_needed(imported, heavy):
    program = f"import {imported}, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & set(heavy.split())
