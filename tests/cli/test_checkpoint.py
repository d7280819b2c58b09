"""Checkpoints from the command line: whole files, whenever the run is killed."""

import stat
import subprocess
import sys

import pytest

from pellucid.storage import load_model

from .conftest import LONG, command, environment, write_table


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_killed_in_the_midst_of_a_run(run, tmp_path):
    table = write_table(tmp_path / "table.csv")
    how = ["train", "table.csv", "-t", "kind", "-e", "1000000", "--checkpoint", "m.pellucid", "--json"]
    process = subprocess.Popen(
        command(*how), stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment(PYTHONUNBUFFERED="1")
    )
    told = [process.stdout.readline() for _ in range(3)]
    process.kill()
    process.communicate(timeout=LONG)
    assert all('"event": "epoch"' in line for line in told)
    path = tmp_path / "m.pellucid"
    model = load_model(path)
    assert model.stopped == "interrupted"
    assert model.kept_epoch == model.history.n_epochs >= 3  # each epoch is saved before it is told
    (report,) = run("evaluate", path, table, "--json").records
    assert report["cost"] == pytest.approx(model.figures["test_cost"])


def test_at_the_end_it_is_the_model_that_is_saved(run, table, tmp_path):
    how = ["-e", "12", "-r", "0.5", "--schedule", "constant", "--early-stopping", "3"]
    kept, saved = tmp_path / "kept", tmp_path / "saved"
    assert run("train", table, "-t", "kind", *how, "--checkpoint", kept, "--save", saved).status == 0
    assert kept.read_bytes() == saved.read_bytes()


def test_every_so_many_epochs(run, table, tmp_path):
    path = tmp_path / "m.pellucid"
    result = run("train", table, "-t", "kind", "-e", "3", "--checkpoint", path, "--checkpoint-every", "2")
    assert (result.status, load_model(path).kept_epoch) == (0, 3)


def test_a_file_that_is_there_stays(run, table, tmp_path):
    path = tmp_path / "m.pellucid"
    path.write_bytes(b"mine")
    result = run("train", table, "-t", "kind", "--checkpoint", path)
    assert (result.status, result.out, path.read_bytes()) == (2, "", b"mine")
    assert run("train", table, "-t", "kind", "-e", "1", "--checkpoint", path, "--force").status == 0
    assert load_model(path).kept_epoch == 1


def test_a_private_file_stays_private(run, table, tmp_path):
    paths = [tmp_path / name for name in ("kept", "saved", "answers.csv", "log.csv")]
    for path in paths:
        path.write_bytes(b"mine")
        path.chmod(0o600)
    kept, saved, answers, log = paths
    how = ["-t", "kind", "-e", "2", "--checkpoint", kept, "--save", saved, "--log", log, "--force"]
    assert run("train", table, *how).status == 0
    assert run("predict", saved, table, "-o", answers, "--force").status == 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600] * 4
    assert b"mine" not in [path.read_bytes() for path in paths]


def test_a_full_disk_ends_the_run_with_what_was_learned_told(shell, table, tmp_path):
    path = tmp_path / "m.pellucid"
    result = shell(
        "train", table, "-t", "kind", "-e", "50", "--checkpoint", path, "--json",
        env={"PYTHONWARNINGS": "default"}, largest_file=1000,
    )  # fmt: skip
    assert result.status == 2
    assert "Warning: training was ended by an error in Checkpoint.epoch: StorageError" in result.err
    assert "Traceback" not in result.err
    end = result.records[-1]
    assert (end["event"], end["stopped"], end["epochs"]) == ("end", "failed", 1)
    assert [entry.name for entry in tmp_path.iterdir()] == [table.name]
