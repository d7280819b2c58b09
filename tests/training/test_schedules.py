"""How the learning rate changes: every schedule by hand, and against its definition elsewhere."""

import json
import math
from functools import cache

import jax
import optax
import pytest
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, UnknownNameError
from pellucid.evaluation import History
from pellucid.training import Schedule, build_network, schedules, train
from pellucid.training.schedule import ScheduleStep

jax.config.update("jax_enable_x64", True)

# The rate of each update of a run of 8 updates, 2 in an epoch, where 1 was asked for.
EACH = {
    "linear": [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125],
    "constant": [1] * 8,
    "step": [1] * 8,
    "step:every=2": [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5],
    "step:factor=0.1,every=1": [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001],
    "step:every=0.5": [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128],
    "exponential:factor=0.25": [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128],
    # 1 over the root of 1, 1.5, 2 ...
    "inverse": [1, 0.81649658, 0.70710678, 0.63245553, 0.57735027, 0.53452248, 0.5, 0.47140452],
    "inverse:power=1": [1, 2 / 3, 1 / 2, 2 / 5, 1 / 3, 2 / 7, 1 / 4, 2 / 9],
    # (1 + the cosine of 0, 22.5, 45 ... degrees) / 2
    "cosine": [1, 0.96193977, 0.85355339, 0.69134172, 0.5, 0.30865828, 0.14644661, 0.03806023],
    "cosine:cycles=2": [1, 0.85355339, 0.5, 0.14644661, 1, 0.85355339, 0.5, 0.14644661],
    "cosine:cycles=8": [1] * 8,
    "warm_up:rise=0.5": [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25],
    # (s + 1) / 3 up to the share 3/8, then 8/5 of what is left
    "warm_up:rise=0.375": [1 / 3, 2 / 3, 1, 1, 0.8, 0.6, 0.4, 0.2],
    # From 0.2 to 1: 0.2 + 0.8 * (0, 0.14644661, 0.5, 0.85355339); from 1 to 0.1 likewise.
    "one_cycle:rise=0.5,start=0.2,end=0.1": [
        0.2, 0.31715729, 0.6, 0.88284271, 1, 0.86819805, 0.55, 0.23180195
    ],
    "plateau": [1] * 8,
}  # fmt: skip
# The rate at some updates of a run of 100 updates, 5 in an epoch, where 0.5 was asked for; all as usual.
USUAL = {
    "linear": {0: 0.5, 25: 0.375, 99: 0.005},
    "constant": {0: 0.5, 99: 0.5},
    "step": {0: 0.5, 49: 0.5, 50: 0.25, 99: 0.25},
    "exponential": {0: 0.5, 5: 0.475, 10: 0.45125, 2.5: 0.48733972},
    "inverse": {0: 0.5, 15: 0.25, 75: 0.125, 99: 0.10963225},
    "cosine": {0: 0.5, 25: 0.42677670, 50: 0.25, 75: 0.07322330},
    "warm_up": {0: 0.05, 4: 0.25, 9: 0.5, 10: 0.5, 55: 0.25, 91: 0.05},
    # From a 25th, through the middle of both, to a 250,000th.
    "one_cycle": {0: 0.02, 15: 0.26, 30: 0.5, 65: 0.250001},
    "plateau": {0: 0.5, 99: 0.5},
}
EVERY = [*schedules, *(schedules.get(name) for name in EACH if ":" in name)]
RISES_FIRST = ("warm_up", "one_cycle")


def moments(steps, steps_per_epoch=1):
    return [ScheduleStep(step, steps, steps_per_epoch) for step in range(steps)]


def test_every_schedule_is_worked_by_hand():
    assert set(USUAL) == set(schedules.names)
    assert {name.partition(":")[0] for name in EACH} >= {s.name for s in schedules if s.parameters}


@pytest.mark.parametrize(("name", "expected"), EACH.items(), ids=EACH)
def test_each_update_by_hand(name, expected):
    schedule = schedules.get(name)
    assert [schedule.rate(1.0, at) for at in moments(8, 2)] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("name", "expected"), USUAL.items(), ids=USUAL)
def test_as_usual_by_hand(name, expected):
    rates = {step: schedules.get(name).rate(0.5, ScheduleStep(step, 100, 5)) for step in expected}
    assert rates == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("schedule", EVERY, ids=str)
