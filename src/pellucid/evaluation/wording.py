"""The figures of a diagnosis in words: accuracy in per cent for classes, original units for values."""

import math

from pellucid.evaluation.evidence import Evidence
from pellucid.evaluation.figures import percent
from pellucid.evaluation.measures import Measures

__all__ = [
    "against_baseline",
    "attainable_score",
    "cost_path",
    "doubt_words",
    "error_words",
    "gap_words",
    "guesser",
    "scores",
    "smaller_rate",
]


def smaller_rate(evidence: Evidence) -> list[str]:
    """Return the advice to use a smaller learning rate."""
    rate = evidence.learning_rate
    if not evidence.has_rate:
        return ["another initializer, or an optimizer with a learning rate"]
    return [f"a learning rate ten times smaller: {rate / 10:g}", f"or three times smaller: {rate / 3:.2g}"]


def cost_path(evidence: Evidence, part: str) -> str:
    """Return the first and the last cost of a set in words."""
    cost = evidence.history[f"{part}_cost"]
    name = "training" if part == "train" else part
    return f"the {name} cost went from {cost[0]:.4g} to {cost[-1]:.4g}"


def scores(evidence: Evidence) -> str:
    """Return the scores on the training and the test set in words."""
    train, test = evidence.train, evidence.test
    if train.accuracy is not None and test.accuracy is not None:
        return (
            f"training accuracy {percent(train.accuracy)} ± {100 * train.error_doubt:.1f},"
            f" test accuracy {percent(test.accuracy)}"
            f" ± {100 * test.error_doubt:.1f} on {test.n:,} examples" + _exact(train, test)
        )
    return (
        f"training RMSE {train.rmse:.5g}, test RMSE {test.rmse:.5g} on {test.n:,} examples"
        f" (R2 {_r2(train)} and {_r2(test)})"
    )


def gap_words(evidence: Evidence, *, wide: bool) -> str:
    """Return the size of the gap between the training and the test set in words."""
    if abs(evidence.gap) <= evidence.doubt:
        return "the gap may be due to chance"
    if evidence.gap < 0:
        return "the test set is easier than the training set"
    return f"a {'large, significant' if wide else 'small but significant'} gap ({doubt_words(evidence)})"


def doubt_words(evidence: Evidence) -> str:
    """Return the uncertainty of the gap in words."""
    return f"± {error_words(evidence, evidence.doubt)}"


def error_words(evidence: Evidence, share: float) -> str:
    """Return a relative error in percentage points, or in standard deviations of the target."""
    error = share * evidence.baselines.constant
    if evidence.test.accuracy is not None:
        return f"{100 * error:.1f} percentage points"
    return f"{error:.2g} standard deviations of the target"


def guesser(evidence: Evidence) -> str:
    """Return the name of the better of the two predictors without a network."""
    if evidence.baselines.neighbours <= evidence.baselines.quadratic:
        return "a prediction from the 10 nearest training examples"
    return "a quadratic formula of the inputs"


def attainable_score(evidence: Evidence) -> str:
    """Return the score of that predictor in words."""
    error = evidence.baselines.attainable
    if evidence.test.accuracy is not None:
        return f"an accuracy of {percent(1 - error)}"
    return f"an R2 of {1 - error**2:.3f}"


def against_baseline(evidence: Evidence) -> str:
    """Return in words that a network is not better than a constant prediction."""
    if evidence.test.accuracy is not None:
        labels = evidence.test.exact is not None
        answer = "the more frequent answer to each label" if labels else "the most frequent class"
        commonest = percent(1 - evidence.baselines.constant)
        return f"hardly better than always predicting {answer} ({commonest})"
    return "hardly better than always predicting the mean"


def _exact(train: Measures, test: Measures) -> str:
    """Return how often all labels of an example are right in words; nothing for other tasks."""
    if train.exact is None or test.exact is None:
        return ""
    return f" (all labels of an example right: {percent(train.exact)} and {percent(test.exact)})"


def _r2(measures: Measures) -> str:
    return "undefined" if measures.r2 is None or math.isnan(measures.r2) else f"{measures.r2:.3f}"
