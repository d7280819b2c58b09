"""A state that is taken out in mid-epoch goes on to the same bits, in a fresh process on other threads."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from tests.digests.runs import result_of, trainer
from tests.digests.settings import SETTINGS
from tests.digests.stored import stored

_ROOT = Path(__file__).parents[2]
_ENGINES = ("compiled", "reference")
_NAMES = [
    name
    for name, setting in SETTINGS.items()
    if setting.kind == "train" and not setting.optimizer.startswith("lbfgs")
]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """What each setting comes to undisturbed, and the state of another trainer in the second epoch."""
    folder = tmp_path_factory.mktemp("states")
    undisturbed, states, n_made = {}, {}, {}
    before = os.environ.get("PELLUCID_THREADS")
    os.environ["PELLUCID_THREADS"] = "1"
    try:
        for engine in _ENGINES:
            for name in _NAMES:
                setting = SETTINGS[name]
                undisturbed[engine, name] = result_of(trainer(setting, engine).fit()).digests
                stopped = trainer(setting, engine).run_epoch()
                stopped.update(max(1, stopped.n_updates // 2))
                states[engine, name], n_made[name] = stopped.state(), stopped.position
    finally:
        os.environ.pop("PELLUCID_THREADS") if before is None else os.environ.update(PELLUCID_THREADS=before)
    source, target = folder / "states", folder / "results"
    source.write_bytes(pickle.dumps(states))
    subprocess.run(
        [sys.executable, "-m", "tests.digests.resume", source, target],
        cwd=_ROOT, env={**os.environ, "PELLUCID_THREADS": "2"}, check=True,
    )  # fmt: skip
    return undisturbed, pickle.loads(target.read_bytes()), n_made


@pytest.mark.slow
@pytest.mark.long
def test_the_states_are_taken_in_mid_epoch(interrupted):
    _, _, n_made = interrupted
    assert len(_NAMES) >= 60
    # Settings with one update in each epoch have no middle; nor has one that ends in its first epoch.
    assert sum(n > 0 for n in n_made.values()) >= 60


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("name", _NAMES)
def test_a_fresh_process_goes_on_to_the_same_bits(name, engine, interrupted):
    undisturbed, resumed, _ = interrupted
    assert resumed[engine, name] == undisturbed[engine, name]
    if engine == "compiled" and not SETTINGS[name].not_stored:
        assert resumed[engine, name] == stored()[name]
