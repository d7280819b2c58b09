"""The file formats, each declared once: what is said and asked about formats is read from here."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pellucid.data.options import READ_OPTIONS, Needs, ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.idx import idx_folder
from pellucid.data.readers.npz import npz
from pellucid.data.readers.text_file import DELIMITERS
from pellucid.errors import ConfigurationError, FormatError

if TYPE_CHECKING:
    from pellucid.data.readers.table import Table

__all__ = ["FORMATS", "Format", "read_file", "refuse_columns"]

_OF_TABLES = tuple(name for name, option in READ_OPTIONS.items() if option.names_columns or option.of_cells)
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
_SPREADSHEETS = (".xlsx", ".xls", ".ods")


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

    def recognises(self, path: Path) -> bool:
        """Return whether a path is read as this format."""
        return path.suffix.lower() in self.endings and not path.is_dir()

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
    takes = _OF_TABLES

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the table."""
        from pellucid.data.readers.parquet import read_parquet  # polars takes 0.1 s to import
        from pellucid.data.readers.table import Table

        return Table(read_parquet(path))


class Npz(Format):
    """NumPy's archives of arrays: x and y, or a training and a test set."""

    name = "NumPy archive"
    endings = (".npz",)

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


FORMATS: Sequence[Format] = (DelimitedText(), Parquet(), Npz(), IdxFolder())


def read_file(path: Path, options: ReadOptions, needs: Needs) -> RawData:
    """Read a file or folder in the format that recognises it.

    Raises
    ------
    FormatError
        If none does.
    """
    recognised = [declared for declared in FORMATS if declared.recognises(path)]
    for declared in recognised or [declared for declared in FORMATS if declared.is_meant(options)]:
        refuse_columns(options, needs, str(path), declared.takes)
        found = declared.read(path, options, needs)
        if isinstance(found, RawData):
            return found
        from pellucid.data.readers.table import separate  # polars takes 0.1 s to import

        return separate(found, path.name, options, needs)
    kind = path.suffix.lower()
    raise FormatError(
        "the file format is not supported",
        expected=_supported(),
        received=kind or "no file extension",
        where=str(path),
        remedy=_how_to_read(kind),
    )


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


def _how_to_read(kind: str) -> str:
    if kind in _COMPRESSED:
        return "unpack it first"
    if kind in _SPREADSHEETS:
        return "export the sheet as CSV"
    return "if it is a text table, rename it to .csv or .tsv, or for training give --delimiter ','"
