"""The rules that lead to a verdict, in the order in which they are asked."""

from collections.abc import Callable

from pellucid.evaluation.evidence import Evidence

__all__ = ["RULES", "Finding", "remarks_from_inside"]

# A verdict, the reasons for it, what to try next.
Finding = tuple[str, list[str], list[str]]

# Bounds, all of them shares as Evidence gives them, set on networks built to be each verdict and on real
# data; the tests hold them there.
_NO_BETTER = 0.9  # an error this close to the baseline's is no learning
_CLEAR_GAP = 0.05  # a gap between the sets below this is no overfitting, however certain
_CLEAR_RISE = 0.15  # so far must the test cost have risen again
_SMALL_FALL = 0.3  # a training cost that fell by less has hardly moved
_SMALL_MOVE = 0.05  # and weights that have come less far than this from where they began
_STRAIGHT = 0.5  # a curve that keeps this share of its speed has not begun to bend
_ON_THE_WAY = 0.3  # weights that have come less far than this may have far to go
_LATE_GAIN = 0.03  # a training error that still fell by so much in the last third of the run
_LATE_FALL = 0.05  # and a test cost that fell by so much of itself
_BARELY = 0.05  # a training cost that fell by less is on the way to nowhere
_WIDE_SWING = 0.03  # an error that jumps by so much from epoch to epoch
_WORSE_THAN_NEIGHBOURS = 0.05
_DOUBTFUL = 0.1  # a sampling error that would hide a gap of this size
_DOUBTFUL_POINTS = 0.03  # nor is an accuracy in doubt that is known to so much
_FEW_ROWS = 10  # from fewer, even the doubt cannot be told
_MOSTLY = 0.9  # of a layer's neurons
_A_LAYER = 8  # with fewer neurons, it may be chance that most are out


def _diverged(evidence: Evidence) -> Finding | None:
    if evidence.stopped != "diverged":
        return None
    kept = evidence.history.n_epochs
    return (
        "learning rate too large",
        [
            f"the cost grew beyond measure in epoch {kept + 1}; the weights of "
            + (f"epoch {kept}" if kept else "the start")
            + " were restored",
        ],
        _smaller_rate(evidence),
    )


def _never_alive(evidence: Evidence) -> Finding | None:
    if evidence.train_error < _NO_BETTER or evidence.movement >= _SMALL_MOVE:
        return None
    for health in evidence.inside:
        if len(health.dead) == health.neurons:
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
                    f" example, and the network is {_against_baseline(evidence)}",
                    "steps that are too large throw the neurons to where their slope is 0",
                ],
                _smaller_rate(evidence),
            )
    if evidence.history["train_cost"][-1] > evidence.history["train_cost"][0]:
        return (
            "learning rate too large",
            [f"{_cost_path(evidence, 'train')}: it is worse than before any learning"],
            _smaller_rate(evidence),
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
            f"{_cost_path(evidence, 'train')}, {100 * evidence.fall:.2g} % lower, and the curve has not begun"
            " to bend",
            f"the weights have come only {100 * evidence.movement:.2g} % of their size from where they began",
        ],
        [
            f"a learning rate ten times as large: {10 * evidence.learning_rate:g}",
            "many more epochs, if the rate must stay",
        ],
    )


def _has_bent(evidence: Evidence) -> bool:
    return evidence.history.n_epochs >= 2 and evidence.bend < _STRAIGHT


def _jumps(evidence: Evidence) -> Finding | None:
    if evidence.swing < _WIDE_SWING:
        return None
    return (
        "learning rate too large",
        [
            "the training error jumps up and down from epoch to epoch, by"
            f" {_error_words(evidence, evidence.swing)} on average"
        ],
        _smaller_rate(evidence),
    )


def _still_falling(evidence: Evidence) -> Finding | None:
    falling = evidence.late_fall >= _LATE_FALL and (evidence.late_gain >= _LATE_GAIN or _is_behind(evidence))
    straight = evidence.fall > _BARELY and evidence.movement < _ON_THE_WAY and not _has_bent(evidence)
    if not (falling or (straight and _is_behind(evidence))):
        return None
    last, first = evidence.history.n_epochs, evidence.last_third
    part, name = ("test", "test") if evidence.late_fall > 0 else ("train", "training")
    cost = evidence.history[f"{part}_cost"]
    return (
        "still learning",
        [
            f"the {name} cost is still falling: {cost[first]:.4g} after epoch {first}, {cost[-1]:.4g} after"
            f" epoch {last}",
            f"{_scores(evidence)}",
        ],
        [f"more epochs: {2 * last} instead of {last}", "a larger learning rate, two or three times as large"],
    )


def _remembers(evidence: Evidence) -> Finding | None:
    wide = evidence.gap > max(_CLEAR_GAP, evidence.doubt)
    turned = evidence.test_rise > _CLEAR_RISE and evidence.gap > max(_CLEAR_GAP / 2, evidence.doubt)
    if not (wide or turned):
        return None
    reasons = [f"{_scores(evidence)}: {_gap_words(evidence)}"]
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
    return "overfitting", reasons, advice


def _too_simple(evidence: Evidence) -> Finding | None:
    behind = _is_behind(evidence)
    if not (behind or evidence.train_error > _NO_BETTER):
        return None
    both = "both are low" if evidence.test.accuracy is not None else "both errors are high"
    reasons = [f"{_scores(evidence)}: {both}" if behind else _scores(evidence)]
    if behind:
        reasons.append(
            f"asking the 10 nearest training examples would do better, with {_neighbours_score(evidence)}:"
            " the data say more than the network has learned"
        )
    else:
        reasons.append(f"the network is {_against_baseline(evidence)}")
    advice = []
    # What is wrong inside comes first, with its own advice; a larger network or rate would not mend it.
    if not any(health.vanishing or health.dead or health.saturated for health in evidence.inside):
        advice = [
            "a larger network: more neurons, or one more hidden layer",
            "more epochs, or a larger learning rate",
        ]
    if not behind:
        advice.append("other columns: these may say little about the target")
    return "underfitting", reasons, advice


