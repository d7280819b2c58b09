import pytest
from rich.cells import cell_len

from pellucid.cli.formula import plain_formula
from pellucid.network import activations, costs, normalisations
from pellucid.training import optimizers, schedules

LISTS = [
    ("activations", activations),
    ("costs", costs),
    ("normalisations", normalisations),
    ("optimizers", optimizers),
    ("schedules", schedules),
]
SHOWN = {  # besides the formula and the source
    "activations": ["slope", "range"],
    "costs": ["slope", "predictions", "targets"],
    "normalisations": ["over_examples"],
    "optimizers": ["usual_rate", "full_batch"],
    "schedules": ["needs_end"],
}


def column(out, part):
    """What is said of each beside a part's name."""
    label = part.replace("_", " ").rjust(12) + "  "
    return [line.removeprefix(label).strip() for line in out.splitlines() if line.startswith(label)]


@pytest.mark.parametrize(("command", "registry"), LISTS)
def test_as_json(run, command, registry):
    result = run(command, "--json")
    (listing,) = result.records
    assert result.status == 0
    assert [described["name"] for described in listing] == list(registry.names)
    assert listing == registry.describe()
    assert all(described["formula"] for described in listing)
    assert all(described[part] not in ("", None) for described in listing for part in SHOWN[command])


@pytest.mark.parametrize(("command", "registry"), LISTS)
def test_for_people(run, command, registry):
    result = run(command)
    letters = "".join(result.out.split())  # where lines are broken does not matter
    assert max(map(cell_len, result.out.splitlines())) <= 80  # a hat over an m takes no room of its own
    assert "\\" not in result.out
    for declaration in registry:
        said = "".join(f"{key}={value:g}," for key, value in declaration.parameters.items())[:-1]
        heading = declaration.name + (f":{said}" if said else "")
        assert f"\n{declaration.name}" in f"\n{result.out}"
        for text in (heading, declaration.summary, plain_formula(declaration.formula), declaration.source):
            assert "".join(text.split()) in letters
        assert all(alias in letters for alias in declaration.aliases)
    for part in SHOWN[command]:
        assert len(column(result.out, part)) == len(registry)


def test_settings_are_written_as_they_are_read(run):
    assert "\nleaky_relu:alpha=0.01\n" in run("activations").out
    assert "\nstep:factor=0.5, every=10\n" in run("schedules").out
    assert schedules.get("step:factor=0.5, every=10") == schedules.get("step")


def test_the_letters_of_formulas_and_what_is_asked_for(run):
    """An optimizer's t counts updates, a schedule's is a share: each listing says which."""
    listed = run("schedules").out
    assert listed.startswith("In the formulas, α is the initial learning rate")
    assert column(listed, "needs_end") == ["yes" if each.needs_end else "no" for each in schedules]
    listed = run("optimizers").out
    assert "t the number of the update" in " ".join(listed.partition("\n\n")[0].split())
    assert [float(rate) for rate in column(listed, "usual_rate")] == [each.usual_rate for each in optimizers]
    assert column(listed, "full_batch") == ["yes" if each.full_batch else "no" for each in optimizers]


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
            return 1 + z * 0

    monkeypatch.setattr(activations, "_classes", dict(activations._classes))
    monkeypatch.setattr(activations, "_names", dict(activations._names))
    activations.register(Bracketed)
    out = run("activations").out
    assert "Has [bold]brackets[/nothing] and a :smile: in its summary." in out
    assert "z [/dim] 1/2" in out
    assert "[red]" in out
