"""The kinds of workbooks besides .xlsx: the same table in each, and what damages them."""

import datetime
import io
import struct
import zipfile

import polars as pl
import pytest
import xlsxwriter

from pellucid.data import read_data
from pellucid.errors import DataError, FormatError

NAMES = ["size", "ok", "day", "kind"]
ROWS = [
    [1 / 3, True, datetime.date(2024, 5, 1), "a"],
    [None, False, datetime.date(2024, 5, 2), "größe 😀"],
    [2.0**40, False, datetime.date(2024, 12, 31), "a"],
    [-2.5, True, datetime.date(2025, 1, 1), 'b, or "c"'],
]
SHEETS = {"About": [["made by hand"]], "Data": [NAMES, *ROWS], "More": [["x", "y"], [1.0, "p"], [2.0, "q"]]}


def as_xlsx():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell is not None:
                        sheet.write(row, column, cell)
    return file.getvalue()


def as_xls():
    xlwt = pytest.importorskip("xlwt")
    book, file = xlwt.Workbook(), io.BytesIO()
    dates = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in SHEETS.items():
        sheet = book.add_sheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell, *[dates] * isinstance(cell, datetime.date))
    book.save(file)
    return file.getvalue()


def ods_cell(value):
    """A cell of OpenDocument, by the definition of the format."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, datetime.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    kind, name = ("boolean", "boolean-value") if isinstance(value, bool) else ("float", "value")
    return f'<table:table-cell office:value-type="{kind}" office:{name}="{str(value).lower()}"/>'


def as_ods():
    of = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{of}:{name}:1.0"' for name in ("office", "table", "text"))
    sheets = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in SHEETS.items()
    )
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {names}>{body}</office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{of}:manifest:1.0"/>',
        }
    )


def xlsb_record(kind, content=b""):
    """A record of [MS-XLSB]: its type and its length, seven bits in each byte, and its content."""

    def packed(number):
        low, high = number & 0x7F, number >> 7
        return bytes([low | 0x80, high]) if high else bytes([low])

    # The type of two bytes contains its own mark already.
    return (
        (bytes([kind & 0xFF, kind >> 8]) if kind > 0x7F else bytes([kind])) + packed(len(content)) + content
    )


def xlsb_text(text):
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def xlsb_cell(column, value):
    """A cell of [MS-XLSB] 2.5.9: the column, the style (1 is a date), and the value; empty, a boolean, ..."""
    begin = struct.pack("<II", column, isinstance(value, datetime.date))
    if value is None:
        return xlsb_record(1, begin)
    if isinstance(value, bool):
        return xlsb_record(4, begin + bytes([value]))
    if isinstance(value, str):
        return xlsb_record(6, begin + xlsb_text(value))
    if isinstance(value, datetime.date):
        value = (value - datetime.date(1899, 12, 30)).days
    return xlsb_record(5, begin + struct.pack("<d", value))


def xlsb_sheet(rows):
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    content = [xlsb_record(0x0181), xlsb_record(0x0194, size), xlsb_record(0x0191)]
    for number, row in enumerate(rows):
        content.append(xlsb_record(0, struct.pack("<I", number) + bytes(21)))
        content += [xlsb_cell(column, value) for column, value in enumerate(row)]
    return b"".join([*content, xlsb_record(0x0192), xlsb_record(0x0182)])


def as_xlsb():
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    numbered = list(enumerate(SHEETS.items(), start=1))
    related = "".join(
        f'<Relationship Id="rId{number}" Type="worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number, _ in numbered
    )
    bundles = b"".join(
        xlsb_record(0x019C, struct.pack("<II", 0, number) + xlsb_text(f"rId{number}") + xlsb_text(name))
        for number, (name, _) in numbered
    )
    # Two styles of cells: a general one, and number format 14, a date.
    styles = [xlsb_record(0x04E9, struct.pack("<I", 2))]
    styles += [xlsb_record(0x2F, struct.pack("<HH", 0, form) + bytes(12)) for form in (0, 14)]
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{relations}">{related}</Relationships>',
            "xl/workbook.bin": xlsb_record(0x0183)
            + xlsb_record(0x018F)
            + bundles
            + xlsb_record(0x0190)
            + xlsb_record(0x0184),
            "xl/styles.bin": b"".join([*styles, xlsb_record(0x04EA)]),
        }
        | {f"xl/worksheets/sheet{number}.bin": xlsb_sheet(rows) for number, (_, rows) in numbered}
    )


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


KINDS = {".xlsx": as_xlsx, ".xls": as_xls, ".xlsb": as_xlsb, ".ods": as_ods}
every_kind = pytest.mark.parametrize("ending", KINDS)


@every_kind
def test_the_same_table_in_each(written, ending):
    raw = read_data(written(KINDS[ending](), f"t{ending}"))
    assert raw.rows.columns == NAMES[:-1]
    sizes = raw.rows["size"].cast(pl.Float64)
    assert sizes.fill_null(0).to_list() == pytest.approx([row[0] or 0 for row in ROWS], rel=1e-15)
    assert sizes.is_null().to_list() == [False, True, False, False]
    assert [str(word).lower() for word in raw.rows["ok"]] == [str(row[1]).lower() for row in ROWS]
    assert raw.rows["day"].to_list() == [str(row[2]) for row in ROWS]
    assert raw.target.tolist() == [row[3] for row in ROWS]
    assert raw.notes[0].startswith("the sheet 'Data' is read, the first that contains a table, of 'About'")


@every_kind
def test_a_sheet_by_its_number(written, ending):
    raw = read_data(written(KINDS[ending](), f"t{ending}"), sheet=3)
    assert raw.target.tolist() == ["p", "q"]
    with pytest.raises(DataError, match="there is no sheet 'Rest'") as caught:
        read_data(written(KINDS[ending](), f"t{ending}"), sheet="Rest")
    assert caught.value.expected == "among 'About', 'Data', 'More', or a number from 1 to 3"


@every_kind
def test_recognised_by_its_first_bytes(written, ending):
    raw = read_data(written(KINDS[ending](), "t.csv"))
    assert len(raw) == 4
    assert raw.notes[0] == "t.csv is read as a workbook, because its first bytes say so"


@every_kind
@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 0.95])
def test_cut_short(written, ending, share):
    content = KINDS[ending]()
    with pytest.raises(FormatError, match="not a readable spreadsheet file") as caught:
        read_data(written(content[: int(share * len(content))], f"t{ending}"))
    assert f"t{ending}" in caught.value.where


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"PK\3\4" + bytes(26) + b"xl/"]
)
def test_damaged(written, content):
    with pytest.raises(FormatError, match="not a readable spreadsheet file"):
        read_data(written(content, "t.xls"))
