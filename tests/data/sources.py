"""The formats of tables, each declared once: how it is made from columns, and what it cannot express."""

import csv
import datetime
import gzip
import io
import json
import lzma
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import xlsxwriter
import zstandard
from tests.data.oddities import Kind


@dataclass(frozen=True)
class Right:
    """What is right for a kind of table in one format, and why, if it differs from other formats.

    The names of the inputs, words of the notes, the error, and whether inputs and notes are the same.
    """

    why: str = ""
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    same: bool = True


@dataclass(frozen=True)
class Source:
    """A format, as a source of data.

    Parameters
    ----------
    name : str
    make : callable
        From a folder and a kind of table to the source.
    lacks : mapping of str to str
        What the format cannot express, and why: kinds that need it do not occur.
    differs : mapping of str to Right
        The kinds for which something else is right, by name.
    named : bool
        Whether its columns have names.
    scaled : bool
        Whether its inputs are scaled like those of all others.
    """

    name: str
    make: Callable[[Path, Kind], object]
    lacks: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, Right] = field(default_factory=dict)
    named: bool = True
    scaled: bool = True

    def __str__(self) -> str:
        return self.name

    def expresses(self, kind: Kind) -> bool:
        return not kind.required & self.lacks.keys()

    def right(self, kind: Kind) -> Right:
        if kind.name in self.differs:
            return self.differs[kind.name]
        features = kind.features if self.named else columns(len(kind.features))
        return Right("", features, kind.notes, kind.error)


def columns(n: int) -> tuple[str, ...]:
    """The names of the columns of an array."""
    return tuple(f"column {number}" for number in range(n))


def text(cell: Any) -> str:
    """A cell as programs write it into text."""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def delimited(kind: Kind, delimiter: str = ",") -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(kind.names)
    writer.writerows([map(text, row) for row in kind.rows])
    return file.getvalue()


def as_text(ending: str, delimiter: str = ",", encoding: str = "utf-8") -> Callable[[Path, Kind], Path]:
    def make(folder: Path, kind: Kind) -> Path:
        path = folder / f"t{ending}"
        path.write_bytes(delimited(kind, delimiter).encode(encoding))
        return path

    return make


def compressed(ending: str, compress: Callable[[bytes], bytes]) -> Callable[[Path, Kind], Path]:
    def make(folder: Path, kind: Kind) -> Path:
        path = folder / f"t.csv{ending}"
        path.write_bytes(compress(delimited(kind).encode()))
        return path

    return make


def zipped(folder: Path, kind: Kind) -> Path:
    with zipfile.ZipFile(folder / "t.zip", "w") as archive:
        archive.writestr("t.csv", delimited(kind))
    return folder / "t.zip"


def json_lines(folder: Path, kind: Kind) -> Path:
    def plain(cell: Any) -> object:
        return float(cell) if isinstance(cell, Decimal) else text(cell)

    path = folder / "t.jsonl"
    rows = (dict(zip(kind.names, row, strict=True)) for row in kind.rows)
    path.write_text("".join(json.dumps(row, default=plain) + "\n" for row in rows))
    return path


def polars_frame(folder: Path, kind: Kind) -> pl.DataFrame:
    return pl.DataFrame(dict(kind.columns))


def polars_categories(folder: Path, kind: Kind) -> pl.DataFrame:
    return polars_frame(folder, kind).with_columns(pl.col(pl.String).cast(pl.Categorical))


def parquet(folder: Path, kind: Kind) -> Path:
    polars_frame(folder, kind).write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def arrow(folder: Path, kind: Kind) -> Path:
    polars_frame(folder, kind).write_ipc(folder / "t.arrow")
    return folder / "t.arrow"


def workbook(folder: Path, kind: Kind) -> Path:
    path = folder / "t.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        forms = {datetime.time: "hh:mm:ss", datetime.timedelta: "[h]:mm:ss"}
        formats = {kind: book.add_format({"num_format": form}) for kind, form in forms.items()}
        for number, row in enumerate([kind.names, *kind.rows]):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell, formats.get(type(cell)))
    return path


def arff(folder: Path, kind: Kind) -> Path:
    """As Weka writes it: text in quotation marks, with a backslash before what has a meaning."""

    def quoted(word: str) -> str:
        escaped = word.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + escaped.replace("\n", "\\n").replace("\t", "\\t") + "'"

    def declared(cells: list[Any]) -> str:
        types = {type(cell) for cell in cells if cell is not None}
        return (
            "{False, True}" if types == {bool} else "numeric" if types <= {int, float, Decimal} else "string"
        )

    def cell(value: Any) -> str:
        return "?" if value is None else quoted(text(value)) if isinstance(value, str) else text(value)

    path = folder / "t.arff"
    header = [f"@attribute {quoted(name)} {declared(cells)}" for name, cells in kind.columns]
    rows = [",".join(map(cell, row)) for row in kind.rows]
    path.write_text("\n".join(["@relation t", *header, "@data", *rows, ""]), encoding="utf-8")
    return path