class TestAll:
    def test_is_declared_in_full(self, schedule):
        assert isinstance(schedule, Schedule)
        described = json.loads(json.dumps(schedule.describe()))
        assert all(described[key] for key in ("name", "summary", "formula", "source"))
        assert "https://" in described["source"]
        assert all(rf"\text{{{parameter}}}" in described["formula"] for parameter in schedule.parameters) or (
            schedule.name == "plateau"  # when it falls is no formula
        )

    @pytest.mark.parametrize("steps", [1, 2, 3, 7, 10, 100, 301])
    @pytest.mark.parametrize("steps_per_epoch", [1, 3, 1000])
    def test_stays_above_0_and_below_what_was_asked_for(self, schedule, steps, steps_per_epoch):
        rates = [schedule.rate(0.3, at) for at in moments(steps, steps_per_epoch)]
        between = [schedule.rate(0.3, ScheduleStep(s + 0.5, steps, steps_per_epoch)) for s in range(steps)]
        assert all(0 < rate <= 0.3 and isinstance(rate, float) for rate in rates + between)

    def test_begins_with_what_was_asked_for(self, schedule):
        first = schedule.rate(0.3, ScheduleStep(0, 10**6, 10**3))
        assert first < 0.3 if schedule.name in RISES_FIRST else first == 0.3

    def test_falls_once_it_has_risen(self, schedule):
        rates = [schedule.rate(0.3, at) for at in moments(240, 30)]
        top = rates.index(max(rates))
        assert rates[:top] == sorted(rates[:top])
        if getattr(schedule, "cycles", 1) == 1:
            assert rates[top:] == sorted(rates[top:], reverse=True)

    def test_is_pure_and_in_proportion(self, schedule):
        there = [schedule.rate(0.25, at) for at in moments(50, 5)]
        again = [type(schedule)(**schedule.parameters).rate(0.25, at) for at in reversed(moments(50, 5))]
        assert there == again[::-1]
        assert [schedule.rate(0.5, at) for at in moments(50, 5)] == [2 * rate for rate in there]

    def test_asks_for_the_end_only_if_it_says_so(self, schedule):
        known, unknown = ScheduleStep(3, 20, 5), ScheduleStep(3, None, 5)
        if schedule.needs_end:
            with pytest.raises(ConfigurationError, match="this schedule needs the number of all updates"):
                schedule.rate(0.3, unknown)
            assert schedule.rate(0.3, known) != schedule.rate(0.3, ScheduleStep(3, 21, 5))
        else:
            assert schedule.rate(0.3, unknown) == schedule.rate(0.3, known)

    def test_a_long_run_ends_above_0(self, schedule):
        steps = 10**11
        assert 0 < schedule.rate(1e-3, ScheduleStep(steps - 1, steps, steps // 100)) <= 1e-3

    def test_the_loop_asks_it(self, schedule, values):
        network = build_network(values, [3])
        model = train(network, values, learning_rate=1e-3, schedule=schedule, batch_size=4, epochs=3)
        expected = [schedule.rate(1e-3, ScheduleStep((epoch + 0.5) * 8, 24, 8)) for epoch in range(3)]
        assert model.history["learning_rate"][1:] == expected


@pytest.mark.parametrize("name", ["linear", "cosine", "cosine:cycles=1", "warm_up"])
def test_those_that_fall_to_0_come_near(name):
    assert schedules.get(name).rate(1.0, ScheduleStep(999, 1000, 10)) < 0.002


@pytest.mark.parametrize("steps", [78, 100, 104, 999])
@pytest.mark.parametrize("cycles", [1, 2, 3, 5, 7, 26])
def test_a_cosine_that_begins_anew_begins_with_all(steps, cycles):
    """A rounded share of the run would put some restarts an update late, behind a rate of almost 0."""
    rates = [schedules.get(f"cosine:cycles={cycles}").rate(1.0, at) for at in moments(steps)]
    for step, rate in enumerate(rates):
        assert (rate == 1) == (step * cycles % steps == 0)
        if step:
            assert (rate > rates[step - 1]) == (step * cycles // steps > (step - 1) * cycles // steps)


@pytest.mark.parametrize("name", schedules.names)
def test_every_schedule_teaches_the_digits_in_three_epochs(name):
    """One example at a time, at its defaults: 1,438 updates an epoch, after which a rate must not be gone."""
    data = load_data("digits")
    network = build_network(data, [32])
    model = train(network, data, schedule=name, epochs=3)
    assert model.figures["test_accuracy"] >= 0.9


def test_extreme_parameters_do_not_overflow():
    late = ScheduleStep(10**9, 10**10, 1)
    for name in ("inverse:power=1e3", "exponential:factor=1e-9", "step:factor=1e-9,every=1e-9"):
        assert schedules.get(name).rate(1.0, late) == 0.0


OPTAX = {
    "linear": lambda n, k: optax.linear_schedule(0.3, 0.0, n),
    "constant": lambda n, k: optax.constant_schedule(0.3),
    "step:every=2": lambda n, k: optax.piecewise_constant_schedule(
        0.3, {2 * k * fall: 0.5 for fall in range(1, n // (2 * k) + 1)}
    ),
    "step:factor=0.1,every=3": lambda n, k: optax.exponential_decay(0.3, 3 * k, 0.1, staircase=True),
    "exponential": lambda n, k: optax.exponential_decay(0.3, k, 0.95),
    "exponential:factor=0.5": lambda n, k: optax.exponential_decay(0.3, k, 0.5),
    "cosine": lambda n, k: optax.cosine_decay_schedule(0.3, n),
    "cosine:cycles=4": lambda n, k: optax.join_schedules(
        [optax.cosine_decay_schedule(0.3, n // 4)] * 4, [n // 4, n // 2, 3 * n // 4]
    ),
    "warm_up:rise=0.25": lambda n, k: optax.join_schedules(
        [lambda s: 0.3 * (s + 1) / (n // 4), optax.linear_schedule(0.3, 0.0, 3 * n // 4)], [n // 4]
    ),
    "one_cycle": lambda n, k: optax.cosine_onecycle_schedule(n, 0.3),
    "one_cycle:rise=0.25,start=0.1,end=0.001": lambda n, k: optax.cosine_onecycle_schedule(
        n, 0.3, pct_start=0.25, div_factor=10, final_div_factor=100
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "theirs"), OPTAX.items(), ids=OPTAX)
@pytest.mark.parametrize(("steps", "steps_per_epoch"), [(40, 4), (120, 10), (1000, 25)])
def test_against_optax(name, theirs, steps, steps_per_epoch):
    ours, theirs = schedules.get(name), theirs(steps, steps_per_epoch)
    expected = jax.jit(jax.vmap(theirs))(jax.numpy.arange(steps))
    rates = [ours.rate(0.3, at) for at in moments(steps, steps_per_epoch)]
    assert rates == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0])
def test_inverse_against_scikit_learn(power):
    """Its count is of examples, and moves after each epoch; ours is of epochs. The rule is the same."""
    theirs = SGDOptimizer([], learning_rate_init=0.3, lr_schedule="invscaling", power_t=power)
    for epoch in range(5):
        theirs.iteration_ends(epoch)
        ours = schedules.get(f"inverse:power={power}").rate(0.3, ScheduleStep(7 * epoch, None, 7))
        assert ours == pytest.approx(theirs.learning_rate, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("step:factor=0", "above 0 and at most 1"),
        ("step:factor=1.1", "above 0 and at most 1"),
        ("step:every=0", "above 0"),
        ("exponential:factor=2", "above 0 and at most 1"),
        ("inverse:power=0", "above 0"),
        ("cosine:cycles=1.5", "a whole number, 1 or more"),
        ("cosine:cycles=0", "a whole number, 1 or more"),
        ("warm_up:rise=0", "above 0 and below 1"),
        ("warm_up:rise=1", "above 0 and below 1"),
        ("one_cycle:rise=1", "above 0 and below 1"),
        ("one_cycle:start=0", "above 0 and at most 1"),
        ("one_cycle:end=2", "above 0 and at most 1"),
        ("plateau:factor=1", "above 0 and below 1"),
        ("plateau:patience=0", "a whole number, 1 or more"),
        ("plateau:patience=2.5", "a whole number, 1 or more"),
        ("plateau:least=-1e-9", "0 or more and below 1"),
    ],
)
def test_what_a_parameter_cannot_be(name, expected):
    with pytest.raises(ConfigurationError) as caught:
        schedules.get(name)
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("Warm-Up", "warm_up"), ("warmup", "warm_up"), ("linear warm-up", "warm_up"), ("one-cycle", "one_cycle"),
     ("inverse scaling", "inverse"), ("reduce on plateau", "plateau")],
)  # fmt: skip
def test_other_names(wanted, name):
    assert schedules.get(wanted) == schedules.get(name)


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="did you mean 'linear'"):
        schedules.get("liner")


def history(costs, column="train_cost", **more):
    """The figures of a run; the first was before any learning."""
    figures = {column: costs, **more}
    rows = zip(*figures.values(), strict=True)
    return History([{"epoch": k, **dict(zip(figures, row, strict=True))} for k, row in enumerate(rows)])


def multipliers(schedule, costs):
    """What it gives after each epoch, from all epochs so far."""
    return [schedule.multiplier(history([9.0, *costs[: n + 1]])) for n in range(len(costs))]


def plain_plateau(costs, factor, patience, least):
    """Keras's callback, written plainly, with PyTorch's relative threshold; the rate after each epoch."""
    best, wait, rate = math.inf, 0, 1.0
    for cost in costs:
        if cost < best * (1 - least):
            best, wait = cost, 0
        else:
            wait += 1
            if wait >= patience:
                rate, wait = rate * factor, 0
        yield rate


@cache
def compiled_plateau(factor, patience, least):
    rule = optax.contrib.reduce_on_plateau(factor, patience, rtol=least)
    return rule.init(1.0), jax.jit(lambda state, cost: rule.update(1.0, state, value=cost)[1])


def optax_plateau(costs, *settings):
    state, update = compiled_plateau(*settings)
    for cost in costs:
        state = update(state, cost)
        yield float(state.scale)


CURVES = {
    "falls": [1 / k for k in range(1, 31)],
    "stays": [1.0] * 30,
    "rises": [1.0 + k for k in range(30)],
    "stairs": [4.0 - k // 7 for k in range(28)],
    "saws": [1.0 + (k * 7 % 5) / 10 - k / 100 for k in range(40)],
    "crawls": [1.0 - k * 4e-5 for k in range(40)],  # only every third step is a fall of 1e-4
    "at 0": [0.0] * 12,
    "one epoch": [1.0],
}


class TestPlateau:
    @pytest.mark.parametrize("part", ["train", "validation"])
    def test_goes_by_the_weighted_cost_where_rows_have_weights(self, part):
        falling, rising = [float(9 - k) for k in range(8)], [float(k) for k in range(8)]
        weighted = {f"{part}_weighted_cost": rising, "train_cost": falling}
        if part == "validation":
            weighted |= {"validation_cost": falling, "train_weighted_cost": falling}
        schedule = schedules.get("plateau:patience=3")
        assert schedule.multiplier(history(falling, f"{part}_cost", **weighted)) == 0.25

    def test_by_hand(self):
        costs = [5.0, 4.0, 4.0, 4.5, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
        #                  1    2    3!        1    2    3!   1    2
        expected = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
        assert multipliers(schedules.get("plateau:patience=3"), costs) == expected

    @pytest.mark.parametrize("theirs", [plain_plateau, optax_plateau])
    @pytest.mark.parametrize("settings", [(0.5, 5, 1e-4), (0.1, 1, 1e-9), (0.3, 3, 0.05)])
    @pytest.mark.parametrize("costs", CURVES.values(), ids=CURVES)
    def test_against_others(self, costs, settings, theirs):
        factor, patience, least = settings
        ours = schedules.get(f"plateau:factor={factor},patience={patience},least={least}")
        assert multipliers(ours, costs) == pytest.approx(list(theirs(costs, *settings)), rel=1e-12)

    def test_any_fall_will_do_if_least_is_0(self):
        schedule = schedules.get("plateau:patience=1,least=0")
        assert multipliers(schedule, [1.0, 1 - 1e-12, 1 - 1e-12]) == [1, 1, 0.5]

    def test_a_negative_cost_must_fall_too(self):
        """A share of a negative cost, taken off it, would be more than it: any would seem a fall."""
        schedule = schedules.get("plateau:patience=1,least=0.01")
        assert multipliers(schedule, [-1.0, -1.0, -0.995, -1.005, -1.02]) == [1, 0.5, 0.25, 0.125, 0.125]

    def test_of_the_validation_part_where_there_is_one_and_never_of_the_test_part(self):
        schedule = schedules.get("plateau:patience=1")
        falls, stays = [9.0, 3.0, 2.0, 1.0], [9.0, 3.0, 3.0, 3.0]
        assert schedule.multiplier(history(falls, test_cost=stays)) == 1
        assert schedule.multiplier(history(stays, test_cost=falls)) == 0.25
        assert schedule.multiplier(history(falls, test_cost=falls, validation_cost=stays)) == 0.25
        assert schedule.multiplier(history(stays, test_cost=stays, validation_cost=falls)) == 1

    def test_what_was_before_any_learning_does_not_count(self):
        schedule = schedules.get("plateau:patience=1")
        assert schedule.multiplier(history([1.0])) == 1
        assert schedule.multiplier(history([1.0, 5.0, 4.0])) == 1

    def test_a_resumed_run_goes_on_alike(self):
        schedule, whole = schedules.get("plateau:patience=2"), history([9.0, *CURVES["saws"]])
        again = History.from_json(whole.to_json())
        assert schedules.get(str(schedule)).multiplier(again) == schedule.multiplier(whole) < 1

    def test_the_loop_multiplies_by_it(self, classes):
        """No epoch takes away 99 % of the cost: each after the first is a plateau."""
        network = build_network(classes, [3])
        model = train(
            network, classes, learning_rate=0.01, schedule="plateau:patience=1,least=0.99", epochs=5
        )
        assert model.history["learning_rate"][1:] == [0.01, 0.01, 0.005, 0.0025, 0.00125]

    def test_the_others_leave_the_rate_alone(self):
        for schedule in schedules:
            if schedule.name != "plateau":
                assert schedule.multiplier(history(CURVES["stays"])) == 1
