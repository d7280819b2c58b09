"""Text tables, such as CSV: every cell as text, every row with its line."""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pellucid.data.cells.frames import check_names, generated_name, is_generated
from pellucid.data.cells.text_cells import clean_text
from pellucid.data.cells.written_numbers import has_decimal_comma
from pellucid.data.options import SPOKEN_DELIMITERS, ReadOptions
from pellucid.data.readers.dialect import BLANKS, Dialect, find_dialect
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.header import find_header
from pellucid.data.readers.limits import check_cells, check_columns, most_columns
from pellucid.data.readers.plain_csv import PlainCsv, plain_csv
from pellucid.data.readers.table import Cells, Table
from pellucid.data.readers.text_file import DELIMITERS, TextFile
from pellucid.data.readers.unpacking import ending_of
from pellucid.errors import ConfigurationError, DataError, FormatError

__all__ = ["HOW_TO_CHANGE", "read_delimited"]

# The size of a chunk in Python strings, which take ten times the memory of a data frame's.
_CHUNK_ROWS = 20_000
_CHUNK_CELLS = 10_000_000

# Rows that are examined for a header.
_FIRST_ROWS = 200

HOW_TO_CHANGE = "--delimiter, --skip-lines and --encoding change that"


def read_delimited(path: Path, options: ReadOptions) -> Table:
    """Read a text table; how it is written is found out, unless the options tell."""
    given = _checked_delimiter(options.delimiter)
    text = TextFile(path, options.text_encoding)
    lines = text.first_lines()
    dialect = find_dialect(lines, DELIMITERS.get(ending_of(path), ","), given, options.skip_lines)
    records = _records(text, dialect)
    first_line, first = next(records, (0, []))
    if not first:
        raise DataError("the file is empty", expected="a table", received="no lines", where=str(path))
    check_columns(len(first), str(path))
    if given is not None and len(first) == 1:
        _check_delimiter(lines, given, path)
    notes = _how_it_is_read(text, dialect)
    names, header = _names(first, dialect, lines, options, notes)
    if not header or dialect.names:
        records = _records(text, dialect)
    line, row = next(records, (0, []))
    if not row:
        raise DataError(
            "the file has a header but no rows",
            expected="rows below the header",
            received=f"line {first_line} only: {excerpt(', '.join(names))}",
            where=str(path),
        )
    plain = _plain(text, line, dialect, names)
    cells, lines_of_rows = plain or _read_rows(text, line, dialect, names)
    rows = _without_trailing(cells, dialect, options)
    decimal_comma = has_decimal_comma(chain.from_iterable(dialect.rows(lines, _FIRST_ROWS)))
    comma_likely = decimal_comma or dialect.delimiter == ";"
    return Table(rows, lines_of_rows, header, notes, comma_likely=comma_likely, decimal_comma=decimal_comma)


def _plain(
    text: TextFile, line: int, dialect: Dialect, names: list[str]
) -> tuple[PlainCsv, NDArray[np.intp]] | None:
    """Return the rows from a line on if polars can read them; None if something in them is peculiar."""
    if dialect.delimiter == BLANKS or dialect.comment is not None:
        return None
    plain = plain_csv(
        text.as_utf8(),
        line - 1,
        dialect.delimiter,
        names,
        lambda: _read_rows(text, line, dialect, names)[0],
        text.size,
        str(text.path),
    )
    return None if plain is None else (plain, np.arange(line, line + len(plain)))


def _read_rows(
    text: TextFile, first: int, dialect: Dialect, names: list[str]
) -> tuple[pl.DataFrame, NDArray[np.intp]]:
    """Read the rows from a line on one by one."""
    frames: list[pl.DataFrame] = []
    lines: list[int] = []
    records = _records(text, dialect, first)
    n_rows = min(max(_CHUNK_CELLS // len(names), 1), _CHUNK_ROWS)
    while chunk := list(islice(records, n_rows)):
        for line, row in chunk:
            if len(row) != len(names):
                raise _ragged(line, len(row), len(names), text)
        lines += [line for line, _ in chunk]
        check_cells(len(lines) * len(names), text.size, str(text.path), frame=True)
        columns = zip(*(row for _, row in chunk), strict=True)
        cells = dict(zip(names, columns, strict=True))
        frames.append(clean_text(pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))))
    return pl.concat(frames), np.array(lines, dtype=np.intp)


