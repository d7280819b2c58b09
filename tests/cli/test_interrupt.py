import json
import signal
import subprocess
import sys

import pytest

from pellucid.storage import load_model

from .conftest import LONG, command, environment, write_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

# Far more epochs than will run.
FOR_EVER = ["train", "table.csv", "-t", "kind", "-e", "1000000"]


def interrupted(tmp_path, *options, times=1):
    """Start a run, interrupt it in the midst of its second epoch or later, and give what it printed."""
    write_table(tmp_path / "table.csv")
    process = subprocess.Popen(
        command(*FOR_EVER, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    seen = ""
    while "test_cost" not in seen and "epoch  train cost" not in seen:
        seen += process.stdout.readline()
    seen += process.stdout.readline()
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONG)
    assert "Traceback" not in err
    return process.returncode, seen + out, err


def unfolded(text):
    return " ".join(text.split())


def test_keeps_what_was_learned(tmp_path):
    status, out, _ = interrupted(tmp_path, "--save", "m.pellucid")
    assert status == 130
    assert "what was learned until then is kept." in unfolded(out)
    assert "Diagnosis" in out
    assert "Saved to m.pellucid." in out
    model = load_model(tmp_path / "m.pellucid")
    assert model.stopped == "interrupted"
    assert f"Stopped in epoch {model.history.n_epochs};" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.pellucid", "table.csv"]


def test_without_save_says_that_it_is_not_saved(tmp_path):
    status, out, _ = interrupted(tmp_path)
    assert status == 130
    assert "but not saved: that takes --save" in unfolded(out)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_as_json(tmp_path):
    status, out, _ = interrupted(tmp_path, "--json", "--save", "m.pellucid")
    end = [json.loads(line) for line in out.splitlines()][-1]
    assert status == 130
    assert (end["event"], end["stopped"], end["saved"]) == ("end", "interrupted", "m.pellucid")
    assert end["diagnosis"]["verdict"]


def test_twice_ends_at_once(tmp_path):
    # The second may come while the first is still being seen to, or find the run over.
    status, out, err = interrupted(tmp_path, "--save", "m.pellucid", times=20)
    assert status == 130
    assert "stopped" in err or "Stopped in epoch" in out
    assert not list(tmp_path.glob(".*"))


def test_a_reader_that_leaves_costs_nothing_that_was_learned(tmp_path):
    write_table(tmp_path / "table.csv")
    process = subprocess.Popen(
        command(*FOR_EVER, "--save", "m"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    seen = ""
    while "epoch  train cost" not in seen:
        seen += process.stdout.readline()
    process.stdout.close()
    with process.stderr as stderr:
        err = stderr.read()
    assert process.wait(timeout=LONG) in (1, 2)  # as it is found out while learning, or at the end too
    assert "BrokenPipeError" in err
    assert "Traceback" not in err
    assert load_model(tmp_path / "m").stopped == "failed"
