import numpy as np
import polars as pl
import pytest

from pellucid.data import ColumnInputs, load_data
from pellucid.data.encoding.boolean_column import BooleanColumn
from pellucid.data.encoding.columns import fit_column
from pellucid.data.encoding.number_column import NumberColumn
from pellucid.data.raw import row_place

SPELLINGS = [
    ["no", "yes"], ["N", "Y"], ["FALSE", "TRUE"], ["false", "True"], [False, True], ["0", "1"], [0.0, 1.0],
    ["0.0", "1.0"], [0, 1],
]  # fmt: skip


def fitted(values):
    return fit_column(pl.Series("x", values), np.arange(len(values)), row_place)[0]


@pytest.mark.parametrize("pair", SPELLINGS, ids=str)
@pytest.mark.parametrize("trained", [["No", "yes"], [True, False], ["Y", "n"], ["0", "TRUE"]], ids=str)
def test_every_spelling_is_read_the_same(trained, pair):
    column = fitted(trained)
    assert isinstance(column, BooleanColumn)
    assert column.encode(pl.Series(pair), row_place, []).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("values", [[0.0, 1.0], ["0", "1"], ["1", "0.0", None]])
def test_zero_and_one_are_numbers(values):
    assert isinstance(fitted(values), NumberColumn)


@pytest.mark.parametrize("values", [["yes", None], ["yes", "no", "perhaps"], ["y", "x"], ["f", "m"]])
def test_other_words_are_categories(values):
    assert fitted(values).kind == "words"


def test_the_inputs_have_the_most_frequent_spelling():
    assert fitted(["Y", "y", "Y", "No", None]).features == ("x = No", "x = Y", "x is missing")


def test_missing_and_unknown_cells():
    notes = []
    cells = pl.Series(["y", None, "perhaps", "2"])
    assert fitted(["Y", "N", None]).encode(cells, row_place, notes).tolist() == [
        [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0],
    ]  # fmt: skip
    assert notes == ["2 rows with neither yes nor no in 'x', such as 'perhaps': encoded as all zeros"]
    assert len(fitted(["Y", "N"]).encode(cells, row_place, notes)) == 4
    assert "1 row without 'x'" in notes[-1]


def test_a_column_with_one_answer_in_the_training_set_is_left_out():
    frame = pl.DataFrame({"x": ["yes", "Y", "no"], "size": [1.0, 2.0, 3.0]})
    inputs, (note,) = ColumnInputs.fit(frame, np.array([0, 1]))
    assert inputs.features == ("size",)
    assert "the same value in every row of the training set" in note


def test_a_file_written_again_by_a_spreadsheet(written):
    rows = [(row % 2 == 0, row * 7 % 5) for row in range(40)]
    table = "old,size,y\n" + "".join(f"{old},{size},{'ab'[old]}\n" for old, size in rows)
    data = load_data(written(table), target="y")
    spellings = [["old,size\nTRUE,1\nFALSE,1\n"], ["old,size\n1,1\n0,1\n"], ["old,size\nTrue,1\nfalse,1\n"]]
    encoded = [
        data.inputs.encode(pl.read_csv(written(text, "new.csv"), infer_schema=False))[0].tolist()
        for (text,) in spellings
    ]
    assert encoded[0] == encoded[1] == encoded[2]
    assert encoded[0][0] != encoded[0][1]
