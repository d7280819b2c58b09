"""The programs that the batch loop calls."""

from collections.abc import Iterator
from functools import partial

from pellucid.network import Network, Normaliser, Objective
from pellucid.passes.compiled.tracing import formulas
from pellucid.passes.compiled.tracing.retracing import Formula
from pellucid.passes.rule import Rule

__all__ = ["formulas_of"]


def formulas_of(
    network: Network, objective: Objective, rule: Rule, *, losses: bool, noise: bool
) -> Iterator[Formula]:
    """Yield all programs that a network, its objective and its rule need, by name.

    A layer's have its number behind their names, from 0.

    Parameters
    ----------
    network : Network
    objective : Objective
    rule : Rule
    losses : bool
        Whether losses are needed.
    noise : bool
        Whether there is noise on the inputs.
    """
    dtype, judged = network.dtype, [objective.activation, objective.cost]
    errors = partial(formulas.error_program, objective, dtype, "errors", shared=True)
    yield Formula(judged, errors, ("shared errors", *judged, dtype))
    for k, layer in enumerate(network.layers):
        declared, key = layer.activation, (layer.activation, dtype, k)
        forward = partial(formulas.forward_program, declared, dtype, f"forward_{k}")
        yield Formula([declared], forward, ("forward", *key))
        if k + 1 < len(network.layers):
            back = partial(formulas.whole_backward_program, declared, dtype, f"backward_{k}")
            yield Formula([declared], back, ("whole backward", *key))
        if layer.normaliser is not None:
            yield from _normalisation(network, k, layer.normaliser)
    if losses:
        each = partial(formulas.loss_program, objective, dtype, "losses")
        yield Formula(judged, each, ("losses", *judged, dtype))
    if noise:
        yield Formula([], partial(formulas.noise_program, dtype, "noise"), ("noise", dtype))
    yield from _rule(network, rule)


def _normalisation(network: Network, k: int, normaliser: Normaliser) -> Iterator[Formula]:
    over_examples, dtype, declared = normaliser.rule.over_examples, network.dtype, [normaliser.rule]
    for known in (False, True) if over_examples else (False,):
        name = f"{'_alone' if known else ''}_{k}"
        for way, program in (
            ("normalise", formulas.normalise_program),
            ("normalise_back", formulas.normalise_back_program),
        ):
            yield Formula(declared, partial(program, normaliser, dtype, f"{way}{name}", known=known))
    if over_examples:
        yield Formula(
            declared, partial(formulas.running_statistics_program, normaliser, dtype, f"running_{k}")
        )


def _rule(network: Network, rule: Rule) -> Iterator[Formula]:
    dtype, declared = network.dtype, [rule.declared] if rule.declared else []
    if rule.formula is not None:
        keeps = ["weights", *rule.starts]
        update = partial(formulas.update_program, rule.formula, dtype, "update", keeps, rule.plain)
        yield Formula(declared, update, rule.key and ("update", rule.key, dtype, *keeps, *rule.plain))
    if rule.gradient is not None:
        gradient = partial(formulas.gradient_program, rule.gradient, dtype, "gradient", rule.plain)
        yield Formula([], gradient, rule.key and ("gradient", rule.key, dtype, *rule.plain))
        yield Formula([], partial(formulas.squares_program, dtype, "squares"), ("squares", dtype))
    if rule.shorten is not None:
        shorten = partial(
            formulas.limit_norms_program, rule.shorten, dtype, "limit_norms", biases_too=rule.biases_too
        )
        yield Formula([], shorten, rule.key and ("limit norms", rule.key, dtype, rule.biases_too))
