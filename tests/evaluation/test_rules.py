"""Each rule that leads to a verdict, reached by hand-made evidence, and the numbers in its words."""

import math
from dataclasses import replace

import pytest

from pellucid.evaluation import LayerHealth, diagnose

SLOW = (1.0, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94)  # a straight line, 6 % down
FLAT_CURVE = (0.55,)


def said(evidence):
    diagnosis = diagnose(evidence)
    return diagnosis.verdict, diagnosis.reasons, diagnosis.advice


class TestDiverged:
    def test_later(self, evidence_of):
        verdict, reasons, advice = said(evidence_of(stopped="diverged", train_cost=(1.0, 0.5, 0.4)))
        assert verdict == "learning rate too large"
        assert reasons == ["training diverged in epoch 3; the weights of epoch 2 were restored"]
        assert advice == ["a learning rate ten times smaller: 0.05", "or three times smaller: 0.17"]

    def test_at_once(self, evidence_of):
        _, reasons, _ = said(evidence_of(stopped="diverged", train_cost=(1.0,)))
        assert reasons == ["training diverged in epoch 1; the initial weights were restored"]

    def test_an_interrupted_run_is_judged_as_any_other(self, evidence_of):
        assert said(evidence_of(stopped="interrupted")) == said(evidence_of())


class TestCutShort:
    @pytest.mark.parametrize("why", ["time", "interrupted", "failed", "out of patience"])
    @pytest.mark.parametrize("costs", [(1.0,), (1.0, 0.99)])
    def test_in_its_first_epoch(self, evidence_of, why, costs):
        evidence = evidence_of(stopped=why, train_cost=costs, train_error=0.45, epochs_run=len(costs) - 1)
        verdict, reasons, advice = said(evidence)
        assert verdict == "still learning"
        assert reasons == [f"training ended in its first epoch: {why}"]
        assert advice == ["train for a few epochs"]

    def test_what_has_learned_enough_is_judged(self, evidence_of):
        _, reasons, _ = said(evidence_of(stopped="time", train_cost=(1.0, 0.2), epochs_run=1))
        assert "first epoch" not in reasons[0]

    def test_a_run_of_one_epoch_that_nobody_cut_short_is_judged(self, evidence_of):
        evidence = evidence_of(train_cost=(1.0, 0.99), train_error=0.45, movement=0.01, epochs_run=1)
        assert said(evidence)[0] == "learning rate too small"


class TestWorseThanBefore:
    def test_no_epoch_was_better(self, evidence_of):
        verdict, reasons, advice = said(
            evidence_of(stopped="early", train_cost=(1.0,), train_error=0.45, movement=0.0, epochs_run=4)
        )
        assert verdict == "learning rate too large"
        assert reasons[0].startswith("none of the 4 epochs improved the network")
        assert advice[0].startswith("a learning rate ten times smaller")

    def test_what_was_good_before_is_good(self, evidence_of):
        evidence = evidence_of(stopped="early", train_cost=(0.1,), movement=0.0, epochs_run=4)
        assert said(evidence)[0] == "good"


class TestWithoutALearningRate:
    @pytest.mark.parametrize(
        "how",
        [
            {"train_cost": SLOW, "train_error": 0.45, "movement": 0.01},
            {"train_cost": (1.0, 0.9, 0.7, 0.5, 0.3), "train_error": 0.3},
            {"train_error": 0.3, "test_error": 0.3},
        ],
    )
    def test_none_is_advised(self, evidence_of, how):
        _, _, advice = said(evidence_of(learning_rate=math.nan, **how))
        assert advice
        assert not any("learning rate" in line or "nan" in line for line in advice)


