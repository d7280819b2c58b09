"""What a file is, by its first bytes: formats that are not read are named for what they are."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pellucid.data.readers.opening import open_file
from pellucid.data.readers.text_file import CONTROLS, utf16_of
from pellucid.data.readers.unpacking import compression_of, member_of
from pellucid.errors import FormatError, PellucidError

__all__ = ["Start", "refuse_unread", "start_of"]

# Enough for some rows of a table.
_BYTES = 1 << 14
_CSV = "export the table as CSV"
_ARRAYS = "load it in Python, and pass the arrays or the data frame; or save them with numpy.savez"


@dataclass(frozen=True)
class Start:
    """The first bytes of a file, and its name.

    Parameters
    ----------
    named : Path
        The path whose name says what it is: its own, or with the ending of the only file in a zip file.
    stored : bytes
        As they are stored.
    unpacked : bytes
        The same, unless the file is compressed and can be unpacked.
    error : PellucidError, optional
        Why it cannot be unpacked.
    """

    named: Path
    stored: bytes = b""
    unpacked: bytes = b""
    error: PellucidError | None = None

    @cached_property
    def lines(self) -> list[str]:
        """The first whole lines without their ends; none if it is not text."""
        encoding = utf16_of(self.unpacked)
        if encoding is None and CONTROLS.search(self.unpacked):
            return []
        for name in (encoding or "utf-8-sig", "cp1252"):
            try:
                text = codecs.getincrementaldecoder(name)().decode(self.unpacked)
            except UnicodeDecodeError:
                continue
            lines = text.splitlines(keepends=True)
            cut = len(self.unpacked) == _BYTES and len(lines) > 1
            return [line.rstrip("\r\n") for line in (lines[:-1] if cut else lines)]
        return []


@dataclass(frozen=True)
class _Unread:
    """A kind of file that is not read: its first bytes as a pattern, its name, and the way out."""

    pattern: bytes
    name: str
    remedy: str


_UNREAD: Sequence[_Unread] = (
    _Unread(
        rb"version https://git-lfs\.github\.com/",
        "a Git LFS pointer, which stands for a file that was not downloaded",
        "fetch the file itself: git lfs pull",
    ),
    _Unread(
        rb"(?i)\s*<(!doctype html|html|head|body)",
        "an HTML page, perhaps the error message of a website",
        "download the data again, from the link to the file itself",
    ),
    _Unread(rb"\s*<\?xml", "an XML document", _CSV),
    _Unread(rb"%PDF-", "a PDF document", _CSV),
    _Unread(rb"\{\\rtf", "a text document (RTF)", _CSV),
    _Unread(rb"PK\x03\x04.{26}mimetype", "an OpenDocument file, but not a spreadsheet", _CSV),
    _Unread(rb"SQLite format 3\0", "an SQLite database", _CSV),
    _Unread(
        rb"\x80[\x02-\x05]", "a pickle, which may run any program when it is opened and is not read", _ARRAYS
    ),
    _Unread(rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _ARRAYS),
    _Unread(rb"MATLAB 5\.0 MAT-file", "a MATLAB file", _ARRAYS),
    _Unread(rb"(RDX|RDA)[23]\n|X\n\0\0\0", "a file of R objects", "export the table as CSV: write.csv"),
    _Unread(rb"\$FL[23]", "an SPSS file", _CSV),
    _Unread(rb"<stata_dta>", "a Stata file", _CSV),
    _Unread(
        rb"FEA1[\0-\x1f]",
        "a Feather file of version 1",
        "write it again with a program of today: polars.DataFrame.write_ipc",
    ),
    _Unread(rb"ORC[\0-\x08\x0b\x0c\x0e-\x1f]", "an Apache ORC file", "convert it to Parquet"),
    _Unread(rb"Obj\x01", "an Apache Avro file", "convert it to Parquet"),
    _Unread(rb"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    _Unread(rb"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    _Unread(rb".{257}ustar", "a tar archive", "unpack it first"),
    _Unread(
        rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x08]\0",
        "a single idx file, of the four that belong together",
        "give the folder that contains the images and labels for training and test",
    ),
    _Unread(
        rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP",
        "an image",
        "give the folder of all images, which contains a folder for each class",
    ),
    _Unread(rb"\s*\[\s*[\[{]", "a JSON document", "write each row as an object on its own line (JSON lines)"),
)


def start_of(path: Path) -> Start:
    """Read the first bytes of a file."""
    with open_file(path, as_stored=True) as file:
        stored = file.read(_BYTES)
    compression = compression_of(stored)
    # Office documents are zip files, too.
    if compression is None or _kind_of(stored) is not None:
        return Start(path, stored, stored)
    try:
        with open_file(path) as file:
            named = member_of(path) if compression == "zip" else path
            return Start(named, stored, file.read(_BYTES))
    except PellucidError as error:
        return Start(path, stored, stored, error)


def refuse_unread(start: Start, path: Path, expected: str) -> None:
    """Refuse a file of a kind that is not read, and name it."""
    kind = _kind_of(start.unpacked)
    if kind is not None:
        raise FormatError(
            f"the file is {kind.name}",
            expected=expected,
            received=f"the first bytes {start.unpacked[:16]!r}",
            where=str(path),
            remedy=kind.remedy,
        )


def _kind_of(start: bytes) -> _Unread | None:
    return next((kind for kind in _UNREAD if re.match(kind.pattern, start, re.DOTALL)), None)
