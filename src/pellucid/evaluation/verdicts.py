"""The rules that lead to a verdict, in the order in which they are asked."""

import math
from collections.abc import Callable

from pellucid.evaluation.evidence import Evidence
from pellucid.evaluation.wording import (
    against_baseline,
    attainable_score,
    cost_path,
    doubt_words,
    error_words,
    gap_words,
    guesser,
    larger_rate,
    scores,
    smaller_rate,
)

__all__ = ["RULES", "Finding"]

# A verdict, the reasons for it, what to try next.
Finding = tuple[str, list[str], list[str]]

# Bounds, all of them shares as Evidence gives them, set on networks built to be each verdict and on real
# data; the tests hold them there.
_NO_BETTER = 0.9  # an error this close to the baseline's is no learning
_POOR = 0.7  # an error above this is good for these columns only
_CLEAR_GAP = 0.05  # a gap between the sets below this is no overfitting, however certain
_CLEAR_RISE = 0.15  # so far must the test cost have risen again
_NO_RISE = 0.01  # a test cost so little above its lowest has not risen
_SMALL_FALL = 0.3  # a training cost that fell by less has hardly moved
_SMALL_MOVE = 0.05  # and weights that have come less far than this from where they began
_STRAIGHT = 0.5  # a curve that keeps this share of its speed has not begun to bend
_ON_THE_WAY = 0.3  # weights that have come less far than this may have far to go
_LATE_GAIN = 0.03  # a training error that still fell by so much in the last third of the run
_LATE_FALL = 0.05  # and a test cost that fell by so much of itself
_STEADY_FALL = 0.07  # or would have fallen by so much at a rate that had not fallen
_EXPLODED = 10.0  # a test cost so many times what it was before any learning
_LEARNED = 0.1  # while the training cost is above this share of what it was
_BARELY = 0.05  # a training cost that fell by less is on the way to nowhere
_WIDE_SWING = 0.03  # an error that jumps by so much from epoch to epoch
_BEHIND = 0.05  # a training error so far above what the data say without a network
_DOUBTFUL = 0.1  # a sampling error that would hide a gap of this size
_DOUBTFUL_POINTS = 0.03  # nor is an accuracy in doubt that is known to so much
_FEW_ROWS = 10  # from fewer, even the doubt cannot be told
_MOSTLY = 0.9  # of a layer's neurons
_A_GOOD_PART = 0.3
_TWO_OR_THREE = "a larger learning rate, two or three times as large"
# How a run may end in its first epoch and be judged all the same: nobody cut it short.
_JUDGED = (None, "goal", "early", "converged", "diverged", "pruned")
_A_LAYER = 8  # with fewer neurons, it may be chance that most are out


def _diverged(evidence: Evidence) -> Finding | None:
    if evidence.stopped != "diverged":
        return None
    kept = evidence.history.n_epochs
    return (
        "learning rate too large",
        [
            f"training diverged in epoch {kept + 1}; the weights of "
            + (f"epoch {kept}" if kept else "the start")
            + " were restored",
        ],
        smaller_rate(evidence),
    )


def _cut_short(evidence: Evidence) -> Finding | None:
    if evidence.stopped in _JUDGED or max(evidence.epochs_run, evidence.history.n_epochs) > 1:
        return None
    if evidence.history.n_epochs == 1 and not _is_behind(evidence):
        return None  # it knew, or has learned, enough to be judged
    return (
        "still learning",
        [f"the run was ended in its first epoch: {evidence.stopped}"],
        ["let it run for some epochs"],
    )


def _worse_than_before(evidence: Evidence) -> Finding | None:
    if evidence.history.n_epochs > 0 or evidence.epochs_run == 0 or not _is_behind(evidence):
        return None
    return (
        "learning rate too large",
        [
            f"none of the {evidence.epochs_run} epochs was better than the network as it came, whose weights"
            " are kept"
        ],
        smaller_rate(evidence),
    )


def _never_alive(evidence: Evidence) -> Finding | None:
    if evidence.train_error < _NO_BETTER:
        return None
    for health in evidence.inside:
        if len(health.stillborn) == health.neurons:
            return (
                "underfitting",
                [
                    f"all {health.neurons} neurons of layer {health.layer} are 0 on every example, and were"
                    " so from the start: the weights they began with leave them no slope to learn by"
                ],
                ["another initializer; leave it out to have it chosen by the activation"],
            )
    return None


