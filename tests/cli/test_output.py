import json
import math

import pytest
from rich.console import Console
from rich.control import strip_control_codes

from pellucid.cli.output import as_json_text, console, emit, print_error, print_line, print_notes
from pellucid.cli.tables import diagnosis_panel
from pellucid.errors import DataError, visible
from pellucid.evaluation import Diagnosis


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_lacks_becomes_null(number, capsys):
    emit({"a": number, "b": [1.5, number, {"c": (number, 2)}]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": None, "b": [1.5, None, {"c": [None, 2]}]}
    assert out.count("\n") == 1


def test_json_is_ascii_and_keeps_every_letter():
    text = as_json_text({"Größe": "中 \udcff"})
    assert text.isascii()
    assert json.loads(text) == {"Größe": "中 \udcff"}


def test_an_error_has_a_line_for_each_part(capsys):
    print_error(DataError("wrong [bold]column[/]", received=":smile:", where="a" * 200, remedy="[/red]"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Error: wrong [bold]column[/]",
        "  received: :smile:",
        f"  where: {'a' * 200}",
        "  what to do: [/red]",
    ]


def test_notes_go_beside_the_output_and_each_once(capsys):
    print_notes(["one [dim]", "two", "one [dim]"])
    assert capsys.readouterr() == ("", "note: one [dim]\nnote: two\n")


def test_a_diagnosis_with_brackets_folds_below_its_first_word(capsys):
    said = Diagnosis("good", ["a [reason] " + 12 * "and so on "], ["try [/this]"])
    Console(width=60).print(diagnosis_panel(said))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("│ • a [reason] and so on")
    assert lines[2].startswith("│   ")
    assert "• try [/this]" in lines[-2]


# The terminal's title, its clipboard, its screen, a forged line, colours by C1, and a word turned around.
COMMANDS = [
    "\x1b]0;title\x07",
    "\x1b]52;c;Y2xpcA==\x07",
    "\x1b[2J\x1b[1;1H",
    "good\rbad",
    "\x9b31m",
    "\u202etxt",
]


@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_words_from_files_reach_the_terminal_without_their_controls(command, capsys):
    print_line(("bold ", "bold"), command, indent=2)
    console.print(diagnosis_panel(Diagnosis(command, [command], [command])))
    print_notes([command])
    print_error(DataError(command, received=command, where=command))
    emit({command: command})
    shown = "".join(capsys.readouterr())
    assert f"note: {visible(strip_control_codes(command))}" in shown  # rich leaves some out itself
    assert not any(sign != "\n" and not sign.isprintable() for sign in shown)
    # Nor where an error is printed by Python.
    assert str(DataError("a", received=command)) == f"a\n  received: {visible(command)}"
