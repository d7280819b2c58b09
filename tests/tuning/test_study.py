import math

import optuna
import pytest

from pellucid.errors import ConfigurationError
from pellucid.tuning import study as study_module
from pellucid.tuning.candidate import Failure, Outcome
from pellucid.tuning.space import Space
from pellucid.tuning.study import INTERRUPTED, Study, check_installed

SPACE = Space.of({}, {})


@pytest.fixture(autouse=True)
def silent():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def begun(seed=0, direction="minimize", epochs=8, space=SPACE):
    kept = optuna.create_study(direction=direction)
    return Study(kept, space, seed=seed, epochs=epochs, side_by_side=False)


def outcome(value, stopped=None):
    return Outcome(value, epochs=4, seconds=0.5, stopped=stopped)


def search(study, n, value=lambda options: options["dropout"]):
    """Try candidates whose value is known; give their options."""
    tried = []
    for _ in range(n):
        trial, options = study.ask()
        study.end(trial, outcome(value(options)))
        tried.append(options)
    return tried


def test_the_same_seed_chooses_the_same_and_another_does_not():
    # More than are drawn at random, so that what was trained on the first is in the last.
    assert search(begun(), 15) == search(begun(), 15)
    assert search(begun(), 1) != search(begun(seed=1), 1)


def test_every_draw_is_another():
    tried = search(begun(), 8)
    assert len({options["learning_rate"] for options in tried}) == 8


def test_a_trial_that_was_interrupted_is_chosen_again():
    study = begun()
    first = search(study, 12)
    trial, lost = study.ask()
    study.end(trial, Failure(INTERRUPTED))
    assert study.n_counted == study.n_ended == 12
    assert [*first, *search(study, 3)] == search(begun(), 15)
    assert search(begun(), 13)[-1] == lost


@pytest.mark.parametrize(
    ("told", "state", "value", "reason"),
    [
        (outcome(0.25), "finished", 0.25, None),
        (outcome(0.25, "early"), "finished", 0.25, "early"),
        (outcome(0.25, "diverged"), "finished", 0.25, "diverged"),
        (outcome(0.25, "pruned"), "pruned", 0.25, "pruned"),
        (outcome(None, "diverged"), "failed", None, "diverged in the first epoch"),
        (Failure("out of memory"), "failed", None, "out of memory"),
        (Failure(INTERRUPTED), "interrupted", None, "interrupted"),
    ],
)
def test_how_trials_end(told, state, value, reason):
    study = begun()
    trial, options = study.ask()
    assert study.n_counted == 1
    assert study.n_ended == len(study.rows) == 0
    study.go_on(trial, 1, 0.5)
    row = study.end(trial, told)
    assert study.rows == [row]
    assert (row["state"], row["value"], row["reason"]) == (state, value, reason)
    assert row["parameters"] == options
    assert study.n_counted == study.n_ended == (state != "interrupted")


def test_the_best_is_the_lowest_or_the_highest_of_those_that_were_trained_to_their_end():
    for direction, best in (("minimize", 0.2), ("maximize", 0.6)):
        study = begun(direction=direction)
        assert study.best is None
        for value, stopped in ((0.4, None), (0.6, None), (0.2, None), (0.1, "pruned"), (0.9, "pruned")):
            trial, _ = study.ask()
            study.go_on(trial, 1, value)
            study.end(trial, outcome(value, stopped))
        assert study.best["value"] == best


def test_what_is_worse_than_half_of_the_others_is_pruned_after_a_while():
    study = begun(epochs=8)
    for cost in range(1, 8):
        trial, _ = study.ask()
        assert all(study.go_on(trial, epoch, cost) for epoch in range(1, 8)) or cost > 5
        study.end(trial, outcome(float(cost)))
    bad, _ = study.ask()
    assert [study.go_on(bad, epoch, 100.0) for epoch in (1, 2)] == [True, True]
    assert not study.go_on(bad, 3, 100.0)
    good, _ = study.ask()
    assert all(study.go_on(good, epoch, 0.5) for epoch in range(1, 8))


def planted(options):
    """A bowl over the learning rate, far deeper than what the dropout adds; the rest changes nothing."""
    return math.log10(options["learning_rate"]) ** 2 + 0.1 * options["dropout"]


def test_importances_find_what_was_planted():
    space = Space.of({"layers": [4], "optimizer": "sgd"}, {"learning_rate": "1e-3..1"})
    study = begun(space=space)
    search(study, 30, planted)
    importances = study.importances
    assert set(importances) == {dimension.name for dimension in space.dimensions}
    assert sum(importances.values()) == pytest.approx(1)
    assert list(importances.values()) == sorted(importances.values(), reverse=True)
    assert importances["learning_rate"] > 0.8
    assert study.importances == importances


def test_importances_of_one_dimension_and_of_too_few_or_equal_trials():
    fixed = {"schedule": "linear", "batch_size": 8, "activation": "relu", "dropout": 0.1, "l2": 0.0}
    space = Space.of({"layers": [4], "optimizer": "sgd", "weight_decay": 0.0, **fixed}, {})
    study = begun(space=space)
    assert study.importances == {}
    search(study, 9, lambda options: options["learning_rate"])
    assert study.importances == {}
    search(study, 1, lambda options: options["learning_rate"])
    assert study.importances == {"learning_rate": 1.0}
    equal = begun(space=space)
    search(equal, 10, lambda options: 1.0)
    assert equal.importances == {}


def test_dimensions_that_not_all_candidates_have():
    study = begun(space=Space.of({}, {"optimizer": "sgd,lbfgs"}))
    tried = search(study, 25, lambda options: options["l2"])
    assert {"learning_rate" in options for options in tried} == {True, False}
    assert "l2" in study.importances


def test_what_is_not_installed_is_said(monkeypatch):
    check_installed("optuna", "filelock", "matplotlib")
    monkeypatch.setattr(study_module, "find_spec", lambda name: None if name == "optuna" else object())
    with pytest.raises(ConfigurationError, match="tuning requires optuna") as refusal:
        check_installed("optuna", "filelock")
    assert refusal.value.remedy == "pip install 'pellucid[tune]'"
