import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace

import optuna
import pytest
from sqlalchemy import event

from pellucid.errors import (
    ConfigurationError,
    ExistingFileError,
    FormatError,
    MissingFileError,
    PellucidError,
    StorageError,
)
from pellucid.tuning.candidate import Outcome, Plan
from pellucid.tuning.space import Space
from pellucid.tuning.study import Study
from pellucid.tuning.study_file import about_search, check_study_file, opened

SPACE = Space.of({"epochs": 8, "seed": 0}, {})


@pytest.fixture
def about(plan):
    return about_search(plan, SPACE)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a study? 100 % #1.db"


def study_of(kept):
    return Study(kept, SPACE, seed=0, epochs=8, side_by_side=False)


def test_trials_are_there_when_it_is_opened_again(path, about):
    with opened(path, about, maximise=False) as kept:
        study = study_of(kept)
        for value in (0.3, 0.2):
            trial, _ = study.ask()
            study.go_on(trial, 1, value)
            study.end(trial, Outcome(value, 8, 0.5, None))
        rows = study.rows
    assert check_study_file(path) == path
    with opened(path, about, maximise=False) as kept:
        assert study_of(kept).rows == rows
    assert [part.name for part in path.parent.iterdir()] == [path.name]


def test_a_trial_is_written_in_one_go_when_it_ends(path, about):
    """What a killed search leaves is what has ended, and no epoch waits for the file."""
    with opened(path, about, maximise=False) as kept:
        study = study_of(kept)
        begun, written = path.read_bytes(), []
        event.listen(
            kept._storage._backend.engine, "before_cursor_execute", lambda *call: written.append(call[2])
        )
        first, options = study.ask()
        second, _ = study.ask()
        for epoch in range(1, 8):
            assert study.go_on(first, epoch, 1 / epoch)
            assert study.go_on(second, epoch, 1 / epoch)
        assert written == []
        assert path.read_bytes() == begun
        study.end(second, Outcome(0.125, 8, 0.5, None))
        assert written
    with opened(path, about, maximise=False) as kept:
        again = study_of(kept)
        (row,) = again.rows
        assert (row["number"], row["state"], row["value"]) == (0, "finished", 0.125)
        (trial,) = kept.trials
        assert trial.intermediate_values == {epoch: 1 / epoch for epoch in range(1, 8)}
        assert again.n_counted == 1
        assert again.ask()[1] != options


def test_what_was_before_prunes_after(path, about):
    with opened(path, about, maximise=False) as kept:
        study = study_of(kept)
        for cost in (5, 4, 3, 2, 1):
            trial, _ = study.ask()
            study.go_on(trial, 3, cost)
            study.end(trial, Outcome(cost, 8, 0.5, None))
    with opened(path, about, maximise=False) as kept:
        study = study_of(kept)
        worse, better = study.ask()[0], study.ask()[0]
        assert not study.go_on(worse, 3, 3.5)
        assert study.go_on(better, 3, 2.5)


def test_two_searches_at_once_are_refused(path, about):
    with opened(path, about, maximise=False):
        again = opened(path, about, maximise=False)
        with pytest.raises(ExistingFileError, match="another search"):
            again.__enter__()
    with opened(path, about, maximise=False):
        pass


# The study file keeps the keys that earlier versions wrote.
SHOWN = {
    "the figure monitored": "the metric",
    "what is fixed": "a fixed option",
    "what is searched": "the search space",
}


@pytest.fixture
def others(classes, values, plan):
    """Searches that each differ in one thing, by what is said of it."""
    weighted = replace(classes, train=replace(classes.train, weights=classes.train.targets + 0.5))
    resplit = replace(classes, provenance={**classes.provenance, "test_size": 10})
    return {
        "the data": about_search(replace(plan, data=values), SPACE),
        "the data ": about_search(replace(plan, data=weighted), SPACE),
        "the split": about_search(replace(plan, data=resplit), SPACE),
        "the figure monitored": about_search(Plan(classes, "validation_accuracy", 10), SPACE),
        "the patience": about_search(Plan(classes, "validation_cost", 3), SPACE),
        "what is fixed": about_search(plan, Space.of({"epochs": 9, "seed": 0}, {})),
        "what is searched": about_search(plan, Space.of(SPACE.fixed, {"dropout": "0..0.1"})),
    }


