"""The range test from the command line: the same as in Python, and nothing is trained or written."""

import pytest

from pellucid.data import load_data
from pellucid.training import Regularisation, build_network, find_learning_rate


def test_is_what_python_finds(run, table):
    how = ["-t", "kind", "-l", "6", "--optimizer", "adam", "-b", "8", "--l2", "0.01", "-s", "3"]
    result = run("train", table, *how, "--class-weight", "balanced", "--find-rate", "--json")
    assert result.status == 0
    (record,) = result.records
    data = load_data(str(table), target="kind", seed=3)
    found = find_learning_rate(
        build_network(data, [6], seed=3), data, optimizer="adam", batch_size=8,
        regularisation=Regularisation(l2=0.01), class_weight="balanced", seed=3,
    )  # fmt: skip
    assert (record["event"], record["suggestion"]) == ("rates", found.suggestion)
    assert (record["rates"], record["costs"]) == (found.rates, found.costs)


def test_for_people(run, table):
    result = run("train", table, "-t", "kind", "-b", "4", "--find-rate")
    assert result.status == 0
    lines = result.out.splitlines()
    assert lines[0].split() == ["rate", "cost"]
    assert lines[-1].startswith("begin with ")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "option",
    [["--save", "m"], ["--log", "l.csv"], ["--checkpoint", "c"], ["-r", "0.1"], ["-e", "3"],
     ["--schedule", "cosine"], ["--average", "0.9"], ["--tensorboard", "t"]],
    ids=" ".join,
)  # fmt: skip
def test_what_is_for_a_run_is_refused(run, table, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = run("train", table, "-t", "kind", "--find-rate", *option)
    assert result.status == 2
    assert "has no effect with --find-rate, which does not train" in result.err
    assert sorted(tmp_path.iterdir()) == before


def test_an_optimizer_that_needs_all_examples_has_no_rate_to_find(run, table):
    result = run("train", table, "-t", "kind", "--optimizer", "lbfgs", "--find-rate")
    assert result.status == 2
    assert result.err.count("Error: ") == 1