class TestNeverAlive:
    def test_a_layer_that_was_dead_from_the_start(self, evidence_of):
        gone = LayerHealth(1, "relu", 3, [1, 2, 3], [], 0.0, stillborn=[1, 2, 3])
        verdict, reasons, advice = said(evidence_of(train_error=0.5, test_error=0.5, inside=[gone]))
        assert verdict == "underfitting"
        assert reasons[0].startswith(
            "all 3 neurons of layer 1 have been 0 on every example since initialisation"
        )
        assert advice[0].startswith("another initializer")

    def test_not_so_if_one_died_on_the_way(self, evidence_of):
        gone = LayerHealth(1, "relu", 3, [1, 2, 3], [], 0.0, stillborn=[1, 2])
        _, reasons, _ = said(evidence_of(train_error=0.5, test_error=0.5, inside=[gone]))
        assert not reasons[0].startswith("all 3")


class TestKnockedOut:
    def test_neurons(self, evidence_of):
        out = LayerHealth(2, "relu", 10, [1, 2, 3, 4, 5], [6, 7, 8, 9], 1.0)
        verdict, reasons, advice = said(evidence_of(train_error=0.46, inside=[out]))
        assert verdict == "learning rate too large"
        assert reasons[0] == (
            "9 of the 10 neurons of layer 2 are dead or saturated on every example, and the network is "
            "hardly better"
            " than always predicting the most frequent class (50.0 %)"
        )
        assert advice[0] == "a learning rate ten times smaller: 0.05"

    @pytest.mark.parametrize(
        ("neurons", "n_out", "error"),
        [(10, 8, 0.46), (7, 7, 0.46), (10, 10, 0.44)],
        ids=["one too few", "a narrow layer", "it learned all the same"],
    )
    def test_not_so(self, evidence_of, neurons, n_out, error):
        out = LayerHealth(1, "relu", neurons, list(range(1, n_out + 1)), [], 1.0)
        assert said(evidence_of(train_error=error, inside=[out]))[0] != "learning rate too large"

    def test_worse_than_before(self, evidence_of):
        evidence = evidence_of(train_error=0.5, test_error=0.5, train_cost=(0.7, 3.5, 2.25))
        verdict, reasons, _ = said(evidence)
        assert verdict == "learning rate too large"
        assert reasons == ["the training cost went from 0.7 to 2.25: it is higher than before training"]


class TestHardlyMoved:
    def test_straight_and_near_where_it_began(self, evidence_of):
        verdict, reasons, advice = said(
            evidence_of(train_cost=SLOW, train_curve=FLAT_CURVE, train_error=0.45, movement=0.0123)
        )
        assert verdict == "learning rate too small"
        assert reasons == [
            "the training cost went from 1 to 0.94, 6 % lower, and the curve has not begun to flatten",
            "the weights have changed by only 1.2 % of their norm",
        ]
        assert advice == [
            "a learning rate ten times as large: 5",
            "many more epochs, if the learning rate is to stay",
        ]

    @pytest.mark.parametrize(
        "other",
        [{"movement": 0.06}, {"train_cost": (1.0, 0.9, 0.8, 0.75, 0.7, 0.65, 0.6)},
         {"train_cost": (1.0, 0.95, 0.94, 0.939, 0.938, 0.937, 0.937)}, {"train_error": 0.04}],
        ids=["it came far", "it fell", "it bent", "it knew all before"],
    )  # fmt: skip
    def test_not_so(self, evidence_of, other):
        evidence = evidence_of(
            **{"train_cost": SLOW, "movement": 0.01, "train_error": 0.45, "train_curve": FLAT_CURVE, **other}
        )
        assert said(evidence)[0] != "learning rate too small"

    def test_of_a_single_epoch_no_bend_is_spoken_of(self, evidence_of):
        _, reasons, _ = said(evidence_of(train_cost=(1.0, 0.97), train_error=0.48, movement=0.01))
        assert reasons[0] == "the training cost went from 1 to 0.97, 3 % lower"


