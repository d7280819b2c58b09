"""Studies that were damaged or edited: one clear error, or a search that goes on."""

import contextlib
import random
import shutil
import sqlite3

import pytest

from pellucid.errors import FormatError, PellucidError
from pellucid.tuning.candidate import Outcome
from pellucid.tuning.space import Space
from pellucid.tuning.study import Study
from pellucid.tuning.study_file import about_search, opened

SPACE = Space.of({"epochs": 4, "seed": 0}, {})
N_TRIALS = 11  # enough for the sampler to look at them
# Cells that no search writes, of every type that SQLite has.
STRANGERS = [
    None, 0, -1, 2**40, 1.5, -1e308, "", "x", "null", "{}", "[]", "true", '{"a": [1]}', b"\xff\xfe", "FAIL",
    "RUNNING", "PRUNED", "NaN", "1e999", '{"name": "FloatDistribution", "attributes": {}}',
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory, plan):
    """A study with trials, and what it is about."""
    path, about = tmp_path_factory.mktemp("study") / "study.db", about_search(plan, SPACE)
    with opened(path, about, maximise=False) as kept:
        go_on(kept, N_TRIALS)
    return path, about


def go_on(kept, n):
    """Try candidates, ask what they came to, and give how many trials there are."""
    study = Study(kept, SPACE, seed=0, epochs=4, side_by_side=False)
    for _ in range(n):
        trial, options = study.ask()
        value = abs(options["dropout"] - 0.2) + len(options["layers"]) / 10
        for epoch in (1, 2, 3):
            study.go_on(trial, epoch, value + 1 / epoch)
        study.end(trial, study.known(options) or Outcome(value, 4, 0.5, None))
    assert study.best
    assert not study.is_exhausted
    return len(study.rows)


def edited(whole, path, *statements):
    shutil.copy(whole[0], path)
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA foreign_keys = OFF")
        base.execute("PRAGMA ignore_check_constraints = ON")
        for statement, *values in statements:
            base.execute(statement, values)
        base.commit()


def tables(base):
    return sorted(name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


def any_edit(whole, draw):
    """A table or a row taken away, or one cell changed to another type, size or sign."""
    with contextlib.closing(sqlite3.connect(whole[0])) as base:
        table = draw.choice(tables(base))
        columns = [column[1] for column in base.execute(f"PRAGMA table_info({table})")]
        rows = base.execute(f"SELECT rowid, * FROM {table}").fetchall()
    if not rows or draw.random() < 0.05:
        return (f"DROP TABLE {table}",)
    row, column = draw.choice(rows), draw.randrange(len(columns))
    if draw.random() < 0.1:
        return f"DELETE FROM {table} WHERE rowid = ?", row[0]
    before, after = row[column + 1], draw.choice(STRANGERS)
    if isinstance(before, str) and draw.random() < 0.5:
        after = draw.choice([before[:-1], 2 * before, before.upper(), before.replace("1", "2")])
    elif isinstance(before, int | float) and draw.random() < 0.5:
        after = draw.choice([-before, 1000 * before, before + 1, f"{before}x"])
    return f"UPDATE {table} SET {columns[column]} = ? WHERE rowid = ?", after, row[0]


@pytest.mark.slow
@pytest.mark.long
def test_a_study_that_was_edited_anywhere_is_refused_or_goes_on(whole, tmp_path):
    draw, outcomes = random.Random(3), {"refused": 0, "went on": 0}
    for number in range(60):
        path, edit = tmp_path / f"{number}.db", any_edit(whole, draw)
        with contextlib.suppress(sqlite3.Error):  # some edits SQLite itself refuses
            edited(whole, path, edit)
        try:
            with opened(path, whole[1], maximise=False) as kept:
                assert go_on(kept, 1) <= N_TRIALS + 1
            outcomes["went on"] += 1
        except PellucidError:
            outcomes["refused"] += 1
        except Exception as error:
            pytest.fail(f"{edit}: {error!r}")
    assert min(outcomes.values()) > 10, outcomes


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trial_user_attributes SET value_json = '{not json' WHERE key = 'parameters'",
        "UPDATE trial_user_attributes SET value_json = '\"low\"' WHERE key = 'value'",
        "UPDATE trial_user_attributes SET value_json = '{\"layers\": [5]}' WHERE key = 'parameters'",
        "DELETE FROM trial_user_attributes WHERE key = 'epochs'",
        "UPDATE trial_params SET param_value = 99 WHERE param_name = 'optimizer'",
        "UPDATE trial_params SET distribution_json = '[]'",
        "UPDATE trial_intermediate_values SET step = 'first' WHERE step = 1",
        "UPDATE trials SET state = 'LOST'",
        "UPDATE trials SET datetime_start = NULL",
        "DELETE FROM study_directions",
        "UPDATE alembic_version SET version_num = 'v9'",
        "UPDATE study_user_attributes SET value_json = '' WHERE key = 'about'",
    ],
)
def test_what_no_search_wrote_is_refused_before_a_trial_begins(whole, tmp_path, statement):
    path = tmp_path / "study.db"
    edited(whole, path, (statement,))
    with (
        pytest.raises(FormatError, match="the study is damaged") as caught,
        opened(path, whole[1], maximise=False) as kept,
    ):
        go_on(kept, 1)
    assert caught.value.where == str(path)
    assert caught.value.received


def test_a_whole_study_goes_on(whole, tmp_path):
    path = tmp_path / "study.db"
    edited(whole, path)
    with opened(path, whole[1], maximise=False) as kept:
        assert go_on(kept, 1) == N_TRIALS + 1
