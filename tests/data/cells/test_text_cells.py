import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_data
from pellucid.data.cells.text_cells import (
    clean_text,
    codes_of,
    column_of_texts,
    is_number_column,
    is_number_or_missing,
    marks_as_null,
    numbers_of,
)
from pellucid.data.raw import row_place
from pellucid.errors import DataError

MISSING = ["", " ", "?", "NA", "na", "N/A", "NaN", "nan", "null", "NULL", "None", " none "]


def cleaned(*cells):
    return marks_as_null(clean_text(pl.DataFrame({"a": cells})))["a"].to_list()


@pytest.mark.parametrize("mark", MISSING)
def test_missing_marks(mark):
    assert cleaned(mark, "x") == [None, "x"]
    assert is_number_or_missing(mark)


@pytest.mark.parametrize("text", ["0", "-1.5", "+2", ".5", "5.", "1e5", "1E-5", " 3 "])
def test_numbers(text):
    assert is_number_or_missing(text)
    column = clean_text(pl.DataFrame({"a": [text]}))["a"]
    assert is_number_column(column, row_place)
    assert numbers_of(column, row_place).tolist() == [float(text)]


@pytest.mark.parametrize("text", ["a", "1,5", "inf", "-Infinity", "1e999", "0x10", "1 2", "True", "-"])
def test_no_numbers(text):
    assert not is_number_or_missing(text)
    assert not is_number_column(pl.Series([text]), row_place)


def test_blanks_around_a_word_are_no_part_of_it():
    assert cleaned("  a b ", None) == ["a b", None]


def test_one_word_among_ten_is_a_slip_among_nine_a_category():
    with pytest.raises(DataError) as caught:
        is_number_column(pl.Series("size", ["1"] * 4 + ["big"] + ["2"] * 5 + [None]), row_place)
    assert caught.value.received == "'big'"
    assert caught.value.where == "row 4 (counted from 0), column 'size'"
    assert "9 of 10" in caught.value.expected
    assert not is_number_column(pl.Series(["1"] * 8 + ["big"]), row_place)


def test_a_slip_that_people_read_as_a_number():
    with pytest.raises(DataError) as caught:
        is_number_column(pl.Series("size", ["1"] * 19 + ["1,5"]), row_place)
    assert caught.value.remedy == "write it with . as the decimal point and no other symbols"


def test_all_wrong_cells_are_counted():
    cells = ["1"] * 37 + ["5' 4\"", ".", "x", "y"]
    with pytest.raises(DataError) as caught:
        is_number_column(pl.Series("size", cells), row_place)
    assert caught.value.received == "'5\\' 4\"' and 2 other cells"
    assert caught.value.where == "row 37 (counted from 0), column 'size'"
    assert "37 of 40" in caught.value.expected
    for remedy in ("leave it empty", "--missing (missing in Python)", "--drop (drop in Python)"):
        assert remedy in caught.value.remedy
    with pytest.raises(DataError) as caught:
        numbers_of(pl.Series("size", cells), row_place)
    assert "--missing" in caught.value.remedy
    assert "--drop" not in caught.value.remedy  # a model needs the column


