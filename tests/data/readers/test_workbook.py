import datetime
import io
import sys
import zipfile

import pandas as pd
import polars as pl
import pytest
import xlsxwriter

from pellucid.data import load_data, read_data
from pellucid.data.read import read_again
from pellucid.errors import ConfigurationError, DataError, FormatError, StorageError

DAYS = [datetime.datetime(2024, 5, day) for day in range(1, 5)]


@pytest.fixture
def saved(tmp_path):
    """Write sheets of rows, given by their names, and give the path."""

    def save(**sheets):
        path = tmp_path / "t.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for row, cells in enumerate(rows):
                    for column, cell in enumerate(cells):
                        if cell is not None:
                            sheet.write(row, column, cell)
        return path

    return save


ROWS = [
    ["size", "ok", "kind"],
    [1 / 3, True, "a"],
    [None, False, "b"],
    [3, True, 'a, or "b"'],
    [2**40, False, "c\nd"],
]


def test_cells_are_those_that_were_written(saved):
    raw = read_data(saved(one=ROWS), require_target=False)
    table = raw.rows
    assert list(map(float, table["size"].drop_nulls())) == [1 / 3, 3, 2**40]
    assert [str(word).lower() for word in table["ok"]] == ["true", "false"] * 2
    assert table["kind"].to_list() == ["a", "b", 'a, or "b"', "c\nd"]
    assert raw.notes == []


def test_as_pandas_reads_the_same_table_as_csv(saved, tmp_path):
    frame = pl.DataFrame({"a": [row / 7 for row in range(40)], "b": ["x", "y"] * 20, "c": [1e-9, -5e20] * 20})
    path = saved(one=[frame.columns, *frame.rows()])
    expected = pd.read_csv(io.BytesIO(frame.write_csv().encode()))
    found = read_data(path, target="b")
    assert found.rows["a"].to_list() == pytest.approx(expected["a"].tolist(), rel=1e-15)
    assert found.rows["c"].to_list() == pytest.approx(expected["c"].tolist(), rel=1e-15)
    assert load_data(path, target="b").n_classes == 2


def test_title_and_empty_rows_above_the_header(saved):
    raw = read_data(saved(one=[["Sales 2024"], [], *ROWS]))
    assert (raw.rows.columns, len(raw)) == (["size", "ok"], 4)
    assert raw.place(0) == "line 4 of t.xlsx (counted from 1)"
    assert any("above the table left out; --skip-lines changes that" in note for note in raw.notes)


def test_the_first_sheet_with_a_table_is_named(saved):
    raw = read_data(saved(About=[["made by hand"]], Data=ROWS, More=ROWS))
    assert raw.notes[0] == (
        "the sheet 'Data' is read, the first that contains a table, of 'About', 'Data', 'More'; "
        "--sheet (sheet in Python) chooses another"
    )


OTHER = [["size", "kind"], [7, "a"], [8, "b"], [9, "a"]]


@pytest.mark.parametrize("sheet", ["Other", 3, "3"])
def test_a_sheet_by_its_name_or_number(saved, sheet):
    raw = read_data(saved(About=[["made by hand"]], Data=ROWS, Other=OTHER), sheet=sheet, target="kind")
    assert raw.rows["size"].to_list() == [7, 8, 9]
    assert raw.notes == []


def test_a_name_of_digits_comes_before_a_number(saved):
    path = saved(**{"2": OTHER, "one": ROWS})
    assert read_data(path, sheet="2").rows["size"][0] == 7
    assert len(read_data(path, sheet=2)) == 4


@pytest.mark.parametrize("sheet", ["data", "4", 4, "", "0", "-1", "9" * 30, "\ud800"])
def test_an_unknown_sheet(saved, sheet):
    with pytest.raises(DataError, match="there is no sheet") as caught:
        read_data(saved(About=[["made by hand"]], Data=ROWS, Other=OTHER), sheet=sheet)
    assert caught.value.expected == "among 'About', 'Data', 'Other', or a number from 1 to 3"
    assert caught.value.remedy == ("did you mean 'Data'?" if sheet == "data" else None)


