"""The rules that lead to a verdict, in the order in which they are checked."""

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
    scores,
    smaller_rate,
)

__all__ = ["RULES", "Finding"]

# A verdict, the reasons for it, and advice.
Finding = tuple[str, list[str], list[str]]

# Thresholds, relative as in Evidence. They were chosen with networks trained to deserve each verdict and with
# real data, and the tests check them.
_NO_BETTER = 0.9  # a larger error is no better than a constant prediction
_POOR = 0.7  # a larger error may be the best that these columns allow
_CLEAR_GAP = 0.05  # a smaller gap between the sets is not overfitting, however certain
_CLEAR_RISE = 0.15  # a larger relative increase of the test cost is a clear one
_NO_RISE = 0.01  # a smaller relative increase of the test cost is none
_SMALL_FALL = 0.3  # a training cost that fell by less has hardly fallen
_SMALL_MOVE = 0.05  # weights that changed by less have hardly changed
_STRAIGHT = 0.5  # a curve that is at least this fast in the second half has not flattened
_ON_THE_WAY = 0.3  # weights that changed by less may have far to go
_LATE_GAIN = 0.03  # training continues to help if the error fell by this in the last third
_LATE_FALL = 0.05  # and the test cost by this, relative to its value
_STEADY_FALL = 0.07  # or would have fallen by this if the learning rate had not decreased
_EXPLODED = 10.0  # a test cost this many times its initial value has exploded
_LEARNED = 0.1  # if the training cost is still above this share of its initial value
_BARELY = 0.05  # a training cost that fell by less is not on its way
_WIDE_SWING = 0.03  # an error that jumps by this from epoch to epoch oscillates
_BEHIND = 0.05  # a training error this far above what is attainable is behind
_DOUBTFUL = 0.1  # a larger uncertainty could hide a gap
_DOUBTFUL_POINTS = 0.03  # unless the accuracy is known this precisely
_FEW_ROWS = 10  # with fewer examples, even the uncertainty is unknown
_MOSTLY = 0.9  # of a layer's neurons
_A_GOOD_PART = 0.3  # of a layer's neurons
# Runs that end in their first epoch for one of these reasons were not cut short.
_JUDGED = (None, "goal", "early", "converged", "diverged", "pruned")
_A_LAYER = 8  # with fewer neurons, most may be dead by chance


def _diverged(evidence: Evidence) -> Finding | None:
    if evidence.stopped != "diverged":
        return None
    kept = evidence.history.n_epochs
    restored = f"weights of epoch {kept}" if kept else "initial weights"
    return _too_large(evidence, f"training diverged in epoch {kept + 1}; the {restored} were restored")


def _too_large(evidence: Evidence, *reasons: str) -> Finding:
    """Return the verdict that the learning rate is too large, for these reasons."""
    return "learning rate too large", list(reasons), smaller_rate(evidence)


def _cut_short(evidence: Evidence) -> Finding | None:
    if evidence.stopped in _JUDGED or max(evidence.epochs_run, evidence.history.n_epochs) > 1:
        return None
    if evidence.history.n_epochs == 1 and not _is_behind(evidence):
        return None  # it has learned enough, or was good before
    reason = f"training ended in its first epoch: {evidence.stopped}"
    return "still learning", [reason], ["train for a few epochs"]


def _worse_than_before(evidence: Evidence) -> Finding | None:
    if evidence.history.n_epochs > 0 or evidence.epochs_run == 0 or not _is_behind(evidence):
        return None
    return _too_large(
        evidence,
        f"none of the {evidence.epochs_run} epochs improved the network; the initial weights were kept",
    )


def _never_alive(evidence: Evidence) -> Finding | None:
    if evidence.train_error < _NO_BETTER:
        return None
    for health in evidence.inside:
        if len(health.stillborn) == health.neurons:
            reason = (
                f"all {health.neurons} neurons of layer {health.layer} have been 0 on every example since"
                " initialisation: their slope is 0, so they cannot learn"
            )
            return "underfitting", [reason], ["another initializer, such as the default of the activation"]
    return None


