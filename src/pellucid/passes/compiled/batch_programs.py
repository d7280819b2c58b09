"""The programs that the loop over batches calls."""

from pellucid.declarations import Declaration
from pellucid.network import Network, Normaliser, Objective
from pellucid.passes.compiled import formulas
from pellucid.passes.compiled.program import Program
from pellucid.passes.compiled.rule import Rule

__all__ = ["declarations_of", "programs_of"]


def declarations_of(network: Network, objective: Objective, rule: Rule) -> list[Declaration]:
    """Return all declarations that these programs are made of."""
    layers = [layer.activation for layer in network.layers]
    rules = [layer.normaliser.rule for layer in network.layers if layer.normaliser]
    return [*layers, *rules, objective.cost, *([rule.declared] if rule.declared else [])]


def programs_of(
    network: Network, objective: Objective, rule: Rule, *, losses: bool, noise: bool
) -> list[Program]:
    """Give all that a network, what it is judged by and its rule of descent need, by name.

    A layer's have its number behind their names, from 0.

    Parameters
    ----------
    network : Network
    objective : Objective
    rule : Rule
    losses : bool
        Whether the loss of each example is asked for.
    noise : bool
        Whether inputs are disturbed.

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled.
    """
    dtype = network.dtype
    wanted = [formulas.error_program(objective, dtype, "errors", shared=True)]
    for k, layer in enumerate(network.layers):
        wanted.append(formulas.forward_program(layer.activation, dtype, f"forward_{k}"))
        if k + 1 < len(network.layers):
            wanted.append(formulas.whole_backward_program(layer.activation, dtype, f"backward_{k}"))
        if layer.normaliser is not None:
            wanted += _normalise_programs(network, k, layer.normaliser)
    if losses:
        wanted.append(formulas.loss_program(objective, dtype, "losses"))
    if noise:
        wanted.append(formulas.noise_program(dtype, "bell"))
    return wanted + _rule_programs(network, rule)


def _normalise_programs(network: Network, k: int, normaliser: Normaliser) -> list[Program]:
    over_examples, dtype = normaliser.rule.over_examples, network.dtype
    made = []
    for known in (False, True) if over_examples else (False,):
        name = f"{'_alone' if known else ''}_{k}"
        made.append(formulas.normalise_program(normaliser, dtype, f"normalise{name}", known=known))
        made.append(formulas.normalise_back_program(normaliser, dtype, f"normalise_back{name}", known=known))
    if over_examples:
        made.append(formulas.take_in_program(normaliser, dtype, f"take_in_{k}"))
    return made


def _rule_programs(network: Network, rule: Rule) -> list[Program]:
    dtype, made = network.dtype, []
    if rule.formula is not None:
        keeps = ["weights", *rule.starts]
        made.append(formulas.update_program(rule.formula, dtype, "update", keeps, rule.plain))
    if rule.gradient is not None:
        made.append(formulas.gradient_program(rule.gradient, dtype, "gradient", rule.plain))
        made.append(formulas.squares_program(dtype, "squares"))
    if rule.shorten is not None:
        made.append(formulas.shorten_program(rule.shorten, dtype, "shorten", biases_too=rule.biases_too))
    return made