class TestJumps:
    CURVE = (0.5, 0.8, 0.9, 0.9, 0.95, 0.9, 0.96)  # errors 0.2, 0.1, 0.2, 0.08 of the baseline's at the end

    def test_up_and_down(self, evidence_of):
        verdict, reasons, advice = said(evidence_of(train_curve=self.CURVE))
        assert verdict == "learning rate too large"
        # 0.1 + 0.1 + 0.12 in three steps that lead 0.12 down: (0.32 - 0.12) / 3 of 50 points
        assert reasons == [
            "the training error jumps up and down between epochs, by 3.3 percentage points on average"
        ]
        assert advice == ["a learning rate ten times smaller: 0.05", "or three times smaller: 0.17"]

    def test_of_a_regression(self, regression_of):
        _, reasons, _ = said(regression_of(train_r2=(0.0, 0.5, 0.75, 0.84, 0.51, 0.84, 0.51)))
        # errors 0.4, 0.7, 0.4, 0.7: three steps of 0.3 that lead 0.3 up
        assert reasons == [
            "the training error jumps up and down between epochs, by 0.2 standard deviations"
            " of the target on average"
        ]

    def test_not_so_within_the_sampling_error(self, evidence_of):
        evidence = evidence_of(train_curve=self.CURVE)
        unsure = replace(evidence, train=replace(evidence.train, sampling_error=0.02))
        assert evidence.swing < unsure.train_doubt == pytest.approx(0.08)
        assert said(unsure)[0] == "good"


class TestTestCostExploded:
    TEST = (0.7, 5.0, 10.0, 14.0, 19.0, 22.0, 22.6)

    def test_far_above_the_training_cost(self, evidence_of):
        verdict, reasons, advice = said(evidence_of(test_cost=self.TEST, test_error=0.3))
        assert verdict == "learning rate too large"
        assert reasons == [
            "the test cost went from 0.7 to 22.6, far above the training cost of 0.198: the weights have "
            "grown"
            " so large that the outputs are extreme"
        ]
        assert advice[0] == "a learning rate ten times smaller: 0.05"

    def test_not_so_of_what_was_learned_by_heart(self, evidence_of):
        by_heart = (1.0, 0.1, 0.05, 0.01, 0.005, 0.001, 0.001)
        evidence = evidence_of(train_cost=by_heart, test_cost=self.TEST, train_error=0.0, test_error=0.3)
        assert said(evidence)[0] == "overfitting"


class TestStillFalling:
    def test_test_cost_and_training_error(self, evidence_of):
        verdict, reasons, advice = said(
            evidence_of(
                train_cost=(1.0, 0.8, 0.6, 0.45, 0.35, 0.27, 0.21),
                train_curve=(0.5, 0.6, 0.7, 0.8, 0.88, 0.92, 0.96),
            )
        )
        assert verdict == "still learning"
        assert reasons == [
            "the test cost is still falling: 0.35 after epoch 4, 0.21 after epoch 6",
            "training accuracy 96.0 % ± 0.8, test accuracy 95.0 % ± 1.0 on 400 examples",
        ]
        assert advice == [
            "more epochs: 12 instead of 6",
            "a learning rate two or three times as large",
        ]

    def test_straight_and_behind(self, evidence_of):
        # The training cost still falls in a straight line; the test cost does not, and is not said to.
        verdict, reasons, _ = said(
            evidence_of(
                train_cost=(1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7),
                test_cost=(1.0, 0.95, 0.9, 0.88, 0.87, 0.87, 0.88),
                train_curve=(0.8,),
                train_error=0.2,
                test_error=0.2,
                movement=0.2,
            )
        )
        assert verdict == "still learning"
        assert reasons[0] == "the training cost is still falling: 0.8 after epoch 4, 0.7 after epoch 6"

    def test_behind_at_a_rate_that_has_fallen(self, evidence_of):
        # 4 % in the last two of six epochs, which have a ninth of the learning time: 12 % at the mean rate.
        how = {
            "train_cost": (1.0, 0.5, 0.4, 0.3, 0.25, 0.245, 0.24),
            "train_curve": (0.5, 0.8, 0.8, 0.8, 0.8),
            "train_error": 0.2,
            "test_error": 0.2,
        }
        assert said(evidence_of(**how, rates=(0.0, 11, 9, 7, 5, 3, 1)))[0] == "still learning"
        assert said(evidence_of(**how))[0] == "underfitting"

    def test_on_a_flat_stretch_near_where_it_began(self, evidence_of):
        how = {
            "train_cost": (1.0, 0.82, 0.81, 0.81, 0.81, 0.81, 0.81),
            "train_curve": (0.5, 0.6),
            "train_error": 0.4,
            "test_error": 0.4,
        }
        assert said(evidence_of(**how, movement=0.29))[0] == "still learning"
        assert said(evidence_of(**how, movement=0.31))[0] == "underfitting"
        vanishing = LayerHealth(1, "sigmoid", 10, [], [], 1e-5)
        assert said(evidence_of(**how, movement=0.29, inside=[vanishing]))[0] == "underfitting"

    def test_a_regression(self, regression_of):
        verdict, reasons, _ = said(
            regression_of(
                train_cost=(0.5, 0.4, 0.3, 0.2, 0.1, 0.08, 0.05), train_r2=(0, 0.2, 0.4, 0.6, 0.8, 0.84, 0.9)
            )
        )
        assert verdict == "still learning"
        assert reasons[1] == ("training RMSE 1.47, test RMSE 1.6 on 400 examples (R2 0.978 and 0.974)")


