import csv

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.cells.text_cells import clean_text
from pellucid.data.options import ReadOptions
from pellucid.data.readers import delimited as module
from pellucid.data.readers.delimited import read_delimited
from pellucid.errors import ConfigurationError, DataError, FormatError


def table_of(path, **options):
    return read_delimited(path, ReadOptions.of(**options))


def frame_of(table):
    return clean_text(table.cells.select(table.cells.columns))


def read(path, delimiter=None):
    table = table_of(path, delimiter=delimiter)
    return table.cells.columns, frame_of(table).rows(), table.lines.tolist()


def test_a_header_and_rows(written):
    assert read(written("a,b\n1, x \n?,\n")) == (["a", "b"], [("1", "x"), ("?", None)], [2, 3])


def test_numbers_alone_are_no_header(written):
    assert read(written("1,?,2.5\n3,4,5\n")) == (
        ["column_1", "column_2", "column_3"],
        [("1", "?", "2.5"), ("3", "4", "5")],
        [1, 2],
    )


@pytest.mark.parametrize(
    ("first", "names", "note"),
    [
        ("7.3,2.3,Iris-setosa", False, "the number 7.3"),
        ("a,5e-1,c", False, "the number 5e-1"),
        ("place,2019,2020", True, "the number 2019"),
        ("-1,a,b", True, "the number -1"),
        ("a,b,c", True, None),
        ("a,NA,", True, None),
        ("a,v1.5,1.5.2", True, None),
        ("1,2.5,3", False, None),
    ],
)
def test_whether_a_first_line_with_numbers_is_a_header(written, first, names, note):
    table = table_of(written(f"{first}\n1.5,2,x\n"))
    assert table.header == names
    assert table.lines.tolist() == ([2] if names else [1, 2])
    assert table.cells.columns[0] == (first.split(",")[0] if names else "column_1")
    assert len(table.notes) == (note is not None)
    if note:
        assert note in table.notes[0]
        assert ("--no-header (header=False" if names else "--header (header=True") in table.notes[0]


@pytest.mark.parametrize("first", ["a,b", "1,2", "1.5,b", "2019,b"])
@pytest.mark.parametrize("header", [True, False])
def test_whether_there_is_a_header_can_be_said(written, first, header):
    table = table_of(written(f"{first}\n3,4\n"), header=header)
    assert table.header == header
    assert table.cells.columns == (first.split(",") if header else ["column_1", "column_2"])
    assert (table.lines.tolist(), table.notes) == ([2] if header else [1, 2], [])


@pytest.mark.parametrize("header", [None, True, False])
def test_names_that_were_made_up_are_names_when_written_down(written, header):
    table = table_of(written("column_2, column_1\n3,4\n"), header=header)
    assert (table.cells.columns, table.header) == (["column_2", "column_1"], True)


def test_two_columns_of_one_number_may_be_data(written):
    with pytest.raises(DataError, match="same name") as caught:
        read(written("5,5,Iris-setosa\n7,3,Iris-virginica\n"))
    assert caught.value.remedy == "if the first line is data, use --no-header (header=False in Python)"


def test_a_column_without_a_name(written):
    assert read(written(",b\n0,x\n"))[0] == ["column_1", "b"]


@pytest.mark.parametrize(
    ("content", "delimiter", "name"),
    [
        ("a\tb\n1\t2\n", None, "t.tsv"),
        ("a;b\n1;2\n", ";", "t.csv"),
        ("a|b\n1|2\n", "|", "t.txt"),
        ("a\tb\n1\t2\n", "tab", "t.csv"),
        ("a\tb\n1\t2\n", "\\t", "t.csv"),
    ],
)
def test_delimiters(written, content, delimiter, name):
    assert read(written(content, name), delimiter)[:2] == (["a", "b"], [("1", "2")])


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "comma"])
def test_no_delimiter(written, delimiter):
    with pytest.raises(ConfigurationError, match="not one character"):
        read(written("a,b\n1,2\n"), delimiter)


