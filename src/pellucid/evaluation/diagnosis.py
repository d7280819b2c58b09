"""The diagnosis of a training run: overfitting, underfitting or another verdict, with the evidence."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pellucid.described import Check, anything, fields, list_of, mapping_of, number_from, one_of, text
from pellucid.evaluation.evidence import Evidence
from pellucid.evaluation.verdicts import RULES

__all__ = ["VERDICTS", "Diagnosis", "diagnose"]

VERDICTS = (
    "underfitting",
    "overfitting",
    "good",
    "still learning",
    "learning rate too small",
    "learning rate too large",
    "too little test data to say",
)


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """A verdict, the reasons for it, and advice on what to try next.

    Parameters
    ----------
    verdict : str
        One of `VERDICTS`.
    reasons, advice : list of str
        Sentences.
    figures : dict of float
        The evidence for the verdict.
    inside : list of dict
        The state of the hidden layers: dead and saturated neurons, the size of the error terms.

    Examples
    --------
    >>> print(Diagnosis("good", ["both accuracies are high"], ["more epochs"]))
    good
      - both accuracies are high
    What to try
      - more epochs
    """

    verdict: str
    reasons: list[str]
    advice: list[str]
    figures: dict[str, float] = field(default_factory=dict)
    inside: list[dict[str, Any]] = field(default_factory=list)

    _described: ClassVar[Check] = fields(
        {"verdict": one_of(VERDICTS), "reasons": list_of(text), "advice": list_of(text)},
        {"figures": mapping_of(number_from(finite=False)), "inside": list_of(mapping_of(anything))},
    )

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnosis, ready for JSON."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, described: dict[str, Any]) -> "Diagnosis":
        """Return the diagnosis that `to_dict` described."""
        cls._described(described, "diagnosis")
        return cls(**described)

    def __repr__(self) -> str:
        return f"Diagnosis({self.verdict!r}, {'; '.join(self.reasons)})"

    def _repr_html_(self) -> str:
        lists = "".join(
            f"<p>{head}</p><ul>{''.join(f'<li>{html.escape(sentence)}</li>' for sentence in sentences)}</ul>"
            for head, sentences in (("Why", self.reasons), ("What to try next", self.advice))
            if sentences
        )
        return f"<p><b>{html.escape(self.verdict)}</b></p>{lists}"

    def __str__(self) -> str:
        lines = [self.verdict, *(f"  - {reason}" for reason in self.reasons)]
        if self.advice:
            lines += ["What to try", *(f"  - {advice}" for advice in self.advice)]
        return "\n".join(lines)


def diagnose(evidence: Evidence) -> Diagnosis:
    """Return whether a network overfits or underfits, or what else went wrong in training.

    The first rule that applies gives the verdict: first whether the network learned at all, then whether
    training is finished, then how the training and the test set compare.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Diagnosis
    """
    verdict, reasons, advice = next(finding for rule in RULES if (finding := rule(evidence)))
    more_reasons, more_advice = _remarks_from_inside(evidence)
    return Diagnosis(
        verdict=verdict,
        reasons=reasons + more_reasons,
        advice=advice + more_advice,
        figures=evidence.figures,
        inside=[health.to_dict() for health in evidence.inside],
    )


def _remarks_from_inside(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Return reasons and advice for dead and saturated neurons, and vanishing and exploding errors."""
    reasons, advice = [], []
    # A layer whose neurons are all dead lets no error pass; the layers before it need no remark.
    blocked = any(len(health.dead) == health.neurons for health in evidence.inside)
    for health in evidence.inside:
        of_all = f"of the {health.neurons} neurons of layer {health.layer} ({health.activation})"
        died = [neuron for neuron in health.dead if neuron not in health.stillborn]
        if died:
            reasons.append(
                f"{_count(died, of_all)} dead, though not from the start: 0 on every training example"
            )
            advice.append("leaky_relu or a smaller learning rate, so that no neurons die")
        if health.stillborn:
            reasons.append(
                f"{_count(health.stillborn, of_all)} dead from the start: 0 on every training example"
            )
            advice.append("another seed, or leaky_relu, so that no neurons are dead from the start")
        if health.saturated:
            reasons.append(
                f"{_count(health.saturated, of_all)} saturated: slope almost 0 on every training example"
            )
            advice.append("a smaller learning rate, or relu, so that the slopes do not vanish")
        if health.vanishing and not blocked:
            reasons.append(
                f"the error vanishes on its way to layer {health.layer}: its error terms are"
                f" {health.error_ratio:.1e} of the output layer's"
            )
            advice.append(
                "relu instead of a saturating activation, fewer layers, or the initializer he_normal"
            )
        if health.exploding:
            reasons.append(
                f"the error explodes on its way to layer {health.layer}: its error terms are"
                f" {health.error_ratio:.1e} times the output layer's"
            )
            advice.append("an initializer that suits the activation, as the default one does")
    return reasons, list(dict.fromkeys(advice))


def _count(neurons: Sequence[int], of_all: str) -> str:
    return f"{len(neurons)} {of_all} {'is' if len(neurons) == 1 else 'are'}"
