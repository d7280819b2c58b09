"""Reasons and advice that follow from the state of the hidden layers."""

from collections.abc import Sequence

from pellucid.evaluation.evidence import Evidence

__all__ = ["remarks_from_inside"]


def remarks_from_inside(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Return reasons and advice for dead and saturated neurons, and vanishing and exploding errors."""
    reasons, advice = [], []
    # A layer whose neurons are all dead lets no error pass; the layers before it need no remark.
    blocked = any(len(health.dead) == health.neurons for health in evidence.inside)
    for health in evidence.inside:
        of_all = f"of the {health.neurons} neurons of layer {health.layer} ({health.activation})"
        died = [neuron for neuron in health.dead if neuron not in health.stillborn]
        if died:
            reasons.append(f"{_count(died, of_all)} dead: 0 on every training example")
            advice.append("leaky_relu or a smaller learning rate, so that no neurons die")
        if health.stillborn:
            reasons.append(
                f"{_count(health.stillborn, of_all)} 0 on every training example since initialisation"
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
