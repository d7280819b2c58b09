"""The examples and the README's code run as they stand."""

import os
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


# What each example must print.
NEEDED = {
    "digits": ["good", "The mistake it is surest of", "delta1 = (W2^T delta2) * relu'(z1)"],
    "labels": ["3 labels", "loop: yes in", "even: yes in", "truth"],
    "own_activation": ["snake: test R2 0.9"],
    "square_law": ["underfitting", "good", "overfitting"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDED)
def test_example(name, capsys):
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"))
    printed = capsys.readouterr().out
    assert all(words in printed for words in NEEDED[name]), printed


def test_all_examples_are_tested():
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == set(NEEDED)


def test_the_readme_runs(tmp_path, capsys):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    lines = [line for line in code[1].splitlines() if line.strip()]
    assert len(lines) < 10
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        exec(compile(code[1], "README.md", "exec"), {})
    finally:
        os.chdir(here)
    assert "good" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["digits.pellucid"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_page_for_users_of_scikit_learn_runs(capsys):
    page = (ROOT / "docs" / "scikit-learn.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) > 4
    names = {}
    for block in blocks:
        exec(compile(block, "scikit-learn.md", "exec"), names)
        said = [words.split(", then ") for words in re.findall(r"print\(.*\)  # (.*)", block)]
        assert capsys.readouterr().out.split() == [word for words in said for word in words], block
