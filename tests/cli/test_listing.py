import pytest

from pellucid.cli.formula import plain_formula
from pellucid.network import activations, costs

LISTS = [("activations", activations), ("costs", costs)]


@pytest.mark.parametrize(("command", "registry"), LISTS)
def test_as_json(run, command, registry):
    result = run(command, "--json")
    (listing,) = result.records
    assert result.status == 0
    assert [described["name"] for described in listing] == list(registry.names)
    assert listing == registry.describe()
    assert all(described["formula"] and described["slope"] for described in listing)


@pytest.mark.parametrize(("command", "registry"), LISTS)
def test_for_people(run, command, registry):
    result = run(command)
    words = " ".join(result.out.split())
    assert max(map(len, result.out.splitlines())) <= 80
    assert "\\" not in result.out
    for declaration in registry:
        assert f"\n{declaration.name}" in f"\n{result.out}"
        for text in (declaration.summary, plain_formula(declaration.formula), declaration.source):
            assert " ".join(text.split()) in words
        assert all(alias in words for alias in declaration.aliases)
    assert "leaky_relu:alpha=0.01" in words or command == "costs"


def test_one_of_ones_own_with_brackets_is_shown_as_it_is(run, monkeypatch):
    from pellucid.network import Activation

    class Bracketed(Activation):
        """Has [bold]brackets[/nothing] and a :smile: in its summary."""

        name = "bracketed"
        formula = r"z [/dim] \frac{1}{2}"
        slope_formula = "[red]"

        def value(self, z):
            return z

        def slope(self, z, a):
            return z * 0

    monkeypatch.setattr(activations, "_classes", dict(activations._classes))
    monkeypatch.setattr(activations, "_names", dict(activations._names))
    activations.register(Bracketed)
    out = run("activations").out
    assert "Has [bold]brackets[/nothing] and a :smile: in its summary." in out
    assert "z [/dim] 1/2" in out
    assert "[red]" in out