def _knocked_out(evidence: Evidence) -> Finding | None:
    if evidence.train_error < _NO_BETTER:
        return None
    for health in evidence.inside:
        out = len(health.dead) + len(health.saturated)
        if health.neurons >= _A_LAYER and out >= _MOSTLY * health.neurons:
            return (
                "learning rate too large",
                [
                    f"{out} of the {health.neurons} neurons of layer {health.layer} no longer answer to any"
                    f" example, and the network is {against_baseline(evidence)}",
                    "steps that are too large throw the neurons to where their slope is 0",
                ],
                smaller_rate(evidence),
            )
    if evidence.history["train_cost"][-1] > evidence.history["train_cost"][0]:
        return (
            "learning rate too large",
            [f"{cost_path(evidence, 'train')}: it is worse than before any learning"],
            smaller_rate(evidence),
        )
    return None


def _hardly_moved(evidence: Evidence) -> Finding | None:
    if evidence.fall >= _SMALL_FALL or evidence.movement >= _SMALL_MOVE or _has_bent(evidence):
        return None
    if not (_is_behind(evidence) or evidence.train_error > _NO_BETTER):
        return None  # it knew all that before
    if any(health.vanishing for health in evidence.inside):
        return None  # a larger rate would not bring the error there
    return (
        "learning rate too small",
        [
            cost_path(evidence, "train")
            + (f", {100 * evidence.fall:.2g} % lower" if math.isfinite(evidence.above("train")[0]) else "")
            + (", and the curve has not begun to bend" if evidence.history.n_epochs >= 2 else ""),
            f"the weights have come only {100 * evidence.movement:.2g} % of their size from where they began",
        ],
        [
            *larger_rate(evidence, f"a learning rate ten times as large: {10 * evidence.learning_rate:g}"),
            "many more epochs" + ("" if math.isnan(evidence.learning_rate) else ", if the rate must stay"),
        ],
    )


def _has_bent(evidence: Evidence) -> bool:
    return evidence.history.n_epochs >= 2 and evidence.bend < _STRAIGHT


def _jumps(evidence: Evidence) -> Finding | None:
    if evidence.swing < max(_WIDE_SWING, evidence.train_doubt):
        return None
    return (
        "learning rate too large",
        [
            "the training error jumps up and down from epoch to epoch, by"
            f" {error_words(evidence, evidence.swing)} on average"
        ],
        smaller_rate(evidence),
    )


def _test_cost_exploded(evidence: Evidence) -> Finding | None:
    train, test = evidence.above("train"), evidence.above("test")
    if test[-1] <= _EXPLODED * max(test[0], 1.0) or train[-1] <= _LEARNED * train[0]:
        return None  # a network that knows its training part by heart may be as sure and as wrong
    return (
        "learning rate too large",
        [
            f"{cost_path(evidence, 'test')}, far above the training cost of"
            f" {evidence.history['train_cost'][-1]:.4g}: the weights"
            " have been thrown to where the outputs are extreme"
        ],
        smaller_rate(evidence),
    )


def _still_falling(evidence: Evidence) -> Finding | None:
    falling = evidence.late_fall >= _LATE_FALL and evidence.late_gain >= _LATE_GAIN
    # What is not behind may stop where it is, however fast it would go on at a rate that had not fallen.
    not_done = _is_behind(evidence) and evidence.steady_fall >= _STEADY_FALL
    if not (falling or not_done or _is_on_the_way(evidence)):
        return None
    last, first = evidence.history.n_epochs, evidence.last_third
    part, name = ("test", "test") if evidence.late_fall > 0 else ("train", "training")
    cost = evidence.history[f"{part}_cost"]
    return (
        "still learning",
        [
            f"the {name} cost is still falling: {cost[first]:.4g} after epoch {first}, {cost[-1]:.4g} after"
            f" epoch {last}",
            f"{scores(evidence)}",
        ],
        [f"more epochs: {2 * last} instead of {last}"]
        + ([] if _is_sick(evidence) else larger_rate(evidence, _TWO_OR_THREE)),
    )


def _is_on_the_way(evidence: Evidence) -> bool:
    """Whether weights that have come a little way only have far to go: a flat stretch is no end then."""
    if any(health.vanishing for health in evidence.inside):
        return False  # they would not get there
    begun = evidence.train_error < _NO_BETTER or not _has_bent(evidence)
    near = evidence.fall > _BARELY and evidence.movement < _ON_THE_WAY
    return begun and near and _is_behind(evidence)