@pytest.mark.parametrize(("delimiter", "spoken"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_another_delimiter_than_the_given_one_would_fit(written, delimiter, spoken):
    with pytest.raises(FormatError, match="another delimiter") as caught:
        read(written("a,b\n1,2\n3,4\n".replace(",", delimiter)), ",")
    assert f"--delimiter '{spoken}'" in caught.value.remedy


def test_a_single_column_is_fine_when_nothing_would_cut_it(written):
    assert read(written("a\nx y\nz\n"))[1] == [("x y",), ("z",)]


@pytest.mark.parametrize(("row", "received"), [("1", "1"), ("1,2,3", "3")])
def test_ragged_rows_by_their_line(written, row, received):
    with pytest.raises(FormatError) as caught:
        read(written(f'a,b\n"two\nlines",2\n\n{row}\n'))
    assert (caught.value.expected, caught.value.received) == ("2 cells", received)
    assert caught.value.where.startswith("line 5 of")


def test_quotes(written):
    text = 'a,b\n"x, ""y""",1\n "z", 2\n'
    assert read(written(text))[1] == [('x, "y"', "1"), ("z", "2")]
    with pytest.raises(FormatError, match="cannot be read") as caught:
        read(written('a,b\n1,"x\n2,y\n'))
    assert caught.value.where.startswith("line 2 of")


def test_a_cell_that_is_too_long(written):
    with pytest.raises(FormatError, match="too long") as caught:
        read(written('a,b\n1,2\n3,"' + "4,5\n" * 40_000))
    assert caught.value.expected == "cells of at most 131,072 characters"
    assert caught.value.where.startswith("the row that starts on line 3 of")
    assert "after a quotation mark that is never closed" in caught.value.remedy


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n",
        "a,b\n1,é\n".encode("utf-16"),
        b"\xfe\xff" + "a,b\n1,é\n".encode("utf-16-be"),
        "a,b\r\n1,é\r\n".encode(),
    ],
    ids=["utf-8 mark", "utf-16", "utf-16 big-endian", "plain"],
)
def test_encodings(written, encoded):
    assert read(written(encoded))[:2] == (["a", "b"], [("1", "é")])


@pytest.mark.parametrize(("mark", "byte"), [(b"", 11), (b"\xef\xbb\xbf", 14)])
def test_mixed_encodings_by_line_and_byte(written, mark, byte):
    with pytest.raises(FormatError, match="single encoding") as caught:
        read(written(mark + b"a,b\n\xc3\xa9,2\n3,\xe9\n"))
    assert caught.value.received == "the byte e9 (hexadecimal)"
    assert f"byte {byte} " in caught.value.where
    assert caught.value.where.startswith("line 3 of")


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        (b"a,b\n1,caf\xe9\n2,x\n", "café"),
        # A wrong byte before letters in UTF-8, and letters that are UTF-8 by accident.
        (b"a,b\n1,\xe9\n" + "2,größe\n3,weiß\n".encode(), None),
        (b"a,b\n1,caf\xe9\n2,CAF\xc9\xbb\n", "café"),
        (b"a,b\n1,\x81\n", None),
    ],
)
def test_text_that_is_not_utf_8_is_western_unless_encodings_are_mixed(written, content, read_as):
    if read_as is None:
        with pytest.raises(FormatError, match="single encoding"):
            read(written(content))
    else:
        assert read(written(content))[1][0][1] == read_as


def test_half_a_letter_of_utf_16(written):
    with pytest.raises(FormatError, match="single encoding"):
        read(written("a,b\n1,2\n".encode("utf-16") + b"x"))


@pytest.mark.parametrize(
    ("content", "error", "problem"),
    [
        (b"", DataError, "the file is empty"),
        (b"\n \n", DataError, "the file is empty"),
        (b"a,b\n", DataError, "a header but no rows"),
        (b"a,b, a\n1,2,3\n", DataError, "same name"),
        (b"PK\x00\x01,b\n", FormatError, "not text"),
    ],
)
def test_files_that_hold_no_table(written, content, error, problem):
    with pytest.raises(error, match=problem):
        read(written(content))


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=8
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20))
def test_what_was_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    quoted = [
        "first,second",
        *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows),
    ]
    path.write_text("\n".join(quoted), encoding="utf-8", newline="")
    expected = [tuple(cell.strip() or None for cell in row) for row in rows]
    table = table_of(path)
    assert frame_of(table).rows() == expected
    assert table.lines[0] == 2


