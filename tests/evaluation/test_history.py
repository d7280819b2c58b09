"""The table of epochs: kept, shown, written and read again."""

import json
import math

import polars as pl
import pytest

from pellucid.errors import DataError, PellucidError
from pellucid.evaluation import History

ROWS = [
    {"epoch": 0, "train_cost": 2.302585, "test_cost": 2.5, "seconds": 0.0},
    {"epoch": 1, "train_cost": 0.1 + 0.2, "test_cost": 1 / 3, "seconds": 1.25},
    {"epoch": 2, "train_cost": 1e-300, "test_cost": 0.25, "seconds": 1.5},
]


@pytest.fixture
def history():
    return History(ROWS)


def test_columns_and_epochs(history):
    assert history.columns == ["epoch", "train_cost", "test_cost", "seconds"]
    assert history["test_cost"] == [2.5, 1 / 3, 0.25]
    assert history[1] == ROWS[1]
    assert history[-1] == ROWS[2]
    assert list(history) == ROWS
    assert (len(history), history.n_epochs) == (3, 2)


def test_row_0_is_no_epoch():
    assert History().n_epochs == 0
    assert History(ROWS[:1]).n_epochs == 0
    assert History(ROWS[:2]).n_epochs == 1


def test_an_unknown_column_names_those_there_are(history):
    with pytest.raises(KeyError, match="'accuracy'; the columns are epoch, train_cost, test_cost"):
        history["accuracy"]
    with pytest.raises(IndexError):
        history[3]


@pytest.mark.parametrize(
    "row",
    [
        {"epoch": 3, "train_cost": 1.0, "test_cost": 1.0},
        {**ROWS[0], "more": 1.0},
        {"epoch": 3, "train_cost": 1.0, "test_cost": 1.0, "second": 1.0},
        {},
    ],
)
def test_a_row_of_other_figures_is_refused_and_nothing_kept(history, row):
    with pytest.raises(DataError) as caught:
        history.append(row)
    assert isinstance(caught.value, PellucidError)
    assert caught.value.expected == "epoch, train_cost, test_cost, seconds"
    assert caught.value.received == ", ".join(row)
    assert list(history) == ROWS


def test_rows_are_copied():
    row = dict(ROWS[0])
    history = History([row])
    row["train_cost"] = -1.0
    assert history["train_cost"] == [2.302585]


def test_json_gives_back_every_bit(history, tmp_path):
    text = history.to_json(tmp_path / "history.json")
    assert json.loads(text) == ROWS
    assert (tmp_path / "history.json").read_text(encoding="utf-8") == text
    assert History.from_json(text) == history
    assert History.from_json(History().to_json()) == History()


def test_json_keeps_infinity():
    history = History([{"test_r2": -math.inf}])
    assert History.from_json(history.to_json())["test_r2"] == [-math.inf]


def test_what_is_undefined_is_null_in_json_and_equal_to_itself():
    history = History([{"test_r2": math.nan, "test_cost": 1.0}])
    assert json.loads(history.to_json()) == [{"test_r2": None, "test_cost": 1.0}]
    again = History.from_json(history.to_json())
    assert math.isnan(again["test_r2"][0])
    assert again == history != History([{"test_r2": 0.5, "test_cost": 1.0}])


def test_the_cost_that_training_lowers():
    weighted = History([{"train_cost": 1.0, "test_cost": 1.0, "test_weighted_cost": 1.0}])
    assert weighted.cost_column("train") == "train_cost"
    assert weighted.cost_column("test") == "test_weighted_cost"


def test_equality(history):
    assert history == History(ROWS)
    assert history != History(ROWS[:2])
    assert history != ROWS
    with pytest.raises(TypeError):
        hash(history)


def test_polars(history):
    frame = history.to_polars()
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == history.columns
    assert frame.rows(named=True) == ROWS
    assert frame.schema["epoch"] == pl.Int64
    assert History().to_polars().is_empty()


def test_shown_as_text(history):
    assert str(history).splitlines() == [
        "epoch   train_cost   test_cost   seconds",
        "    0        2.303         2.5         0",
        "    1          0.3      0.3333      1.25",
        "    2       1e-300        0.25       1.5",
    ]
    assert repr(history) == "History(2 epochs of epoch, train_cost, test_cost, seconds)"
    assert str(History()) == ""


def test_shown_in_a_notebook(history):
    page = history._repr_html_()
    assert page.count("<tr>") == 4
    assert "<th>train_cost</th>" in page
    assert "<td>2.303</td><td>2.5</td>" in page


def test_nothing_from_outside_becomes_html():
    page = History([{"<b>name</b>": "<script>&"}])._repr_html_()
    assert "<th>&lt;b&gt;name&lt;/b&gt;</th>" in page
    assert "<td>&lt;script&gt;&amp;</td>" in page
