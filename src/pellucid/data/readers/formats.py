"""The file formats, each declared once: what is said and asked about formats is read from here."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.data.needs import Needs
from pellucid.data.options import ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.format import OF_TABLES, Format
from pellucid.data.readers.idx import idx_folder
from pellucid.data.readers.idx_names import has_sets, is_set
from pellucid.data.readers.image_folder import image_folder, is_image_folder
from pellucid.data.readers.npz import npz
from pellucid.data.readers.piped import STANDARD_INPUT
from pellucid.data.readers.recognition import Start
from pellucid.data.readers.svmlight import is_svmlight, svmlight
from pellucid.data.readers.text_file import DELIMITERS

if TYPE_CHECKING:
    from pellucid.data.readers.table import Table

__all__ = ["FORMATS", "supported"]


class DelimitedText(Format):
    """A text table: CSV, TSV, or with another delimiter."""

    name = "delimited text"
    endings = tuple(DELIMITERS)
    takes = (*OF_TABLES, "delimiter", "text_encoding", "header", "skip_lines")

    def is_meant(self, options: ReadOptions) -> bool:
        """Return whether a delimiter is given."""
        return options.delimiter is not None

    def looks_like(self, start: Start) -> bool:
        """Return whether the first lines are a table; standard input need not be told from other files."""
        from pellucid.data.readers.table_likeness import is_plainly_a_table  # polars takes 0.1 s to import

        return is_plainly_a_table(start.lines) or start.named.name == STANDARD_INPUT

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
    takes = OF_TABLES

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the table."""
        from pellucid.data.readers.separate_process import read_frame  # polars takes 0.1 s to import
        from pellucid.data.readers.table import Table

        return Table(read_frame(path, "Parquet"))


class Arrow(Format):
    """Arrow IPC, also called Feather, read in a separate process."""

    name = "Arrow"
    endings = (".arrow", ".feather", ".ipc")
    signature = rb"ARROW1\0\0"
    compressed = False
    takes = OF_TABLES

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the table."""
        from pellucid.data.readers.separate_process import read_frame  # polars takes 0.1 s to import
        from pellucid.data.readers.table import Table

        return Table(read_frame(path, "Arrow"))


class Workbook(Format):
    """Workbooks of Excel and OpenDocument, read in a separate process."""

    name = "a workbook"
    endings = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    signature = (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|PK\x03\x04.{26}"
        rb"(\[Content_Types\]\.xml|_rels/|docProps/|xl/|mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet)"
    )
    compressed = False
    takes = (*OF_TABLES, "header", "sheet", "skip_lines")

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the sheet that is named, or the first that contains a table."""
        from pellucid.data.readers.workbook import read_workbook  # polars takes 0.1 s to import

        return read_workbook(path, options)


class Arff(Format):
    """ARFF, the format of Weka and OpenML."""

    name = "ARFF"
    endings = (".arff",)
    signature = rb"(?i)(\xef\xbb\xbf)?(\s*%[^\n]*\n)*\s*@relation\s"
    takes = (*OF_TABLES, "text_encoding")

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table":
        """Read the declared columns."""
        from pellucid.data.readers.arff import read_arff  # polars takes 0.1 s to import

        return read_arff(path, options)


class JsonLines(Format):
    """JSON lines: each row an object on a line of its own."""

    name = "JSON lines"
    endings = (".jsonl", ".ndjson")
    takes = OF_TABLES
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


class Npy(Format):
    """A single array of NumPy, as a table."""

    name = "NumPy array"
    endings = (".npy",)
    signature = rb"\x93NUMPY"
    takes = OF_TABLES

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table | RawData":
        """Read the columns of the array."""
        from pellucid.data.readers.npy import npy  # polars takes 0.1 s to import

        return npy(path, needs.target)


class SvmLight(Format):
    """The sparse rows of svmlight and libsvm."""

    name = "svmlight"
    endings = (".svm", ".libsvm", ".svmlight")
    takes = ("zero_based",)

    def begins(self, start: Start) -> bool:
        """Return whether the first lines are rows of this format."""
        return is_svmlight(start.lines)

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> RawData:
        """Read the sparse rows and their labels."""
        return svmlight(path, options.zero_based, needs.known.n_columns)


class ImageFolder(Format):
    """Images by class: a folder for each."""

    name = "a folder of images by class"

    def recognises(self, path: Path) -> bool:
        """Return whether it is a folder that contains images, but no idx files."""
        return path.is_dir() and not has_sets(path) and is_image_folder(path)

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> RawData:
        """Read the images; the names of their folders are labels."""
        return image_folder(path, needs.target)


class IdxFolder(Format):
    """The four idx files of MNIST and similar data sets."""

    name = "a folder of idx files"

    def recognises(self, path: Path) -> bool:
        """Return whether it is a folder, or the name of a set in one."""
        return path.is_dir() or is_set(path)

    def read(self, path: Path, options: ReadOptions, needs: Needs) -> RawData:
        """Read the four files, and keep their own split."""
        return idx_folder(path)


FORMATS: Sequence[Format] = (
    DelimitedText(),
    JsonLines(),
    Parquet(),
    Arrow(),
    Workbook(),
    Arff(),
    Npz(),
    Npy(),
    SvmLight(),
    ImageFolder(),
    IdxFolder(),
)


def supported() -> str:
    """List the endings, and the formats that have none."""
    endings = [ending for declared in FORMATS for ending in declared.endings]
    folders = [declared.name for declared in FORMATS if not declared.endings]
    return ", or ".join([f"{', '.join(endings[:-1])} or {endings[-1]}", *folders])
