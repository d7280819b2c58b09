import importlib
import os
import subprocess
import sys
import time

import pytest

from pellucid.errors import PellucidError
from pellucid.interruption import SIGNALS
from pellucid.tuning.candidate import Failure, Outcome
from pellucid.tuning.workers import Crew, Epoch, Worker

OPTIONS = {"layers": [4], "epochs": 3, "seed": 0}
ENDLESS = OPTIONS | {"epochs": 10**6}
PATIENCE = 60  # seconds that no worker here needs


def hear(crew):
    """Wait for the next that a worker tells; None when all are ready instead."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for worker, told in crew.told(1):
            return worker, told
        if len(crew.idle) == crew.size:
            return None
    raise AssertionError("no worker told anything")


@pytest.fixture(scope="module")
def crew(plan):
    with Crew(plan, 1) as crew:
        yield crew


@pytest.fixture
def worker(crew):
    if not crew.idle:
        assert hear(crew) is None
    (worker,) = crew.idle
    return worker


def test_a_worker_tells_epochs_and_then_the_outcome(crew, worker, plan):
    said = []
    worker.begin("trial", OPTIONS)
    assert crew.busy == [worker]
    while True:
        told = hear(crew)[1]
        if isinstance(told, Outcome):
            break
        said.append(told)
        worker.send(True)
    here = []
    expected = plan.try_out(OPTIONS, lambda number, figure: here.append(Epoch(number, figure)) or True)
    assert said == here
    assert (told.value, told.epochs, told.stopped) == (expected.value, 3, None)
    worker.trial = None


def test_told_not_to_go_on_it_stops(crew, worker):
    worker.begin("trial", ENDLESS)
    assert hear(crew)[1].number == 1
    worker.send(False)
    told = hear(crew)[1]
    assert (told.epochs, told.stopped) == (1, "pruned")
    worker.trial = None


def test_a_candidate_that_cannot_be_trained_is_a_failure_and_the_worker_goes_on(crew, worker):
    for options in (OPTIONS | {"dropout": (0.1, 0.2)}, OPTIONS | {"layers": "many"}):
        worker.begin("trial", options)
        told = hear(crew)[1]
        assert isinstance(told, Failure)
        assert told.reason
        worker.trial = None
    assert worker.process.is_alive()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_asks_to_end_does_not_reach_it(crew, worker, number):
    worker.begin("trial", OPTIONS)
    os.kill(worker.process.pid, number)
    for number in (1, 2):
        assert hear(crew)[1].number == number
        worker.send(True)
    assert hear(crew)[1].epochs == 3
    worker.trial = None


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_one_that_is_killed_fails_its_trial_and_is_replaced(crew, worker):
    worker.begin("trial", ENDLESS)
    assert isinstance(hear(crew)[1], Epoch)
    worker.process.kill()
    dead, told = hear(crew)
    assert dead is worker
    assert "SIGKILL" in told.reason
    assert hear(crew) is None
    assert crew.idle == crew.workers != [worker]


def test_all_end_with_the_crew(plan):
    with Crew(plan, 1) as crew:
        hear(crew)
        crew.idle[0].begin("trial", ENDLESS)
        hear(crew)
        (worker,) = crew.workers
    assert not worker.process.is_alive()


def test_one_that_is_broken_off_while_it_starts_ends_too(plan, monkeypatch):
    """As by a program whose own handler of SIGTERM exits."""
    started, start = [], Worker.start

    def exit_after(worker):
        start(worker)
        started.append(worker)
        raise SystemExit

    monkeypatch.setattr(Worker, "start", exit_after)
    with pytest.raises(SystemExit):
        Crew(plan, 2).__enter__()
    (worker,) = started
    assert not worker.process.is_alive()


SCRIPT = """
from pellucid import load_data
from pellucid.tuning import tune
tune(load_data("digits", validation_size=0.2), trials=2, workers=2, epochs=1, fixed={"layers": [4]})
"""
OWN = """
from pellucid.network import activations
class Triple(type(activations.get("softsign"))):
    name = "triple_of_a_module"
"""


def test_declarations_of_ones_own_are_made_known_to_a_worker(plan, tmp_path, monkeypatch):
    (tmp_path / "module_of_triple.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("module_of_triple")
    with Crew(plan, 1, (("activation", module.Triple),)) as crew:
        assert hear(crew) is None
        crew.idle[0].begin("trial", OPTIONS | {"activation": "triple_of_a_module", "epochs": 1})
        assert isinstance(hear(crew)[1], Outcome)


def test_one_that_cannot_find_what_it_is_sent_says_so(plan, tmp_path, monkeypatch):
    path = tmp_path / "module_that_goes.py"
    path.write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("module_that_goes").Triple
    path.unlink()
    with Crew(plan, 1, (("activation", own),)) as crew, pytest.raises(PellucidError) as refusal:
        hear(crew)
    assert "did not start" in refusal.value.problem
    assert "No module named 'module_that_goes'" in refusal.value.received


@pytest.mark.slow
def test_a_script_that_each_worker_would_run_again_is_told_what_to_do(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "a worker process did not start" in done.stderr
    assert 'if __name__ == "__main__":' in done.stderr
