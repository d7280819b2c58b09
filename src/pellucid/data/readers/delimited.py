"""Text tables, CSV and TSV: every cell as text, every row with its line."""

import csv
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl

from pellucid.data.cells.frames import check_names, generated_name, is_generated
from pellucid.data.cells.text_cells import clean_text, is_number, is_number_or_missing
from pellucid.data.options import SPOKEN_DELIMITERS
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns, most_columns
from pellucid.data.readers.table import Table
from pellucid.data.readers.text_file import DELIMITERS, TextFile
from pellucid.data.readers.unpacking import ending_of
from pellucid.errors import ConfigurationError, DataError, FormatError

__all__ = ["read_delimited"]

# Polars lets a system call continue after Ctrl-C: reading from a pipe without a writer could not be stopped.
if hasattr(signal, "siginterrupt"):
    signal.siginterrupt(signal.SIGINT, True)

# The size of a chunk in Python strings, which take ten times the memory of a data frame's.
_CHUNK_ROWS = 20_000
_CHUNK_CELLS = 10_000_000
_NO_HEADER = "--no-header (header=False in Python)"


def read_delimited(path: Path, delimiter: str | None, header: bool | None = None) -> Table:
    """Read a text table, with the delimiter of its ending and a detected header unless they are given."""
    delimiter = _checked_delimiter(delimiter, path)
    text = TextFile(path)
    records = _records(text, delimiter)
    first_line, first = next(records, (0, []))
    if not first:
        raise DataError("the file is empty", expected="a table", received="no lines", where=str(path))
    if len(first) == 1:
        _look_for_delimiter(text, delimiter)
    check_columns(len(first), str(path))
    notes: list[str] = []
    if header is None:
        header = _is_header(first, notes)
    # A line of generated names is a header: they may have been written to this file.
    header = header or all(is_generated(cell.strip()) for cell in first)
    if header:
        names = [cell.strip() or generated_name(index) for index, cell in enumerate(first, start=1)]
        check_names(names, *([f"if the first line is data, use {_NO_HEADER}"] if notes else []))
    else:
        names = [generated_name(index) for index in range(1, len(first) + 1)]
        records = _records(text, delimiter)
    frames: list[pl.DataFrame] = []
    lines: list[int] = []
    n_rows = min(max(_CHUNK_CELLS // len(names), 1), _CHUNK_ROWS)
    while chunk := list(islice(records, n_rows)):
        for line, row in chunk:
            if len(row) != len(names):
                raise _ragged(line, len(row), len(names), text, delimiter)
        lines += [line for line, _ in chunk]
        check_cells(len(lines) * len(names), text.size, str(path), frame=True)
        columns = zip(*(row for _, row in chunk), strict=True)
        cells = dict(zip(names, columns, strict=True))
        frames.append(clean_text(pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))))
    if not frames:
        raise DataError(
            "the file has a header but no rows",
            expected="rows below the header",
            received=f"line {first_line} only: {excerpt(', '.join(names))}",
            where=str(path),
        )
    return Table(pl.concat(frames), np.array(lines, dtype=np.intp), header, notes)


def _is_header(cells: list[str], notes: list[str]) -> bool:
    """Return whether a first line contains column names, with a note if that is a guess."""
    if all(is_number_or_missing(cell) for cell in cells):
        return False
    # Whole numbers, such as years, may be column names; numbers with a decimal point are not.
    numbers = [cell.strip() for cell in cells if is_number(cell)]
    broken = [number for number in numbers if not number.lstrip("+-").isdecimal()]
    if broken:
        notes.append(
            f"the first line is read as data, because it contains the number {broken[0]}; "
            f"if it contains the column names, use --header (header=True in Python)"
        )
    elif numbers:
        notes.append(
            f"the first line is read as column names, although it contains the number {numbers[0]}; "
            f"if it is data, use {_NO_HEADER}"
        )
    return not broken


def _checked_delimiter(delimiter: str | None, path: Path) -> str:
    if delimiter is None:
        return DELIMITERS.get(ending_of(path), ",")
    delimiter = SPOKEN_DELIMITERS.get(delimiter, delimiter)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ConfigurationError(
            "the delimiter is not one character",
            expected="one character, such as , or ; or |, or the word tab",
            received=repr(delimiter),
        )
    return delimiter


def _records(text: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line it starts on."""
    reader = csv.reader(_narrow(text, delimiter), delimiter=delimiter, skipinitialspace=True, strict=True)
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


def _narrow(text: TextFile, delimiter: str) -> Iterator[str]:
    """Yield each line, after checking that it does not have too many cells."""
    most = most_columns()
    for number, line in enumerate(text.lines(), start=1):
        if len(line) > most and line.count(delimiter) >= most:
            check_columns(line.count(delimiter) + 1, f"line {number} of {text.path} (counted from 1)")
        yield line


def _other_delimiter(text: TextFile, delimiter: str) -> str | None:
    """Find another delimiter that splits all of the first lines into the same number of cells, at least 2."""
    lines = text.first_lines()
    for other in ",;\t|":
        if other != delimiter:
            try:
                widths = {len(row) for row in csv.reader(lines, delimiter=other)}
            except csv.Error:
                continue
            if len(widths) == 1 and widths.pop() > 1:
                return other
    return None


def _how_to_say(delimiter: str) -> str:
    spoken = "tab" if delimiter == "\t" else delimiter
    return f"--delimiter '{spoken}' on the command line, delimiter=\"{spoken}\" in Python"


def _look_for_delimiter(text: TextFile, delimiter: str) -> None:
    other = _other_delimiter(text, delimiter)
    if other is not None:
        raise FormatError(
            "the file uses another delimiter",
            expected=f"cells separated by {delimiter!r}",
            received=f"a single column, which {other!r} would split into several",
            where=str(text.path),
            remedy=_how_to_say(other),
        )


def _ragged(line: int, received: int, expected: int, text: TextFile, delimiter: str) -> DataError:
    other = _other_delimiter(text, delimiter)
    return FormatError(
        "a row does not have as many cells as the first row",
        expected=f"{expected} cells",
        received=f"{received}",
        where=f"line {line} of {text.path} (counted from 1)",
        remedy=_how_to_say(other)
        if other is not None
        else "correct the row, or quote a cell that contains the delimiter",
    )
