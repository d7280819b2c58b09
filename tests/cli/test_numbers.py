import numpy as np
import pytest
from rich.text import Text

from pellucid.cli.numbers import figure, largest, print_numbers, rest
from pellucid.cli.output import console


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (-0.12345, "-0.1235"), (9999.0, "9,999"), (123456.7, "123,457"),
     (-123456.7, "-123,457"), (1e12, "1e+12"), (3e-9, "3e-09"), (np.float32(0.1), "0.1"), (np.inf, "inf"),
     (np.nan, "nan")],
)  # fmt: skip
def test_figure(value, said):
    assert figure(value) == said


def test_what_is_shown_and_what_is_left():
    values = np.array([0.0, -5.0, 2.0, 0.0, 3.0])
    assert largest(values, 5) == [0, 1, 2, 3, 4]
    assert rest(values, largest(values, 5), "inputs") == ""
    assert largest(values, 2) == [1, 4]
    assert rest(values, [1, 4], "inputs") == "and 3 more inputs: 1 smaller, 2 at 0"
    assert largest(values, 4) == [1, 4, 2]
    assert rest(values, [1, 4, 2], "inputs") == "and 2 more inputs: 0 smaller, 2 at 0"


@pytest.mark.parametrize("width", [20, 40, 80])
def test_numbers_are_never_cut(width, capsys, monkeypatch):
    name = "a rather long name of a column"
    monkeypatch.setattr(console, "_width", width)
    print_numbers(["from", "weight", "x input"], [[name, "0.12345", "9"], [Text("b", "bold"), "1", "-2.5"]])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert [line.split()[-2:] for line in lines] == [["x", "input"], ["0.12345", "9"], ["1", "-2.5"]]
    if width < 80:
        assert "a rather l" in lines[1]
        assert "…" in lines[1]
        assert len(lines[0]) <= max(width, 2 + 12 + 2 + 7 + 2 + 7)
    else:
        assert name in lines[1]
