import polars as pl
import pytest

from pellucid.data.encoding.word_column import WordColumn
from pellucid.data.raw import row_place


def encoded(column, values):
    notes = []
    return column.encode(pl.Series(column.name, values), row_place, notes).tolist(), notes


class TestWords:
    def test_one_hot_in_order_with_unseen_words_counted(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", "north", "south"]))
        inputs, (note,) = encoded(column, ["south", "east", "north", "west"])
        assert column.features == ("sea = north", "sea = south")
        assert inputs == [[0, 1], [0, 0], [1, 0], [0, 0]]
        assert note.startswith("2 rows")
        assert "'east'" in note

    def test_missing_is_a_category_where_training_had_it(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", None]))
        assert column.features == ("sea = south", "sea is missing")
        assert encoded(column, [None, "south"]) == ([[0, 1], [1, 0]], [])

    def test_missing_where_training_had_none_is_noted(self):
        column, _ = WordColumn.fit(pl.Series("sea", ["south", "north"]))
        inputs, (note,) = encoded(column, [None])
        assert inputs == [[0, 0]]
        assert "without 'sea'" in note

    def test_the_hundred_most_frequent_words_stay_ties_by_name(self):
        texts = [f"w{number:03}" for number in range(120)] * 2 + ["w119"]
        column, (finding,) = WordColumn.fit(pl.Series("word", texts))
        assert column.categories == (*(f"w{number:03}" for number in range(99)), "w119")
        assert "100 most frequent" in finding.what
        assert finding.detail == "120 categories"
        _, (note,) = encoded(column, ["w000", "w118"])
        assert note.startswith("1 row with a category not among the 100 kept in 'word', such as 'w118'")

    def test_a_hundred_words_all_stay(self):
        column, notes = WordColumn.fit(pl.Series("word", [f"w{number}" for number in range(100)] * 2))
        assert (len(column.categories), notes) == (100, [])

    @pytest.mark.parametrize(
        ("n_words", "n_rows", "stays"),
        [
            (101, 101, False),
            (21, 21, False),
            (21, 41, False),
            (21, 42, True),
            (20, 20, True),
            (60, 119, False),
        ],
    )
    def test_names_are_left_out(self, n_words, n_rows, stays):
        column, findings = WordColumn.fit(pl.Series("name", [f"n{row % n_words}" for row in range(n_rows)]))
        assert (column is not None) == stays
        what = "left out, because the values are names, not categories"
        assert [finding.what for finding in findings] == [what] * (not stays)

    @pytest.mark.parametrize("mould", ["{},5", "{}.5 kg"])
    def test_a_column_of_numbers_and_a_word_names_the_word(self, mould):
        texts = [*(mould.format(number) for number in range(30)), "n.a."]
        column, (finding,) = WordColumn.fit(pl.Series("x", texts))
        assert column is None
        assert finding.detail == "such as 'n.a.'"
        assert "correct such text, or name it with --missing" in finding.what

    @pytest.mark.parametrize(
        "mould", ["{},5", "1,{:03}", "{} %", "$ {}", "{}€", "-{},25", "{} EUR", "1.000.{:03},5"]
    )
    def test_numbers_written_for_people_are_named(self, mould):
        texts = [mould.format(number) for number in range(30)]
        for copies, begins in ((1, "left out"), (4, "categorical")):
            column, (finding,) = WordColumn.fit(pl.Series("x", texts * copies))
            assert (column is None) == (copies == 1)
            assert finding.what.startswith(begins)
            assert finding.detail == f"such as {mould.format(0)!r}"
            assert "numbers need . as the decimal point and no other symbols" in finding.what

    @pytest.mark.parametrize("mould", ["n{}", "2020-01-{}", "1.2.{}", "{}:30", "{}", "12345-{:04}"])
    def test_other_words_are_not(self, mould):
        _, notes = WordColumn.fit(pl.Series("x", [mould.format(number) for number in range(30)] * 4))
        assert notes == []