def _remembers(evidence: Evidence) -> Finding | None:
    if evidence.train_error > _NO_BETTER or (_is_behind(evidence) and evidence.shortfall > evidence.gap):
        return None  # what it has not learned is more than what it has learned by heart
    wide = evidence.gap > max(_CLEAR_GAP, evidence.doubt)
    turned = evidence.test_rise > _CLEAR_RISE and evidence.gap > max(_CLEAR_GAP / 2, evidence.doubt)
    if not (wide or turned):
        return None
    reasons = [f"{scores(evidence)}: {gap_words(evidence, wide=evidence.gap > _CLEAR_GAP)}"]
    if evidence.test_rise > _CLEAR_RISE:
        cost = evidence.history["test_cost"]
        best = cost.index(min(cost))
        reasons.append(
            f"the test cost was lowest after epoch {best}, at {min(cost):.4g}, and has since risen to"
            f" {cost[-1]:.4g}"
        )
    advice = ["more training data, the surest remedy", "a smaller network: fewer or narrower hidden layers"]
    if evidence.test_rise > _CLEAR_RISE:
        advice.insert(0, f"fewer epochs: about {max(best, 1)}")
    if evidence.test_error > _NO_BETTER:
        reasons.append(f"on what it has not seen, it is {against_baseline(evidence)}")
        advice.append("other columns: these may say little about the target")
    elif evidence.test_rise < _NO_RISE:
        reasons.append("what was learned by heart has done no harm yet: the test cost is next to its lowest")
        advice[1] += ", which may do as well on new data, hardly better"
    return "overfitting", reasons, advice


def _too_simple(evidence: Evidence) -> Finding | None:
    behind = _is_behind(evidence)
    no_use = evidence.test_error > _NO_BETTER and _is_known(evidence)
    if not (behind or no_use or evidence.train_error > _NO_BETTER):
        return None
    both = "both could be higher" if evidence.test.accuracy is not None else "both errors could be lower"
    reasons = [f"{scores(evidence)}: {both}" if behind else scores(evidence)]
    if behind:
        reasons.append(
            f"{guesser(evidence)} would do better, with {attainable_score(evidence)}: the data say more"
            " than the network has learned"
        )
    else:
        reasons.append(f"the network is {against_baseline(evidence)}")
    if any(health.vanishing for health in evidence.inside):
        reasons.append("too little of the error reaches the first layers for them to learn")
    advice = []
    # What is wrong inside comes first, with its own advice; a larger network or rate would not mend it.
    if not _is_sick(evidence):
        advice = [
            "a larger network: more neurons, or one more hidden layer",
            "more epochs, or a larger learning rate" if larger_rate(evidence, "") else "more epochs",
        ]
    if not behind:
        advice.append("other columns: these may say little about the target")
    return "underfitting", reasons, advice


def _is_sick(evidence: Evidence) -> bool:
    """Whether a layer has lost a good part of its neurons, or the error on its way to it."""
    return any(
        health.vanishing or len(health.dead) + len(health.saturated) >= _A_GOOD_PART * health.neurons
        for health in evidence.inside
    )


def _is_behind(evidence: Evidence) -> bool:
    """Whether it has learned less from the training part than the data say without a network."""
    return evidence.shortfall > max(_BEHIND, evidence.shortfall_doubt)


def _is_known(evidence: Evidence) -> bool:
    """Whether the test part is large enough for its error to tell something."""
    sure = evidence.doubt <= _DOUBTFUL or (
        evidence.test.accuracy is not None and evidence.test.error_doubt <= _DOUBTFUL_POINTS
    )
    return sure and evidence.test.n >= _FEW_ROWS


def _too_few(evidence: Evidence) -> Finding | None:
    if _is_known(evidence):
        return None
    return (
        "too little test data to say",
        [
            f"{scores(evidence)}; with {evidence.test.n} test examples the gap is uncertain by"
            f" {doubt_words(evidence)}, so it could be none or a wide one"
        ],
        ["a larger test part, or more data", "the mean over several splits, each with its own --seed"],
    )


def _good(evidence: Evidence) -> Finding | None:
    reasons = [f"{scores(evidence)}: {gap_words(evidence, wide=False)}"]
    if evidence.train_error <= evidence.attainable_error:
        reasons.append(f"it does at least as well as {guesser(evidence)} ({attainable_score(evidence)})")
    advice = ["a larger network or more epochs, to see whether there is more to be had"]
    if evidence.test_error > _POOR:
        advice.insert(0, "other columns: these say little about the target, and the network has that")
    return "good", reasons, advice


RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    _diverged,
    _cut_short,
    _worse_than_before,
    _never_alive,
    _knocked_out,
    _hardly_moved,
    _jumps,
    _test_cost_exploded,
    _still_falling,
    _remembers,
    _too_simple,
    _too_few,
    _good,
)