def _knocked_out(evidence: Evidence) -> Finding | None:
    if evidence.train_error < _NO_BETTER:
        return None
    for health in evidence.inside:
        out = len(health.dead) + len(health.saturated)
        if health.neurons >= _A_LAYER and out >= _MOSTLY * health.neurons:
            return _too_large(
                evidence,
                f"{out} of the {health.neurons} neurons of layer {health.layer} are dead or saturated on"
                f" every example, and the network is {against_baseline(evidence)}",
                "steps that are too large move neurons to where their slope is 0",
            )
    if evidence.history["train_cost"][-1] > evidence.history["train_cost"][0]:
        return _too_large(evidence, f"{cost_path(evidence, 'train')}: it is higher than before training")
    return None


def _hardly_moved(evidence: Evidence) -> Finding | None:
    if evidence.fall >= _SMALL_FALL or evidence.movement >= _SMALL_MOVE or _has_bent(evidence):
        return None
    if not (_is_behind(evidence) or evidence.train_error > _NO_BETTER):
        return None  # it was good before
    if _vanishes(evidence):
        return None  # a larger learning rate would not help
    path = cost_path(evidence, "train")
    if math.isfinite(evidence.above("train")[0]):
        path += f", {100 * evidence.fall:.2g} % lower"
    if evidence.history.n_epochs >= 2:
        path += ", and the curve has not begun to flatten"
    moved = f"the weights have changed by only {100 * evidence.movement:.2g} % of their norm"
    advice = ["many more epochs"]
    if evidence.rate_may_rise:
        larger = f"a learning rate ten times as large: {10 * evidence.learning_rate:g}"
        advice = [larger, "many more epochs, if the learning rate is to stay"]
    return "learning rate too small", [path, moved], advice


def _vanishes(evidence: Evidence) -> bool:
    return any(health.vanishing for health in evidence.inside)


def _has_bent(evidence: Evidence) -> bool:
    return evidence.history.n_epochs >= 2 and evidence.bend < _STRAIGHT


def _jumps(evidence: Evidence) -> Finding | None:
    if evidence.swing < max(_WIDE_SWING, evidence.train_doubt):
        return None
    jump = error_words(evidence, evidence.swing)
    return _too_large(evidence, f"the training error jumps up and down between epochs, by {jump} on average")


def _test_cost_exploded(evidence: Evidence) -> Finding | None:
    train, test = evidence.above("train"), evidence.above("test")
    if test[-1] <= _EXPLODED * max(test[0], 1.0) or train[-1] <= _LEARNED * train[0]:
        return None  # memorisation also makes wrong predictions extreme
    return _too_large(
        evidence,
        f"{cost_path(evidence, 'test')}, far above the training cost of"
        f" {evidence.history['train_cost'][-1]:.4g}: the weights have grown so large that the outputs are"
        " extreme",
    )


def _still_falling(evidence: Evidence) -> Finding | None:
    falls = evidence.late_fall >= _LATE_FALL and evidence.late_gain >= _LATE_GAIN
    # A network that is not behind may stop here, even if a constant learning rate would improve it further.
    not_done = _is_behind(evidence) and evidence.steady_fall >= _STEADY_FALL
    if not (falls or not_done or _is_on_the_way(evidence)):
        return None
    first, last = (evidence.history["epoch"][row] for row in (evidence.last_third, -1))
    part, name = ("test", "test") if evidence.late_fall > 0 else ("train", "training")
    cost = evidence.history[f"{part}_cost"]
    before = cost[evidence.last_third]
    falling = (
        f"the {name} cost is still falling: {before:.4g} after epoch {first},"
        f" {cost[-1]:.4g} after epoch {last}"
    )
    advice = [f"more epochs: {2 * last} instead of {last}"]
    if evidence.rate_may_rise and not _is_damaged(evidence):
        advice.append("a learning rate two or three times as large")
    return "still learning", [falling, scores(evidence)], advice


def _is_on_the_way(evidence: Evidence) -> bool:
    """Return whether a flat curve is a plateau: the weights have changed little and the error is high."""
    if _vanishes(evidence):
        return False  # more epochs would not help
    begun = evidence.train_error < _NO_BETTER or not _has_bent(evidence)
    near = evidence.fall > _BARELY and evidence.movement < _ON_THE_WAY
    return begun and near and _is_behind(evidence)


