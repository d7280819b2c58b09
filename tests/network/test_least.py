"""The least that a cost can be: known for those that come with Pellucid, and moved by what is added."""

import math

import numpy as np
import pytest

from pellucid.network import Cost, Interval, Objective, activations, costs, least_cost
from pellucid.network.costs import BinaryCrossEntropy
from pellucid.network.points import points_of

PAIRS = [
    (cost, activation)
    for cost in costs
    for activation in activations
    if activation.trainable
    and cost.accepts(activation)
    # Outputs that have an end within the margin cost something for ever.
    and (cost.name != "hinge" or activation.name in ("identity", "tanh"))
]


def targets_of(cost):
    yes = np.arange(60) % 3
    return yes if cost.takes_class_numbers else np.eye(3)[yes]


def shifted(cost, by):
    value = type(cost).value
    said = {"name": "own", "aliases": (), "joint": None}
    said["value"] = lambda self, p, y: value(self, p, y) + by
    return type("Own", (type(cost),), said)(**cost.parameters)


@pytest.mark.parametrize(("cost", "activation"), PAIRS, ids=str)
def test_it_is_0_where_targets_can_be_met(cost, activation):
    found = least_cost(Objective(activation, cost), targets_of(cost))
    assert found == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("by", [-100, 100, 1e-3])
@pytest.mark.parametrize(("cost", "activation"), PAIRS, ids=str)
def test_what_is_added_to_each_output_moves_it(cost, activation, by):
    found = least_cost(Objective(activation, shifted(cost, by)), targets_of(cost))
    assert found == pytest.approx(3 * by, rel=1e-9)


IDENTITY = activations.get("identity")


@pytest.mark.parametrize("target", [-1e5, -3.7, 0.0, 0.1, 8.0, 1e5])
def test_it_is_where_the_target_is_however_far(target):
    for name in ("mse", "mae", "huber"):
        assert least_cost(Objective(IDENTITY, costs.get(name)), np.full((4, 1), target)) == 0


def own(value, slope, **attributes):
    said = {"value": lambda self, p, y: value(p, y), "slope": lambda self, p, y: slope(p, y)}
    return type("Own", (Cost,), {"name": "own", **said, **attributes})()


def test_where_it_is_beside_the_target_it_is_looked_for():
    cost = own(lambda p, y: (p - y - 0.5) ** 2 - 3, lambda p, y: 2 * (p - y - 0.5))
    found = least_cost(Objective(IDENTITY, cost), np.array([[0.3], [7.0], [-2.2]]))
    assert found == pytest.approx(-3, abs=1e-12)


def test_the_entropy_of_answers_between_yes_and_no_is_left():
    y = np.array([[0.2], [0.5], [1.0]])
    entropy = -np.mean([0.2 * math.log(0.2) + 0.8 * math.log(0.8), math.log(0.5), 0.0])
    for cost in (costs.get("bce"), shifted(costs.get("bce"), 0)):
        assert least_cost(Objective(activations.get("sigmoid"), cost), y) == pytest.approx(entropy, rel=1e-9)


def test_what_a_joint_form_leaves_out_is_not_counted():
    value = BinaryCrossEntropy.value
    cost = type(
        "Own", (BinaryCrossEntropy,),
        {"name": "own", "aliases": (), "value": lambda self, p, y: value(self, p, y) - 100},
    )()  # fmt: skip
    objective = Objective(activations.get("sigmoid"), cost)
    assert objective.joint
    assert least_cost(objective, np.array([[0.0], [1.0]])) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "slope"),
    [
        (lambda p, y: -y * p, lambda p, y: -y + 0 * p),
        (lambda p, y: -np.log1p(p * p), lambda p, y: -2 * p / (1 + p * p)),
        (lambda p, y: p + 0 * y, lambda p, y: np.ones_like(p)),
    ],
)
def test_a_cost_that_falls_without_end_has_none(value, slope):
    y = np.array([[1.0], [2.0]])
    assert least_cost(Objective(IDENTITY, own(value, slope)), y) == -math.inf
    assert math.isfinite(least_cost(Objective(activations.get("tanh"), own(value, slope)), y))


def test_a_cost_that_falls_towards_a_number_has_that():
    cost = own(lambda p, y: np.logaddexp(0, -p), lambda p, y: -1 / (1 + np.exp(p)))
    assert least_cost(Objective(IDENTITY, cost), np.ones((3, 1))) == 0


def test_one_that_nobody_can_work_out_has_none():
    cost = own(lambda p, y: np.full_like(p, np.nan), lambda p, y: p)
    assert least_cost(Objective(IDENTITY, cost), np.ones((3, 1))) == -math.inf


@pytest.mark.parametrize(
    "interval", [Interval(), Interval(0), Interval(high=-2), Interval(0, 1), Interval(-5, 1e6)], ids=str
)
def test_points_lie_within_with_the_room_that_they_say(interval):
    points, room = points_of(interval, 200)
    assert len(np.unique(points)) == 200
    assert (room > 0).all()
    assert (points - 0.99 * room > interval.low).all()
    assert (points + 0.99 * room < interval.high).all()
    assert not np.isin(points, np.arange(-20, 21) / 4).any()