def test_more_rows_than_pass_at_a_time(written):
    n = 45_000
    table = table_of(written("a,b\n" + "".join(f"{row},x\n" for row in range(n))))
    assert frame_of(table)["a"].cast(pl.Int64).to_list() == list(range(n))
    assert np.array_equal(table.lines, np.arange(2, n + 2))


def test_too_many_columns_are_refused_before_they_are_cut(written, monkeypatch):
    with pytest.raises(FormatError, match="too many columns") as caught:
        read(written("1," * 100_000 + "1\n"))
    assert (caught.value.expected, caught.value.received) == ("at most 100,000", "100,001")
    assert caught.value.where.startswith("line 1 of")
    assert "PELLUCID_MAX_COLUMNS" in caught.value.remedy
    monkeypatch.setenv("PELLUCID_MAX_COLUMNS", "3")
    with pytest.raises(FormatError, match="too many columns") as caught:
        read(written('a,b,c\n1,2,"\n3,4,5,6"\n'))
    assert caught.value.where.startswith("line 3 of")
    # Two short lines that are one long row.
    with pytest.raises(FormatError, match="too many columns"):
        read(written('a,b,"\n",c,d\n'))
    assert read(written("a,b,c\n1,2,3\n"))[1] == [("1", "2", "3")]


def test_too_many_cells_are_refused(written, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_CELLS", "6")
    assert len(read(written("a,b\n" + "1,2\n" * 3))[1]) == 3
    with pytest.raises(FormatError, match="too many cells") as caught:
        read(written("a,b\n" + "1,2\n" * 4))
    assert caught.value.received == "8"


def test_a_ragged_row_is_refused_without_reading_the_rest_again(written, monkeypatch):
    text = "a,b\n" + "1;5,x\n" * 30_000 + "1\n"
    cut = []
    reader = csv.reader
    monkeypatch.setattr(csv, "reader", lambda lines, **how: reader(counted(lines, cut), **how))
    with pytest.raises(FormatError, match="does not have as many cells"):
        read(written(text))
    assert 30_002 <= len(cut) < 40_000


def counted(lines, seen):
    for line in lines:
        seen.append(line)
        yield line


def test_more_columns_than_pass_at_a_time(written, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK_CELLS", 5)
    assert read(written("a,b,c\n" + "1,2,x\n" * 7))[1] == [("1", "2", "x")] * 7
    monkeypatch.setattr(module, "_CHUNK_CELLS", 1)
    assert read(written("a,b,c\n" + "1,2,x\n" * 7))[1] == [("1", "2", "x")] * 7


def test_names_of_any_length_are_shortened(written):
    with pytest.raises(DataError, match="no rows") as caught:
        read(written(",".join(f"{'x' * 99}{column}" for column in range(99)) + "\n"))
    assert len(caught.value.received) < 300


@pytest.mark.parametrize("header", ["a,b,c\n", "a,b,c,\n", ""])
@pytest.mark.parametrize("last", ["1,2,x,\n", "\n1,2,x,\n"])
def test_delimiters_that_end_rows_are_left_out(written, header, last):
    assert read(written(header + "1,2,x,\n" * 3 + last))[1] == [("1", "2", "x")] * 4


def test_names_of_rows_have_a_generated_name(written):
    assert read(written('"a" "b"\n"r1" 5 7\n"r2" 6 8\n', "t.txt"))[:2] == (
        ["column_1", "a", "b"],
        [("r1", "5", "7"), ("r2", "6", "8")],
    )


def test_what_was_found_out_is_said_in_one_note(written):
    text = "Bericht\n\ngröße;preis;art\n" + "1,5;2;x\n3,5;4;y\n" * 5
    table = table_of(written(text.encode("cp1252")))
    (note,) = table.notes
    assert "not UTF-8, read as cp1252, separated by ';', 1 line above the table left out" in note
    assert table.cells.columns == ["größe", "preis", "art"]
    assert (
        table_of(written(text.encode("cp1252")), delimiter=";", text_encoding="cp1252", skip_lines=1).notes
        == []
    )


def test_a_given_encoding(written):
    table = table_of(written("a,b\n1,\u00e9\n".encode("cp850")), text_encoding="cp850")
    assert frame_of(table).rows() == [("1", "\u00e9")]
    with pytest.raises(FormatError, match="single encoding"):
        table_of(written("a,b\n1,\u00e9\n".encode("cp850")), text_encoding="ascii")
