"""The table of dimensions: all of it trains, or is refused with a reason."""

import math
from pathlib import Path

import pytest

from pellucid.errors import ConfigurationError, PellucidError, UnknownNameError
from pellucid.network import activations, costs, initializers, normalisations
from pellucid.training import optimizers, schedules
from pellucid.training.options import settings_from
from pellucid.tuning.candidate import OPTIONS, Plan
from pellucid.tuning.dimension import Range
from pellucid.tuning.space import DIMENSIONS, Space

from .conftest import Choosing

USUAL = [dimension for dimension in DIMENSIONS if dimension.values]
SHORT = {"epochs": 1, "seed": 0}
# What is tried of those that are searched if they are asked for, and of names all there are.
ASKED = {
    "l1": "1e-6..1", "input_dropout": "0..0.9", "input_noise": "0..3", "label_smoothing": "0..0.9",
    "max_norm": "0.01..10", "clip_norm": "1e-3..10", "clip_value": "1e-3..10", "average": "0.1..0.999",
    "initializer": [name for name in initializers.names if name != "zeros"], "cost": costs.names,
    "output": [name for name in activations.names if name not in ("step", "sign")],
    "normalise": ["none", *normalisations.names], "optimizer": list(optimizers.names),
    "schedule": schedules.names,
}  # fmt: skip


def test_every_dimension_sets_an_option_and_has_a_value_here():
    assert {dimension.option for dimension in DIMENSIONS} <= set(OPTIONS)
    assert {dimension.name for dimension in DIMENSIONS} == {d.name for d in USUAL} | set(ASKED)


def tried(data, options):
    """Train for an epoch, or say why not."""
    plan = Plan(data, "validation_cost", patience=1)
    try:
        plan.check(options)
    except PellucidError as refusal:
        return refusal
    return plan.try_out(options, lambda epoch, figure: True)


@pytest.mark.parametrize("asked", [None, *ASKED])
@pytest.mark.parametrize("task", ["classes", "values"])
def test_the_ends_of_every_dimension_train_or_are_refused_with_a_reason(request, task, asked):
    data = request.getfixturevalue(task)
    space = Space.of(SHORT, {} if asked is None else {asked: ASKED[asked]})
    outcomes = [tried(data, options) for options in space.edges()]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, PellucidError)]
    assert all(refusal.details for refusal in refusals)
    assert all(
        outcome.stopped == "diverged" or math.isfinite(outcome.value)
        for outcome in outcomes
        if not isinstance(outcome, PellucidError)
    )
    if asked not in ("cost", "output", "label_smoothing"):  # not every cost and output is for every task
        assert not refusals


@pytest.mark.parametrize("dimension", USUAL, ids=lambda dimension: dimension.name)
def test_what_is_fixed_is_not_searched(dimension):
    value = {"layers": [5], "optimizer": "adam"}.get(dimension.option, dimension.values.ends[0])
    space = Space.of({dimension.option: value}, {})
    assert dimension.option not in {part.option for part in space.dimensions}
    assert space.suggest(Choosing(0))[dimension.option] == value
    with pytest.raises(ConfigurationError, match="cannot be both fixed and searched"):
        Space.of({dimension.option: value}, {dimension.name: dimension.values})


@pytest.mark.parametrize("name", optimizers.names)
@pytest.mark.parametrize("fixed", [True, False])
def test_beside_every_optimizer_is_searched_what_goes_with_it(name, fixed):
    space = Space.of({"optimizer": name}, {}) if fixed else Space.of({}, {"optimizer": name})
    optimizer = optimizers.get(name)
    for place in (0, -1):
        options = space.suggest(Choosing(place))
        settings_from(options).batch_of(1000)
        assert ("learning_rate" in options) == ("dropout" in options) == (not optimizer.searches)
        assert ("batch_size" in options) == (not optimizer.full_batch)
        if "learning_rate" in options:
            assert 1 / 31 < options["learning_rate"] / optimizer.usual_rate < 31