class TestLabels:
    @pytest.mark.parametrize("labels", [["136A", "136A"], ["1OT"] * 4, ["a1", "12bc", "a1"]])
    def test_that_come_again_are_categories(self, labels):
        found = []
        assert not is_number_column(pl.Series(["1", "2"] * 20 + labels), row_place, found)
        assert found == [labels[0]]

    @pytest.mark.parametrize(
        ("numbers", "labels"),
        [
            (["1", "2"], ["136A"]),
            (["1", "2"], ["136A", "136B"]),
            (["1", "2.5"], ["136A", "136A"]),
            (["1", "2"], ["136A", "136A", "x"]),
            (["1", "2"], ["136ABC"] * 2),
            (["1", "2"], ["x"] * 2),
            (["1", "2"], ["1A2"] * 2),
        ],
    )
    def test_others_are_mistakes(self, numbers, labels):
        column = pl.Series(numbers * 20 + labels)
        with pytest.raises(DataError, match="contains text"):
            is_number_column(column, row_place, [])

    def test_among_the_numbers_of_a_target_are_mistakes(self):
        targets = [*map(str, range(24)), "136A"] * 2
        rows = {"x": [float(row % 7) for row in range(50)], "y": targets}
        with pytest.raises(DataError, match="contains text") as caught:
            load_data(pl.DataFrame(rows), test_size=8)
        assert caught.value.remedy.endswith("if these are classes, choose the task 'classification'")
        assert load_data(pl.DataFrame(rows), task="classification", test_size=8).n_classes == 25

    def test_more_than_a_tenth_are_words_without_a_note(self):
        found = []
        assert not is_number_column(pl.Series(["1"] * 8 + ["1A"] * 2), row_place, found)
        assert found == []


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "INF"])
@pytest.mark.parametrize("share", [1, 20])
def test_infinite_numbers_as_text_are_refused_however_many(cell, share):
    frame = pl.DataFrame({"a": [cell] * share + [*map(str, range(40 - share))], "y": ["p", "q"] * 20})
    with pytest.raises(DataError, match="a value is infinite") as caught:
        load_data(frame, target="y", test_size=8)
    value = "-inf" if cell.startswith("-") else "inf"
    assert caught.value.received == value + " and 19 other cells" * (share == 20)
    assert f"--missing {value} (missing='{value}' in Python)" in caught.value.remedy
    assert caught.value.remedy.endswith("or drop the column with --drop (drop in Python)")
    frame = frame.with_columns(z=pl.Series(range(40)) % 7)
    as_missing = load_data(frame, target="y", missing=value, test_size=8)
    assert as_missing.inputs.features == ("a", "a is missing", "z")


def test_booleans_are_words_to_a_column_and_numbers_to_an_array():
    column = pl.Series([True, None, False])
    assert not is_number_column(column, row_place)
    assert column_of_texts(column).to_list() == ["True", None, "False"]
    assert numbers_of(column, row_place)[[0, 2]].tolist() == [1, 0]


def test_a_column_of_nothing_is_no_column_of_numbers():
    assert not is_number_column(pl.Series([None, None], dtype=pl.String), row_place)


def test_a_word_where_numbers_were():
    with pytest.raises(DataError) as caught:
        numbers_of(pl.Series("age", ["1", "old"]), lambda row: f"line {row + 2}")
    assert (caught.value.where, caught.value.received) == ("line 3, column 'age'", "'old'")


def test_missing_numbers_are_nan():
    assert np.isnan(numbers_of(pl.Series([None, 1.0]), row_place)).tolist() == [True, False]


def test_numbers_as_words():
    assert column_of_texts(pl.Series([1.0, 2.5, None])).to_list() == ["1", "2.5", None]


def test_a_number_that_no_float_holds_is_no_word():
    frame = pl.DataFrame({"a": ["1.5", "1e400", *map(str, range(28))], "kind": ["x", "y"] * 15})
    with pytest.raises(DataError, match="a number is too large") as caught:
        load_data(frame, target="kind", test_size=0.5)
    assert caught.value.received == "'1e400'"


@pytest.mark.parametrize("n_words", [0, 3, 126, 127, 200, 300])
def test_codes(n_words):
    words = [f"w{number}" for number in range(n_words)]
    cells = [*words[::-1], "other", None, *words]
    expected = [words.index(cell) if cell in words else -1 for cell in cells]
    assert codes_of(pl.Series(cells, dtype=pl.String), words).tolist() == expected


@pytest.mark.parametrize(
    ("cell", "problem"), [("inf", "infinite"), ("-Infinity", "infinite"), ("1e999", "too large")]
)
def test_an_infinite_number_is_not_called_too_large(cell, problem):
    with pytest.raises(DataError, match=problem):
        is_number_column(pl.Series("size", ["1"] * 19 + [cell]), row_place)


@pytest.mark.parametrize("mark", ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "<NA>"])
def test_errors_of_workbooks_are_missing(written, mark):
    path = written(
        "size,kind\n" + "".join(f"{row % 7}.5,{'ab'[row % 2]}\n" for row in range(30)) + f"{mark},a\n"
    )
    sizes = read_data(path).rows["size"]
    assert (sizes.dtype, sizes.null_count(), sizes[-1]) == (pl.Float64, 1, None)
