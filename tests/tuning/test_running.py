"""Trials side by side: which candidates are trained, and which wait for their like."""

import math

import optuna
import pytest

from pellucid.tuning.candidate import Failure, Outcome
from pellucid.tuning.running import Running
from pellucid.tuning.space import Space
from pellucid.tuning.study import INTERRUPTED, Study

FIXED = {"layers": [4], "schedule": "linear", "batch_size": 8, "l2": 0.0, "weight_decay": 0.0,
         "activation": "relu", "optimizer": "sgd"}  # fmt: skip
SPACE = Space.of(FIXED, {"learning_rate": "0.1,0.01", "dropout": "0,0.2"})


@pytest.fixture
def running():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = Study(optuna.create_study(), SPACE, seed=0, epochs=8, side_by_side=True)
    return Running(None, study, 200, 4, math.inf, None)


def begin_all(running):
    """Begin trials as long as there are others, and give them: as many as candidates."""
    begun = list(iter(running.ask, None))
    assert len({str(options) for _, options in begun}) == len(begun) == 4
    assert running.waiting, "no candidate was drawn while its like ran"
    return begun


def test_a_trial_whose_like_runs_ends_with_it_and_as_it_does(running):
    told = [
        Outcome(0.1, 8, 0.5, None), Outcome(0.2, 3, 0.5, "pruned"),
        Outcome(None, 0, 0.5, "diverged"), Failure("out of memory"),
    ]  # fmt: skip
    begun = begin_all(running)
    n = len(begun) + len(running.waiting)
    for (trial, _), each in zip(begun, told, strict=True):
        running.end(trial, each)
    assert not running.waiting
    assert len(running.study.rows) == running.study.n_ended == n
    came_to = {str(row["parameters"]): (row["value"], row["state"]) for row in running.study.rows}
    assert sorted(map(str, came_to.values())) == sorted(
        map(str, [(0.1, "finished"), (0.2, "pruned"), (None, "failed"), (None, "failed")])
    )
    assert all(came_to[str(row["parameters"])] == (row["value"], row["state"]) for row in running.study.rows)


def test_a_trial_whose_like_is_interrupted_is_too(running):
    for trial, _ in begin_all(running):
        running.end(trial, Failure(INTERRUPTED))
    assert not running.waiting
    assert len(running.study.rows) > 4
    assert {row["state"] for row in running.study.rows} == {"interrupted"}