def _is_behind(evidence: Evidence) -> bool:
    """Whether it has learned less from the training part than asking the nearest examples tells."""
    behind = evidence.train_error - evidence.neighbours_error
    return behind > max(_WORSE_THAN_NEIGHBOURS, evidence.train_doubt)


def _too_few(evidence: Evidence) -> Finding | None:
    known = evidence.doubt <= _DOUBTFUL or (
        evidence.test.accuracy is not None and evidence.test.error_doubt <= _DOUBTFUL_POINTS
    )
    if known and evidence.test.n >= _FEW_ROWS:
        return None
    return (
        "too little test data to say",
        [
            f"{_scores(evidence)}; with {evidence.test.n} test examples the gap is uncertain by"
            f" {_doubt_words(evidence)}, so it could be none or a wide one"
        ],
        ["a larger test part, or more data", "the mean over several splits, each with its own --seed"],
    )


def _good(evidence: Evidence) -> Finding | None:
    reasons = [f"{_scores(evidence)}: {_gap_words(evidence)}"]
    if evidence.train_error <= evidence.neighbours_error:
        reasons.append(
            f"it does at least as well as asking the 10 nearest training examples"
            f" ({_neighbours_score(evidence)})"
        )
    return "good", reasons, ["a larger network or more epochs, to see whether there is more to be had"]


RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    _diverged,
    _never_alive,
    _knocked_out,
    _hardly_moved,
    _jumps,
    _still_falling,
    _remembers,
    _too_simple,
    _too_few,
    _good,
)


def remarks_from_inside(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Tell of dead and saturated neurons and of errors that vanish or explode: reasons and advice."""
    reasons, advice = [], []
    for health in evidence.inside:
        of_all = f"of the {health.neurons} neurons of layer {health.layer} ({health.activation})"
        if health.dead:
            reasons.append(f"{len(health.dead)} {of_all} are dead: 0 on every training example")
            advice.append("leaky_relu or a smaller learning rate, so that no neuron dies")
        if health.saturated:
            reasons.append(f"{len(health.saturated)} {of_all} are saturated: flat on every training example")
            advice.append("a smaller learning rate, or relu, so that neurons keep a slope")
        if health.vanishing:
            reasons.append(
                f"the error vanishes on its way to layer {health.layer}: its error terms are"
                f" {health.error_ratio:.1e} of the output layer's"
            )
            advice.append("relu instead of a curve that flattens, fewer layers, or the initializer he_normal")
        if health.exploding:
            reasons.append(
                f"the error explodes on its way to layer {health.layer}: its error terms are"
                f" {health.error_ratio:.1e} times the output layer's"
            )
            advice.append("an initializer that fits the activation (leave it out to have it chosen)")
    return reasons, list(dict.fromkeys(advice))


def _smaller_rate(evidence: Evidence) -> list[str]:
    rate = evidence.learning_rate
    return [f"a learning rate ten times smaller: {rate / 10:g}", f"or three times smaller: {rate / 3:.2g}"]


def _cost_path(evidence: Evidence, part: str) -> str:
    cost = evidence.history[f"{part}_cost"]
    name = "training" if part == "train" else part
    return f"the {name} cost went from {cost[0]:.4g} to {cost[-1]:.4g}"


def _scores(evidence: Evidence) -> str:
    train, test = evidence.train, evidence.test
    if train.accuracy is not None and test.accuracy is not None:
        return (
            f"training accuracy {_percent(train.accuracy)} ± {100 * train.error_doubt:.1f},"
            f" test accuracy {_percent(test.accuracy)}"
            f" ± {100 * test.error_doubt:.1f} on {test.n:,} examples"
        )
    return (
        f"training RMSE {train.rmse:.5g}, test RMSE {test.rmse:.5g} on {test.n:,} examples"
        f" (R2 {train.r2:.3f} and {test.r2:.3f})"
    )


def _gap_words(evidence: Evidence) -> str:
    if abs(evidence.gap) <= evidence.doubt:
        return "the gap between them is no larger than chance may make it"
    if evidence.gap < 0:
        return "the test part is the easier one"
    wide = evidence.gap > _CLEAR_GAP
    return f"a {'wide' if wide else 'small'} gap, beyond chance ({_doubt_words(evidence)})"


def _doubt_words(evidence: Evidence) -> str:
    return f"± {_error_words(evidence, evidence.doubt)}"


def _error_words(evidence: Evidence, share: float) -> str:
    error = share * evidence.yardstick.baseline
    if evidence.test.accuracy is not None:
        return f"{100 * error:.1f} points"
    return f"{error:.2g} standard deviations of the target"


def _neighbours_score(evidence: Evidence) -> str:
    error = evidence.yardstick.neighbours
    if evidence.test.accuracy is not None:
        return f"an accuracy of {_percent(1 - error)}"
    return f"an R2 of {1 - error**2:.3f}"


def _against_baseline(evidence: Evidence) -> str:
    if evidence.test.accuracy is not None:
        commonest = _percent(1 - evidence.yardstick.baseline)
        return f"hardly better than always giving the commonest class ({commonest})"
    return "hardly better than always giving the mean"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
