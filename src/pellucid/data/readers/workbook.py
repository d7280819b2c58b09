"""Workbooks of Excel and OpenDocument: a sheet, by default the first with a table, read like text."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import polars.selectors as cs

from pellucid.data.options import ReadOptions
from pellucid.data.readers.delimited import HOW_TO_CHANGE, read_delimited
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import most_bytes
from pellucid.data.readers.piped import errors_name
from pellucid.data.readers.separate_process import read_apart
from pellucid.data.readers.table import Table
from pellucid.errors import DataError, FormatError, StorageError, near_miss

__all__ = ["read_workbook"]

_NO_TIME = " 00:00:00"
# Times of day and durations count from this date, on which no date of a workbook lies.
_NO_DATE = "1899-12-31 "
# What other Office documents contain, which begin like workbooks.
_OTHERS: Mapping[str, str] = {"word/": "a Word document", "ppt/": "a PowerPoint presentation"}


def read_workbook(path: Path, options: ReadOptions) -> Table:
    """Read the cells of a sheet as text: its title, column names and numbers are found as in a text file."""
    if find_spec("fastexcel") is None:
        raise StorageError(
            "the package that reads workbooks is not installed",
            expected="fastexcel",
            where=str(path),
            remedy="pip install 'pellucid[excel]', or export the table as CSV",
        )
    with read_apart(path, "spreadsheet", _unpacked_size(path), options.sheet) as (answer, text):
        if "sheet" not in answer:
            raise _without_table(options.sheet, answer["sheets"], answer["chosen"], path)
        of_sheet = ReadOptions(
            target=options.target,
            split_column=options.split_column,
            weight_column=options.weight_column,
            drop=options.drop,
            delimiter=",",
            text_encoding="utf-8",
            header=options.header,
            skip_lines=options.skip_lines,
        )
        with errors_name(f"sheet {answer['sheet']!r} of {path}", text):
            table = read_delimited(text, of_sheet)
    notes = [note.replace(HOW_TO_CHANGE, "--skip-lines changes that") for note in table.notes]
    if options.sheet is None and len(answer["sheets"]) > 1:
        first = f"the sheet {answer['sheet']!r} is read, the first that contains a table"
        notes.insert(0, f"{first}, of {_listed(answer['sheets'])}; --sheet (sheet in Python) chooses another")
    cells = table.cells.select(table.cells.columns)
    return Table(
        cells.with_columns(map(_plain_moments, cells.select(cs.string()))), table.lines, table.header, notes
    )


def _listed(sheets: Sequence[str]) -> str:
    return excerpt(", ".join(map(repr, sheets)))


def _without_table(
    wanted: str | int | None, sheets: Sequence[str], chosen: Sequence[str], path: Path
) -> DataError:
    """Return the error for a workbook without the sheet that is wanted, or without a table in it."""
    if wanted is not None and not chosen:
        return DataError(
            f"there is no sheet {wanted!r} in the workbook",
            expected=f"among {_listed(sheets)}, or a number from 1 to {len(sheets)}",
            received=repr(wanted),
            where=str(path),
            remedy=near_miss(str(wanted), sheets),
        )
    return DataError(
        "no sheet of the workbook contains a table"
        if wanted is None
        else f"the sheet {chosen[0]!r} does not contain a table",
        expected=f"a {'visible ' * (wanted is None)}sheet with at least two rows and two columns",
        received=f"sheets {_listed(sheets)}",
        where=str(path),
    )


def _unpacked_size(path: Path) -> int:
    """Return the size to which a workbook claims to unpack; refuse it if it is too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except Exception:  # .xls is not a zip file, and zipfile raises many types of errors for damaged files
        return 0
    for folder, kind in _OTHERS.items():
        if any(member.filename.startswith(folder) for member in members):
            raise FormatError(
                f"the file is {kind}",
                expected="a workbook",
                received=f"a folder {folder} in it",
                where=str(path),
                remedy="export the table as CSV",
            )
    size, most = sum(member.file_size for member in members), most_bytes(path.stat().st_size)
    if size > most:
        raise FormatError(
            "the workbook contains too much data",
            expected=f"at most {most:,} bytes when unpacked",
            received=f"{size:,}",
            where=str(path),
            remedy="if it really is that large, set the environment variable PELLUCID_MAX_UNPACKED",
        )
    return size


def _plain_moments(column: pl.Series) -> pl.Series:
    """Return dates without a time, times of day without a date, and durations in seconds."""
    moment = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
    if column.null_count() == len(column) or not column.str.contains(moment).all():
        return column
    if column.str.ends_with(_NO_TIME).all():
        return column.str.strip_suffix(_NO_TIME)
    without_date = column.str.starts_with(_NO_DATE)
    if without_date.all():
        return column.str.strip_prefix(_NO_DATE)
    # A duration of more than a year is rather a date.
    if not without_date.any() or not (without_date | column.str.starts_with("1900-")).all():
        return column
    return (column.str.to_datetime() - datetime(1899, 12, 31)).dt.total_microseconds() / 1e6
