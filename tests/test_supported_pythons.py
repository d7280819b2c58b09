"""The Pythons that are claimed are the same wherever they are named."""

import re
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
CLAIMED = [
    int(found[1])
    for name in PROJECT["classifiers"]
    if (found := re.fullmatch(r"Programming Language :: Python :: 3\.(\d+)", name))
]


def test_the_versions_are_those_that_can_be_installed_on():
    assert list(range(CLAIMED[0], CLAIMED[-1] + 1)) == CLAIMED
    assert PROJECT["requires-python"] == f">=3.{CLAIMED[0]},<3.{CLAIMED[-1] + 1}"
    assert sys.version_info[1] in CLAIMED


def test_the_readme_and_the_makefile_say_the_same():
    words = f"Python 3.{CLAIMED[0]} to 3.{CLAIMED[-1]}"
    assert words in (REPOSITORY / "README.md").read_text()
    makefile = (REPOSITORY / "Makefile").read_text()
    assert words in makefile
    assert f"(3, {CLAIMED[0]}) <= sys.version_info[:2] <= (3, {CLAIMED[-1]})" in makefile
    assert all(f" python3.{minor}" in makefile for minor in CLAIMED)
    assert f" python3.{CLAIMED[-1] + 1}" not in makefile
