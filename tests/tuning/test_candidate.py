import warnings
from dataclasses import replace

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, PellucidError, PellucidWarning
from pellucid.evaluation import measure
from pellucid.training import Callback, build_network, train
from pellucid.training.optimizers import SGD
from pellucid.tuning.candidate import OPTIONS, Failure, Plan, check_options, usual_monitor
from pellucid.tuning.space import Space
from pellucid.tuning.study_file import about_search

# At such a rate the figures go up and down.
RESTLESS = {"layers": [6], "learning_rate": 0.5, "schedule": "constant", "epochs": 12, "seed": 1}
SHORT = {"layers": [4], "epochs": 2, "seed": 0}


def go_on(epoch, figure):
    return True


@pytest.fixture
def history(classes):
    """What `train` comes to with the same options, told by it alone."""
    rows = []
    network = build_network(classes, [6], seed=1)
    how = {"learning_rate": 0.5, "schedule": "constant", "epochs": 12, "seed": 1}
    train(network, classes, **how, callbacks=[rows.append])
    return rows


@pytest.mark.parametrize(("monitor", "best"), [("validation_cost", min), ("validation_accuracy", max)])
def test_the_value_is_the_best_figure_of_all_epochs(classes, history, monitor, best):
    plan = Plan(classes, monitor, patience=12)
    outcome = plan.try_out(RESTLESS, go_on)
    figures = [row[monitor] for row in history]
    assert outcome.value == best(figures) != figures[-1]
    assert (outcome.epochs, outcome.stopped) == (12, None)


def test_it_is_told_each_epoch_that_is_not_the_last(classes, history, plan):
    told = []
    plan.try_out(RESTLESS, lambda epoch, figure: told.append((epoch, figure)) or True)
    assert told == [(row["epoch"], row["validation_cost"]) for row in history[:-1]]


def test_it_stops_when_it_is_not_to_go_on(history, plan):
    outcome = plan.try_out(RESTLESS, lambda epoch, figure: epoch < 3)
    assert (outcome.epochs, outcome.stopped) == (3, "pruned")
    assert outcome.value == min(row["validation_cost"] for row in history[:3])


def test_the_model_has_the_weights_of_the_best_epoch(classes, plan):
    model = plan.model(RESTLESS)
    assert model.figures["validation_cost"] == plan.try_out(RESTLESS, go_on).value
    measured = measure(model.network, model.head, classes.validation)
    assert measured.cost == pytest.approx(model.figures["validation_cost"], rel=1e-6)


@pytest.mark.parametrize(("rate", "epochs"), [(1e30, 0), (30.0, None)])
def test_one_that_diverges_keeps_its_best_figure_if_it_has_one(plan, rate, epochs):
    outcome = plan.try_out({**RESTLESS, "optimizer": "momentum", "learning_rate": rate}, go_on)
    assert outcome.stopped == "diverged"
    assert (outcome.value is None) == (outcome.epochs == 0)
    assert epochs in (None, outcome.epochs)


def test_one_at_the_usual_rate_ends_too_when_it_diverges(plan, monkeypatch):
    monkeypatch.setattr(SGD, "usual_rate", 1e30)
    options = {name: value for name, value in RESTLESS.items() if name != "learning_rate"}
    epochs = []
    outcome = plan.try_out({**options, "optimizer": "sgd"}, lambda epoch, value: epochs.append(epoch) or True)
    assert (outcome.stopped, outcome.epochs, epochs) == ("diverged", 0, [])


def test_patience(classes, history):
    outcome = Plan(classes, "validation_cost", patience=1).try_out(RESTLESS, go_on)
    costs = [row["validation_cost"] for row in history]
    first_worse = next(k for k in range(1, 12) if costs[k] >= min(costs[:k]))
    assert (outcome.epochs, outcome.stopped) == (first_worse + 1, "early")


@pytest.mark.parametrize(
    ("values", "best"), [([3, 4, 1, 2], [3, 3, 1, 1]), ([5], [5]), ([1, 2, 3], [1, 1, 1])]
)
def test_best_so_far(classes, values, best):
    assert Plan(classes, "validation_cost", 1).best_so_far(values) == best
    other = Plan(classes, "validation_r2", 1).best_so_far([-value for value in values])
    assert other == [-value for value in best]


def test_options_are_those_of_network_and_training():
    assert {"layers", "activation", "output", "cost", "initializer", "dtype", "seed", "epochs"} < set(OPTIONS)
    assert "data" not in OPTIONS
    with pytest.raises(ConfigurationError, match="no training option 'dropuot'") as refusal:
        check_options({"dropuot": 0.1})
    assert "'dropout'" in refusal.value.remedy


