import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest

from pellucid.cli.train import train
from pellucid.cli.tune import tune
from pellucid.errors import StorageError
from pellucid.storage import load_model
from pellucid.tuning import study as study_module

from .conftest import LONG, command, environment, write_table

tune_module = sys.modules["pellucid.cli.tune"]

# What train has and a search has not, or has as something else.
OF_ONE_RUN = {
    "start", "max_seconds", "goal", "log", "tensorboard", "checkpoint", "checkpoint_every", "save", "force",
    "as_json", "monitor", "min_delta", "least_improvement", "find_rate",
    "measure_every", "measure_rows", "verbose",
}  # fmt: skip
SHORT = ["-n", "4", "-e", "2", "--workers", "1"]


@pytest.fixture
def search(run, table, tmp_path, monkeypatch):
    """Search the table, in its folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *options: run("tune", table, "-t", "kind", *SHORT, *options)


def words(text):
    return " ".join(text.split())


def test_every_option_of_train_is_an_option_here_unless_it_is_of_one_run():
    here = {option.name for option in tune.params}
    assert {option.name for option in train.params} - OF_ONE_RUN <= here
    searched = {option.name: option for option in tune.params if option.name in ("layers", "optimizer", "l2")}
    assert all(option.default is None and not option.show_default for option in searched.values())


def test_as_json_the_command_and_the_saved_model_are_the_best(search, run, table):
    result = search("--json", "--save", "best.pellucid", "--plot", "search.svg")
    assert result.status == 0, result.err
    (record,) = result.records
    assert (record["event"], record["data"], record["task"]) == ("end", table.name, "classification")
    assert len(record["trials"]) == 4
    finished = [row for row in record["trials"] if row["state"] == "finished"]
    assert record["best"] == min(finished, key=lambda row: row["value"])
    assert record["counts"]["finished"] == len(finished)
    assert record["importances"] == {}  # of so few
    assert record["study"] == f"{table.stem}-tune.db"
    assert (record["stopped"], record["saved"]) == (None, "best.pellucid")
    assert Path("search.svg").read_text().startswith("<?xml")
    program, *arguments = shlex.split(record["command"])
    assert program == "pellucid"
    end = run(*arguments, "--json").records[-1]
    assert end["validation_cost"] == record["best"]["value"]
    model = load_model("best.pellucid")
    assert model.figures["validation_cost"] == record["best"]["value"]
    assert end["test_cost"] == model.figures["test_cost"] == pytest.approx(record["test"]["cost"])


def test_as_json_what_is_fixed_is_said_in_numbers_and_lists(search):
    (record,) = search(
        "--json", "-n", "1", "--layers", "4,3", "--dropout", "0", "--activation", "relu"
    ).records
    assert record["fixed"] == {
        "layers": [4, 3], "dropout": 0.0, "activation": "relu", "epochs": 2, "seed": 0
    }  # fmt: skip


def test_for_people_and_once_more(search, table):
    how = ["--layers", "4", "--optimizer", "adam", "-n", "12", "-e", "1"]
    first = search(*how)
    assert first.status == 0
    rows = [line for line in first.out.splitlines() if re.match(r" +\d+ .*(finished|pruned)$", line)]
    assert len(rows) == 12
    said = words(first.out)
    assert "12 trials: 12 finished." in said
    assert "Importances" in said
    assert "pellucid train" in said
    assert "--layers 4 --activation" in said
    assert "The best candidate on the test set" in said
    assert f"saved to {table.stem}-tune.db;" in said
    again = search(*how)
    assert again.status == 0
    assert first.out.endswith(again.out)  # all but the rows of the trials, which are over
    assert re.search(r"learning_rate +\d+ %", first.out)
    assert "width" not in said


def test_what_cannot_be_saved_in_the_end_is_shown_all_the_same(search, monkeypatch):
    def fail(*_, **__):
        raise StorageError("the disk is full")

    monkeypatch.setattr(tune_module, "save_model", fail)
    for how in ([], ["--json"]):
        result = search("--save", "best.pellucid", *how)
        assert result.status == 2
        assert "the disk is full" in result.err
        assert "pellucid train" in result.out
        assert "best.pellucid" not in result.out


def test_when_every_candidate_was_tried_it_says_so(search):
    single = [
        "--layers",
        "4",
        "--optimizer",
        "sgd",
        "--schedule",
        "linear",
        "--l2",
        "0",
        "--weight-decay",
        "0",
    ]
    more = ["--dropout", "0", "-b", "8", "--activation", "relu", "--search", "learning_rate=0.1,0.2"]
    result = search(*single, *more, "-n", "99")
    assert result.status == 0
    assert "All candidates of the search space were tried." in words(result.out)
    assert "The best candidate on the test set" in words(result.out)


def test_another_search_with_the_same_study_is_refused(search, run, table, tmp_path):
    assert search("--study", "kept.db").status == 0
    other = write_table(tmp_path / "other.csv", seed=1)
    for said, result in (
        ("the data differs", run("tune", other, "-t", "kind", *SHORT, "--study", "kept.db")),
        ("the metric differs", search("--study", "kept.db", "--monitor", "validation_accuracy")),
        ("a fixed option differs", search("--study", "kept.db", "--layers", "4")),
        ("the search space differs", search("--study", "kept.db", "--search", "dropout=0..0.1")),
        ("the split differs", search("--study", "kept.db", "--test-size", "0.3")),
    ):
        assert result.status == 2
        assert said in result.err
        assert result.err.count("Error: ") == 1
        assert result.out == ""


def test_a_value_and_a_validation_file(run, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = write_table(tmp_path / "other.csv", seed=1)
    how = ["-t", "weight", "--task", "regression", "--validation", other, "--monitor", "validation_r2"]
    record = run("tune", table, *how, *SHORT, "--json").records[0]
    finished = [row["value"] for row in record["trials"] if row["state"] == "finished"]
    assert record["best"]["value"] == max(finished)
    assert "--validation " in record["command"]
    assert "--validation-size" not in record["command"]


BAD = [
    (["--search", "layers=1..3"], "layers cannot be searched directly"),
    (["--search", "dropot=0..0.1"], "did you mean 'dropout'"),
    (["--search", "dropout"], "NAME=LOW..HIGH"),
    (["--search", "dropout="], "NAME=LOW..HIGH"),
    (["--search", "dropout=0.1,0.2", "--search", "dropout=0"], "given twice"),
    (["--search", "dropout=0.5..0.1"], "empty range"),
    (["--search", "dropout=0..1"], "dropout cannot be 1"),
    (["--search", "optimizer=adam,adm"], "no optimizer named 'adm'"),
    (["--search", "activation=relu,step"], "a network with step cannot be trained"),
    (["--optimizer", "adam", "--search", "optimizer=sgd,adam"], "cannot be both fixed and searched"),
    (["--optimizer", "lbfgs", "--search", "dropout=0..0.1"], "has no effect with lbfgs"),
    (["--layers", "4", "--search", "width=8..16"], "layers cannot be both fixed and searched"),
    (["--dropout", "0.1,0.2"], "does not match the layers"),
    (["--learning-rate", "-1"], "the learning rate cannot be"),
    (["--monitor", "test_cost"], "'test_cost' cannot be the metric"),
    (["--monitor", "validation_r2"], "'validation_r2' cannot be the metric"),
    (["--early-stopping", "0"], "patience cannot be 0"),
    (["--epochs", "0"], "epochs cannot be 0"),
    (["--trials", "0"], "--trials"),
    (["--workers", "0"], "--workers"),
    (["--max-seconds", "0"], "--max-seconds"),
    (["--validation-size", "0.2", "--validation", "table.csv"], "given twice"),
    (["--plot", "search.gif"], "unsupported file type"),
    (["--plot", "nowhere/search.png"], "folder to save to does not exist"),
    (["--save", "nowhere/best.pellucid"], "folder to save to does not exist"),
    (["--study", "nowhere/study.db"], "folder to save to does not exist"),
    (["--study", "TABLE"], "not a study"),
    (["--save", "a.png", "--plot", "a.png"], "two outputs cannot have the same path"),
    (["--save", "TABLE", "--force"], "is being read"),
    (["--goal", "test_accuracy=1"], "--goal"),
]


@pytest.mark.parametrize(
    ("options", "says"), BAD, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_is_refused_and_nothing_is_written(search, table, tmp_path, options, says):
    content = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = search(*(table if option == "TABLE" else option for option in options))
    assert (result.status, result.out) == (2, "")
    assert says in words(result.err)
    assert result.err.count("Error: ") == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == content


def test_without_what_it_takes_it_says_so_before_any_data_are_read(run, monkeypatch):
    there = study_module.find_spec
    monkeypatch.setattr(study_module, "find_spec", lambda name: None if name == "optuna" else there(name))
    result = run("tune", "nowhere.csv")
    assert (result.status, result.out) == (2, "")
    assert "pip install 'pellucid[tune]'" in result.err
    monkeypatch.setattr(study_module, "find_spec", lambda name: None if name == "matplotlib" else there(name))
    assert "matplotlib" in run("tune", "nowhere.csv", "--plot", "a.png").err
    assert "no such file or data set" in run("tune", "nowhere.csv").err


def test_when_no_candidate_can_be_trained_it_says_so(search):
    result = search("--optimizer", "sgd", "--learning-rate", "1e30", "-b", "1")
    assert result.status == 2
    assert "failed: diverged" in result.out
    assert "no trial has finished" in result.err


def started(folder, *options, **more):
    return subprocess.Popen(
        command("tune", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(PYTHONUNBUFFERED="1"),
        **more,
    )


def seen(process, n):
    """What is printed until so many trials have ended."""
    lines = []
    while sum(line.rstrip().endswith(("finished", "pruned")) for line in lines) < n:
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
    return "".join(lines)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("workers", "number", "presses"),
    [("1", signal.SIGINT, 1), ("1", signal.SIGTERM, 3), ("2", signal.SIGINT, 3), ("2", signal.SIGHUP, 1)],
)
def test_an_interrupt_keeps_what_is_finished_and_shows_it(tmp_path, workers, number, presses):
    how = ["--layers", "8", "--workers", workers, "--save", "best.pellucid"]
    process = started(tmp_path, "digits", "-n", "1000", "-e", "3", *how)
    out = seen(process, 2)
    for _ in range(presses):
        process.send_signal(number)
        time.sleep(0.02)
    rest, err = process.communicate(timeout=LONG)
    said = words(out + rest)
    told = [line for line in err.splitlines() if not line.startswith("Making machine code")]  # the first time
    assert (process.returncode, told) == (128 + number, [])
    assert "Interrupted." in said
    assert "parameters" in said
    assert "the same command resumes the search" in said
    assert [path.name for path in tmp_path.iterdir()] == ["digits-tune.db"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_to_all_processes_ends_the_search_in_good_order(tmp_path):
    """As a system does that shuts down: no worker that dies of it makes a trial fail."""
    how = ["digits", "-n", "1000", "-e", "3", "--layers", "8", "--workers", "2", "--json"]
    process = started(tmp_path, *how, start_new_session=True)
    until = time.monotonic() + LONG
    while not (tmp_path / "digits-tune.db").exists() or not kept(tmp_path / "digits-tune.db"):
        assert time.monotonic() < until
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=LONG)
    assert process.returncode == 143
    assert "Traceback" not in err
    record = json.loads(out)
    assert record["stopped"] == "interrupted"
    assert record["counts"]["failed"] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["digits-tune.db"]


def living(pids):
    """Those of some processes that run; one that has ended may wait to be taken note of."""
    states = {}
    for pid in pids:
        try:
            states[pid] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
    return [pid for pid, state in states.items() if state != "Z"]


def kept(path):
    """The trials of a study file by number, as Optuna alone reads them."""
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    try:
        (summary,) = optuna.study.get_all_study_summaries(storage)
        trials = optuna.load_study(study_name=summary.study_name, storage=storage).trials
        return {trial.number: trial for trial in trials}
    finally:
        storage.engine.dispose()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")
def test_a_killed_search_leaves_no_process_and_goes_on(tmp_path):
    options = ["digits", "-n", "9", "-e", "6", "--layers", "16", "--workers", "2"]
    process = started(tmp_path, *options)
    seen(process, 3)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(living(children)) >= 2
    process.kill()
    process.communicate(timeout=LONG)
    until = time.monotonic() + 30
    while living(children) and time.monotonic() < until:
        time.sleep(0.05)
    assert living(children) == []

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    before = kept(tmp_path / "digits-tune.db")
    ended = {number: trial for number, trial in before.items() if trial.state.is_finished()}
    assert len(before) == len(ended) >= 3  # what ran then left nothing
    done = subprocess.run(
        command("tune", *options, "--json"),
        capture_output=True, text=True, cwd=tmp_path, env=environment(), timeout=LONG, check=True,
    )  # fmt: skip
    record = json.loads(done.stdout)
    rows = {row["number"]: row for row in record["trials"]}
    assert {number: rows[number]["value"] for number in ended} == {
        number: trial.user_attrs["value"] for number, trial in ended.items()
    }
    assert len(rows) == record["trials"][-1]["number"] + 1 == 9
    assert record["counts"]["interrupted"] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["digits-tune.db"]