def _remembers(evidence: Evidence) -> Finding | None:
    if evidence.train_error > _NO_BETTER or (_is_behind(evidence) and evidence.shortfall > evidence.gap):
        return None  # underfitting outweighs memorisation
    wide = evidence.gap > max(_CLEAR_GAP, evidence.doubt)
    turned = evidence.test_rise > _CLEAR_RISE and evidence.gap > max(_CLEAR_GAP / 2, evidence.doubt)
    if not (wide or turned):
        return None
    reasons = [f"{scores(evidence)}: {gap_words(evidence, wide=evidence.gap > _CLEAR_GAP)}"]
    if evidence.test_rise > _CLEAR_RISE:
        cost = evidence.history["test_cost"]
        best = evidence.history["epoch"][cost.index(min(cost))]
        reasons.append(
            f"the test cost was lowest after epoch {best}, at {min(cost):.4g}, and has since risen to"
            f" {cost[-1]:.4g}"
        )
    advice = [
        "more training data, the most reliable remedy",
        "a smaller network: fewer or narrower hidden layers",
    ]
    if evidence.test_rise > _CLEAR_RISE:
        advice.insert(0, f"fewer epochs: about {max(best, 1)}")
    if evidence.least_test_error > _NO_BETTER:
        reasons.append(f"on the test set, the network is {against_baseline(evidence)}")
        advice.append("other features: these may say little about the target")
    elif evidence.test_rise < _NO_RISE:
        reasons.append("memorisation has done no harm yet: the test cost is close to its lowest value")
        advice[1] += ", which may do as well on new data, but hardly better"
    return "overfitting", reasons, advice


def _too_simple(evidence: Evidence) -> Finding | None:
    behind = _is_behind(evidence)
    no_use = evidence.least_test_error > _NO_BETTER and _is_known(evidence)
    if not (behind or no_use or evidence.train_error > _NO_BETTER):
        return None
    both = "both could be higher" if evidence.test.accuracy is not None else "both errors could be lower"
    reasons = [f"{scores(evidence)}: {both}" if behind else scores(evidence)]
    if behind:
        reasons.append(
            f"{guesser(evidence)} would do better, with {attainable_score(evidence)}: there is more to learn"
            " from the data"
        )
    else:
        reasons.append(f"the network is {against_baseline(evidence)}")
    if _vanishes(evidence):
        reasons.append("the error that reaches the first layers is too small for them to learn")
    advice = []
    # A larger network or learning rate would not repair damaged layers, which get separate advice.
    if not _is_damaged(evidence):
        advice = [
            "a larger network: more neurons, or one more hidden layer",
            "more epochs, or a larger learning rate" if evidence.rate_may_rise else "more epochs",
        ]
    if not behind:
        advice.append("other features: these may say little about the target")
    return "underfitting", reasons, advice


def _is_damaged(evidence: Evidence) -> bool:
    """Return whether many neurons of a layer are dead or saturated, or its error vanishes."""
    return any(
        health.vanishing or len(health.dead) + len(health.saturated) >= _A_GOOD_PART * health.neurons
        for health in evidence.inside
    )


def _is_behind(evidence: Evidence) -> bool:
    """Return whether the training error is above what is attainable without a network."""
    return evidence.shortfall > max(_BEHIND, evidence.shortfall_doubt)


def _is_known(evidence: Evidence) -> bool:
    """Return whether the test set is large enough for its error to be meaningful."""
    sure = evidence.doubt <= _DOUBTFUL or (
        evidence.test.accuracy is not None and evidence.test.error_doubt <= _DOUBTFUL_POINTS
    )
    return sure and evidence.test.n >= _FEW_ROWS


def _too_few(evidence: Evidence) -> Finding | None:
    if _is_known(evidence):
        return None
    reason = (
        f"{scores(evidence)}; with {evidence.test.n} test examples the uncertainty of the gap is"
        f" {doubt_words(evidence)}, so there may be none or a large one"
    )
    advice = ["a larger test set, or more data", "the mean over several splits, each with its own --seed"]
    return "too little test data to say", [reason], advice


def _good(evidence: Evidence) -> Finding | None:
    reasons = [f"{scores(evidence)}: {gap_words(evidence, wide=False)}"]
    if evidence.train_error <= evidence.attainable_error:
        reasons.append(f"it is at least as good as {guesser(evidence)} ({attainable_score(evidence)})")
    advice = ["a larger network or more epochs, to see whether they improve it further"]
    if evidence.test_error > _POOR:
        advice.insert(0, "other features: these say little about the target, and the network has learned it")
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