def pandas_frame(dtype: object = None) -> Callable[[Path, Kind], pd.DataFrame]:
    def make(folder: Path, kind: Kind) -> pd.DataFrame:
        frame = pd.concat([pd.Series(cells, dtype=dtype) for _, cells in kind.columns], axis=1)
        return frame.set_axis(kind.names, axis=1)

    return make


def nullable(folder: Path, kind: Kind) -> pd.DataFrame:
    return pandas_frame()(folder, kind).convert_dtypes()


def arrow_backed(folder: Path, kind: Kind) -> pd.DataFrame:
    return pandas_frame()(folder, kind).convert_dtypes(dtype_backend="pyarrow")


def arrow_table(folder: Path, kind: Kind) -> pa.Table:
    return pa.table([pa.array(cells) for _, cells in kind.columns], names=kind.names)


def pair(dtype: object) -> Callable[[Path, Kind], tuple[np.ndarray, np.ndarray]]:
    def make(folder: Path, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        *features, (_, y) = kind.columns
        return np.array([cells for _, cells in features], dtype=dtype).T, np.array(y)

    return make


def npz(folder: Path, kind: Kind) -> Path:
    x, y = pair(float)(folder, kind)
    np.savez(folder / "t.npz", x=x, y=y)
    return folder / "t.npz"


def structured(folder: Path, kind: Kind) -> Path:
    """Write a structured array: each column as NumPy stores it, as text if it has no type for the cells."""

    def column(cells: list[Any]) -> np.ndarray:
        types = {type(cell) for cell in cells if cell is not None}
        if types <= {int, float, Decimal}:
            return np.array(cells, dtype=float if None in cells or types != {int} else np.int64)
        if types == {bool} and None not in cells:
            return np.array(cells)
        if types <= {datetime.date, datetime.datetime}:
            return np.array(cells, dtype="M8[D]" if types == {datetime.date} else "M8[us]")
        if types == {datetime.timedelta}:
            return np.array(cells, dtype="m8[us]")
        return np.array([text(cell) for cell in cells])

    columns = [column(cells) for _, cells in kind.columns]
    fields = [(name, values.dtype) for name, values in zip(kind.names, columns, strict=True)]
    array = np.empty(len(columns[0]), dtype=fields)
    for name, values in zip(kind.names, columns, strict=True):
        array[name] = values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on names that NumPy before 1.17 does not read
        np.save(folder / "t.npy", array)
    return folder / "t.npy"


def svmlight(folder: Path, kind: Kind) -> Path:
    """Write sparse rows; labels that are not numbers are numbered in the order of the classes."""
    *features, (_, y) = kind.columns
    classes = {label: number for number, label in enumerate(sorted(set(y) - {None}))} | {None: "nan"}
    rows = zip(*(cells for _, cells in features), strict=True)
    lines = [
        " ".join(
            [str(label if isinstance(label, float) else classes[label])]
            + [f"{index}:{float(cell)!r}" for index, cell in enumerate(row, start=1) if cell]
        )
        for label, row in zip(y, rows, strict=True)
    ]
    (folder / "t.svm").write_text("".join(f"{line}\n" for line in lines))
    return folder / "t.svm"


IN_TEXT = {
    "list": "text has no lists",
    "dict": "text has no structs",
    "timedelta": "text has no durations",
}
NO_SHORT_ROWS = {"short rows": "a cell that is not written is an empty one"}
IN_JSON = NO_SHORT_ROWS | {
    "timedelta": IN_TEXT["timedelta"],
    "no rows": "a file without rows has no columns",
    "duplicate names": "each name occurs once in an object",
}
IN_WORKBOOKS = NO_SHORT_ROWS | {
    "list": "a cell contains a single value",
    "dict": "a cell contains a single value",
    "offset": "dates have no offset",
    "infinity": "numbers are finite",
}
IN_FRAMES = {"short rows": "all columns have the same length", "duplicate names": "each name occurs once"}
IN_ARROW = {"short rows": IN_FRAMES["short rows"]}
IN_ARRAYS = IN_ARROW | {
    **dict.fromkeys(("str", "date", "datetime", "time", "timedelta", "list", "dict"), "x contains numbers"),
    "names": "columns have no names",
    "no target": "x and y are given apart",
    "words with a meaning": "text in an array is what it says",
}

IN_STRUCTURED = IN_FRAMES | {
    "list": IN_TEXT["list"],
    "dict": IN_TEXT["dict"],
    "offset": IN_WORKBOOKS["offset"],
    "empty name": "NumPy gives each field a name",
}
IN_SVMLIGHT = IN_ARRAYS | {
    "missing": "what is not written is 0",
    "infinity": IN_WORKBOOKS["infinity"],
    "target of dates": "labels are numbers",
}

SMALL = "what reads workbooks writes booleans in small letters"
NO_TABLE = Right("a single row or column may be a remark", error="no sheet of the workbook contains a table")
OF_WORKBOOKS = {
    "booleans": Right(SMALL, ("smoker = false", "smoker = true", "x")),
    "booleans with gaps": Right(SMALL, ("ok = false", "ok = true", "ok is missing")),
    "no features": NO_TABLE,
    "no rows": NO_TABLE,
}
NUMBERS = "booleans in an array are the numbers 0 and 1"
COMPARED = "columns of an array are not compared"
OF_ARRAYS = {
    "a missing target": Right("whoever makes arrays chooses the rows", error="a target is missing"),
    "booleans": Right(NUMBERS, columns(2), same=False),
    "booleans with gaps": Right("a missing value may be a mistake", error="not finite"),
    "constant numbers": Right("an input is 0, so that columns are inputs", columns(2), same=False),
    "an Id": Right("columns have no names", columns(2), same=False),
    "a day, which counts the rows": Right(COMPARED, columns(2)),
    "a copy": Right(COMPARED, columns(2)),
    "the target in other units": Right(COMPARED, columns(2)),
    "the target as a sum": Right(COMPARED, columns(2)),
    "dates to predict": Right("the words are those for arrays", error="y contains neither labels nor values"),
    "an infinite number": Right("the words are those for arrays", error="not finite"),
    "no rows": Right("the words are those for arrays", error="x is empty"),
}
PICKLED = Right("objects would have to be pickled", error="not an .npz file of plain arrays")
OF_NPZ = OF_ARRAYS | {"a missing target": PICKLED, "dates to predict": PICKLED}
SCALED = "sparse columns are divided by their largest value"
NUMBERED = "labels are numbers"
OF_SVMLIGHT = {
    "a missing target": Right(NUMBERED, error="a target is not a finite number"),
    "booleans": OF_ARRAYS["booleans"],
    "constant numbers": OF_ARRAYS["constant numbers"],
    "an Id": OF_ARRAYS["an Id"],
    "a day, which counts the rows": OF_ARRAYS["a day, which counts the rows"],
    "a copy": OF_ARRAYS["a copy"],
    "the target in other units": OF_ARRAYS["the target in other units"],
    "the target as a sum": OF_ARRAYS["the target as a sum"],
    "a number far out": Right(SCALED, columns(1)),
    "a huge number": Right(SCALED, columns(1)),
    "a class of one row": Right(NUMBERED, columns(1), ("has no rows of class '2'",)),
    "classes that differ in capitals": Right(NUMBERED, columns(1)),
    "no rows": Right("the words are those for files", error="the file is empty"),
}

SOURCES = (
    Source("CSV", as_text(".csv"), IN_TEXT),
    Source("TSV", as_text(".tsv", "\t"), IN_TEXT),
    Source("CSV with semicolons", as_text(".csv", ";"), IN_TEXT),
    Source("CSV in UTF-16", as_text(".csv", encoding="utf-16"), IN_TEXT),
    Source("CSV.gz", compressed(".gz", gzip.compress), IN_TEXT),
    Source("CSV.xz", compressed(".xz", lzma.compress), IN_TEXT),
    Source("CSV.zst", compressed(".zst", zstandard.compress), IN_TEXT),
    Source("a zip file", zipped, IN_TEXT),
    Source("JSON lines", json_lines, IN_JSON),
    Source("Parquet", parquet, IN_FRAMES),
    Source("Arrow", arrow, IN_FRAMES),
    Source("a workbook", workbook, IN_WORKBOOKS, OF_WORKBOOKS),
    Source("ARFF", arff, IN_TEXT),
    Source("a polars frame", polars_frame, IN_FRAMES),
    Source("a polars frame of categories", polars_categories, IN_FRAMES),
    Source("a pandas frame", pandas_frame(), NO_SHORT_ROWS),
    Source("a pandas frame of objects", pandas_frame(object), NO_SHORT_ROWS),
    Source("a pandas frame of nullable types", nullable, NO_SHORT_ROWS),
    Source("a pandas frame of Arrow types", arrow_backed, NO_SHORT_ROWS),
    Source("a pyarrow table", arrow_table, IN_ARROW),
    Source("a pair of arrays", pair(float), IN_ARRAYS, OF_ARRAYS, named=False),
    Source("a pair of arrays of objects", pair(object), IN_ARRAYS, OF_ARRAYS, named=False),
    Source("npz", npz, IN_ARRAYS, OF_NPZ, named=False),
    Source("a structured array in a file", structured, IN_STRUCTURED),
    Source("svmlight", svmlight, IN_SVMLIGHT, OF_SVMLIGHT, named=False, scaled=False),
)