class TestRemembers:
    def test_a_wide_gap(self, evidence_of):
        verdict, reasons, advice = said(evidence_of(train_error=0.01, test_error=0.15))
        assert verdict == "overfitting"
        # Two standard errors of the gap: 2 * sqrt(0.005^2 + 0.004^2) = 1.3 points
        assert reasons == [
            "training accuracy 99.0 % ± 0.8, test accuracy 85.0 % ± 1.0 on 400 examples:"
            " a large, significant gap (± 1.3 percentage points)",
            "memorisation has done no harm yet: the test cost is close to its lowest value",
        ]
        assert advice == [
            "more training data, the most reliable remedy",
            "a smaller network: fewer or narrower hidden layers, which may do as well on new data, but"
            " hardly better",
        ]

    def test_a_test_cost_that_turned(self, evidence_of):
        turned = (1.0, 0.5, 0.4, 0.41, 0.45, 0.5, 0.55)
        verdict, reasons, advice = said(evidence_of(test_cost=turned, train_error=0.03, test_error=0.05))
        assert verdict == "overfitting"
        assert reasons == [
            "training accuracy 97.0 % ± 0.8, test accuracy 95.0 % ± 1.0 on 400 examples:"
            " a small but significant gap (± 1.3 percentage points)",
            "the test cost was lowest after epoch 2, at 0.4, and has since risen to 0.55",
        ]
        assert advice[0] == "fewer epochs: about 2"
        assert advice[2] == "a smaller network: fewer or narrower hidden layers"

    def test_a_regression(self, regression_of):
        _, reasons, _ = said(regression_of(train_error=0.1, test_error=0.3))
        # 2 * sqrt(0.01^2 + 0.005^2) = 0.022
        assert reasons == [
            "training RMSE 1, test RMSE 3 on 400 examples (R2 0.990 and 0.910):"
            " a large, significant gap (± 0.022 standard deviations of the target)",
            "memorisation has done no harm yet: the test cost is close to its lowest value",
        ]

    def test_widely_spread_test_values_are_compared_with_their_own_mean(self, regression_of):
        evidence = regression_of(train_error=0.1, test_error=1.2)
        wide = replace(evidence, test=replace(evidence.test, r2=0.83))
        assert "always predicting the mean" in " ".join(said(evidence)[1])
        assert "always predicting the mean" not in " ".join(said(wide)[1])
        unknown = replace(evidence, test=replace(evidence.test, r2=float("nan")))
        assert said(unknown)[0] == "overfitting"

    def test_of_no_use_on_what_it_has_not_seen(self, evidence_of):
        verdict, reasons, advice = said(
            evidence_of(train_error=0.2, test_error=0.49, baselines=(0.5, 0.5, 0.5))
        )
        assert verdict == "overfitting"
        assert reasons[1] == (
            "on the test set, the network is hardly better than always predicting the most frequent "
            "class (50.0 %)"
        )
        assert advice[-1] == "other features: these may say little about the target"

    def test_a_gap_of_one_percent_on_fifty_rows_is_no_gap(self, evidence_of):
        few = evidence_of(train_error=0.0, test_error=0.04, sampling=0.036, n_test=50)
        assert few.gap > 0.05
        assert said(few)[0] != "overfitting"
        many = evidence_of(train_error=0.0, test_error=0.04, sampling=0.002, n_test=10000)
        assert said(many)[0] == "overfitting"