@pytest.mark.parametrize(
    ("monitor", "patience", "problem"),
    [
        ("test_cost", 1, "'test_cost' cannot be the metric"),
        ("train_accuracy", 1, "cannot be the metric"),
        (None, 1, "cannot be of type NoneType"),
        ("validation_cost", 0, "patience cannot be 0"),
    ],
)
def test_a_plan_that_cannot_work(classes, monitor, patience, problem):
    with pytest.raises(ConfigurationError, match=problem):
        Plan(classes, monitor, patience)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"dropout": (0.1, 0.2)}, "dropout does not match the layers"),
        ({"output": "step"}, "a network with step cannot be trained"),
        ({"class_weight": {"9": 2}}, "no class '9'"),
        ({"optimizer": "rprop", "batch_size": 8}, "all examples at once"),
    ],
)
def test_what_does_not_fit_the_data_is_refused_before_training(plan, options, problem):
    with pytest.raises(PellucidError, match=problem):
        plan.check(options)


def test_a_figure_of_the_other_task_is_refused(classes):
    with pytest.raises(ConfigurationError, match="'validation_r2' cannot be the metric") as refusal:
        Plan(classes, "validation_r2", 1).check({})
    kept = ("cost", "accuracy", "balanced_accuracy", "f1_macro")
    assert refusal.value.expected == f"one of {', '.join(f'validation_{name}' for name in kept)}"


def weighed(data, **parts):
    """The same data with weights on the parts named."""
    return replace(data, **{name: replace(getattr(data, name), weights=w) for name, w in parts.items()})


def test_unless_named_the_figure_is_the_cost_that_training_lowers(classes):
    weights = {"train": np.arange(40.0), "validation": np.arange(20.0)}
    assert usual_monitor(classes, {}) == "validation_cost"
    assert usual_monitor(classes, {"class_weight": "balanced"}) == "validation_weighted_cost"
    assert usual_monitor(weighed(classes, **weights), {}) == "validation_weighted_cost"


def test_a_weighted_figure_takes_weights(classes):
    plan = Plan(classes, "validation_weighted_cost", 1)
    with pytest.raises(ConfigurationError, match="'validation_weighted_cost' cannot be the metric"):
        plan.check({})
    assert plan.check({"class_weight": "balanced"})
    assert plan.try_out({**RESTLESS, "class_weight": "balanced"}, go_on).value > 0


def test_a_figure_that_is_undefined_decides_nothing(values):
    one_row = replace(values, validation=values.validation.take(slice(0, 1)))
    with pytest.raises(ConfigurationError, match="the figure 'validation_r2' is undefined") as refusal:
        Plan(one_row, "validation_r2", 1).check({})
    assert refusal.value.received == "a validation set with fewer than two examples"


def test_weights_are_other_data_where_they_decide(classes):
    def data_of(monitor, **weights):
        return about_search(Plan(weighed(classes, **weights), monitor, 1), Space.of({}, {}))["the data"]

    for part, n, monitor, differs in (
        ("train", 40, "validation_cost", True),
        ("validation", 20, "validation_weighted_cost", True),
        ("validation", 20, "validation_cost", False),
    ):
        assert (data_of(monitor, **{part: np.arange(float(n))}) != data_of(monitor)) == differs


def test_what_comes_of_it_is_what_the_plan_gives(plan):
    told, expected = plan.attempt(SHORT, go_on), plan.try_out(SHORT, go_on)
    assert (told.value, told.epochs, told.stopped) == (expected.value, 2, None)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"dropout": (0.1, 0.2)}, "does not match the layers"), ({"seed": "one"}, "")],
)
def test_an_error_is_the_candidates_own(plan, options, reason):
    told = plan.attempt(SHORT | options, go_on)
    assert isinstance(told, Failure)
    assert reason in told.reason != ""


def test_what_the_search_has_warned_of_is_not_said_of_each_candidate(plan, monkeypatch):
    network = Plan.network

    def warning(*given):
        warnings.warn("hardly meant", PellucidWarning, stacklevel=1)
        return network(*given)

    monkeypatch.setattr(Plan, "network", warning)
    with pytest.warns(PellucidWarning):
        plan.network(SHORT)
    with warnings.catch_warnings(record=True) as said:
        plan.attempt(SHORT, go_on)
    assert said == []


def test_what_looks_on_is_told(plan):
    class Stop(Callback):
        def epoch(self, run):
            run.stop("enough")

    assert plan.attempt(SHORT, go_on, Stop()).stopped == "enough"