@pytest.mark.parametrize(
    ("chosen", "layers"),
    [
        ({"depth": 1, "width": 100, "narrowing": 0.5}, [100]),
        ({"depth": 3, "width": 100, "narrowing": 0.5}, [100, 50, 25]),
        ({"depth": 3, "width": 16, "narrowing": 1.0}, [16, 16, 16]),
        ({"depth": 4, "width": 2, "narrowing": 0.5}, [2, 1, 1, 1]),
        ({"depth": 0, "width": 16, "narrowing": 0.5}, []),
    ],
)
def test_layers(chosen, layers):
    asked = {"depth": "0..4", "width": "2..100"}
    assert Space.of({}, asked).options(chosen)["layers"] == layers


@pytest.mark.parametrize(
    ("fixed", "asked", "n"),
    [
        ({"layers": [4], "optimizer": "sgd"}, {"learning_rate": "0.1,0.2,0.3", "activation": "relu,tanh"}, 6),
        # A single layer has no next one that could be narrower.
        (
            {"activation": "relu", "learning_rate": 0.1, "optimizer": "sgd"},
            {"depth": "1..2", "width": "8,9"},
            6,
        ),
        # lbfgs has no rate.
        ({"layers": [4], "activation": "relu"}, {"optimizer": "sgd,lbfgs", "learning_rate": "0.1,0.2"}, 3),
        ({"layers": [4], "optimizer": "sgd", "activation": "relu"}, {"learning_rate": "0.1..0.2"}, math.inf),
        ({"activation": "relu", "learning_rate": 0.1, "optimizer": "sgd"}, {"width": "1..9999"}, math.inf),
    ],
)
def test_how_many_candidates_there_are(fixed, asked, n):
    single = {"schedule": "linear", "batch_size": [8], "l2": [0.0], "weight_decay": [0.0], "dropout": [0.0]}
    assert Space.of(fixed, single | asked).n_candidates == n


BAD = [
    ({}, {"layers": "1..3"}, "layers cannot be searched directly"),
    ({}, {"dropot": "0..0.1"}, "no dimension 'dropot'"),
    ({}, {"dropout": "0..1"}, "dropout cannot be 1"),
    ({}, {"activation": "relu,step"}, "a network with step cannot be trained"),
    ({}, {"batch_size": "0..8"}, "logarithmic scale"),
    ({}, {"average": "0.5,1"}, "average"),
    ({"optimizer": "lbfgs"}, {"dropout": "0..0.1"}, "has no effect with lbfgs"),
    ({"optimizer": "adm"}, {}, "no optimizer named"),
    ({"layrs": [3]}, {}, "no training option 'layrs'"),
    ({"activation": "step"}, {}, "cannot be trained: its derivative is 0"),
    ({d.option: {"layers": [5]}.get(d.option, d.values.ends[0]) for d in USUAL}, {}, "nothing to search"),
]


@pytest.mark.parametrize(("fixed", "asked", "problem"), BAD)
def test_is_refused(fixed, asked, problem):
    with pytest.raises(ConfigurationError, match=problem):
        Space.of(fixed, asked)


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError) as refusal:
        Space.of({}, {"learning_rat": "0.1,1"})
    assert "'learning_rate'" in refusal.value.remedy


def test_is_said_in_words():
    said = Space.of({"layers": [4]}, {"l1": Range(1e-3, 1)}).to_dict()
    assert said["l1"] == "0.001..1"
    assert said["learning_rate"] == "0.0333333..30 times the usual one"
    assert said["batch_size"] == "32, 64, 128, 256"
    assert "depth" not in said


def test_the_docs_name_every_dimension():
    page = Path(__file__).parents[2] / "docs" / "tuning.md"
    text = page.read_text(encoding="utf-8")
    assert [dimension.name for dimension in DIMENSIONS if f"`{dimension.name}`" not in text] == []
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == {dimension.name for dimension in USUAL}
    for dimension in USUAL:
        if dimension.registry is not None:
            assert f"| {dimension.values} |" in rows[dimension.name]