class TestTooSimple:
    def test_behind_the_neighbours(self, evidence_of):
        verdict, reasons, advice = said(evidence_of(train_error=0.2, test_error=0.21))
        assert verdict == "underfitting"
        assert reasons[0] == (
            "training accuracy 80.0 % ± 0.8, test accuracy 79.0 % ± 1.0 on 400 examples: both could be higher"
        )
        assert reasons[1] == (
            "a prediction from the 10 nearest training examples would do better, with an accuracy of 94.0 %:"
            " there is more to learn from the data"
        )
        assert len(advice) == 2

    def test_no_better_than_the_baseline(self, evidence_of):
        verdict, reasons, advice = said(
            evidence_of(train_error=0.48, test_error=0.48, baselines=(0.5, 0.5, 0.5))
        )
        assert verdict == "underfitting"
        assert (
            reasons[1]
            == "the network is hardly better than always predicting the most frequent class (50.0 %)"
        )
        assert advice[-1] == "other features: these may say little about the target"

    def test_behind_a_quadratic_formula(self, evidence_of):
        _, reasons, _ = said(evidence_of(train_error=0.2, test_error=0.21, baselines=(0.5, 0.4, 0.06)))
        assert reasons[1].startswith(
            "a quadratic formula of the inputs would do better, with an accuracy of 94.0 %"
        )

    def test_no_use_on_the_test_part(self, evidence_of):
        # 12 % better than the baseline on what it learned from, 6 % on what it has not seen.
        how = {"train_error": 0.44, "test_error": 0.47, "baselines": (0.5, 0.5, 0.5)}
        assert said(evidence_of(**how, sampling=0.02))[0] == "underfitting"
        assert said(evidence_of(**how, sampling=0.03))[0] == "too little test data to say"

    def test_an_error_that_vanishes_is_named(self, evidence_of):
        vanishing = LayerHealth(1, "sigmoid", 10, [], [], 1e-5)
        verdict, reasons, advice = said(evidence_of(train_error=0.2, test_error=0.2, inside=[vanishing]))
        assert verdict == "underfitting"
        assert reasons[2] == "the error that reaches the first layers is too small for them to learn"
        assert not any("larger" in sentence for sentence in advice)

    def test_a_regression(self, regression_of):
        _, reasons, _ = said(regression_of(train_error=0.5, test_error=0.5, neighbours=0.3))
        assert reasons[0] == (
            "training RMSE 5, test RMSE 5 on 400 examples (R2 0.750 and 0.750): both errors could be lower"
        )
        assert reasons[1].startswith(
            "a prediction from the 10 nearest training examples would do better, with an R2 of 0.910"
        )
        _, reasons, _ = said(regression_of(train_error=0.95, test_error=0.95, neighbours=0.95, quadratic=1.0))
        assert reasons[1] == "the network is hardly better than always predicting the mean"