def _without_trailing(cells: Cells, dialect: Dialect, options: ReadOptions) -> Cells:
    """Leave out the empty column that delimiters at the end of rows make, unless an option names it."""
    last = cells.columns[-1]
    if not dialect.trailing or last in options.columns:
        return cells
    return cells.drop(last) if cells.select([last])[last].null_count() == len(cells) else cells


def _how_it_is_read(text: TextFile, dialect: Dialect) -> list[str]:
    """Return one note on how a file is read that is not written in the usual way."""
    findings = [f"not UTF-8, read as {text.encoding}"] * text.guessed + list(dialect.findings)
    if not findings:
        return []
    return [f"the file is read as it seems to be written: {', '.join(findings)}; {HOW_TO_CHANGE}"]


def _names(
    first: list[str], dialect: Dialect, lines: list[str], options: ReadOptions, notes: list[str]
) -> tuple[list[str], bool]:
    """Return the column names, and whether the file contains them."""
    if dialect.names and options.header is not False:
        named: list[str] = list(dialect.names)
        header, note = True, None
    else:
        named = [*[""] * dialect.unnamed_rows, *first, *[""] * (dialect.trailing and bool(first[-1].strip()))]
        header, note = find_header(dialect.rows(lines, _FIRST_ROWS) or [first])
        if options.header is not None:
            # A line of generated names is a header: they may have been written to this file.
            header, note = options.header or all(is_generated(cell.strip()) for cell in first), None
        notes += [] if note is None else [note]
    if not header:
        return [generated_name(index) for index in range(1, len(first) + 1)], False
    names = [cell.strip() or generated_name(index) for index, cell in enumerate(named, start=1)]
    remedy = "if the first line is data, use --no-header (header=False in Python)"
    check_names(names, *([remedy] if note else []))
    return names, True


def _checked_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    delimiter = SPOKEN_DELIMITERS.get(delimiter, delimiter)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ConfigurationError(
            "the delimiter is not one character",
            expected="one character, such as , or ; or |, or the words tab and blank",
            received=repr(delimiter),
        )
    return delimiter


def _check_delimiter(lines: list[str], given: str, path: Path) -> None:
    """Refuse a delimiter that is in no line, if another one splits all of them."""
    other = find_dialect(lines, given, None, None).delimiter
    if other != given:
        spoken = "tab" if other == "\t" else "blank" if other == BLANKS else other
        raise FormatError(
            "the file uses another delimiter",
            expected=f"cells separated by {given!r}",
            received=f"a single column, which {other!r} would split into several",
            where=str(path),
            remedy=f"--delimiter '{spoken}' on the command line, delimiter=\"{spoken}\" in Python, or none",
        )


def _records(text: TextFile, dialect: Dialect, first: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, from a line on, with the line it starts on."""
    lines = _narrow(text, dialect, first)
    reader = csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise FormatError(
                "a cell is too long",
                expected=f"cells of at most {csv.field_size_limit():,} characters",
                received="a longer one",
                where=f"the row that starts on line {line} of {text.path} (counted from 1)",
                remedy="remove its column from the file; after a quotation mark that is never closed, the "
                "rest of the file is one cell",
            ) from None
        raise FormatError(
            "the row cannot be read",
            expected="cells with every quotation mark closed",
            received=str(error),
            where=f"line {line} of {text.path} (counted from 1)",
            remedy="correct the quotation marks",
        ) from None


def _narrow(text: TextFile, dialect: Dialect, first: int) -> Iterator[str]:
    """Yield each line, or a blank one for one left out, after checking that its cells are not too many."""
    most = most_columns()
    for number, line in enumerate(text.lines(), start=1):
        if number < first or number <= dialect.skipped or dialect.is_comment(line):
            yield "\n"
            continue
        if len(line) > most and line.count(dialect.delimiter) >= most:
            n_cells = line.count(dialect.delimiter) + 1
            check_columns(n_cells, f"line {number} of {text.path} (counted from 1)")
        yield line if dialect.delimiter != BLANKS else line.replace("\t", " ").strip() + "\n"


def _ragged(line: int, received: int, expected: int, text: TextFile) -> DataError:
    return FormatError(
        "a row does not have as many cells as the first row",
        expected=f"{expected} cells",
        received=f"{received}",
        where=f"line {line} of {text.path} (counted from 1)",
        remedy="correct the row, or quote a cell that contains the delimiter; for lines above the table use "
        "--skip-lines, for another delimiter --delimiter",
    )
