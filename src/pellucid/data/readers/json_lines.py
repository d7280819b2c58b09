"""JSON lines: each row an object on a line of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pellucid.data.cells.frames import column_of, tidy_frame
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns
from pellucid.data.readers.table import Table
from pellucid.data.readers.text_file import TextFile
from pellucid.errors import DataError, FormatError

__all__ = ["read_json_lines"]

# Longer whole numbers are inexact as floats; Python refuses those of more than 4,300 digits.
_EXACT_DIGITS = 15


def read_json_lines(path: Path) -> Table:
    """Read a file of JSON lines; a name that a row lacks, and null, are missing values."""
    text = TextFile(path)
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    names: dict[str, None] = {}
    for number, row in _objects(text):
        names |= dict.fromkeys(row)
        rows.append(row)
        lines.append(number)
        check_columns(len(names), str(path))
        check_cells(len(rows) * len(names), text.size, str(path), frame=True)
    if not rows:
        raise DataError("the file is empty", expected="a table", received="no lines", where=str(path))
    columns = {name: column_of(name, [row.get(name) for row in rows]) for name in names}
    return Table(tidy_frame(pl.DataFrame(columns)), np.array(lines, dtype=np.intp))


def _objects(text: TextFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object with its line, counted from 1."""
    for number, line in enumerate(text.lines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_int=_number)
        except (ValueError, RecursionError) as error:
            raise _unreadable(str(error), number, text) from None
        if not isinstance(row, dict):
            raise _unreadable(excerpt(line.strip()), number, text)
        for name, value in row.items():
            if isinstance(value, list | dict):  # not used, only pointed at
                row[name] = type(value)()
        yield number, row


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _EXACT_DIGITS else float(digits)


def _unreadable(received: str, line: int, text: TextFile) -> FormatError:
    return FormatError(
        "the line is not a row of a table",
        expected='an object with one value for each column, such as {"size": 2, "kind": "a"}',
        received=received,
        where=f"line {line} of {text.path} (counted from 1)",
        remedy="write each object on a line of its own, with a name of its own for each value",
    )
