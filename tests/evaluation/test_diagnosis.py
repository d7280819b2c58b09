"""The diagnosis as a whole: the order of the rules, no evidence without a verdict, JSON."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.evaluation import (
    VERDICTS,
    Baselines,
    Diagnosis,
    Evidence,
    History,
    LayerHealth,
    Measures,
    diagnose,
)

COSTS = st.floats(-1e3, 1e6)
SHARES = st.floats(0, 1)


@st.composite
def evidences(draw):
    n = draw(st.integers(1, 12))
    several = st.lists(COSTS, min_size=n, max_size=n)
    classes = draw(st.booleans())
    train, test = draw(several), draw(several)
    kinds = {"accuracy": SHARES} if classes else {"rmse": st.floats(0, 1e9), "r2": st.floats(-1e9, 1)}
    figures = {
        f"{part}_{kind}": draw(st.lists(values, min_size=n, max_size=n))
        for part in ("train", "test")
        for kind, values in kinds.items()
    }
    history = History()
    for epoch in range(n):
        row = {"epoch": epoch, "train_cost": train[epoch], "test_cost": test[epoch]}
        row |= {name: values[epoch] for name, values in figures.items()}
        history.append({**row, "learning_rate": 0.1 if epoch else 0.0, "seconds": 0.0})

    def measures():
        error = draw(SHARES if classes else st.floats(0, 1e6))
        known = {"accuracy": 1 - error} if classes else {"rmse": error, "mae": error, "r2": 1 - error**2}
        return Measures(draw(st.integers(1, 10**6)), 1.0, error, draw(SHARES), **known)

    return Evidence(
        history=history,
        train=measures(),
        test=measures(),
        baselines=Baselines(draw(SHARES) if classes else 1.0, draw(SHARES), draw(SHARES)),
        inside=[LayerHealth(1, "relu", 9, list(range(draw(st.integers(0, 9)))), [], draw(st.floats()))],
        movement=draw(st.floats(0) | st.just(math.inf)),
        stopped=draw(st.sampled_from([None, "interrupted", "diverged"])),
        learning_rate=draw(st.floats(1e-9, 1e9)),
    )


@settings(max_examples=150, deadline=None)
@given(evidences())
def test_whatever_the_evidence_there_is_a_verdict(evidence):
    diagnosis = diagnose(evidence)
    assert diagnosis.verdict in VERDICTS
    assert diagnosis.reasons
    assert diagnosis.advice
    assert str(diagnosis).startswith(diagnosis.verdict)
    if evidence.stopped == "diverged":
        assert diagnosis.verdict == "learning rate too large"


def test_the_first_rule_that_applies_gives_the_verdict(evidence_of):
    # Diverged, behind the neighbours and overfitting all at once.
    everything = {"train_error": 0.15, "test_error": 0.5}
    assert diagnose(evidence_of(stopped="diverged", **everything)).verdict == "learning rate too large"
    assert diagnose(evidence_of(**everything)).verdict == "overfitting"
    assert diagnose(evidence_of(train_error=0.3, test_error=0.3)).verdict == "underfitting"


def test_of_shortfall_and_gap_the_larger_gives_the_verdict(evidence_of):
    # The neighbours miss 6 points: 24 points behind them beside a gap of 23, then of 25.
    assert diagnose(evidence_of(train_error=0.3, test_error=0.53)).verdict == "underfitting"
    assert diagnose(evidence_of(train_error=0.3, test_error=0.55)).verdict == "overfitting"


def test_figures_and_inside_are_the_evidences(evidence_of):
    evidence = evidence_of(inside=[LayerHealth(1, "relu", 9, [2], [], 0.5)])
    diagnosis = diagnose(evidence)
    assert diagnosis.figures == evidence.figures
    assert diagnosis.inside == [evidence.inside[0].to_dict()]


@pytest.mark.parametrize("how", [{}, {"stopped": "diverged"}, {"movement": math.inf}])
def test_to_json_and_back(evidence_of, how):
    diagnosis = diagnose(evidence_of(**how))
    described = diagnosis.to_dict()
    assert list(described) == ["verdict", "reasons", "advice", "figures", "inside"]
    assert Diagnosis.from_dict(json.loads(json.dumps(described))) == diagnosis


def test_what_is_no_diagnosis_is_not_read():
    with pytest.raises(ValueError, match="diagnosis lacks the field 'advice'"):
        Diagnosis.from_dict({"verdict": "good"})
    with pytest.raises(ValueError, match="diagnosis has an unknown field 'opinion'"):
        Diagnosis.from_dict({"verdict": "good", "reasons": [], "advice": [], "opinion": 1})
    with pytest.raises(ValueError, match=r"diagnosis\.verdict must be 'underfitting' or"):
        Diagnosis.from_dict({"verdict": "fine", "reasons": [], "advice": []})
