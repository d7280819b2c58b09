"""How the learning rate changes during a run."""

import json

import pytest

from pellucid.errors import UnknownNameError
from pellucid.training import Schedule, schedules


@pytest.mark.parametrize(
    ("name", "expected"),
    [("linear", {0: 0.5, 0.25: 0.375, 0.5: 0.25, 0.75: 0.125}), ("constant", {0: 0.5, 0.25: 0.5, 0.99: 0.5})],
)
def test_by_hand(name, expected):
    for done, rate in expected.items():
        assert schedules.get(name).rate(0.5, done) == rate


@pytest.mark.parametrize("schedule", schedules, ids=str)
def test_begins_with_what_was_asked_for_and_stays_above_0(schedule):
    assert schedule.rate(0.3, 0.0) == 0.3
    assert all(0 < schedule.rate(0.3, done / 1000) <= 0.3 for done in range(1000))


@pytest.mark.parametrize("schedule", schedules, ids=str)
def test_is_declared_in_full(schedule):
    assert isinstance(schedule, Schedule)
    described = json.loads(json.dumps(schedule.describe()))
    assert all(described[key] for key in ("name", "summary", "formula", "source"))


def test_all_are_tested_by_hand():
    assert schedules.names == ("linear", "constant")


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="did you mean 'linear'"):
        schedules.get("liner")
