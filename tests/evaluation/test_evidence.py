"""The figures of a diagnosis, by hand on made-up curves."""

import math

import pytest

from pellucid.data import load_data
from pellucid.evaluation import History, OutputHead, gather_evidence, measure, measure_baselines
from pellucid.network import costs
from pellucid.training import build_network

# Six epochs: the training cost falls all the way, the test cost turns after the third.
CURVES = {
    "train_cost": (1.0, 0.6, 0.4, 0.3, 0.25, 0.24, 0.24),
    "test_cost": (1.1, 0.7, 0.5, 0.4, 0.5, 0.55, 0.6),
    "train_curve": (0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.89),  # accuracies
}
BY_HAND = {
    # Errors as shares of the baseline's 0.5.
    "train_error": 0.04 / 0.5,
    "test_error": 0.05 / 0.5,
    "neighbours_error": 0.06 / 0.5,
    "quadratic_error": 0.3 / 0.5,
    "shortfall": (0.04 - 0.06) / 0.5,
    "gap": 0.02,
    # Two standard errors: sqrt(0.005^2 + 0.004^2) twice, over 0.5.
    "doubt": 4 * math.sqrt(25e-6 + 16e-6),
    "fall": 0.76,
    # 0.3 down to 0.24 in the second half, 1 down to 0.3 in the first, in equal times.
    "bend": 0.06 / 0.7,
    "movement": 2.0,
    # The last third is the last 2 of 6 epochs; errors 0.24 and 0.22 of the baseline's.
    "late_gain": 0.02,
    "late_fall": 1 - 0.6 / 0.5,
    "steady_fall": 1 - 0.6 / 0.5,  # the rate was the same all along
    "test_rise": 0.6 / 0.4 - 1,
    # From epoch 3 on the errors are 0.3, 0.24, 0.2, 0.22: steps of 0.06 + 0.04 + 0.02 that lead 0.08 down.
    "swing": (0.12 - 0.08) / 3,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(evidence_of, name):
    assert evidence_of(**CURVES).figures[name] == pytest.approx(BY_HAND[name], rel=1e-12)


def test_all_figures_are_worked_by_hand(evidence_of):
    assert list(evidence_of(**CURVES).figures) == list(BY_HAND)


def test_train_doubt_is_two_standard_errors(evidence_of):
    assert evidence_of().train_doubt == pytest.approx(2 * 0.004 / 0.5)


def test_time_is_counted_in_learning_rates(evidence_of):
    # A falling rate: epochs 1 and 2 go 0.3 + 0.1 far, 3 and 4 go 0.1 + 0.05.
    evidence = evidence_of(train_cost=(1.0, 0.8, 0.6, 0.5, 0.45), rates=(0.0, 0.3, 0.1, 0.1, 0.05))
    assert evidence.learning_time == pytest.approx([0, 0.3, 0.4, 0.5, 0.55])
    assert evidence.speed("train_cost", 0, 2) == pytest.approx(0.4 / 0.4)
    assert evidence.speed("train_cost", 2, 4) == pytest.approx(0.15 / 0.15)
    assert evidence.bend == pytest.approx(1)  # straight, though the cost itself flattens


def test_a_fall_at_a_rate_that_has_fallen_counts_for_more(evidence_of):
    # The last two of six epochs have a ninth of the learning time, as under a linear fall to 0.
    rates = (0.0, 11, 9, 7, 5, 3, 1)
    evidence = evidence_of(train_cost=(1.0, 0.9, 0.8, 0.7, 0.6, 0.55, 0.54), rates=rates)
    assert evidence.late_fall == pytest.approx(0.1)
    assert evidence.steady_fall == pytest.approx(0.1 * (2 / 6) / (4 / 36))


def test_what_the_data_say_is_the_better_of_two_guesses(evidence_of):
    assert evidence_of(baselines=(0.5, 0.06, 0.3)).attainable_error == pytest.approx(0.06 / 0.5)
    assert evidence_of(baselines=(0.5, 0.3, 0.06)).attainable_error == pytest.approx(0.06 / 0.5)


def test_a_single_setback_is_no_swing(evidence_of):
    assert evidence_of(train_cost=(1.0,) * 5, train_curve=(0.5, 0.7, 0.8, 0.6, 0.9)).swing == 0
    assert evidence_of(train_cost=(1.0,) * 6, train_curve=(0.5, 0.7, 0.8, 0.6, 0.9, 0.6)).swing > 0


def test_the_curve_of_a_regression(regression_of):
    evidence = regression_of(train_cost=(0.5, 0.2, 0.1), train_r2=(-0.44, 0.75, 0.96))
    assert evidence.errors("train") == pytest.approx([1.2, 0.5, 0.2])
    assert evidence.late_gain == pytest.approx(0.3)


def test_the_curve_of_a_single_row_is_flat(regression_of):
    evidence = regression_of(train_cost=(0.5, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2), train_r2=(math.nan,) * 7)
    assert evidence.errors("train") == [1.0] * 7
    assert evidence.swing == evidence.late_gain == 0


def test_a_perfect_regression_has_no_root_of_less_than_nothing(regression_of):
    evidence = regression_of(train_cost=(0.5, 0.0), train_r2=(0.0, 1.0 + 1e-12))
    assert evidence.errors("train") == [1, 0]


@pytest.mark.parametrize(
    ("n_epochs", "first"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4), (9, 6), (10, 6)]
)
def test_the_last_third(evidence_of, n_epochs, first):
    assert evidence_of(train_cost=(1.0,) * (n_epochs + 1)).last_third == first


def test_a_run_without_an_epoch_has_figures(evidence_of):
    evidence = evidence_of(train_cost=(1.0,))
    zero = ("fall", "bend", "late_gain", "late_fall", "steady_fall", "test_rise", "swing")
    assert {name: evidence.figures[name] for name in zero} == dict.fromkeys(zero, 0.0)


def test_costs_of_nothing_divide_nothing(evidence_of):
    evidence = evidence_of(train_cost=(0.0, 0.0, 0.0, 0.0))
    assert evidence.fall == evidence.bend == evidence.late_fall == evidence.test_rise == 0


def test_a_baseline_without_error_divides_nothing(evidence_of):
    assert evidence_of(baselines=(0.0, 0.0, 0.0)).test_error == 0


def test_gathered_from_a_network_and_its_data():
    data = load_data("digits", test_size=1700)
    begin = build_network(data, [8])
    network = begin.copy()
    for layer in network.layers:
        layer.weights *= 0.75
    head = OutputHead(data.target, network, costs.get("cce"))
    train, test = measure(network, head, data.train), measure(network, head, data.test)
    history = History([{"epoch": 0, "train_cost": 1.0, "learning_rate": 0.0}])
    baselines = measure_baselines(data.train, data.target)
    evidence = gather_evidence(
        history, train, test, network=network, data=data, head=head,
        baselines=baselines, begin=begin, stopped="interrupted", learning_rate=0.25, epochs_run=3,
    )  # fmt: skip
    assert (evidence.history, evidence.train, evidence.test) == (history, train, test)
    assert (evidence.stopped, evidence.learning_rate, evidence.epochs_run) == ("interrupted", 0.25, 3)
    assert evidence.movement == pytest.approx(0.25)  # a quarter of their first, larger size
    assert [health.neurons for health in evidence.inside] == [8]
    # Of 97 digits the commonest comes about a tenth of the time; the test part plays no role in it.
    assert 0.8 < evidence.baselines.constant < 0.9
