"""The programs that the training loops call."""

from collections.abc import Callable, Iterator
from functools import partial

from pellucid.network import Network, Normaliser, Objective
from pellucid.passes.compiled.tracing import formulas
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.compiled.tracing.retracing import Formula
from pellucid.passes.rule import Rule

__all__ = ["batch_formulas", "online_formulas"]


def online_formulas(network: Network, objective: Objective, *, losses: bool) -> Iterator[Formula]:
    """Yield all programs that the online loop needs; a layer's have its number behind their names, from 0."""
    yield from _judged(objective, network, losses=losses, shared=False)
    yield from _activations(network, formulas.backward_program)


def batch_formulas(
    network: Network, objective: Objective, rule: Rule, *, losses: bool, noise: bool
) -> Iterator[Formula]:
    """Yield all programs that the batch loop needs, those of normalisations and the rule among them."""
    dtype = network.dtype
    yield from _judged(objective, network, losses=losses, shared=True)
    yield from _activations(network, formulas.whole_backward_program)
    for k, layer in enumerate(network.layers):
        if layer.normaliser is not None:
            yield from _normalisation(network, k, layer.normaliser)
    if noise:
        yield Formula([], partial(formulas.noise_program, dtype, "noise"), ("noise", dtype))
    yield from _rule(network, rule)


def _judged(objective: Objective, network: Network, *, losses: bool, shared: bool) -> Iterator[Formula]:
    dtype, declared = network.dtype, [objective.activation, objective.cost]
    errors = partial(formulas.error_program, objective, dtype, "errors", shared=shared)
    yield Formula(declared, errors, ("errors", shared, *declared, dtype))
    if losses:
        each = partial(formulas.loss_program, objective, dtype, "losses")
        yield Formula(declared, each, ("losses", *declared, dtype))


def _activations(network: Network, backward: Callable[..., Program]) -> Iterator[Formula]:
    ways = {"forward": formulas.forward_program, "backward": backward}
    for k, layer in enumerate(network.layers):
        for way, program in ways.items():
            if way == "forward" or k + 1 < len(network.layers):
                write = partial(program, layer.activation, network.dtype, f"{way}_{k}")
                yield Formula([layer.activation], write, (program, layer.activation, network.dtype, k))


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
        keeps = ["weights", *rule.keeps]
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