def test_another_search_is_refused_with_the_difference(path, about, others):
    with opened(path, about, maximise=False):
        pass
    assert {name.strip() for name in others} == set(about)
    before = path.read_bytes()
    for name, other in others.items():
        again = opened(path, other, maximise=False)
        with pytest.raises(ConfigurationError, match=f": {SHOWN.get(name, name.strip())} differs") as refusal:
            again.__enter__()
        assert refusal.value.expected != refusal.value.received
    assert path.read_bytes() == before


def test_a_file_that_is_no_study_is_left_alone(tmp_path):
    text, foreign, empty = tmp_path / "text.db", tmp_path / "foreign.db", tmp_path / "empty.db"
    text.write_text("not a database")
    empty.touch()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(f"sqlite:///{foreign}")
    optuna.create_study(study_name="mine", storage=storage)
    storage.engine.dispose()
    for path in (text, foreign, empty):
        before = path.read_bytes()
        with pytest.raises(FormatError, match="not a study"):
            check_study_file(path)
        assert path.read_bytes() == before


@pytest.mark.parametrize("columns", ["study_name TEXT", "study_id INTEGER, study_name TEXT"])
def test_a_table_of_another_program_is_left_alone(path, columns):
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute(f"CREATE TABLE studies ({columns})")
        base.execute("INSERT INTO studies (study_name) VALUES ('pellucid')")
    before = path.read_bytes()
    with pytest.raises(FormatError, match="not a study"):
        check_study_file(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("said", [None, "DELETE", 3, ["a"]])
def test_a_study_that_does_not_say_what_it_is_about(path, about, said):
    with opened(path, about, maximise=False) as kept:
        kept.set_user_attr("about", said)
    if said == "DELETE":
        with contextlib.closing(sqlite3.connect(path)) as base, base:
            base.execute("DELETE FROM study_user_attributes WHERE key = 'about'")
    with pytest.raises(FormatError, match="identity of its search"), opened(path, about, maximise=False):
        pass


def test_a_place_that_takes_no_file(tmp_path):
    with pytest.raises(MissingFileError):
        check_study_file(tmp_path / "nowhere" / "a.db")
    with pytest.raises(StorageError, match="folder"):
        check_study_file(tmp_path)


def test_a_format_that_is_not_known(path, about):
    with opened(path, about, maximise=False) as kept:
        kept.set_user_attr("format", 99)
    with pytest.raises(FormatError, match="unsupported format"), opened(path, about, maximise=False):
        pass


@pytest.fixture
def damaged(path, about):
    with opened(path, about, maximise=False):
        pass
    content = path.read_bytes()
    path.write_bytes(content[:2000].ljust(len(content), b"\0"))
    return path


def test_a_file_that_is_damaged_is_one_clear_error(damaged, about):
    with pytest.raises(PellucidError), opened(damaged, about, maximise=False):
        pass


def test_no_connection_stays_open_where_optuna_cannot_read_the_file(damaged, about, monkeypatch):
    made, connect = [], sqlite3.connect

    def kept(*arguments, **how):
        made.append(connect(*arguments, **how))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", kept)
    with pytest.raises(PellucidError), opened(damaged, about, maximise=False):
        pass
    assert made
    for base in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            base.execute("SELECT 1")


def test_what_cannot_be_begun_leaves_nothing(path, about, monkeypatch):
    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(optuna.Study, "set_user_attr", fail)
    with pytest.raises(StorageError, match="could not be read or written"):
        opened(path, about, maximise=False).__enter__()
    assert list(path.parent.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
import optuna
from pellucid.tuning.study_file import opened
optuna.Study.set_user_attr = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
opened(Path(sys.argv[1]), {}, maximise=False).__enter__()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_one_that_is_killed_leaves_the_next_removes(path, about):
    done = subprocess.run([sys.executable, "-B", "-c", KILLED, path], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [name for name in os.listdir(path.parent) if name.startswith(".pellucid-")]
    assert not path.exists()
    with opened(path, about, maximise=False):
        pass
    assert os.listdir(path.parent) == [path.name]


def test_optuna_is_as_talkative_afterwards_as_before(path, about):
    before = optuna.logging.get_verbosity()
    with opened(path, about, maximise=False):
        assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    assert optuna.logging.get_verbosity() == before


def test_in_memory(about):
    with opened(None, about, maximise=True) as kept:
        assert kept.direction == optuna.study.StudyDirection.MAXIMIZE