class TestTooFew:
    def test_few(self, evidence_of):
        verdict, reasons, _ = said(evidence_of(test_error=0.06, sampling=0.05, n_test=20))
        assert verdict == "too little test data to say"
        # 2 * sqrt(0.05^2 + 0.004^2) = 0.1003
        assert reasons == [
            "training accuracy 96.0 % ± 0.8, test accuracy 94.0 % ± 10.0 on 20 examples; with 20 test"
            " examples the uncertainty of the gap is ± 10.0 percentage points, so there may be none or a "
            "large one"
        ]


class TestGood:
    def test_good(self, evidence_of):
        verdict, reasons, advice = said(evidence_of())
        assert verdict == "good"
        assert reasons == [
            "training accuracy 96.0 % ± 0.8, test accuracy 95.0 % ± 1.0 on 400 examples:"
            " the gap may be due to chance",
            "it is at least as good as a prediction from the 10 nearest training examples (an accuracy "
            "of 94.0 %)",
        ]
        assert len(advice) == 1

    def test_an_easier_test_part(self, evidence_of):
        _, reasons, _ = said(evidence_of(train_error=0.08, test_error=0.04))
        assert reasons == [
            "training accuracy 92.0 % ± 0.8, test accuracy 96.0 % ± 1.0 on 400 examples:"
            " the test set is easier than the training set"
        ]

    def test_a_regression(self, regression_of):
        verdict, reasons, _ = said(regression_of())
        assert verdict == "good"
        assert reasons[1] == (
            "it is at least as good as a prediction from the 10 nearest training examples (an R2 of 0.960)"
        )


def test_remarks_from_inside(evidence_of):
    inside = [
        LayerHealth(1, "sigmoid", 30, [], [], 2.34e-6),
        LayerHealth(2, "relu", 20, [3, 4, 7], [5], 1.0, stillborn=[7]),
        LayerHealth(3, "relu", 10, [1], [], 5.6e4),
    ]
    verdict, reasons, advice = said(evidence_of(inside=inside))
    assert verdict == "good"
    assert reasons[2:] == [
        "the error vanishes on its way to layer 1: its error terms are 2.3e-06 of the output layer's",
        "2 of the 20 neurons of layer 2 (relu) are dead, though not from the start: "
        "0 on every training example",
        "1 of the 20 neurons of layer 2 (relu) is dead from the start: 0 on every training example",
        "1 of the 20 neurons of layer 2 (relu) is saturated: slope almost 0 on every training example",
        "1 of the 10 neurons of layer 3 (relu) is dead, though not from the start: "
        "0 on every training example",
        "the error explodes on its way to layer 3: its error terms are 5.6e+04 times the output layer's",
    ]
    assert len(advice) == len(set(advice)) == 6  # the advice on dead neurons once, and one on the verdict


class TestAdviceForTheSick:
    """What the layers have lost decides what is advised."""

    BEHIND = {"train_error": 0.2, "test_error": 0.2}  # noqa: RUF012  # never changed
    FALLING = {  # noqa: RUF012  # never changed
        "train_cost": (1.0, 0.8, 0.6, 0.45, 0.35, 0.27, 0.21),
        "train_curve": (0.5, 0.6, 0.7, 0.8, 0.88, 0.92, 0.96),
    }

    @pytest.mark.parametrize(("n_dead", "larger"), [(2, True), (3, False)])
    def test_a_larger_network_or_rate_only_where_most_neurons_are_alive(self, evidence_of, n_dead, larger):
        inside = [LayerHealth(1, "relu", 10, list(range(1, n_dead + 1)), [], 1.0)]
        for how in (self.BEHIND, self.FALLING):
            _, _, advice = said(evidence_of(**how, inside=inside))
            assert any("larger" in sentence or "as large" in sentence for sentence in advice) == larger

    def test_behind_a_dead_layer_no_error_is_missed(self, evidence_of):
        inside = [LayerHealth(1, "relu", 3, [1, 2, 3], [], 0.0), LayerHealth(2, "relu", 3, [], [], 0.0)]
        _, reasons, advice = said(evidence_of(**self.BEHIND, inside=inside))
        assert not any("vanishes" in sentence for sentence in reasons)
        assert not any("curve that flattens" in sentence for sentence in advice)

    def test_good_but_poor(self, evidence_of):
        _, _, advice = said(evidence_of(train_error=0.36, test_error=0.36, baselines=(0.5, 0.4, 0.4)))
        assert advice[0].startswith("other features: these say little")


