import re

import pytest


@pytest.fixture
def shown(run):
    def show(*arguments):
        result = run("demo", *arguments)
        assert (result.status, result.err) == (0, "")
        assert max(map(len, result.out.splitlines())) <= 80
        return result.out

    return show


@pytest.fixture
def without_seconds():
    return lambda out: re.sub(r"\d+\.\d\d\n", "\n", out)


def marks(out, mark):
    return len(re.findall(rf"  {mark} *$", out, re.MULTILINE))


def check_digits(out):
    words = " ".join(out.split())
    assert "Diagnosis: " in out
    assert "Three test digits that the network was not trained on" in words
    lines = re.findall(r"(?:^|\s)(\d)  ([01]\.\d{3})", out.partition("Three test digits")[2])
    assert [int(name) for name, _ in lines] == list(range(10)) * 3
    for k in range(3):
        assert sum(float(value) for _, value in lines[10 * k : 10 * k + 10]) == pytest.approx(1, abs=0.005)
    assert [marks(out, mark) for mark in ("correct", "predicted", "true")] == [2, 1, 1]
    match = re.search(r"It is a (\d), but the prediction is (\d): (\S+) against (\S+)\.", words)
    truth, said, high, low = match.groups()
    assert truth != said
    assert float(high) > float(low)
    update = re.search(rf"would raise the output for {truth} from (\S+) to (\S+)\.", words)
    assert float(update[1]) == float(low)
    assert float(update[2]) > float(low)


def test_digits(shown, without_seconds):
    first, second = shown(), shown("digits", "--seed", "1")
    check_digits(first)
    check_digits(second)
    assert without_seconds(first) != without_seconds(second)


@pytest.mark.slow
def test_square(shown):
    out = shown("square")
    verdicts = re.findall(r"Diagnosis: ([a-z ]+) ", out)
    assert [verdict.strip() for verdict in verdicts] == ["underfitting", "good", "overfitting"]
    said = re.findall(r"prediction at x = 5: (-?[\d.]+), error ([\d.]+)", out)
    assert len(said) == 3
    for value, off in said:
        assert abs(float(value) - 25) == pytest.approx(float(off), abs=0.11)
    assert float(said[1][1]) < min(float(said[0][1]), float(said[2][1]))


@pytest.mark.parametrize(
    ("arguments", "says"), [(["numbers"], "'digits', 'square'"), (["--seed", "-1"], "seed")]
)
def test_what_there_is_not(run, arguments, says):
    result = run("demo", *arguments)
    assert (result.status, result.out) == (2, "")
    assert says in result.err
