import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import load_data, read_data
from pellucid.data.cells.number_marks import are_marks, without_marks
from pellucid.data.encoding.column_inputs import ColumnInputs
from pellucid.data.encoding.word_column import WordColumn
from pellucid.data.read import read_again
from pellucid.errors import DataError

NUMBERS = [1.5 * row for row in range(40)]


def table(cells, target=None):
    return pl.DataFrame(
        {"x": cells, "z": [float(row % 7) for row in range(40)], "y": target or ["p", "q"] * 20}
    )


def with_marks(*marks, numbers=NUMBERS):
    """Return numbers as text, with a mark in every third row from row 1 on."""
    cells = list(map(str, numbers))
    for index, mark in enumerate(marks):
        cells[1 + 3 * index] = mark
    return cells


@pytest.mark.parametrize(
    "mark", [".", "..", "...", "-", "--", "---", "–", "—", "−", "*", "***", "(-)", "#", "_", "/"]
)
def test_marks(mark):
    assert are_marks(pl.Series([mark, f" {mark} "])).all()
    numbers = np.array(NUMBERS)
    numbers[1] = np.nan
    empty = load_data(table([None if value != value else value for value in numbers.tolist()]), test_size=8)
    marked = load_data(table(with_marks(mark)), test_size=8)
    assert f"read as missing: 'x' ({mark!r} in 1 row)" in marked.notes
    assert marked.inputs == empty.inputs
    assert np.array_equal(marked.train.inputs, empty.train.inputs)


@pytest.mark.parametrize(
    "cell", ["-1", "1.", ".5", "+", "<", "=", "~", "∞", "½", "✓", "★", "a", "٣", "-a-", "$", ""]
)
def test_other_cells_are_not(cell):
    assert not are_marks(pl.Series([cell])).any()


def test_one_note_for_all_columns():
    frame = table(with_marks(".", ".", "-")).with_columns(z=pl.Series(with_marks("*")))
    (note,) = (note for note in read_data(frame).notes if note.startswith("read as missing"))
    assert note == "read as missing: 'x' ('.' in 2 rows, '-' in 1 row), 'z' ('*' in 1 row)"
    assert note.remarks == {
        "x": "'.' in 2 rows, '-' in 1 row read as missing",
        "z": "'*' in 1 row read as missing",
    }


@pytest.mark.parametrize(
    "cells",
    [
        ["+", "-"] * 20,
        ["-", "--"] * 20,
        ["a", "."] * 20,
        ["1", "a", "-", "-"] * 10,
        ["1", "+", "-", "-"] * 10,
        ["a1", "-"] * 20,
    ],
)
def test_marks_beside_words_are_words(cells):
    data = load_data(table(cells), test_size=8)
    (column, _) = data.inputs.columns
    assert isinstance(column, WordColumn)
    assert column.categories == tuple(sorted(set(cells)))
    assert not any("missing" in note for note in data.notes)


def test_a_column_with_a_word_far_below_is_told_by_all_cells():
    assert without_marks(pl.DataFrame({"a": ["1", "."] * 100 + ["x1"]}))["a"].to_list()[-2:] == [None, "x1"]
    column, _ = read_data(table(["1", "."] * 19 + ["x1", "x2"])).rows.iter_columns()
    assert column.to_list()[:2] == ["1", "."]


def test_rows_for_a_prediction_are_read_alike(written):
    data = load_data(table(with_marks(".", "-")), test_size=8)
    empty, _ = data.inputs.encode(pl.DataFrame({"x": [None], "z": [1.0]}))
    for mark in (".", "--"):
        notes = []
        inputs, _ = data.inputs.encode(pd.DataFrame({"x": [mark], "z": [1.0]}), notes=notes)
        assert (inputs.tolist(), notes) == (empty.tolist(), [])
    rows = read_data(written("x,z\n.,1\n", "new.csv"), require_target=False).rows
    assert data.inputs.encode(rows)[0].tolist() == empty.tolist()


def test_a_model_of_words_reads_marks_as_words(written):
    cells = ["1", "2", "."] * 2
    column, _ = WordColumn.fit(pl.Series("x", cells))
    path = written("\n".join(["x", *cells]), "rows.csv")
    rows = read_again(path, {"header": True}, require_target=False)
    assert ColumnInputs((column,)).encode(rows.rows)[0].argmax(axis=1).tolist() == [1, 2, 0] * 2


@pytest.mark.parametrize("task", [None, "regression"])
def test_rows_with_a_mark_have_no_target(task):
    data = load_data(table(NUMBERS, with_marks(".", ".", "-")), task=task, test_size=8)
    assert data.task == "regression"
    assert "3 of 40 rows have no value in 'y' and are dropped" in data.notes
    assert "read as missing: 'y' ('.' in 2 rows, '-' in 1 row)" in data.notes
    known = np.delete(np.array(NUMBERS), [1, 4, 7])
    targets = np.concatenate([data.train.known_targets, data.test.known_targets])
    assert sorted(targets.ravel().tolist()) == known.tolist()


def test_a_mark_among_numbers_of_classes_is_not_a_class():
    classes = with_marks(".", numbers=[row % 3 for row in range(40)])
    assert load_data(table(NUMBERS, classes), test_size=8).target.names == ("0", "1", "2")
    assert load_data(table(NUMBERS, ["+", "-"] * 20), test_size=8).target.names == ("+", "-")


def test_numbers_with_a_decimal_comma_and_marks():
    cells = with_marks("-", numbers=[f"{row},5" for row in range(40)])
    data = load_data(table(cells), test_size=8)
    assert "read as missing: 'x' ('-' in 1 row)" in data.notes
    assert data.inputs.features == ("x", "x is missing", "z")
    known = np.delete(np.arange(40) + 0.5, 1)
    raw = read_data(table(cells))
    assert raw.rows["x"].drop_nulls().to_list() == known.tolist()
    assert raw.rows["x"].is_null().arg_true().to_list() == [1]
    assert data.inputs.encode(pl.DataFrame({"x": ["-"], "z": [0.0]}))[0][0, 1] == 1
    # Also as the target.
    targets = load_data(table(NUMBERS, cells), test_size=8)
    assert (
        sorted(np.concatenate([targets.train.known_targets, targets.test.known_targets]).ravel())
        == known.tolist()
    )


def test_a_dropped_column_has_no_note():
    assert not any("missing" in note for note in read_data(table(with_marks(".")), drop="x").notes)


def test_marks_are_not_counted_as_text():
    with pytest.raises(DataError, match="contains text") as caught:
        load_data(table(with_marks(".", ".", ".", ".", "big")), test_size=8)
    assert caught.value.received == "'big'"
    assert "as in 35 of 36 cells" in caught.value.expected
