import csv
import io
import re

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pellucid.data.readers import plain_csv as module
from pellucid.data.readers.plain_csv import PlainCsv, plain_csv


def table_of(text, width=2, delimiter=",", skipped=0):
    content = text.encode()
    names = [f"c{index}" for index in range(width)]
    return plain_csv(content, skipped, delimiter, names, pl.DataFrame, len(content), "t.csv")


def read(text, width=2, delimiter=","):
    table = table_of(text, width, delimiter)
    return None if table is None else as_rows(table.select(table.columns))


def as_rows(frame):
    return [tuple(cell or "" for cell in row) for row in frame.rows()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end", "two ends"])
def test_rows(end, last):
    text = (
        end.join(["1,x", '"a,b","say ""no"""', ",", "ü, z "])
        + {"": "", "end": end, "two ends": 2 * end}[last]
    )
    assert read(text) == [("1", "x"), ("a,b", 'say "no"'), ("", ""), ("ü", " z ")]


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3\n",
        "1,2\n3,4,5\n",
        "1,2\n3\n4,5,6\n",
        "1,2\n\n3,4\n",
        '1,"2\n3"\n',
        '1,"2\n',
        '1,a"b"\n',
        '1,"a"b\n',
        '1, "a"\n',
        "1,2\r3,4\r",
        "",
        "\n\n",
    ],
)
def test_peculiar_rows_are_left_to_others(text):
    assert read(text) is None


TABLES = st.text(st.sampled_from('a1," \n\r;é'), max_size=40)


@given(TABLES, st.integers(2, 3), st.sampled_from([1, 3, 1 << 24]))
@example('"a"\n"b",1\n', 2, 1 << 24)
def test_what_is_read_is_what_the_csv_module_reads(text, width, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        rows = read(text, width)
    if rows is not None:
        # Strict, and with all rows as wide.
        expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        while expected and not expected[-1]:
            expected.pop()
        assert rows == [tuple(row) for row in expected]
        assert {len(row) for row in rows} == {width}


def test_some_columns_in_any_order():
    table = table_of("1,x,?\n2,y,5\n", width=3)
    assert table.select(["c2", "c0"]).rows() == [("?", "1"), ("5", "2")]
    assert table.drop("c1").columns == ["c0", "c2"]
    assert table.columns == ["c0", "c1", "c2"]
    assert len(table) == 2


def test_lines_above_the_rows_are_skipped_whatever_they_contain():
    assert read_below('a "title\nc0,c1\n1,x\n', 2) == [("1", "x")]
    assert table_of("a\nb\n", skipped=3) is None


def read_below(text, skipped):
    table = table_of(text, skipped=skipped)
    return as_rows(table.select(table.columns))


@pytest.mark.parametrize("n_rows", [1, 3])
def test_rows_that_polars_reads_otherwise_are_read_one_by_one(n_rows):
    def row_by_row():
        return pl.DataFrame({"a": ["1"] * n_rows, "b": [" by row "] * n_rows})

    table = PlainCsv(b"1,x\n2,y\n", 0, ",", ["a", "b"], n_rows, row_by_row)
    assert table.select(["b"]).rows() == [(" by row ",)] * n_rows


CELLS = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(
        ["", '""', " ", "NA", " 5", "5 ", "+5", "1e400", "inf", "1_0", "0x1", '"5"', "x", "1.", ".5"]
    ),
)


@given(st.lists(st.tuples(CELLS, CELLS, st.just("z")), min_size=1, max_size=8), st.integers(0, 3))
@example([("1", "x", "z")], 1)
@example([("", "1", "z"), ("2", "", "z")], 0)
def test_numbers_are_those_of_the_text(rows, glance):
    """They are read directly or left out, and what is read is what the cells say as text."""
    table = table_of("".join(",".join(row) + "\n" for row in rows), width=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_GLANCE", glance)  # text further down than that is found, too
        numbers = table.numbers(["c2", "c1", "c0"])
    for column in numbers.iter_columns():
        text = table.select([column.name]).to_series().str.strip_chars()
        expected = [None if not cell else float(cell) for cell in text.to_list()]
        assert column.to_list() == expected
        assert any(cell is not None for cell in expected)
    plain = {
        name
        for name in ("c0", "c1")
        if all(re.fullmatch(r"\d+", cell) for cell in table.select([name]).to_series().fill_null(""))
    }
    assert plain <= set(numbers.columns)


def test_the_first_rows_as_text():
    table = table_of("".join(f"{row},{row}.5\n" for row in range(2000)))
    head = table.head(["c1", "c0"])
    assert head.shape == (1000, 2)
    assert head.row(999) == ("999.5", "999")
