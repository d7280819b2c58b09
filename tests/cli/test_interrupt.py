import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from pellucid.interruption import SIGNALS
from pellucid.storage import load_model

from .conftest import LONG, command, environment, write_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

# Far more epochs than will run.
FOR_EVER = ["train", "table.csv", "-t", "kind", "-e", "1000000"]


def interrupted(tmp_path, *options, numbers=(signal.SIGINT,), before=()):
    """Start a run, interrupt it in the midst of its second epoch or later, and give what it printed."""
    write_table(tmp_path / "table.csv")
    process = subprocess.Popen(
        [*before, *command(*FOR_EVER, *options)],
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
    for number in numbers:
        process.send_signal(number)
    out, err = process.communicate(timeout=LONG)
    assert "Traceback" not in err
    return process.returncode, seen + out, err


def unfolded(text):
    return " ".join(text.split())


@pytest.mark.parametrize("number", SIGNALS)
def test_keeps_what_was_learned(tmp_path, number):
    status, out, err = interrupted(tmp_path, "--save", "m.pellucid", "--log", "log.csv", numbers=[number])
    assert status == 128 + number
    assert all(line.startswith("note: ") for line in err.splitlines())
    assert "the model is saved." in unfolded(out)
    assert "Diagnosis" in out
    assert "Saved to m.pellucid." in out
    model = load_model(tmp_path / "m.pellucid")
    assert model.stopped == "interrupted"
    assert f"Stopped in epoch {model.history.n_epochs};" in out
    assert len((tmp_path / "log.csv").read_text().splitlines()) == model.history.n_epochs + 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "m.pellucid", "table.csv"]


def test_without_save_says_that_it_is_not_saved(tmp_path):
    status, out, _ = interrupted(tmp_path)
    assert status == 130
    assert "the model is not saved; use --save" in unfolded(out)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_as_json(tmp_path):
    status, out, _ = interrupted(tmp_path, "--json", "--save", "m.pellucid")
    end = [json.loads(line) for line in out.splitlines()][-1]
    assert status == 130
    assert (end["event"], end["stopped"], end["saved"]) == ("end", "interrupted", "m.pellucid")
    assert end["diagnosis"]["verdict"]


def test_ctrl_c_twice_ends_at_once(tmp_path):
    # The second may come while the first is still being seen to, or find the run over.
    status, out, err = interrupted(tmp_path, "--save", "m.pellucid", numbers=[signal.SIGINT] * 20)
    assert status == 130
    assert "stopped" in err or "Stopped in epoch" in out
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("number", [number for number in SIGNALS if number != signal.SIGINT])
def test_a_signal_that_is_sent_again_takes_nothing_away(tmp_path, number):
    """As when a terminal is closed, whose shell passes on the SIGHUP that the system sends too."""
    status, out, _ = interrupted(tmp_path, "--save", "m.pellucid", numbers=[number] * 20)
    assert status == 128 + number
    assert "Saved to m.pellucid." in out
    assert load_model(tmp_path / "m.pellucid").stopped == "interrupted"


@pytest.mark.skipif(shutil.which("nohup") is None, reason="no nohup")
def test_a_signal_that_was_ignored_at_the_start_changes_nothing(tmp_path):
    how = {"numbers": [signal.SIGHUP, signal.SIGHUP, signal.SIGTERM], "before": ["nohup"]}
    status, out, _ = interrupted(tmp_path, "--save", "m.pellucid", **how)
    assert status == 143
    assert "Saved to m.pellucid." in out


# What is waited for: a pipe that nobody writes to, or machine code that is made.
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("what", ["data", "machine code"])
def test_with_nothing_learned_yet_it_ends_with_one_word(tmp_path, tmp_path_factory, number, what):
    write_table(tmp_path / "table.csv")
    how = [*FOR_EVER, "--save", "m.pellucid", "--checkpoint", "c.pellucid"]
    if what == "data":
        os.mkfifo(tmp_path / "pipe.csv")
        how[1] = "pipe.csv"
    process = subprocess.Popen(
        command(*how),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=environment(
            PELLUCID_CACHE=str(tmp_path_factory.mktemp("cache")),
            PYTHONWARNINGS="ignore::ResourceWarning",  # as always: the pipe may just have been opened
        ),
    )  # fmt: skip
    if what == "data":
        with (tmp_path / "pipe.csv").open("w"):  # it reads now
            # One that comes just before a read waits for its end, and one in a destructor is lost.
            until = time.monotonic() + LONG
            while process.poll() is None and time.monotonic() < until:
                process.send_signal(number)
                time.sleep(0.2)
            out, err = process.communicate(timeout=LONG)
    else:
        while not process.stderr.readline().startswith("Making machine code"):
            assert process.poll() is None
        process.send_signal(number)
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 128 + number
    assert out == ""
    assert err.splitlines()[-1] == ("stopped" if number == signal.SIGINT else f"stopped by {number.name}")
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} <= {"table.csv", "pipe.csv"}


# A process of a session of its own, whose terminal is its standard input.
_ON_A_TERMINAL = """
import fcntl, os, runpy, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("pellucid", run_name="__main__", alter_sys=True)
"""


def test_a_terminal_that_is_closed_costs_nothing_that_was_learned(tmp_path):
    write_table(tmp_path / "table.csv")
    ours, theirs = os.openpty()
    line = [sys.executable, "-c", _ON_A_TERMINAL, *FOR_EVER, "--save", "m.pellucid"]
    env = environment(TERM="xterm")
    process = subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=env)
    os.close(theirs)
    seen = b""
    while b"/1000000" not in seen:  # the bar: it is learning
        seen += os.read(ours, 4096)
    os.close(ours)
    assert process.wait(timeout=LONG) == 128 + signal.SIGHUP
    assert load_model(tmp_path / "m.pellucid").stopped == "interrupted"


@pytest.mark.parametrize("which", ["digits", "square"])
def test_a_demonstration_ends_there(tmp_path, which):
    process = subprocess.Popen(
        command("demo", which),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
    )  # fmt: skip
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=LONG)
    assert process.returncode == 143
    assert "Traceback" not in err
    assert "Three test digits" not in out
    assert "overfitting" not in out


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
