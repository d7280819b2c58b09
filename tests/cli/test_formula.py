import re

import pytest

from pellucid.cli.formula import _SIGNS, plain_formula
from pellucid.network import activations, costs, initializers, normalisations
from pellucid.training import optimizers, schedules
from pellucid.training.penalties import penalties

FORMULAS = sorted(
    {
        formula
        for registry in (activations, costs, initializers, normalisations, optimizers, schedules, penalties)
        for declaration in registry
        for formula in (declaration.formula, getattr(declaration, "slope_formula", ""))
        if formula
    }
)


# What becomes something else than a sign, and what is a word of its own.
BUILT = {"frac", "sqrt", "hat", "partial", "text", "operatorname", "mathrm", "begin", "end"}
WORDS = {"max", "min", "exp", "ln", "log", "tanh", "cos", "mathcal", "sim"}


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_command_is_known(formula):
    assert set(re.findall(r"\\([a-zA-Z]+)", formula)) <= {*_SIGNS, *BUILT, *WORDS}


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_declared_formula_is_plain(formula):
    plain = plain_formula(formula)
    assert plain
    assert not set(plain) & set("\\&^_{}") - set("_^{}")
    assert plain.count("(") == plain.count(")")
    assert plain.count("{") == plain.count("}")
    assert not any(
        word in plain for word in ("frac", "left", "right", "text", "quad", "sqrt", "hat", "begin")
    )
    assert "  " not in plain


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\max(0, z)", "max(0, z)"),
        (r"\frac{e^{z_i}}{\sum_k e^{z_k}}", "e^(z_i)/(Σ_k e^(z_k))"),
        (r"-\frac{y}{\hat y}", "-y/ŷ"),
        (r"\frac{1 - y}{1 - \hat y} - \frac{y}{\hat y}", "(1 - y)/(1 - ŷ) - y/ŷ"),
        (r"z \text{ if } z > 0, \text{ else } \alpha z", "z if z > 0, else α z"),
        (r"\sqrt{2/\pi} \, z^3", "√(2/π) z³"),
        (r"\begin{cases} a & b \le 1 \\ c & d \end{cases}", "{a if b ≤ 1; c if d}"),
        (r"\operatorname{sign}(\hat y - y)", "sign(ŷ - y)"),
        (r"\frac{\partial a_i}{\partial z_j}", "∂a_i/∂z_j"),
        (r"\unknown x", "unknown x"),
        ("", ""),
    ],
)
def test_the_parts_a_formula_is_made_of(latex, plain):
    assert plain_formula(latex) == plain


@pytest.mark.parametrize(
    "broken", ["\\", "{", "}", "^", "_", "\\frac", "\\frac{1}", "\\text", "\\text{", "\\begin"]
)
def test_a_broken_formula_of_ones_own_does_no_harm(broken):
    assert isinstance(plain_formula(broken), str)
