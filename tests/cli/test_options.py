"""Options that several commands share."""

import os

import pytest

from pellucid.passes.engines import ENGINES, is_compiled
from pellucid.training.updates import choose


@pytest.mark.parametrize("before", [None, *ENGINES])
@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_chosen_for_one_command(run, table, monkeypatch, before, name):
    monkeypatch.setenv("PELLUCID_ENGINE", before or "")
    if before is None:
        monkeypatch.delenv("PELLUCID_ENGINE")
    chosen = []

    def look():
        chosen.append(is_compiled())
        return chosen[-1]

    monkeypatch.setattr(choose, "is_compiled", look)
    assert run("train", table, "-l", "3", "-e", "1", "--engine", name).status == 0
    assert set(chosen) == {name == "compiled"}
    assert os.environ.get("PELLUCID_ENGINE") == before


def test_an_unknown_engine_is_refused(run, table):
    result = run("train", table, "--engine", "steam")
    assert result.status == 2
    assert result.out == ""
    assert "'compiled', 'reference'" in result.err