class TestFewRows:
    def test_classes_known_to_three_points_are_known(self, evidence_of):
        # 2 % of a rare class: the doubt is a large share of the baseline's error, and 1 point of accuracy.
        rare = evidence_of(baselines=(0.02, 0.01, 0.01), train_error=0.004, test_error=0.005, sampling=0.004)
        assert rare.doubt > 0.1
        assert said(rare)[0] == "good"

    def test_under_ten_rows_nothing_is_known(self, evidence_of):
        assert said(evidence_of(n_test=9))[0] == "too little test data to say"
        assert said(evidence_of(n_test=10))[0] == "good"


def ending(test_cost):
    """A test cost that falls to 0.2 and ends where said two epochs later."""
    return (1.0, 0.4, 0.22, 0.2, 0.2, 0.2, test_cost)


def straight(last):
    """A training cost that falls in a straight line."""
    return tuple(1 - (1 - last) * k / 6 for k in range(7))


BEHIND = {"train_error": 0.2, "test_error": 0.2, "train_curve": (0.5, 0.8)}
UNMOVED = {"train_error": 0.45, "test_error": 0.45, "train_curve": FLAT_CURVE, "movement": 0.01}
RISING = {"train_curve": (0.5, 0.8, 0.9, 0.94, 0.94, 0.95, 0.96)}
RARE = {"baselines": (0.1, 0.02, 0.02), "train_error": 0.01, "test_error": 0.012}
FLAT_STRETCH = {"train_error": 0.4, "test_error": 0.4, "train_curve": (0.5, 0.6), "movement": 0.2}