def test_a_sheet_without_a_table(saved):
    with pytest.raises(DataError, match="the sheet 'About' does not contain a table"):
        read_data(saved(About=[["made by hand"]], Data=ROWS), sheet="About")


def test_a_hidden_sheet_by_its_name(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in (("shown", ROWS), ("hidden", OTHER)):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write(row, column, cell)
        sheet.hide()
    assert read_data(path, sheet="hidden").rows["size"].to_list() == [7, 8, 9]


def test_a_chart_is_not_a_table(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        chart = book.add_chart({"type": "line"})
        book.add_chartsheet("chart").set_chart(chart)
        sheet = book.add_worksheet("data")
        for row, cells in enumerate(OTHER):
            sheet.write_row(row, 0, cells)
        chart.add_series({"values": "=data!$A$2:$A$4"})
    assert read_data(path).rows["size"].to_list() == [7, 8, 9]


def test_a_sheet_of_what_has_none(written):
    frame = pl.DataFrame({"a": [1.0, 2.0], "y": ["p", "q"]})
    sources = [written("a,y\n1,p\n2,q\n"), frame, (frame.select("a"), ["p", "q"]), ([[1.0], [2.0]], [0, 1])]
    for source in [*sources, "digits"]:
        for require_target in (True, False):
            with pytest.raises(ConfigurationError, match="the data have no sheets"):
                read_data(source, sheet="Data", require_target=require_target)


class TestAModelRemembersTheSheet:
    """A model that was trained on one sheet reads this sheet of other workbooks."""

    @pytest.fixture
    def provenance(self, saved):
        return load_data(saved(Notes=ROWS, Data=OTHER), sheet="Data", test_size=1).provenance

    def test_in_another_workbook(self, saved, provenance):
        assert provenance["sheet"] == "Data"
        again = read_again(saved(Notes=ROWS, Data=OTHER), provenance)
        assert [float(size) for size in again.rows["size"]] == [7, 8, 9]
        assert len(read_again(saved(Notes=OTHER, Data=ROWS), provenance, sheet="Notes")) == 3

    def test_in_a_workbook_without_it(self, saved, provenance):
        with pytest.raises(DataError, match="no sheet 'Data'") as caught:
            read_again(saved(Sheet1=OTHER), provenance)
        assert caught.value.expected == "among 'Sheet1', or a number from 1 to 1"

    def test_in_files_without_sheets(self, written, provenance):
        path = written("size,kind\n7,a\n8,b\n")
        assert len(read_again(path, provenance)) == 2
        with pytest.raises(ConfigurationError, match="the data have no sheets"):
            read_again(path, provenance, sheet="Data")


def test_dates_are_text(saved):
    times = [day.replace(hour=12, minute=30) for day in DAYS]
    rows = zip([1, 2, 3, 4], DAYS, times, "abab", strict=True)
    table = read_data(saved(one=[["n", "day", "time", "kind"], *rows])).rows
    assert table["day"][0] == "2024-05-01"
    assert table["time"][0] == "2024-05-01 12:30:00"


def test_times_of_day_are_text(saved):
    times = [datetime.time(hour, 45) for hour in (0, 9, 13)]
    moments = [datetime.datetime(1899, 12, 31, 1), datetime.datetime(2024, 5, 1, 2), None]
    rows = [["begin", "seen", "kind"], *zip(times, moments, "aba", strict=True)]
    table = read_data(saved(one=rows), require_target=False).rows
    assert table["begin"].to_list() == ["00:45:00", "09:45:00", "13:45:00"]
    assert table["seen"].to_list() == ["1899-12-31 01:00:00", "2024-05-01 02:00:00", None]


def test_hidden_sheets_are_not_read(tmp_path):
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        lists, data = book.add_worksheet("lists"), book.add_worksheet("data")
        lists.hide()
        data.activate()
        for sheet, cells in ((lists, "pq"), (data, "ab")):
            for row in range(3):
                sheet.write_row(row, 0, [f"{cell}{row}" for cell in cells])
    assert read_data(path, require_target=False, header=True).rows.columns == ["a0", "b0"]


def test_without_a_header(saved):
    path = saved(one=[[1.5, 2, 0], [2.5, 3, 1], [3.5, 4, 0]])
    assert len(read_data(path)) == 3
    assert len(read_data(path, header=True)) == 2


def test_without_a_table(saved):
    with pytest.raises(DataError, match="no sheet of the workbook contains a table") as caught:
        read_data(saved(one=[["a"], ["b"]], two=[]))
    assert caught.value.received == "sheets 'one', 'two'"


def test_columns_are_named_as_in_text(saved):
    with pytest.raises(DataError, match="no column 'price'"):
        read_data(saved(one=ROWS), target="price")
    with pytest.raises(DataError, match="two columns have the same name"):
        read_data(saved(one=[["a", "a"], [1, "x"], [2, "y"]]), header=True)


def test_without_the_package_the_error_names_the_extra(saved, monkeypatch):
    path = saved(one=ROWS)
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(StorageError, match="not installed") as caught:
        read_data(path)
    assert "pellucid[excel]" in caught.value.remedy


def test_a_claim_of_size_is_refused_before_it_is_unpacked(saved, monkeypatch):
    path = saved(one=ROWS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", bytes(65 << 20))
    with pytest.raises(FormatError, match="contains too much data") as caught:
        read_data(path)
    assert "67,108,864 bytes" in caught.value.expected


def test_more_cells_than_allowed(saved, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_CELLS", "14")
    with pytest.raises(FormatError, match="too many cells") as caught:
        read_data(saved(one=ROWS))
    assert caught.value.received == "15"


def test_a_cell_far_away_ends_in_one_error(saved):
    path = saved(one=[["a", "b"], [1, 2]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = (
        members["xl/worksheets/sheet1.xml"]
        .replace(b'r="B2"', b'r="XFD1048576"')
        .replace(b'r="2"', b'r="1048576"')
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else content)
    with pytest.raises(FormatError):
        read_data(path)


@pytest.mark.parametrize(("folder", "kind"), [("word/", "a Word document"), ("ppt/", "a PowerPoint")])
def test_other_office_documents_are_named(written, folder, kind):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr(f"{folder}document.xml", "x")
    with pytest.raises(FormatError, match=kind):
        read_data(written(file.getvalue(), "t.xlsx"))


@pytest.mark.parametrize("number", [0.1 + 0.2, 1e-20, 1 / 3e-200, 2.0**53 + 2, -123456.7890123456, 1e300])
def test_numbers_are_exact(saved, number):
    raw = read_data(saved(one=[["a", "b"], [number, "x"], [1, "y"], [2, "x"]]), target="b")
    assert float(raw.rows["a"][0]) == pytest.approx(number, rel=1e-15, abs=0)


def test_digits_that_are_text_stay_as_they_are(saved):
    table = read_data(saved(one=[["a", "b"], ["007", "x"], ["1.50", "y"]]), require_target=False).rows
    assert table["a"].to_list() == ["007", "1.50"]


@pytest.fixture
def timed(tmp_path):
    """Write columns of moments, each with the form of its cells, and give the path."""

    def save(**columns):
        path = tmp_path / "times.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for column, (name, (form, cells)) in enumerate(columns.items()):
                sheet.write(0, column, name)
                for row, cell in enumerate(cells, start=1):
                    sheet.write(row, column, cell, book.add_format({"num_format": form}))
        return path

    return save


def test_times_of_day_and_durations(timed):
    hours = [6, 30, 55.5, 12]
    took = [datetime.timedelta(hours=each) for each in hours]
    path = timed(
        at=("hh:mm", [datetime.time(hour, 30) for hour in (0, 7, 14, 21)]),
        took=("[h]:mm:ss", took),
        day=("yyyy-mm-dd hh:mm", [day.replace(hour=3) for day in DAYS]),
    )
    rows = read_data(path, require_target=False).rows
    assert rows["at"].to_list() == ["00:30:00", "07:30:00", "14:30:00", "21:30:00"]
    assert rows["took"].to_list() == [3600 * each for each in hours]
    assert rows["day"][0] == "2024-05-01 03:00:00"
