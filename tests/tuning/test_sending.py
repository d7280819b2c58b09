"""What worker processes can be told, and what only this process can train."""

import subprocess
import sys
from types import ModuleType

import pytest

from pellucid.errors import PellucidWarning
from pellucid.network import activations
from pellucid.tuning import tune
from pellucid.tuning.sending import own_declarations, register, why_none_can_be_sent
from pellucid.tuning.space import DIMENSIONS, Space

PATIENCE = 60  # seconds that nothing here needs


class Fifth(type(activations.get("leaky_relu"))):
    """A declaration that other processes find in this module."""

    name = "a_fifth"


@pytest.fixture
def own(monkeypatch):
    """The registry of activations with one more, which is forgotten afterwards."""
    for table in ("_classes", "_names"):
        monkeypatch.setattr(activations, table, dict(getattr(activations, table)))
    activations.register(Fifth)
    return Fifth


def test_what_comes_along_is_not_sent():
    everything = {d.name: list(d.registry.names) for d in DIMENSIONS if d.registry}
    everything["activation"] = everything["output"] = ["relu", "tanh:", "sigmoid"]
    assert own_declarations(Space.of({}, everything)) == ()
    assert why_none_can_be_sent(Space.of({}, everything)) is None


@pytest.mark.parametrize("fixed", ["a_fifth:alpha=0.2", ["relu", "a_fifth"], Fifth, Fifth(0.3), None])
def test_what_is_ones_own_is_sent_however_it_is_said(own, fixed):
    asked = {"activation": "relu,a_fifth"} if fixed is None else {}
    space = Space.of({} if fixed is None else {"activation": fixed, "layers": [4, 4]}, asked)
    assert own_declarations(space) == (("activation", Fifth),)
    assert why_none_can_be_sent(space) is None


def test_what_is_sent_is_known_there(own):
    del activations._classes["a_fifth"], activations._names["a_fifth"]
    register((("activation", Fifth),))
    assert activations.get("a_fifth") == Fifth()


def a_notebook(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def a_pipe(monkeypatch):
    main = ModuleType("__main__")
    main.__file__ = "<stdin>"
    monkeypatch.setitem(sys.modules, "__main__", main)


def test_a_class_in_a_function_cannot_be_sent_and_is_trained_here(own, classes):
    class Local(Fifth):
        name = "local"

    activations.register(Local)
    with pytest.warns(PellucidWarning, match=r"cannot be sent.*in this process, one at a time"):
        found = tune(classes, trials=2, workers=2, epochs=1, space={"activation": "local"})
    assert found.counts["finished"] == 2
    assert found.best_model().network.layers[0].activation == Local()


def test_in_a_notebook_only_what_was_declared_there_is_trained_here(own, monkeypatch):
    a_notebook(monkeypatch)
    assert why_none_can_be_sent(Space.of({"activation": "a_fifth"}, {})) is None
    monkeypatch.setattr(Fifth, "__module__", "__main__")
    sys.modules["__main__"].Fifth = Fifth
    assert "notebook" in why_none_can_be_sent(Space.of({"activation": "a_fifth"}, {}))
    assert why_none_can_be_sent(Space.of({"activation": "relu"}, {})) is None


def test_a_program_from_the_standard_input_is_not_read_again(monkeypatch):
    a_pipe(monkeypatch)
    assert "standard input" in why_none_can_be_sent(Space.of({}, {}))


SCRIPT = """
from pellucid import load_data, tune
from pellucid.network import activations

@activations.register
class Typed(type(activations.get("tanh"))):
    name = "typed"

if __name__ == "__main__":
    data = load_data("digits", validation_size=0.2)
    print(tune(data, trials=2, workers=2, epochs=1, fixed={"activation": "typed", "layers": [4]}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["-c", "-", "file"])
def test_programs_however_they_are_run(tmp_path, how):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    arguments = {"-c": ["-c", SCRIPT], "-": ["-"], "file": [path]}[how]
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False,
        cwd=tmp_path, input=SCRIPT if how == "-" else "",
    )  # fmt: skip
    assert (done.returncode, done.stdout[:21]) == (0, "<Search: 2 finished; "), done.stderr
    assert ("one at a time" in done.stderr) == (how != "file")
    assert "Traceback" not in done.stderr