# What is just within a bound, the verdict there, what is just beyond it, and the verdict there.
BOUNDS = {
    "no better than the baseline": (
        {"train_error": 0.445, "test_error": 0.445, "baselines": (0.5, 0.5, 0.5)}, "good",
        {"train_error": 0.455, "test_error": 0.455, "baselines": (0.5, 0.5, 0.5)}, "underfitting",
    ),
    "a clear gap": ({"test_error": 0.064}, "good", {"test_error": 0.066}, "overfitting"),
    "a clear rise": (
        {"test_error": 0.06, "test_cost": ending(0.228)}, "good",
        {"test_error": 0.06, "test_cost": ending(0.232)}, "overfitting",
    ),
    "a small fall": (
        {**UNMOVED, "train_cost": straight(0.71)}, "learning rate too small",
        {**UNMOVED, "train_cost": straight(0.69)}, "still learning",
    ),
    "a small move": (
        {**UNMOVED, "train_cost": SLOW, "movement": 0.049}, "learning rate too small",
        {**UNMOVED, "train_cost": SLOW, "movement": 0.051}, "still learning",
    ),
    "a bend": (  # 0.02 down in the first half; 0.0102 and 0.0098 in the second
        {**UNMOVED, "train_cost": (1, 0.993, 0.986, 0.98, 0.976, 0.972, 0.9698)}, "learning rate too small",
        {**UNMOVED, "train_cost": (1, 0.993, 0.986, 0.98, 0.976, 0.972, 0.9702)}, "underfitting",
    ),
    "barely fallen": (
        {**FLAT_STRETCH, "train_cost": (1.0, 0.96, 0.955, 0.952, 0.951, 0.951, 0.951)}, "underfitting",
        {**FLAT_STRETCH, "train_cost": (1.0, 0.96, 0.955, 0.952, 0.951, 0.949, 0.949)}, "still learning",
    ),
    "a late gain": (
        {"train_curve": (0.5, 0.8, 0.9, 0.94, 0.946, 0.95, 0.96), "test_cost": ending(0.18)}, "good",
        {"train_curve": (0.5, 0.8, 0.9, 0.94, 0.944, 0.95, 0.96), "test_cost": ending(0.18)},
        "still learning",
    ),
    "a late fall": (
        {**RISING, "test_cost": ending(0.191)}, "good",
        {**RISING, "test_cost": ending(0.189)}, "still learning",
    ),
    "a steady fall": (
        {**BEHIND, "test_cost": ending(0.187)}, "underfitting",
        {**BEHIND, "test_cost": ending(0.185)}, "still learning",
    ),
    "a wide swing": (  # errors 0.1, 0.2, 0.1, then 0.2 less: 2/3 of the last step's way up is swing
        {"train_curve": (0.5, 0.8, 0.9, 0.95, 0.9278, 0.95, 0.95)}, "good",
        {"train_curve": (0.5, 0.8, 0.9, 0.95, 0.9272, 0.95, 0.95)}, "learning rate too large",
    ),
    "an exploded test cost": (
        {"test_error": 0.06, "test_cost": (1.0, 2, 3, 4, 6, 8, 9.9)}, "overfitting",
        {"test_error": 0.06, "test_cost": (1.0, 2, 3, 4, 6, 8, 10.1)}, "learning rate too large",
    ),
    "behind": (
        {"train_error": 0.084, "test_error": 0.084}, "good",
        {"train_error": 0.086, "test_error": 0.086}, "underfitting",
    ),
    "a doubtful gap": (
        {"sampling": 0.0245}, "good",
        {"sampling": 0.0248}, "too little test data to say",
    ),
    "doubtful points": (
        {**RARE, "sampling": 0.0149}, "good",
        {**RARE, "sampling": 0.0151},
        "too little test data to say",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bound", BOUNDS)
def test_on_both_sides_of_each_bound(evidence_of, bound):
    within, verdict, beyond, other = BOUNDS[bound]
    assert said(evidence_of(**within))[0] == verdict
    assert said(evidence_of(**beyond))[0] == other


def test_what_counts_as_learned_by_heart(evidence_of):
    # An exploded test cost with a tenth of the training cost left, and with a little less.
    exploded = (1.0, 5, 9, 12, 14, 16, 18)
    left = evidence_of(
        train_cost=(1.0, 0.4, 0.2, 0.15, 0.12, 0.11, 0.101), test_cost=exploded, test_error=0.3
    )
    assert said(left)[0] == "learning rate too large"
    gone = evidence_of(
        train_cost=(1.0, 0.4, 0.2, 0.15, 0.12, 0.11, 0.099), test_cost=exploded, test_error=0.3
    )
    assert said(gone)[0] == "overfitting"


RISING = (0.5, 0.6, 0.7, 0.8, 0.88, 0.92, 0.96)


@pytest.mark.parametrize(
    ("verdict", "how"),
    [
        (
            "learning rate too small",
            {"train_cost": SLOW, "train_curve": FLAT_CURVE, "train_error": 0.45, "movement": 0.0123},
        ),
        ("still learning", {"train_cost": (1.0, 0.8, 0.6, 0.45, 0.35, 0.27, 0.21), "train_curve": RISING}),
        ("underfitting", {"train_error": 0.45, "test_error": 0.45}),
    ],
)
@pytest.mark.parametrize("has_restarted", [False, True])
def test_no_higher_rate_is_advised_where_one_has_diverged(evidence_of, verdict, how, has_restarted):
    found, _, advice = said(evidence_of(has_restarted=has_restarted, **how))
    assert found == verdict
    assert any("large" in line and "learning rate" in line for line in advice) is not has_restarted
    assert advice
