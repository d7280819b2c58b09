"""The file formats, each declared once: what is said and asked about formats is read from here."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pellucid.data.options import READ_OPTIONS, Needs, ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.idx import idx_folder
from pellucid.data.readers.npz import npz
from pellucid.data.readers.recognition import Start, refuse_unread, start_of
from pellucid.data.readers.text_file import DELIMITERS
from pellucid.data.readers.unpacking import COMPRESSED, compression_of, ending_of
from pellucid.errors import ConfigurationError, FormatError

if TYPE_CHECKING:
    from pellucid.data.readers.table import Table

__all__ = ["FORMATS", "Format", "read_file", "refuse_columns"]

_OF_TABLES = tuple(name for name, option in READ_OPTIONS.items() if option.names_columns or option.of_cells)


class Format(ABC):
    """A file format.

    A subclass declares what is known about it, and reads it. The modules that take time to import, such as
    polars, are imported in `read`.
    """

    # Its name, as in "Parquet" or "a folder of idx files".
    name: ClassVar[str]
    # The file endings, in lower case; none for a folder.
    endings: ClassVar[tuple[str, ...]] = ()
    # The reading options that make a difference, besides the task. Those of tables need named columns.
    takes: ClassVar[tuple[str, ...]] = ()
    # The first bytes of its files as a pattern, if they tell it from all other formats.
    signature: ClassVar[bytes | None] = None
    # Whether a compressed file of this format is read.
    compressed: ClassVar[bool] = True

    def recognises(self, path: Path) -> bool:
        """Return whether the name of a path says that it has this format."""
        ending = ending_of(path) if self.compressed else path.suffix.lower()
        return ending in self.endings and not path.is_dir()

    def begins(self, start: Start) -> bool:
        """Return whether the first bytes of a file say that it has this format."""
        first = start.unpacked if self.compressed else start.stored
        return self.signature is not None and re.match(self.signature, first, re.DOTALL) is not None

    def is_meant(self, options: ReadOptions) -> bool:
        """Return whether the options say that a file with an unknown ending has this format."""
        return False

    @abstractmethod
    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table | RawData":
        """Read a file: a table, which is then separated, or raw data with targets."""


class DelimitedText(Format):
    """A text table: CSV, TSV, or with another delimiter."""

    name = "delimited text"
    endings = tuple(DELIMITERS)
    takes = (*_OF_TABLES, "delimiter", "text_encoding", "header", "skip_lines")

    def is_meant(self, options: ReadOptions) -> bool:
        """Return whether a delimiter is given."""
        return options.delimiter is not None

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the cells as text."""
        from pellucid.data.readers.delimited import read_delimited  # polars takes 0.1 s to import

        return read_delimited(path, options)


class Parquet(Format):
    """Apache Parquet, read in a separate process."""

    name = "Parquet"
    endings = (".parquet",)
    signature = rb"PAR1[\0-\x08\x0e-\x1f]"
    compressed = False
    takes = _OF_TABLES

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the table."""
        from pellucid.data.readers.parquet import read_parquet  # polars takes 0.1 s to import
        from pellucid.data.readers.table import Table

        return Table(read_parquet(path))


class JsonLines(Format):
    """JSON lines: each row an object on a line of its own."""

    name = "JSON lines"
    endings = (".jsonl", ".ndjson")
    takes = _OF_TABLES
    signature = rb'(\xef\xbb\xbf)?\s*\{\s*"'

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the objects as rows."""
        from pellucid.data.readers.json_lines import read_json_lines  # polars takes 0.1 s to import

        return read_json_lines(path)


class Npz(Format):
    """NumPy's archives of arrays: x and y, or a training and a test set."""

    name = "NumPy archive"
    endings = (".npz",)
    # A zip file whose first member is an array.
    signature = rb"PK\x03\x04.{26}[^/\0]{1,100}\.npy"
    compressed = False

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> RawData:
        """Read the arrays."""
        return npz(path, needs.target)


class IdxFolder(Format):
    """The four idx files of MNIST and similar data sets."""

    name = "a folder of idx files"

    def recognises(self, path: Path) -> bool:
        """Return whether it is a folder."""
        return path.is_dir()

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> RawData:
        """Read the four files, and keep their own split."""
        return idx_folder(path)


FORMATS: Sequence[Format] = (DelimitedText(), JsonLines(), Parquet(), Npz(), IdxFolder())


def read_file(path: Path, options: ReadOptions, needs: Needs) -> RawData:
    """Read a file or folder in the format that its first bytes show, or else its name.

    Raises
    ------
    FormatError
        If it has none of the formats.
    """
    start = Start(b"", b"") if path.is_dir() else start_of(path)
    declared = _format_of(path, start, options)
    refuse_columns(options, needs, str(path), declared.takes)
    found = declared.read(path, options, needs)
    if not isinstance(found, RawData):
        from pellucid.data.readers.table import separate  # polars takes 0.1 s to import

        found = separate(found, path.name, options, needs)
    found.notes[:0] = _misnamed(declared, path, start)
    return found


def _format_of(path: Path, start: Start, options: ReadOptions) -> Format:
    """Choose the format: by the first bytes, the name, or the options."""
    by_start = [declared for declared in FORMATS if declared.begins(start)]
    if not by_start:
        refuse_unread(start, path, _supported())
    by_name = [declared for declared in FORMATS if declared.recognises(path)]
    meant = [declared for declared in FORMATS if declared.is_meant(options)]
    for declared in by_start or by_name or meant:
        return declared
    raise start.error or FormatError(
        "the file format is not supported",
        expected=_supported(),
        received=ending_of(path) or "no file extension",
        where=str(path),
        remedy="for a text table, give its delimiter: --delimiter ',' (delimiter=',' in Python)",
    )


def _misnamed(declared: Format, path: Path, start: Start) -> list[str]:
    """Return notes on a file that is not what its name says."""
    if path.is_dir():
        return []
    notes = []
    compression = compression_of(start.stored) if declared.compressed else None
    if compression is not None and path.suffix.lower() not in COMPRESSED:
        notes.append(f"{path.name} is a {compression} file, which its name does not say; it is unpacked")
    if declared.begins(start) and not declared.recognises(path):
        notes.append(f"{path.name} is read as {declared.name}, because its first bytes say so")
    return notes


def refuse_columns(options: ReadOptions, needs: Needs, where: str, takes: Sequence[str] = ()) -> None:
    """Refuse options of tables for data without named columns, unless the data may lack them."""
    named = [name for name in _OF_TABLES if getattr(options, name) and name not in takes]
    if named and needs.columns:
        value = getattr(options, named[0])
        value = value[0] if named[0] == "target" and len(value) == 1 else value
        use = "names a column" if READ_OPTIONS[named[0]].names_columns else "is about the cells of a table"
        raise ConfigurationError(
            f"{named[0]} {use}, but the data have no named columns",
            expected="a table for this setting",
            received=f"{named[0]}={value!r}",
            where=where,
        )


def _supported() -> str:
    """List the endings, and the formats that have none."""
    endings = [ending for declared in FORMATS for ending in declared.endings]
    folders = [declared.name for declared in FORMATS if not declared.endings]
    return ", or ".join([f"{', '.join(endings[:-1])} or {endings[-1]}", *folders])
