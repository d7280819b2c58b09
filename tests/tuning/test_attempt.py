import warnings

import pytest

from pellucid.errors import PellucidWarning
from pellucid.training import Callback
from pellucid.tuning.attempt import Failure, attempt
from pellucid.tuning.candidate import Plan

OPTIONS = {"layers": [4], "epochs": 2, "seed": 0}


def go_on(epoch, figure):
    return True


def test_what_comes_of_it_is_what_the_plan_gives(plan):
    told, expected = attempt(plan, OPTIONS, go_on), plan.try_out(OPTIONS, go_on)
    assert (told.value, told.epochs, told.stopped) == (expected.value, 2, None)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"dropout": (0.1, 0.2)}, "does not match the layers"), ({"seed": "one"}, "")],
)
def test_an_error_is_the_candidates_own(plan, options, reason):
    told = attempt(plan, OPTIONS | options, go_on)
    assert isinstance(told, Failure)
    assert reason in told.reason != ""


def test_what_the_search_has_warned_of_is_not_said_of_each_candidate(plan, monkeypatch):
    network = Plan.network

    def warning(*given):
        warnings.warn("hardly meant", PellucidWarning, stacklevel=1)
        return network(*given)

    monkeypatch.setattr(Plan, "network", warning)
    with pytest.warns(PellucidWarning):
        plan.network(OPTIONS)
    with warnings.catch_warnings(record=True) as said:
        attempt(plan, OPTIONS, go_on)
    assert said == []


def test_what_looks_on_is_told(plan):
    class Stop(Callback):
        def epoch(self, run):
            run.stop("enough")

    assert attempt(plan, OPTIONS, go_on, Stop()).stopped == "enough"
