import polars as pl
import pytest

from pellucid.data.cells.written_numbers import read_written_numbers, written_note


def read(cells, decimal=None, **how):
    found = read_written_numbers(pl.DataFrame({"a": cells}), decimal, **how)
    return (found[0].numbers.to_list() if found else cells), written_note(found)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
        (["1,234.5", "12", None], [1234.5, 12, None]),
        (["1.234,5", "-12"], [1234.5, -12]),
        (["1,234,567", "-1,000"], [1234567, -1000]),
        (["1.234.567", "1.000"], [1234567, 1000]),
        (["1 234,5", "7"], [1234.5, 7]),
        (["1\u202f234,5", "7"], [1234.5, 7]),
        (["1'234.50", "7"], [1234.5, 7]),
        (["$1,000.50", "$20", "$.5"], [1000.5, 20, 0.5]),
        (["-$5", "$-6", "+$7"], [-5, -6, 7]),
        (["12 %", "7%"], [12, 7]),
        (["5 EUR", "€6,5", "7"], None),
        (["5 EUR", "6,5 EUR"], [5, 6.5]),
        (["1,234 USD", "5,678 USD"], [1234, 5678]),
        (["0,123", "0,456"], [0.123, 0.456]),
        (["1,5e3", "2,0"], [1500, 2]),
        (["($1,234.50)", "$7.25"], [-1234.5, 7.25]),
        (["(200)", "12", None], [-200, 12, None]),
        (["$(3.50)", "$7.25"], [-3.5, 7.25]),
        (["1.234,50-", "7,00"], [-1234.5, 7]),
        (["1.234,-", "7,50"], [1234, 7.5]),
        (["CHF 1'200.-", "CHF 7.50"], [1200, 7.5]),
        (["US$1,234", "US$7"], [1234, 7]),
        (["R$ 1.234,50", "R$ 7,00"], [1234.5, 7]),
        (["kr 1 200", "kr 7"], [1200, 7]),
        (["1,200 Kč", "7 Kč"], [1200, 7]),
        (["₹12,34,567.50", "₹1,000"], [1234567.5, 1000]),
        # In parentheses alone, or with a dash that is a mark or a mood, they are codes.
        (["(555)", "(212)"], None),
        (["2-", "3+"], None),
        (["2-", "3"], None),
        (["3-4", "5-6"], None),
        # Different quantities, dates, versions, lists and codes stay text.
        (["5 %", "0.05"], None),
        (["$5", "€6"], None),
        (["1.2.2020", "3.4.2021"], None),
        (["1.10.3", "1.2.0"], None),
        (["1,2,3", "4,5"], None),
        (["5 ABC", "6 ABC"], None),
        (["1,5", "x"], None),
        (["1,5", "2.5.1"], None),
    ],
)
def test_cells(cells, numbers):
    found, notes = read(cells)
    assert found == (cells if numbers is None else numbers)
    assert len(notes) == (numbers is not None)


def test_an_unclear_comma():
    assert read(["1,234", "5,678"])[0] == [1234, 5678]
    assert read(["1,234", "5,678"], comma_likely=True)[0] == [1.234, 5.678]
    assert read(["1,234", "5,678"], ",")[0] == [1.234, 5.678]
    assert read(["1.234", "5.678", "9,5"], ".")[0] == ["1.234", "5.678", "9,5"]


def test_plain_leaves_everything():
    assert read(["1,5", "2,5"], "plain") == (["1,5", "2,5"], [])


def test_numbers_and_words_are_not_touched():
    frame = pl.DataFrame({"a": ["1", "2.5"], "b": ["x", "y"], "c": [1.0, 2.0], "d": [True, False]})
    assert read_written_numbers(frame, None) == []


def test_a_comma_that_comes_late():
    cells = ["1.5"] * 3000 + ["1,000.5"]
    assert read(cells)[0][-1] == 1000.5


def test_the_note_names_the_columns_and_what_became_of_a_cell():
    frame = pl.DataFrame({f"c{number}": ["1", "1,5"] for number in range(7)})
    (note,) = written_note(read_written_numbers(frame, None))
    assert "'c0' ('1,5' as 1.5)" in note
    assert "and 2 more columns" in note
    assert "--decimal plain" in note
