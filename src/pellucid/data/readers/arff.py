"""ARFF, the format of Weka and OpenML: the columns are declared, and rows follow as in CSV."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pellucid.data.cells.frames import check_names, tidy_frame
from pellucid.data.options import ReadOptions
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells, check_columns
from pellucid.data.readers.table import Table
from pellucid.data.readers.text_file import TextFile
from pellucid.errors import DataError, FormatError

__all__ = ["read_arff"]

_NUMBERS = ("numeric", "real", "integer")
_TEXT = ("string", "date")
_QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_ATTRIBUTE = re.compile(rf"@attribute\s+({_QUOTED}|[^\s{{'\"][^\s{{]*+)\s*(\S.*)", re.IGNORECASE)
_CATEGORIES = re.compile(r"\{(.*)\}\s*(?:%.*)?")
# A cell in quotation marks, or without them, and the comma or the end behind it; nothing is tried twice.
_CELL = re.compile(rf"\s*+(?:({_QUOTED})\s*+|([^,'\"]*+))(,|\Z)")
_SPARSE = re.compile(rf"\s*+(\d{{1,9}})\s++(?:({_QUOTED})\s*+|([^,'\"]*+))(,|\Z)")
_ESCAPED = re.compile(r"\\(.)")
# What Weka writes for these characters.
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_CHUNK = 10_000

Cells = list[str | None]


@dataclass(frozen=True)
class _Attribute:
    """A declared column; a nominal one has categories."""

    name: str
    numbers: bool = False
    categories: Cells | None = None

    @property
    def zero(self) -> str | None:
        """The cell that a sparse row leaves out."""
        return "0" if self.numbers else self.categories[0] if self.categories else None


def read_arff(path: Path, options: ReadOptions) -> Table:
    """Read the rows as the header declares them: numbers, categories and text."""
    text = TextFile(path, options.text_encoding)
    lines = _lines(text)
    attributes = _header(lines, path)
    rows: list[Cells] = []
    places: list[int] = []
    for number, line in lines:
        cells = _sparse_row(line, attributes) if line.startswith("{") else _cells(line)
        if cells is None or len(cells) != len(attributes):
            raise _unreadable(line, f"a row of {len(attributes)} cells", number, path)
        rows.append(cells)
        places.append(number)
        if len(rows) % _CHUNK == 1:
            check_cells(len(rows) * len(attributes), text.size, str(path), frame=True)
    if not rows:
        raise DataError("the file has no rows", expected="rows below @data", received="none", where=str(path))
    columns = zip(attributes, zip(*rows, strict=True), strict=True)
    frame = pl.DataFrame({column.name: _series(column, cells, places, path) for column, cells in columns})
    nominal = [attribute for attribute in attributes if attribute.categories is not None]
    notes = [f"the file is not UTF-8, read as {text.encoding}"] * text.guessed
    named = [attribute.name for attribute in attributes if attribute.name.lower() == "class"]
    return Table(
        tidy_frame(frame),
        np.array(places, dtype=np.intp),
        notes=notes,
        usual_target=named[0] if named else None,
        of_classes=tuple(attribute.name for attribute in nominal),
        # One number says as much as two categories.
        words=tuple(attribute.name for attribute in nominal if len(attribute.categories or ()) > 2),
    )


def _lines(text: TextFile) -> Iterator[tuple[int, str]]:
    """Yield each line that is neither empty nor a comment, with its number."""
    for number, line in enumerate(text.lines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("%"):
            yield number, stripped


def _header(lines: Iterator[tuple[int, str]], path: Path) -> list[_Attribute]:
    """Read the declarations up to @data."""
    attributes: list[_Attribute] = []
    for number, line in lines:
        keyword = line.split(None, 1)[0].lower()
        if keyword == "@data":
            break
        if keyword == "@attribute":
            attributes.append(_attribute(line, number, path))
            check_columns(len(attributes), str(path))
        elif keyword != "@relation":
            raise _unreadable(line, "@relation, @attribute or @data", number, path)
    if not attributes:
        raise DataError(
            "the file declares no columns",
            expected="lines such as @attribute size numeric",
            received="none",
            where=str(path),
        )
    check_names([attribute.name for attribute in attributes])
    return attributes


def _attribute(line: str, number: int, path: Path) -> _Attribute:
    """Read the declaration of a column."""
    found = _ATTRIBUTE.fullmatch(line)
    if found:
        name = _unquoted(found[1]) if found[1][0] in "'\"" else found[1]
        categories = _CATEGORIES.fullmatch(found[2])
        kind = found[2].split(None, 1)[0].lower()
        values = _cells(categories[1]) if categories else None
        if values:
            return _Attribute(name, categories=values)
        if kind in _NUMBERS or kind in _TEXT:
            return _Attribute(name, numbers=kind in _NUMBERS)
        if kind == "relational":
            raise FormatError(
                "the file contains tables within a table",
                expected="numeric, nominal, string or date attributes",
                received=f"the relational attribute {excerpt(name)!r}",
                where=f"line {number} of {path} (counted from 1)",
                remedy="write a row for each inner row, with the cells of the outer one repeated",
            )
    raise _unreadable(line, "a declaration such as @attribute kind {a, b}", number, path)


def _cells(line: str) -> Cells | None:
    """Return the cells of a row, None for missing ones; None if it cannot be read."""
    if "'" not in line and '"' not in line:
        separator = "\t" if "\t" in line and "," not in line else ","
        return [_plain(cell) for cell in line.split(separator)]
    cells: Cells = []
    position, more = 0, ","
    while more:
        found = _CELL.match(line, position)
        if found is None:
            return None
        cells.append(_unquoted(found[1]) if found[1] else _plain(found[2]))
        position, more = found.end(), found[3]
    return cells


def _sparse_row(line: str, attributes: Sequence[_Attribute]) -> Cells | None:
    """Return the cells of a row such as {1 x, 3 y}, in which columns are counted from 0."""
    cells = [attribute.zero for attribute in attributes]
    if not line.endswith("}"):
        return None
    inside = line[1:-1]
    position, more, last = 0, "," if inside.strip() else "", -1
    while more:
        found = _SPARSE.match(inside, position)
        if found is None or not last < int(found[1]) < len(cells):
            return None
        last = int(found[1])
        cells[last] = _unquoted(found[2]) if found[2] else _plain(found[3])
        position, more = found.end(), found[4]
    return cells


def _plain(cell: str) -> str | None:
    return cell.strip() if cell.strip() not in ("?", "") else None


def _unquoted(cell: str) -> str:
    return _ESCAPED.sub(lambda found: _CONTROLS.get(found[1], found[1]), cell[1:-1])


def _series(
    attribute: _Attribute, cells: Sequence[str | None], lines: Sequence[int], path: Path
) -> pl.Series:
    column = pl.Series(attribute.name, cells, dtype=pl.String)
    if not attribute.numbers:
        return column
    numbers = column.cast(pl.Float64, strict=False)
    wrong = (numbers.is_null() & column.is_not_null()).arg_max()
    if wrong is not None and numbers[wrong] is None and column[wrong] is not None:
        expected = f"a number, as column {attribute.name!r} is declared"
        raise _unreadable(str(column[wrong]), expected, lines[wrong], path)
    return numbers


def _unreadable(line: str, expected: str, number: int, path: Path) -> FormatError:
    return FormatError(
        "the ARFF file cannot be read",
        expected=expected,
        received=excerpt(repr(line)),
        where=f"line {number} of {path} (counted from 1)",
        remedy="correct the line, or write the table as CSV",
    )
