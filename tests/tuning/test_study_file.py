import sqlite3
from dataclasses import replace

import optuna
import pytest

from pellucid.errors import (
    ConfigurationError,
    ExistingFileError,
    FormatError,
    MissingFileError,
    PellucidError,
    StorageError,
)
from pellucid.tuning.about import about_search
from pellucid.tuning.candidate import Outcome, Plan
from pellucid.tuning.space import Space
from pellucid.tuning.study import Study
from pellucid.tuning.study_file import check_study_file, opened

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


def test_trials_that_a_killed_search_left_are_interrupted(path, about):
    with opened(path, about, maximise=False) as kept:
        lost, options = study_of(kept).ask()
    with opened(path, about, maximise=False) as kept:
        study = study_of(kept)
        (row,) = study.rows
        assert (row["number"], row["state"]) == (lost.number, "interrupted")
        assert {**SPACE.fixed, **row["parameters"]} == options
        assert study.n_counted == 0


def test_two_searches_at_once_are_refused(path, about):
    with opened(path, about, maximise=False):
        again = opened(path, about, maximise=False)
        with pytest.raises(ExistingFileError, match="another search"):
            again.__enter__()
    with opened(path, about, maximise=False):
        pass


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
        with pytest.raises(ConfigurationError, match=name.strip()) as refusal:
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
        with pytest.raises(FormatError, match="no study"):
            check_study_file(path)
        assert path.read_bytes() == before


def test_a_place_that_takes_no_file(tmp_path):
    with pytest.raises(MissingFileError):
        check_study_file(tmp_path / "nowhere" / "a.db")
    with pytest.raises(StorageError, match="folder"):
        check_study_file(tmp_path)


def test_a_format_that_is_not_known(path, about):
    with opened(path, about, maximise=False) as kept:
        kept.set_user_attr("format", 99)
    with pytest.raises(FormatError, match="format"), opened(path, about, maximise=False):
        pass


def test_a_file_that_is_damaged_is_one_clear_error(path, about):
    with opened(path, about, maximise=False):
        pass
    content = bytearray(path.read_bytes())
    content[2000:] = b"\0" * (len(content) - 2000)
    path.write_bytes(content)
    with pytest.raises(PellucidError), opened(path, about, maximise=False):
        pass


def test_what_cannot_be_begun_leaves_nothing(path, about, monkeypatch):
    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(optuna.Study, "set_user_attr", fail)
    with pytest.raises(StorageError, match="could not be read or written"):
        opened(path, about, maximise=False).__enter__()
    assert list(path.parent.iterdir()) == []


def test_optuna_is_as_talkative_afterwards_as_before(path, about):
    before = optuna.logging.get_verbosity()
    with opened(path, about, maximise=False):
        assert optuna.logging.get_verbosity() == optuna.logging.ERROR
    assert optuna.logging.get_verbosity() == before


def test_in_memory(about):
    with opened(None, about, maximise=True) as kept:
        assert kept.direction == optuna.study.StudyDirection.MAXIMIZE
