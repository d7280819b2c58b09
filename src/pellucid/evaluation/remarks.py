"""What a look inside adds to a verdict."""

from collections.abc import Sequence

from pellucid.evaluation.evidence import Evidence

__all__ = ["remarks_from_inside"]


def remarks_from_inside(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Tell of dead and saturated neurons and of errors that vanish or explode: reasons and advice."""
    reasons, advice = [], []
    # Behind a layer that is out as a whole no error arrives either; that needs no word of its own.
    blocked = any(len(health.dead) == health.neurons for health in evidence.inside)
    for health in evidence.inside:
        of_all = f"of the {health.neurons} neurons of layer {health.layer} ({health.activation})"
        died = [neuron for neuron in health.dead if neuron not in health.stillborn]
        if died:
            reasons.append(f"{_count(died, of_all)} dead: 0 on every training example")
            advice.append("leaky_relu or a smaller learning rate, so that no neuron dies")
        if health.stillborn:
            reasons.append(
                f"{_count(health.stillborn, of_all)} 0 on every training example, from the first weights on"
            )
            advice.append("another seed, or leaky_relu, so that no neuron begins dead")
        if health.saturated:
            reasons.append(f"{_count(health.saturated, of_all)} saturated: flat on every training example")
            advice.append("a smaller learning rate, or relu, so that neurons keep a slope")
        if health.vanishing and not blocked:
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


def _count(neurons: Sequence[int], of_all: str) -> str:
    return f"{len(neurons)} {of_all} {'is' if len(neurons) == 1 else 'are'}"
